"""Merges several networks into one."""

from collections.abc import Sequence
from dataclasses import replace

import torch

from backend.models.network.lstm import ScoringLSTM

__all__ = ["merge_networks"]


def merge_networks(networks: Sequence[ScoringLSTM]) -> ScoringLSTM:
    """Return one LSTM whose scores are the mean of the scores of several, after every step.

    It holds the units of all networks, without weights between those of different networks. Whatever explains one LSTM
    therefore also explains the ensemble.

    Parameters
    ----------
    networks : sequence of ScoringLSTM
        All of one architecture.

    Returns
    -------
    ScoringLSTM
        With ``len(networks)`` times the units, in evaluation mode.

    Raises
    ------
    ValueError
        If the list is empty or the architectures differ.
    """
    architectures = {network.architecture for network in networks}
    if len(architectures) != 1:
        raise ValueError(f"only networks of one architecture can be merged, not of {len(architectures)}")
    (architecture,) = architectures
    merged = ScoringLSTM(replace(architecture, hidden=architecture.hidden * len(networks)))
    with torch.no_grad():
        for name, weights in merged.lstm.named_parameters():
            weights.copy_(_merge_layer(name, [network.lstm.get_parameter(name) for network in networks]))
        merged.readout.weight.copy_(torch.cat([network.readout.weight for network in networks], dim=1) / len(networks))
        merged.readout.bias.copy_(torch.stack([network.readout.bias for network in networks]).mean(dim=0))
    merged.eval()
    return merged


def _merge_layer(name: str, parts: Sequence[torch.Tensor]) -> torch.Tensor:
    """Return the weights of a layer: four gates, each with the units of all networks in turn.

    All networks share the inputs of the first layer; weights from units stay block diagonal.
    """
    gates = zip(*(part.chunk(4) for part in parts), strict=True)
    if name.startswith("bias") or name == "weight_ih_l0":
        return torch.cat([torch.cat(gate) for gate in gates])
    return torch.cat([torch.block_diag(*gate) for gate in gates])
