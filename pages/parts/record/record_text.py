"""The text of the Record screen."""

from backend.charts.style.number_format import format_percent
from backend.models.metrics.reference_agreement import Agreement
from backend.windows.beats.reference import MATCH_TOLERANCE_S

__all__ = [
    "BEATS_HELP",
    "CLASSIFYING",
    "CORRECTED_FIGURES",
    "CORRECTIONS_HELP",
    "CORRECTION_HINT",
    "DETECTED_FIGURES",
    "DISAGREEMENTS",
    "EXCLUDED_HELP",
    "INSTRUCTIONS",
    "NO_BEATS",
    "NO_BEATS_MATCH",
    "NO_ERRORS",
    "NO_REFERENCE",
    "NO_REFERENCE_BEATS",
    "OOD",
    "OOD_HELP",
    "PAPER_HINT",
    "TICK_ERROR",
    "UNCERTAIN",
    "UNCERTAIN_HELP",
    "agreement_sentence",
    "chosen_beat_sentence",
    "detected_help",
    "download_help",
    "errors_title",
    "ppv_help",
    "sensitivity_help",
]

CLASSIFYING = "Detecting and classifying the beats …"
NO_BEATS = "No beats were detected on this lead. Choose another lead in the sidebar."
NO_BEATS_MATCH = "No beats match the filters."
PAPER_HINT = "Click or drag along the overview to choose a segment. Click a beat to explain its class."
CORRECTION_HINT = "Click or drag along the overview to choose a segment."

UNCERTAIN, OOD, DISAGREEMENTS = "uncertain", "out of distribution", "disagreements"
UNCERTAIN_HELP = "Beats whose most likely class has too low a probability to rely on."
OOD_HELP = "Beats out of the distribution of the training data. Do not rely on their predicted classes."
EXCLUDED_HELP = "Segments without signal, flat, clipped or unreadable in all leads, which are excluded from detection."
BEATS_HELP = "Click a column name to sort the table. Tick a beat to open it."

DETECTED_FIGURES = "Sensitivity and PPV of the **detected** beats; none is corrected."
CORRECTED_FIGURES = "Sensitivity and PPV of the **corrected** beats."
CORRECTIONS_HELP = (
    "Corrections are kept for this session only; the address reopens the beats as detected. Tick one to see it."
)
INSTRUCTIONS = {
    "Add": "Click where a beat is missing; it is placed on the R peak within 50 ms.",
    "Delete": "Click a mark that is not a beat.",
    "Move": "Click the beat to move.",
}

NO_REFERENCE = "Without a reference, agreement cannot be measured."
NO_REFERENCE_BEATS = "The reference marks no beats outside ventricular flutter."
NO_ERRORS = "Every reference beat was detected, without false detections."
TICK_ERROR = "Tick a beat to see it on the paper."

_WITHIN = f"within {1000 * MATCH_TOLERANCE_S:.0f} ms"


def chosen_beat_sentence(second: float, awaits_place: bool) -> str:
    """Say what can be done with the beat that was chosen to be moved."""
    beat = f"Beat at **{second:.3f} s**"
    return f"{beat}: click its R peak, or nudge it." if awaits_place else f"{beat}: nudge it, or click another beat."


def detected_help(lead: str, n_cut_by_edges: int) -> str:
    """Say where beats were detected and how many are not classified."""
    beats = "1 beat is" if n_cut_by_edges == 1 else f"{n_cut_by_edges} beats are"
    return f"Detected on lead {lead}. {beats} too near the start or end of the record to be classified."


def sensitivity_help(agreement: Agreement | None, are_corrected: bool) -> str:
    """State the missed beats behind the sensitivity."""
    if agreement is None:
        return NO_REFERENCE
    if not agreement.n_reference:
        return NO_REFERENCE_BEATS
    missed = f"{agreement.n_missed} of {agreement.n_reference} reference beats have no detected beat {_WITHIN}."
    return missed + _remarks(agreement, are_corrected)


def ppv_help(agreement: Agreement | None, are_corrected: bool) -> str:
    """State the false beats behind the positive predictive value."""
    if agreement is None:
        return NO_REFERENCE
    name = "Positive predictive value. "
    if not agreement.n_detected:
        return f"{name}No beats were detected{' outside ventricular flutter' if agreement.flutter_s else ''}."
    false = f"{agreement.n_false} of {agreement.n_detected} detected beats have no reference beat {_WITHIN}."
    return name + false + _remarks(agreement, are_corrected)


def _remarks(agreement: Agreement, are_corrected: bool) -> str:
    corrected = " The beats are those corrected by hand." if are_corrected else ""
    flutter = f" {agreement.flutter_s:.0f} s of ventricular flutter are excluded." if agreement.flutter_s else ""
    return corrected + flutter


def agreement_sentence(agreement: Agreement) -> str:
    """State how many beats are classified as in the reference."""
    title = "**Agreement with the reference**"
    if not agreement.n_reference:
        return f"{title}: no beats outside ventricular flutter"
    if not agreement.n_classified:
        return f"{title}: no beats of known classes"
    share = format_percent(agreement.n_correct / agreement.n_classified, 1)
    return f"{title}: {agreement.n_correct} of {agreement.n_classified} beats ({share})"


def errors_title(agreement: Agreement) -> str:
    """Count the missed and the false beats."""
    return f"**Detection errors**: {agreement.n_missed} missed, {agreement.n_false} false"


def download_help(name: str, sampling_rate: float) -> str:
    """Say what the file of beats holds and how to read it."""
    return (
        f"All beats, corrections included, as the WFDB annotation file {name}.qrs at {sampling_rate:g} Hz. "
        f"`wfdb.rdann('{name}', 'qrs')` reads it from its folder; store it beside the header of a WFDB record. "
        "Symbols are those of the predicted classes (N, L, R, A, V, /). Q marks a beat that is out of distribution or "
        "too near an end of the record to be classified; a class that is not certain has the note 'uncertain'. The "
        "first note states how the beats were detected."
    )
