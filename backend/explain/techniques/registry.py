"""The registry of the techniques, with what a clinician should know about each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from backend.explain.parameters import Parameters
from backend.explain.progress import OnStep
from backend.explain.salience import Salience
from backend.explain.techniques.derivative import DerivativeParameters, derivative
from backend.explain.techniques.dynamask import DynamaskParameters, dynamask, dynamask_many
from backend.explain.techniques.erasure import ErasureParameters, erasure
from backend.explain.techniques.gradient_input import GradientInputParameters, gradient_input, gradient_input_many
from backend.explain.techniques.gradient_shap import GradientShapParameters, gradient_shap, gradient_shap_many
from backend.explain.techniques.integrated_gradients import (
    IntegratedGradientsParameters,
    integrated_gradients,
    integrated_gradients_many,
)
from backend.explain.techniques.lrp import LRPParameters, lrp, lrp_many
from backend.explain.techniques.mask import MaskParameters, learned_mask, learned_mask_many
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
    """A technique of explanation.

    Attributes
    ----------
    name : str
        The key on the command line, in links and in results.
    label : str
        The name on screens.
    sentence : str
        What it does and where its limits lie, for a clinician; ``{window}`` is replaced by the kind of window,
        ``{unlike}`` by the limits of a partly faded one.
    run : callable
        ``run(bundle, window, target, parameters, on_step)`` returns a Salience.
    parameters : type
        The dataclass of its parameters; ``parameters.describe()`` lists them.
    run_many : callable or None
        ``run_many(bundle, windows, targets, parameters, on_step)`` returns a tuple of Salience, where several windows
        are faster together; None runs one window after the other.
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
                "Hides one stretch of the {window} at a time and records how far the score falls; it resolves "
                "nothing finer than that stretch, and a {window} with a gap may be out of distribution."
            ),
            run=occlusion,
            parameters=OcclusionParameters,
        ),
        Technique(
            name="mask",
            label="Learned mask",
            sentence=(
                "Finds the smallest part of the {window} whose fading lowers the score; it is sharper than "
                "occlusion, but it depends on the L1 and smoothness weights, and {unlike}."
            ),
            run=learned_mask,
            run_many=learned_mask_many,
            parameters=MaskParameters,
        ),
        Technique(
            name="derivative",
            label="Input derivative",
            sentence=(
                "Shows where a tiny change of the {window} would change the score most; it is fast but often "
                "speckled, and describes local sensitivity rather than what supports the class."
            ),
            run=derivative,
            parameters=DerivativeParameters,
        ),
        Technique(
            name="gradient_input",
            label="Gradient × input",
            sentence=(
                "Multiplies each value of the {window} by the gradient of the score and separates what supports the "
                "class from what opposes it; a value of 0 is never salient, and the gradient holds only nearby."
            ),
            run=gradient_input,
            parameters=GradientInputParameters,
            run_many=gradient_input_many,
        ),
        Technique(
            name="integrated_gradients",
            label="Integrated gradients",
            sentence=(
                "Adds up the gradients of the score from a baseline to this {window} so that the parts sum to the "
                "score difference; it depends on the baseline and passes through signals that no patient has."
            ),
            run=integrated_gradients,
            parameters=IntegratedGradientsParameters,
            run_many=integrated_gradients_many,
        ),
        Technique(
            name="gradient_shap",
            label="Gradient SHAP",
            sentence=(
                "Averages gradients between a baseline and copies of the {window} with noise, which smooths "
                "irregularities of the network; it depends on the baseline and, slightly, on the seed."
            ),
            run=gradient_shap,
            parameters=GradientShapParameters,
            run_many=gradient_shap_many,
        ),
        Technique(
            name="relevance",
            label="Relevance (LRP)",
            sentence=(
                "Passes the score back layer by layer to the values of the {window} without changing them; stabiliser "
                "and biases take much of it, gates and values of 0 get nothing, and terms that nearly cancel are "
                "overstated."
            ),
            run=lrp,
            parameters=LRPParameters,
            run_many=lrp_many,
        ),
        Technique(
            name="erasure",
            label="Erasure",
            sentence=(
                "Erases one step of the {window} at a time and measures how much less likely the class becomes; "
                "nothing is finer, but a network hardly misses one step, so redundant neighbours all seem "
                "unimportant."
            ),
            run=erasure,
            parameters=ErasureParameters,
        ),
        Technique(
            name="fade",
            label="Dynamask (fade)",
            sentence=(
                "Finds a part of the {window} of a size set in advance that keeps the score while the rest fades "
                "into its moving average; constant values are never salient, and {unlike}."
            ),
            run=dynamask,
            parameters=DynamaskParameters,
            run_many=dynamask_many,
        ),
        Technique(
            name="random",
            label="Random (control)",
            sentence=(
                "Random noise, which ignores the model and explains nothing: the control with which the other "
                "explanations of the {window} are compared."
            ),
            run=random_control,
            parameters=RandomParameters,
        ),
    )
}
