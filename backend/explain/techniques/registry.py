"""What is offered to explain with: every technique, and what a clinician should know of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from backend.explain.parameters import Parameters
from backend.explain.progress import OnStep
from backend.explain.salience import Salience
from backend.explain.techniques.derivative import DerivativeParameters, derivative
from backend.explain.techniques.dynamask import FadeParameters, fade, fades
from backend.explain.techniques.erasure import ErasureParameters, erasure
from backend.explain.techniques.gradient_input import GradientInputParameters, gradient_input, gradient_inputs
from backend.explain.techniques.gradient_shap import GradientShapParameters, all_gradient_shap, gradient_shap
from backend.explain.techniques.integrated_gradients import (
    IntegratedGradientsParameters,
    all_integrated_gradients,
    integrated_gradients,
)
from backend.explain.techniques.lrp import RelevanceParameters, all_relevance, relevance
from backend.explain.techniques.mask import MaskParameters, learned_mask, learned_masks
from backend.explain.techniques.occlusion import OcclusionParameters, occlusion
from backend.explain.techniques.random_control import RandomParameters, random_control
from backend.kinds.kind import Kind
from backend.models.bundle import Bundle

__all__ = ["TECHNIQUES", "Technique"]


class _Run(Protocol):
    def __call__(
        self, bundle: Bundle, window: np.ndarray, target: str, parameters: Any, on_step: OnStep | None = None
    ) -> Salience: ...


class _RunMany(Protocol):
    def __call__(
        self,
        bundle: Bundle,
        windows: np.ndarray,
        targets: Sequence[str],
        parameters: Any,
        on_step: OnStep | None = None,
    ) -> tuple[Salience, ...]: ...


@dataclass(frozen=True)
class Technique:
    """A way to explain, as it is offered.

    Attributes
    ----------
    name : str
        On the command line, in links and in results.
    label : str
        For a reader.
    sentence : str
        What it does and how far it can be trusted, for a clinician; ``{window}`` stands for what is explained,
        ``{unlike}`` for what is wrong with a half-faded one.
    run : callable
        ``run(bundle, window, target, parameters, on_step)`` gives a Salience.
    parameters : type
        The dataclass of its parameters; ``parameters.described()`` lists them.
    run_many : callable or None
        ``run_many(bundle, windows, targets, parameters, on_step)`` gives a tuple of Salience, where it is faster to
        explain several windows together; None takes one after the other.
    """

    name: str
    label: str
    sentence: str
    run: _Run
    parameters: type[Parameters]
    run_many: _RunMany | None = None

    def sentence_for(self, kind: Kind) -> str:
        """Return the sentence on explaining a window of a kind."""
        return self.sentence.format(window=kind.name, unlike=kind.half_faded)


TECHNIQUES: Mapping[str, Technique] = {
    technique.name: technique
    for technique in (
        Technique(
            name="occlusion",
            label="Occlusion",
            sentence=(
                "Hides one stretch of the {window} at a time and watches the score: what lowers it most when hidden is "
                "most salient; it sees nothing finer than the hidden stretch, and with a hole the {window} may be "
                "unlike any that the model has met."
            ),
            run=occlusion,
            parameters=OcclusionParameters,
        ),
        Technique(
            name="mask",
            label="Learned mask",
            sentence=(
                "Searches for the least that has to be faded out of the {window} to bring the score down: what is "
                "faded most is most salient; it is sharper than occlusion, but another price of fading gives another "
                "picture, and {unlike}."
            ),
            run=learned_mask,
            run_many=learned_masks,
            parameters=MaskParameters,
        ),
        Technique(
            name="derivative",
            label="Input derivative",
            sentence=(
                "Shows where the score would answer most to a tiny change of the signal: fast, but it speaks of "
                "any {window} close to this one rather than of this one, and is often speckled."
            ),
            run=derivative,
            parameters=DerivativeParameters,
        ),
        Technique(
            name="gradient_input",
            label="Gradient × input",
            sentence=(
                "Multiplies each value of the {window} by how steeply the score answers to it: it is instant and tells "
                "what speaks for the class from what speaks against it, but a value of zero is never salient, even "
                "where it matters that it is zero, and the slope holds only close by."
            ),
            run=gradient_input,
            parameters=GradientInputParameters,
            run_many=gradient_inputs,
        ),
        Technique(
            name="integrated_gradients",
            label="Integrated gradients",
            sentence=(
                "Adds up how the score answers on the way from a blank {window} to this one, so that all parts make up "
                "the whole difference of the score: the picture hangs on what is taken for blank, and the way leads "
                "through signals that no patient has."
            ),
            run=integrated_gradients,
            parameters=IntegratedGradientsParameters,
            run_many=all_integrated_gradients,
        ),
        Technique(
            name="gradient_shap",
            label="Gradient SHAP",
            sentence=(
                "Integrated gradients by chance, from a blank {window} to copies of this one with a little noise: a "
                "whim of the network in one point counts for less, but it too hangs on what is taken for blank, and "
                "another seed gives a slightly different picture."
            ),
            run=gradient_shap,
            parameters=GradientShapParameters,
            run_many=all_gradient_shap,
        ),
        Technique(
            name="relevance",
            label="Relevance (LRP)",
            sentence=(
                "Hands the score back through the network, layer by layer, until it lies on what was read of the "
                "{window} itself, of which nothing is hidden or changed: part ends on the network's own constants, "
                "gates get nothing though they decide too, a value of zero is never salient, and where much nearly "
                "cancels too much is handed back."
            ),
            run=relevance,
            parameters=RelevanceParameters,
            run_many=all_relevance,
        ),
        Technique(
            name="erasure",
            label="Erasure",
            sentence=(
                "Erases one step of the {window} at a time and asks how much less likely the class becomes: nothing is "
                "finer, but a network hardly misses a single step, so that what neighbours say together is seen in "
                "none of them."
            ),
            run=erasure,
            parameters=ErasureParameters,
        ),
        Technique(
            name="fade",
            label="Fading mask",
            sentence=(
                "Searches for a small part of the {window} that keeps the score as it is while all else fades into its "
                "own moving average: what has to be kept is salient, nearly all or nothing; how large that part is was "
                "chosen beforehand, what never changes cannot fade and is never salient, and {unlike}."
            ),
            run=fade,
            parameters=FadeParameters,
            run_many=fades,
        ),
        Technique(
            name="random",
            label="Random (control)",
            sentence=(
                "Noise that never asked the model: it means nothing, and is shown so that the other explanations of "
                "the {window} can be compared with it."
            ),
            run=random_control,
            parameters=RandomParameters,
        ),
    )
}
