"""The text of the Evidence screen."""

from collections.abc import Mapping
from typing import Any

from backend.charts.style.number_format import format_percent
from backend.cohort.evidence import ALL
from backend.cohort.findings import SIMILAR_FROM
from backend.explain.perturbation.baselines import CLASS_MEAN
from backend.explain.quality.faithfulness import SHARES
from backend.explain.quality.verdict import MODERATE_FROM, STABLE_FROM

__all__ = [
    "BASELINES",
    "BEYOND_AROUND_R",
    "BEYOND_RANDOM",
    "CONTROLS_HELP",
    "CORRELATIONS_TITLE",
    "CURVES_TITLE",
    "DELETION_TITLE",
    "DIFFERENCES_HELP",
    "DIFFERENCES_TITLE",
    "EXPECTED_TITLE",
    "FINDINGS_TITLE",
    "HOW_MEASURED",
    "MEASUREMENTS_NOTE",
    "MEASURES_HELP",
    "MEASURES_TITLE",
    "MEASURE_PANELS",
    "MODEL_CHANGED",
    "MODEL_FIGURES",
    "NONE_STABLE",
    "NOT_MEASURED",
    "QRS_SHARES_TITLE",
    "RANDOMISATION_TITLE",
    "STABILITY_TITLE",
    "TABLES",
    "VARIATIONS",
    "VERDICTS_TITLE",
    "WAVES_HELP",
    "WAVES_TITLE",
    "WAVE_SHARES_TITLE",
    "baseline_label",
    "beats_of",
    "correlations_help",
    "curves_help",
    "evidence_missing",
    "expected_help",
    "findings_help",
    "measured_on",
    "no_correct_beats",
    "not_measured",
    "randomisation_help",
    "screen_title",
    "source_sentence",
    "stability_help",
    "table_help",
    "unknown_techniques",
]

BASELINES = {"mean": "beat mean", "class mean": "class mean beat", "local mean": "moving average"}
VARIATIONS = {
    "seed": "another seed",
    "l1": "other L1 weight",
    "l2": "other smoothness weight",
    "width": "another width",
    "fill": "another baseline",
    "shift": "beat shifted",
    "noise": "a little noise",
}
TABLES = {
    "curves": "Curves over the threshold",
    "measures": "Comprehensiveness, sufficiency, area",
    "shares": "Salience by wave",
    "sanity": "Randomisation",
    "stability": "Stability",
    "verdicts": "Verdicts",
    "beats": "Beats measured",
}
BEYOND_RANDOM = "score reduction beyond random deletion"
BEYOND_AROUND_R = "score reduction beyond deletion around R"
MEASURE_PANELS = {
    "comprehensiveness": "comprehensiveness|more is better",
    "sufficiency": "sufficiency|less is better",
    "area": "area between the curves|more is better",
}
CONTROLS_HELP = "Two controls are always drawn: as much deleted at random, and as much around the R peak."

FINDINGS_TITLE = "Findings in words"
MODEL_FIGURES = "Model performance"
HOW_MEASURED = "Methods"
MODEL_CHANGED = "The model has changed since. Evaluate it again with this command."
NOT_MEASURED = "Not measured."
NONE_STABLE = "None is stable on most beats."

DELETION_TITLE = "Deletion of salient steps"
CURVES_TITLE = "**Score reduction over the threshold**"
DIFFERENCES_TITLE = "**Score reduction beyond the controls**, the same share deleted"
DIFFERENCES_HELP = (
    "Differences on the same beats, with 95% intervals over patients. Right of the dashed line the technique is better "
    "than the control. The findings above are based on these differences."
)
MEASURES_TITLE = "**Faithfulness**, the same share deleted"
WAVES_TITLE = "Salience by wave"
WAVE_SHARES_TITLE = "**Share of salience** on each wave of correctly classified beats"
WAVES_HELP = (
    "Dashed: the wave's share of the time, which uniform salience would give it. Lines: 95% intervals by bootstrap "
    "over patients, from five patients. Signed techniques distribute what supports the class; the others, all above "
    "their minimum. Compare each technique with the dashed line and the controls rather than with other techniques."
)
QRS_SHARES_TITLE = "**Share of salience** within QRS"
EXPECTED_TITLE = "**Agreement with cardiologists**: expected waves with more salience than time"
RANDOMISATION_TITLE = "Randomisation"
STABILITY_TITLE = "Stability"
VERDICTS_TITLE = "**Verdicts**: share of beats"
CORRELATIONS_TITLE = "**Rank correlation** with the original salience"
MEASUREMENTS_NOTE = (
    " This model also reads measurements of the beat, such as RR intervals. Here they keep their values: the tracing "
    "alone is explained and deleted."
)
_CLASS_MEAN_NOTE = (
    " The class mean beat is itself a beat of the class: its probability often exceeds that of the original beat, and "
    "the score may rise when its specific part is deleted. Use the differences from the controls."
)


def baseline_label(baseline: str) -> str:
    """Return the name of a baseline value for a reader."""
    return BASELINES.get(baseline, baseline)


def beats_of(class_name: str) -> str:
    """Name the beats of a class of the reference."""
    return "all beats" if class_name == ALL else f"beats of reference class {class_name}"


def screen_title(model: str) -> str:
    """Return the title of the screen."""
    return f"Explanations of {model}"


def measured_on(about: Mapping[str, Any], class_name: str, baseline: str) -> str:
    """State on how many beats the explanations were measured, and what is shown."""
    return (
        f"{about['beats']:,} beats of {about['patients']} test patients. Shown: {beats_of(class_name)}; baseline value "
        f"(k): {baseline_label(baseline)}."
    )


def findings_help() -> str:
    """Say when a technique is better than a control."""
    return (
        "The predicted class is explained. A technique is better than a control if the whole 95% interval of the "
        "difference on the same beats (bootstrap over patients) is above 0. k is the baseline value."
    )


def table_help(note: str) -> str:
    """Say how the table of findings is read."""
    return (
        f"{findings_help()} Score reduction: comprehensiveness. Similarity after randomisation: rank correlation; "
        f"{SIMILAR_FROM} or more fails. Figures of fewer than five patients have no interval and decide nothing. The "
        f"baselines 0 and beat mean are nearly equal on a signal without offset.{note}"
    )


def curves_help(baseline: str) -> str:
    """Say how the curves over the threshold are read."""
    return (
        "All steps with a salience **above the threshold α** are deleted: at 0 all with any salience, near 1 only the "
        "most salient. The reduction of the class score (before the softmax) is multiplied by the remaining share of "
        "the beat, so that deleting everything gains nothing: **higher is better**. Bands: 95% intervals by bootstrap "
        "over patients, from five patients. At one threshold, techniques delete different shares (lower panel); the "
        "figures below delete the same share. Click a name to highlight its line. Source: van der Westhuizen & Lasenby "
        f"2018, section 4.2.{_CLASS_MEAN_NOTE if baseline == CLASS_MEAN else ''}"
    )


_LOW, _HIGH = (f"{100 * share:.0f}" for share in (min(SHARES), max(SHARES)))
MEASURES_HELP = (
    f"**Comprehensiveness**: the mean score reduction when the most salient {_LOW} to {_HIGH}% are deleted. "
    "**Sufficiency**: the mean score reduction when all else is deleted. **Area** between the score as the most "
    "salient steps return first to an empty beat and as they are deleted first from the full one. In units of the "
    "score. Where lines overlap, one technique may still be better on nearly every beat, since beats differ more than "
    "techniques: use the differences on the same beats."
)


def no_correct_beats(class_name: str) -> str:
    """Say that no beat of a class is classified correctly."""
    return f"Not measured: no {beats_of(class_name)} are classified correctly."


def expected_help(limits: str, source: str) -> str:
    """Say how the agreement with the expected waves is read."""
    return (
        "A wave counts if its whole 95% interval is above its share of the time; *less* if it is below; –: no "
        f"interval. *Around the R peak* does not use the model: an equal count proves nothing. {limits} No waves were "
        f"stated for other classes. Source: {source}."
    )


def randomisation_help(n_beats: str) -> str:
    """Say how the similarity after randomisation is read."""
    return (
        "The network's weights are randomised from the read-out down. The salience of a technique that explains the "
        "model must then change: **its line should fall to 0**. A line that stays high shows the shape of the beat "
        f"rather than the model's reasons; above {SIMILAR_FROM} (dashed) it fails. This limit is ours; the authors "
        f"give none. Mean over {n_beats} beats, one draw of the weights: another draw can move the first stage by 0.5 "
        "or more, the last by 0.1 to 0.2. Source: Adebayo et al. 2018."
    )


def stability_help(n_beats: str) -> str:
    """Say how the verdicts on stability are read."""
    return (
        f"**Stable**: under every variation, not noise alone, the rank correlation stays at {STABLE_FROM} or above. "
        f"**Not stable**: under one variation it falls below {MODERATE_FROM}, or deleting the salient steps "
        f"reduces the score no more than chance. Measured on {n_beats} beats. Both limits are ours and were set on "
        "some beats of these patients: this is not a blind test."
    )


def correlations_help(n_beats: str) -> str:
    """Say how the rank correlations behind the verdicts are read."""
    return (
        f"1 is the same order of all steps, 0 no relation. Dots: median over {n_beats} beats; lines: 10th to 90th "
        "percentile. Each technique is varied in its own parameters: seed, L1 weight, smoothness weight, width of the "
        "deleted stretch. For all, the beat is shifted by a few time steps, and a little noise is added. Another "
        "baseline is another question and does not count towards the verdict."
    )


def source_sentence(about: Mapping[str, Any]) -> str:
    """State how the evidence was measured, and with which versions."""
    minutes = f"; {about['seconds'] / 60:.0f} minutes of one core" if "seconds" in about else ""
    versions = ", ".join(f"{name} {version}" for name, version in about.get("versions", {}).items())
    return (
        f"{about['beats']:,} beats of {about['patients']} patients, sampled evenly over classes and patients with seed "
        f"{about['seed']}; randomisation and stability on {about['subset']:,} beats{minutes}. Model "
        f"`{about['model_digest'][:12]}`, data `{about['data_digest'][:12]}`. {versions}"
    )


def evidence_missing(model: str, can_be_measured: bool) -> str:
    """Say that a model's explanations have not been measured, and how to measure them."""
    how = (
        f"Measure them on its test set with `python -m backend evaluate {model} --data DIR`."
        if can_be_measured
        else "Only explanations of beats can be measured so far."
    )
    return f"The explanations of this model have not been measured. {how}"


def not_measured(noun: str, name: str, shown: str) -> str:
    """Say that a link names something that was not measured."""
    return f"The link names the {noun} {name!r}, which was not measured. Choose another, or use {shown} as shown."


def unknown_techniques(names: list[str]) -> str:
    """Say that a link names techniques that were not measured."""
    return f"The link names techniques that were not measured: {', '.join(names)}. Choose others, or use those shown."


def share_of_beats(label: str, share: float) -> str:
    """Return a technique with a share of the beats."""
    return f"{label} ({format_percent(share)})"
