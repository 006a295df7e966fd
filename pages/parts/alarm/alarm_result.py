"""The open alarm: its sensors, its window in seconds and its prediction."""

from dataclasses import dataclass

import numpy as np
import streamlit as st

from backend import workbench
from backend.charts.shared.row_salience import RowSalience
from backend.explain.salience import Salience, max_by_source
from backend.models.bundle import Bundle
from backend.models.classification import Classified
from backend.records.alarms import Alarm
from backend.records.channels.sensors import SENSORS, find_sensors
from backend.records.record import RecordRefused
from backend.windows.alarms.alarm_windows import AlarmWindow
from backend.windows.base import distinct
from backend.workbench import AlarmReading
from pages.parts.alarm import alarm_text

__all__ = ["AlarmResult", "read_alarm"]


@dataclass(frozen=True, eq=False)
class AlarmResult:
    """One alarm as the model read it.

    Attributes
    ----------
    reading : AlarmReading
    bundle : Bundle
    classified : Classified
        Of one window.
    """

    reading: AlarmReading
    bundle: Bundle
    classified: Classified

    @property
    def alarm(self) -> Alarm:
        """The alarm."""
        if self.reading.alarm is None:
            raise ValueError("The reading is of all alarms of the record. Open one of them.")
        return self.reading.alarm

    @property
    def window(self) -> AlarmWindow:
        """How the model cuts the seconds before an alarm."""
        if not isinstance(self.bundle.window, AlarmWindow):
            raise ValueError(f"{self.bundle.name} does not read alarms. Choose a model that does.")
        return self.bundle.window

    @property
    def window_s(self) -> tuple[float, float]:
        """When the model's window begins and ends, in seconds from the alarm."""
        windows = self.classified.windows
        return -windows.values.shape[1] / windows.sampling_rate, 0.0

    @property
    def names(self) -> dict[str, str]:
        """The name on the screens of each source of the model: ``ECG 1`` is ``ECG II``."""
        shown = self.classified.windows.sources or self.bundle.window.sources
        return dict(zip(self.bundle.window.sources, shown, strict=True))

    @property
    def present(self) -> tuple[str, ...]:
        """The sensors that the record has, as the model calls them."""
        channels = find_sensors(self.reading.record)
        return tuple(sensor for sensor in SENSORS if channels[sensor] is not None)

    @property
    def label(self) -> str:
        """The predicted class."""
        return self.classified.scores.labels[0]

    def probability_of(self, name: str) -> float:
        """The calibrated probability of a class."""
        return float(self.classified.scores.probabilities[0, self.bundle.classes.index(name)])

    def salience_of(self, salience: Salience, sources: tuple[str, ...]) -> RowSalience:
        """The rows of some sources; NaN for one that the model does not read."""
        known = distinct(self.bundle.window.sources)
        rows = max_by_source(salience.values, self.bundle.window)
        absent = np.full(len(rows), np.nan)
        columns = [rows[:, known.index(source)] if source in known else absent for source in sources]
        return RowSalience(np.stack(columns, axis=1), self.window_s)


def read_alarm(reading: AlarmReading) -> AlarmResult:
    """Return the classified alarm; ends the run with a message if the model cannot read it."""
    try:
        with st.spinner(alarm_text.READING):
            return AlarmResult(reading, workbench.model(reading.model), workbench.classified(reading))
    except RecordRefused as refusal:
        st.error(str(refusal), icon=":material/block:")
        st.stop()
