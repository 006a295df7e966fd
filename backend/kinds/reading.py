"""One way of reading a record: which part of it, by which model, with which changes by hand."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np

from backend.models.bundle import Bundle
from backend.models.classification import Classified
from backend.models.scores import score_windows
from backend.records.record import Record

__all__ = ["UPLOADED", "Reading"]

UPLOADED = "upload"
"""The source of a record that a person uploaded."""


@dataclass(frozen=True, eq=False)
class Reading:
    """A record read for the windows of one kind; each kind adds what can be chosen of the record.

    The record as a whole is cut by the model's own window, which must then have a method ``cut(record)`` that returns
    ``Windows``.

    Attributes
    ----------
    record : Record
    model : str
        Name of the bundle that classifies the windows.
    """

    record: Record
    model: str

    options: ClassVar[tuple[str, ...]] = ()
    """The options of the command line that choose what is read of a record."""

    @classmethod
    def from_options(cls, record: Record, bundle: Bundle, options: Mapping[str, Any]) -> Self:
        """Return the reading that the options of the command line choose; an option that is None was not given.

        Raises
        ------
        RecordRefused
            If the options contradict each other or the record.
        """
        return cls(record, bundle.name)

    @property
    def is_sample(self) -> bool:
        """Whether a link can reopen the record; an upload stays in its session."""
        return self.record.source != UPLOADED

    @property
    def changes(self) -> tuple[Any, ...]:
        """What a person changed of the record or of what was detected in it, in this order."""
        return ()

    @property
    def is_shared(self) -> bool:
        """Whether results serve every session; those of an upload or of changes by hand serve one."""
        return self.is_sample and not self.changes

    @property
    def detection_key(self) -> tuple[Any, ...]:
        """What the result of ``detect`` depends on."""
        return (self.record.digest,)

    @property
    def windows_key(self) -> tuple[Any, ...]:
        """What the windows depend on, whatever the model."""
        return *self.detection_key, *self.changes

    def unchanged(self) -> Self:
        """Return the same reading without the changes by hand."""
        return self

    def detect(self) -> Any:
        """Return what is detected in the record before any model reads it and before any change by hand."""
        return None

    def classify(
        self, bundle: Bundle, detected: Any = None, unchanged: Callable[[], Classified] | None = None
    ) -> Classified:
        """Cut the windows and classify them.

        Parameters
        ----------
        bundle : Bundle
        detected : optional
            As ``detect`` returns it, where that is known already.
        unchanged : callable, optional
            Returns the classified windows of the unchanged reading, for a kind that need not classify them again.

        Raises
        ------
        RecordRefused
            If the record does not hold what the model reads.
        """
        cut: Any = bundle.window
        windows = cut.cut(self.record)
        return Classified(windows, score_windows(bundle, windows))

    def shifted(
        self, bundle: Bundle, classified: Classified, numbers: Sequence[int]
    ) -> tuple[Mapping[int, np.ndarray], ...]:
        """Return some windows cut a few steps later, by the shift in steps; empty where windows have a fixed start.

        Returns
        -------
        tuple of mapping of int to float32 array, shape = (T, D)
            One for each of ``numbers``.
        """
        return ({},) * len(numbers)

    def describe(self, classified: Classified) -> dict[str, Any]:
        """Return what was read of the record, in plain values for a document."""
        return {}

    def describe_window(self, classified: Classified, number: int) -> dict[str, Any]:
        """Return how one window came about, in plain values for a document."""
        return {}
