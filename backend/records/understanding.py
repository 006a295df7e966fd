"""What a person states about a file, and what was understood of it."""

from dataclasses import dataclass

import numpy as np

__all__ = ["Candidate", "Stated", "Understanding"]


@dataclass(frozen=True)
class Stated:
    """What a person states about a file; it takes precedence over the file.

    Attributes
    ----------
    sampling_rate : float or None
        Hz.
    unit : str or None
        ``mV``, ``uV``, ``nV`` or ``V``, of the ECG leads.
    leads : tuple of str or None
        The names of the channels that are ECG leads; all others are not.
    exam : int or None
        Which exam of a file that holds several, from 1.
    """

    sampling_rate: float | None = None
    unit: str | None = None
    leads: tuple[str, ...] | None = None
    exam: int | None = None


@dataclass(frozen=True)
class Understanding:
    """What was understood of a file, and from what.

    Attributes
    ----------
    format : str
        For a reader, for instance ``Table (semicolons, decimal commas)``.
    rate_from, unit_from, leads_from : str
        Short phrases: ``time column Time (ms)``, ``stated``, ``header``, ``by name``.
    gaps : tuple of (float, float)
        Start and end of each gap that the file describes, in s.
    ignored : tuple of (str, str)
        Column or channel that was left out, and the reason.
    notices : tuple of str
        Whole sentences that a reader should see.
    n_exams : int
        Exams in the file, of which one is the record.
    open_units : tuple of str
        Parameters of a stay whose unit the file leaves open and their values cannot tell.
    """

    format: str = ""
    rate_from: str = ""
    unit_from: str = ""
    leads_from: str = "by name"
    gaps: tuple[tuple[float, float], ...] = ()
    ignored: tuple[tuple[str, str], ...] = ()
    notices: tuple[str, ...] = ()
    n_exams: int = 1
    open_units: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Candidate:
    """A channel that may be an ECG.

    Attributes
    ----------
    name, unit : str
    sampling_rate : float
        Hz.
    preview : float32 array, shape = (n_samples,)
        Up to 10 s of the channel, in its unit.
    """

    name: str
    unit: str
    sampling_rate: float
    preview: np.ndarray
