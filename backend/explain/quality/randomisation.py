"""The sanity check of saliency: similarity after the randomisation of what the network learned."""

import copy
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
import torch

from backend.explain.api import explain_many
from backend.explain.parameters import Parameters
from backend.explain.quality.rank_correlation import rank_correlation
from backend.models.bundle import Bundle
from backend.models.network.lstm import ScoringLSTM

__all__ = ["STAGES", "compare_with_randomised", "list_stages", "randomise"]

STAGES = ("read-out", "and recurrent weights", "and input weights and biases")
"""What each stage of a network of one layer randomises in addition to the stages before."""

_GATES = 4


def list_stages(bundle: Bundle) -> tuple[str, ...]:
    """Return what each stage randomises, from the read-out down; STAGES for a network of one layer."""
    layers = bundle.network.architecture.layers
    if layers == 1:
        return STAGES
    return STAGES[:1] + tuple(f"{part} of layer {layer}" for layer in range(layers, 0, -1) for part in STAGES[1:])


def randomise(bundle: Bundle, stage: int, seed: int) -> Bundle:
    """Return a model with random weights from the read-out down to a stage.

    Weights are drawn from a normal distribution with their own mean and standard deviation, separately for the four
    gates of a layer, which differ (a forget gate is mostly open). What was learned is lost while the scale stays: a
    salience cannot change because of the scale alone. What one stage draws stays the same in all later stages.

    Parameters
    ----------
    stage : int
        From 1, as ``list_stages`` lists them.
    seed : int

    Raises
    ------
    ValueError
        If the stage does not exist.
    """
    stages = list(_stage_weights(bundle.network))
    if not 1 <= stage <= len(stages):
        raise ValueError(f"stage {stage} does not exist; choose from 1 to {len(stages)}")
    network = copy.deepcopy(bundle.network)
    weights = dict(network.named_parameters())
    with torch.no_grad():
        for number, names in enumerate(stages[:stage]):
            rng = np.random.default_rng([seed, number])
            for name in names:
                weights[name].copy_(_randomise_weights(weights[name], name, rng))
    return replace(bundle, network=network, digest=f"{bundle.digest} randomised to stage {stage} by seed {seed}")


def _stage_weights(network: ScoringLSTM) -> Iterable[tuple[str, ...]]:
    """Return the names of the weights that each stage adds."""
    yield "readout.weight", "readout.bias"
    for layer in reversed(range(network.architecture.layers)):
        yield (f"lstm.weight_hh_l{layer}",)
        yield tuple(f"lstm.{name}_l{layer}" for name in ("weight_ih", "bias_ih", "bias_hh"))


def _randomise_weights(weights: torch.Tensor, name: str, rng: np.random.Generator) -> torch.Tensor:
    groups = weights.chunk(_GATES) if name.startswith("lstm.") else (weights,)
    drawn = [
        float(group.mean()) + float(group.std(correction=0)) * rng.standard_normal(tuple(group.shape), dtype=np.float32)
        for group in groups
    ]
    return torch.from_numpy(np.concatenate(drawn))


def compare_with_randomised(
    bundle: Bundle,
    windows: np.ndarray,
    technique: str,
    targets: Sequence[str],
    parameters: Parameters | None,
    seed: int,
) -> np.ndarray:
    """Return the similarity of a technique's saliences of the real and of a randomised model.

    A technique that depends on what was learned is near 0. A negative similarity means an inverted map, which a random
    read-out often causes: a mean near 0 over windows says little unless the single correlations are near 0 too. A
    positive similarity may reflect what any network does, such as a gradient that grows with time.

    The result is of one draw, and intervals over patients do not cover the variation between draws. The salience is
    compared as shown (``Salience.values``): for signed techniques, the support for the class. The target is the same
    throughout.

    Parameters
    ----------
    windows : float32 array, shape = (n, T, D)
    technique : str
    targets : sequence of str, length n
        The explained class of each window.
    parameters : Parameters or None
        Parameters of this technique; None takes the defaults of the model's card.
    seed : int
        Seed of the random weights.

    Returns
    -------
    float64 array, shape = (stages, n)
        Rank correlations for each stage of ``list_stages``; NaN where one of the two saliences is constant.

    Raises
    ------
    RecordRefused
        As ``explain_many`` does.

    Notes
    -----
    Departures from the paper:

    - Weights are drawn with their learned scale rather than from the initialisation.
    - Only the map as shown is correlated, not also its absolute value.

    References
    ----------
    Adebayo et al. 2018, "Sanity checks for saliency maps", section 3, cascading randomisation.
    """
    real = explain_many(bundle, windows, technique, targets, parameters)
    n_stages = len(list_stages(bundle))
    similarities = np.empty((n_stages, len(windows)))
    for stage in range(1, n_stages + 1):
        random = explain_many(randomise(bundle, stage, seed), windows, technique, targets, parameters)
        similarities[stage - 1] = [rank_correlation(a.values, b.values) for a, b in zip(real, random, strict=True)]
    return similarities
