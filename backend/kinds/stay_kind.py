"""Stays in intensive care: one window of the first 48 hours."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any, Self

from backend.kinds.kind import ClassStyle, Kind, TimeScale, register
from backend.kinds.reading import Reading
from backend.models.bundle import Bundle
from backend.models.card_sections.stay_sections import STAY_SECTIONS
from backend.models.classification import Classified, classify_stay
from backend.records.stays import Edit, apply_edits
from backend.windows.stay_windows import StayWindow

__all__ = ["STAY", "StayReading"]


@dataclass(frozen=True, eq=False)
class StayReading(Reading):
    """A stay, perhaps with charted values that a person changed.

    Attributes
    ----------
    edits : tuple of Edit
        In this order.
    """

    edits: tuple[Edit, ...] = ()

    @property
    def changes(self) -> tuple[Any, ...]:
        """The edits."""
        return self.edits

    def unchanged(self) -> Self:
        """Return the stay as it was charted."""
        return replace(self, edits=())

    def classify(
        self, bundle: Bundle, detected: Any = None, unchanged: Callable[[], Classified] | None = None
    ) -> Classified:
        """Put the stay with its edits on the hourly grid and classify it."""
        return classify_stay(bundle, apply_edits(self.record, self.edits))

    def describe_window(self, classified: Classified, number: int) -> dict[str, Any]:
        """Return the edits."""
        return {"edits": [asdict(edit) for edit in self.edits]}


STAY = register(
    Kind(
        name="stay",
        window=StayWindow,
        reading=StayReading,
        samples="stay",
        classes=(
            ClassStyle("death", "D", "#A12B16", "#FF8A6B"),
            ClassStyle("survival", "S", "#2F6A9A", "#86BCEB"),
        ),
        # A step is an hour, and the stay ends at the end of the last one.
        time=TimeScale("time_from_end_h", "h", 3600.0, 0, ends_with_anchor=True),
        half_faded="each input fades on its own, without carrying values forward",
        reference="Outcome",
        not_measured="The previous value is carried forward with its age.",
        card_sections=STAY_SECTIONS,
    )
)
