"""The doors that the screens call: the floors below, with every result kept.

What is computed from a sample is kept for everyone; what is computed from an upload, or after a change by hand, for its
own session alone. No computation stands here: start with ``caching.py`` for what a result is filed under, and with
``windows.py`` and ``explanations.py`` for the doors.
"""

from backend.kinds.alarm_kind import AlarmReading
from backend.kinds.beat_kind import BeatReading
from backend.kinds.reading import UPLOADED, Reading
from backend.kinds.stay_kind import StayReading
from backend.workbench.bundles import evidence, model, model_names, stabiliser_study
from backend.workbench.explanations import (
    explanation,
    is_explained,
    lost_share,
    measurements,
    pairs,
    ranking,
    tracing_share,
    with_deleted,
)
from backend.workbench.quality import by_chance, faithfulness_of, is_stability_known, stability_of
from backend.workbench.records import fetch, missing_samples, sample, sample_list, upload
from backend.workbench.windows import (
    classified,
    found,
    intervals,
    intervals_of_record,
    over_time,
    summary,
    waves,
)

__all__ = [
    "UPLOADED",
    "AlarmReading",
    "BeatReading",
    "Reading",
    "StayReading",
    "by_chance",
    "classified",
    "evidence",
    "explanation",
    "faithfulness_of",
    "fetch",
    "found",
    "intervals",
    "intervals_of_record",
    "is_explained",
    "is_stability_known",
    "lost_share",
    "measurements",
    "missing_samples",
    "model",
    "model_names",
    "over_time",
    "pairs",
    "ranking",
    "sample",
    "sample_list",
    "stabiliser_study",
    "stability_of",
    "summary",
    "tracing_share",
    "upload",
    "waves",
    "with_deleted",
]
