"""Heartbeats: windows around the R peaks that a detector finds on one lead."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np

from backend.kinds.kind import ClassStyle, Kind, TimeScale, register
from backend.kinds.reading import Reading
from backend.models.bundle import Bundle
from backend.models.card_sections.beat_sections import BEAT_SECTIONS
from backend.models.classification import Classified, ClassifiedBeats, beat_window, classify_detected
from backend.models.test_set import TestSet
from backend.records.record import Record
from backend.windows.beats.beat_windows import BeatWindow
from backend.windows.beats.corrections import Correction, apply_corrections
from backend.windows.beats.detection import Beats, find_beats
from backend.windows.beats.shifts import shift_beats

__all__ = ["BEAT", "BeatReading"]


@dataclass(frozen=True, eq=False)
class BeatReading(Reading):
    """A record read beat by beat.

    Attributes
    ----------
    lead : str or None
        The lead on which beats are detected; None for the record's usual one.
    detector : str
        One of DETECTORS.
    corrections : tuple of Correction
        What a person changed of the detected beats, in this order.
    """

    lead: str | None
    detector: str
    corrections: tuple[Correction, ...] = ()

    options: ClassVar[tuple[str, ...]] = ("lead", "detector")

    @classmethod
    def from_options(cls, record: Record, bundle: Bundle, options: Mapping[str, Any]) -> Self:
        """Return the reading on ``lead`` by ``detector``: by default the usual lead, and the model's detector."""
        return cls(record, bundle.name, options["lead"], options["detector"] or beat_window(bundle).detector)

    @property
    def changes(self) -> tuple[Any, ...]:
        """The corrections."""
        return self.corrections

    @property
    def detection_key(self) -> tuple[Any, ...]:
        """The record, the lead and the detector."""
        return self.record.digest, self.lead, self.detector

    def unchanged(self) -> Self:
        """Return the reading of the beats as they were detected."""
        return replace(self, corrections=())

    def detect(self) -> Beats:
        """Return the detected beats, without corrections.

        Raises
        ------
        RecordRefused
            If the lead or the detector does not exist.
        """
        return find_beats(self.record, self.lead, self.detector)

    def beats(self, detected: Beats | None = None) -> Beats:
        """Return the detected beats with the corrections.

        Raises
        ------
        RecordRefused
            As ``detect``, or if a correction does not fit the beats.
        """
        return apply_corrections(detected or self.detect(), self.corrections, self.record)

    def classify(
        self, bundle: Bundle, detected: Any = None, unchanged: Callable[[], Classified] | None = None
    ) -> ClassifiedBeats:
        """Cut the beats and classify them; after a correction only the windows that it changed."""
        known = self._of_beats(unchanged()) if unchanged is not None and self.corrections else None
        return classify_detected(bundle, self.record, self.beats(detected), known)

    def shifted(
        self, bundle: Bundle, classified: Classified, numbers: Sequence[int]
    ) -> tuple[Mapping[int, np.ndarray], ...]:
        """Return some beats cut a few steps earlier and later."""
        lead = self._of_beats(classified).beats.lead
        return shift_beats(self.record, lead, classified.windows, beat_window(bundle), numbers)

    def describe(self, classified: Classified) -> dict[str, Any]:
        """Return lead, detector, and how many beats the ends of the record cut."""
        found = self._of_beats(classified)
        return {"lead": found.beats.lead, "detector": found.beats.detector, "cut_by_edges": found.cut_by_edges}

    def describe_window(self, classified: Classified, number: int) -> dict[str, Any]:
        """Return lead, detector and corrections, by which beats are numbered, and the sample of the R peak."""
        found = self._of_beats(classified)
        return {
            "lead": found.beats.lead,
            "detector": found.beats.detector,
            "corrections": [asdict(correction) for correction in self.corrections],
            "r_peak": int(found.windows.anchor[number]),
        }

    @staticmethod
    def _of_beats(classified: Classified) -> ClassifiedBeats:
        assert isinstance(classified, ClassifiedBeats)
        return classified


def _test_set(bundle: Bundle, data: Path) -> TestSet:
    # Reading the databases needs much that classifying a record does not.
    from backend.models.training.beats.beat_test_set import BeatTestSet

    return BeatTestSet.read(bundle, data)


BEAT = register(
    Kind(
        name="beat",
        window=BeatWindow,
        reading=BeatReading,
        samples="ecg",
        classes=(
            ClassStyle("normal", "N", "#27313F", "#E8EDF4"),
            ClassStyle("LBBB", "L", "#014FFB", "#3F78FF"),
            ClassStyle("RBBB", "R", "#0D8A64", "#0C9F82"),
            ClassStyle("atrial premature", "A", "#B06A00", "#FFDE91"),
            ClassStyle("PVC", "V", "#9E1400", "#F95A33"),
            ClassStyle("paced", "P", "#9B05A0", "#E58BE6"),
        ),
        time=TimeScale("time_from_r_peak_s"),
        half_faded="flat segments cannot fade",
        windows_key="beats",
        anchor_key="r_peak",
        number_option="beat",
        is_number_required=True,
        test_set=_test_set,
        card_sections=BEAT_SECTIONS,
    )
)
