"""Several networks as one."""

from collections.abc import Sequence
from dataclasses import replace

import torch

from backend.models.network.lstm import ScoringLSTM

__all__ = ["merge_networks"]


def merge_networks(networks: Sequence[ScoringLSTM]) -> ScoringLSTM:
    """One LSTM whose scores are the mean of the scores of several, after every step.

    Its units are all of theirs, with no weight from those of one to those of another, so that everything that
    explains one LSTM explains the ensemble as it is, and no technique needs to know of it.

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
        If there is no network, or they are not of one architecture.
    """
    architectures = {network.architecture for network in networks}
    if len(architectures) != 1:
        raise ValueError(f"only networks of one architecture can be merged, not of {len(architectures)}")
    (one,) = architectures
    whole = ScoringLSTM(replace(one, hidden=one.hidden * len(networks)))
    with torch.no_grad():
        for name, weights in whole.lstm.named_parameters():
            weights.copy_(_merged_layer(name, [network.lstm.get_parameter(name) for network in networks]))
        whole.readout.weight.copy_(torch.cat([network.readout.weight for network in networks], dim=1) / len(networks))
        whole.readout.bias.copy_(torch.stack([network.readout.bias for network in networks]).mean(dim=0))
    whole.eval()
    return whole


def _merged_layer(name: str, parts: Sequence[torch.Tensor]) -> torch.Tensor:
    """The four gates one below the other, each with the units of all networks in turn.

    Only the first layer reads the inputs, which all networks share; what comes from units is kept apart.
    """
    gates = zip(*(part.chunk(4) for part in parts), strict=True)
    if name.startswith("bias") or name == "weight_ih_l0":
        return torch.cat([torch.cat(gate) for gate in gates])
    return torch.cat([torch.block_diag(*gate) for gate in gates])
