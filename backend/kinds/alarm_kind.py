"""Bedside alarms: windows of the seconds before each alarm."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from backend.kinds.kind import ClassStyle, Kind, TimeScale, register
from backend.kinds.reading import Reading
from backend.models.bundle import Bundle
from backend.models.card_sections.alarm_sections import ALARM_SECTIONS
from backend.models.classification import Classified, classify_alarms
from backend.records.alarms import Alarm, parse_alarm
from backend.records.record import Record, RecordRefused
from backend.windows.alarms.alarm_windows import AlarmWindow

__all__ = ["ALARM", "AlarmReading"]


@dataclass(frozen=True, eq=False)
class AlarmReading(Reading):
    """A record read for one alarm.

    Attributes
    ----------
    alarm : Alarm or None
        None for all alarms that the record's annotations name.
    """

    alarm: Alarm | None

    options: ClassVar[tuple[str, ...]] = ("alarm", "at")

    @classmethod
    def from_options(cls, record: Record, bundle: Bundle, options: Mapping[str, Any]) -> Self:
        """Return the reading for the alarm of kind ``alarm`` at second ``at``, else for all annotated alarms."""
        kind, at_s = options["alarm"], options["at"]
        if kind is None and at_s is not None:
            raise RecordRefused("--at gives an alarm time without an alarm. Name the kind of alarm with --alarm.")
        return cls(record, bundle.name, None if kind is None else parse_alarm(record, kind, at_s))

    @property
    def windows_key(self) -> tuple[Any, ...]:
        """The record and the alarm."""
        return self.record.digest, self.alarm

    def classify(
        self, bundle: Bundle, detected: Any = None, unchanged: Callable[[], Classified] | None = None
    ) -> Classified:
        """Cut the seconds before the alarm and classify them."""
        return classify_alarms(bundle, self.record, None if self.alarm is None else (self.alarm,))


ALARM = register(
    Kind(
        name="alarm",
        window=AlarmWindow,
        reading=AlarmReading,
        samples="alarm",
        classes=(
            ClassStyle("true alarm", "T", "#B3400A", "#FF9A52"),
            ClassStyle("false alarm", "F", "#3D6488", "#8FB8DE"),
        ),
        time=TimeScale("time_from_alarm_s"),
        half_faded="each input fades on its own, to values that no sensor produces",
        card_sections=ALARM_SECTIONS,
    )
)
