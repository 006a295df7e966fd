"""Whether a technique looks at the network at all: what it shows once what was learned is gone."""

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

__all__ = ["RANDOMISED", "randomised", "sanity", "stages_of"]

RANDOMISED = ("read-out", "and recurrent weights", "and input weights and biases")
"""What is drawn anew in each stage of a network of one layer, beside what is already."""

_GATES = 4


def stages_of(bundle: Bundle) -> tuple[str, ...]:
    """What is drawn anew in each stage, from the read-out down; RANDOMISED for a network of one layer."""
    layers = bundle.network.architecture.layers
    if layers == 1:
        return RANDOMISED
    return RANDOMISED[:1] + tuple(
        f"{part} of layer {layer}" for layer in range(layers, 0, -1) for part in RANDOMISED[1:]
    )


def randomised(bundle: Bundle, stage: int, seed: int) -> Bundle:
    """The same model with all that it learned drawn anew, from the read-out down to a stage.

    Weights are drawn from a normal distribution with the mean and the deviation that they had; those of the four
    gates of a layer, which differ (a forget gate is mostly open), each with their own. So what was learned goes and
    the size of things stays: what training begins with is of another size (bundled models have deviations of 0.02 to
    0.15 where it has 0.04 to 0.05), and a salience could change for that reason alone. What one stage draws is the
    same in all later ones.

    Parameters
    ----------
    stage : int
        From 1, as `stages_of` lists them.
    seed : int

    Raises
    ------
    ValueError
        If there is no such stage.
    """
    parts = list(_parts(bundle.network))
    if not 1 <= stage <= len(parts):
        raise ValueError(f"there is no stage {stage}; choose one of 1 to {len(parts)}")
    network = copy.deepcopy(bundle.network)
    own = dict(network.named_parameters())
    with torch.no_grad():
        for number, names in enumerate(parts[:stage]):
            rng = np.random.default_rng([seed, number])
            for name in names:
                own[name].copy_(_drawn_anew(own[name], name, rng))
    return replace(bundle, network=network, digest=f"{bundle.digest} randomised to stage {stage} by seed {seed}")


def _parts(network: ScoringLSTM) -> Iterable[tuple[str, ...]]:
    """Names of the weights that each stage adds."""
    yield "readout.weight", "readout.bias"
    for layer in reversed(range(network.architecture.layers)):
        yield (f"lstm.weight_hh_l{layer}",)
        yield tuple(f"lstm.{name}_l{layer}" for name in ("weight_ih", "bias_ih", "bias_hh"))


def _drawn_anew(weights: torch.Tensor, name: str, rng: np.random.Generator) -> torch.Tensor:
    groups = weights.chunk(_GATES) if name.startswith("lstm.") else (weights,)
    drawn = [
        float(own.mean()) + float(own.std(correction=0)) * rng.standard_normal(tuple(own.shape), dtype=np.float32)
        for own in groups
    ]
    return torch.from_numpy(np.concatenate(drawn))


def sanity(
    bundle: Bundle,
    windows: np.ndarray,
    technique: str,
    targets: Sequence[str],
    parameters: Parameters | None,
    seed: int,
) -> np.ndarray:
    """How like its salience of the real model a technique's salience of a randomised one is.

    A technique that explains the model, not the window, comes near 0. Below 0 it has turned upside down, which a
    read-out drawn anew does to the picture of many windows: a mean near 0 over windows tells little where the single
    correlations are not near 0 too. Above 0 may stand for what any network does: of ecg-beat-2018 with recurrent
    weights drawn anew the derivative is steeper the later the step, in every beat, and the real one has a rank
    correlation of 0.37 with that slope.

    It is of one draw. Six draws for 32 beats of ecg-beat-2018 gave relevance means of -0.50 to 0.68 with the read-out
    alone drawn anew and -0.01 to 0.15 with all, gradient x input -0.41 to 0.40 and 0.03 to 0.26, occlusion -0.41 to
    0.46 and 0.02 to 0.25, the derivative 0.77 to 0.93 and 0.43 each time: intervals over patients do not hold that.

    What is compared is the salience as it is shown (``Salience.values``): it is what a reader believes; of signed
    techniques this is what speaks for the class. The explained class is the same throughout.

    Parameters
    ----------
    windows : float32 array, shape = (n, T, D)
    technique : str
    targets : sequence of str, length n
        The explained class of each window.
    parameters : Parameters or None
        Of this technique; None is the defaults that the model's card gives them.
    seed : int
        Of what is drawn.

    Returns
    -------
    float64 array, shape = (stages, n)
        Rank correlations, stage by stage as `stages_of` lists them; NaN where one of the two saliences is constant
        (a mask that keeps everything), which is no likeness either.

    Raises
    ------
    RecordRefused
        As ``explain_many`` does.

    References
    ----------
    Adebayo et al. 2018, "Sanity checks for saliency maps", section 3, cascading randomisation. They draw from the
    initialisation, and correlate the size of a map beside the map itself.
    """
    real = explain_many(bundle, windows, technique, targets, parameters)
    stages = range(1, len(stages_of(bundle)) + 1)
    found = [explain_many(randomised(bundle, stage, seed), windows, technique, targets, parameters) for stage in stages]
    return np.array(
        [[rank_correlation(one.values, other.values) for one, other in zip(real, own, strict=True)] for own in found]
    ).reshape(len(stages), len(windows))
