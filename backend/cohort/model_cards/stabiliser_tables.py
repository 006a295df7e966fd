"""What relevance (LRP) loses of a model's scores as Markdown tables."""

from backend.cohort.stabilisers import LostScore, StabiliserStudy
from backend.explain.techniques.lrp import PUBLISHED_STABILISER
from backend.models.card_sections.markdown import count, paragraphs, table, with_interval

__all__ = ["stabiliser_tables"]


def stabiliser_tables(study: StabiliserStudy) -> str:
    """Return what each stabiliser takes of the score, on the beats that it is chosen on and on test beats."""
    patients = count(study.choice[0].patients, "patient")
    whose = (
        f"{patients} of svdb in its validation set"
        if study.are_validation_patients
        else f"{patients} of svdb, who are in none of its sets"
    )
    return paragraphs(
        [
            "LRP passes a score back to the values, but stabiliser and biases take a share: 1 is all; above 1 the "
            "values sum to less than 0, below 0 to more than the score. The departure is the median magnitude of "
            "this share. The stabiliser with the least departure is the best choice; unlike the score reduction above, "
            f"the departure deletes nothing. On {count(study.choice[0].beats, 'beat')} of {whose}:",
            table(
                ("stabiliser", "departure", "lost share, median (10th to 90th percentile)"),
                [[_name(row), f"{row.departure:,.2f}", _lost(row)] for row in study.choice],
            ),
            f"On {count(study.test[0].beats, 'beat')} of {count(study.test[0].patients, 'test patient')}:",
            table(
                ("stabiliser", "departure", "lost share", "score reduction, k = 0"),
                [[_name(row), f"{row.departure:,.2f}", _lost(row), _drop(row)] for row in study.test],
            ),
        ]
    )


def _name(row: LostScore) -> str:
    return f"{row.stabiliser:g}{' (Arras et al. 2017)' if row.stabiliser == PUBLISHED_STABILISER else ''}"


def _lost(row: LostScore) -> str:
    return f"{row.lost:z,.2f} ({row.low:z,.2f} to {row.high:z,.2f})"


def _drop(row: LostScore) -> str:
    if row.drop is None:
        return ""
    if row.drop_low is None or row.drop_high is None:
        return f"{row.drop:z.2f}"
    return with_interval(row.drop, (row.drop_low, row.drop_high), "{:z.2f}")
