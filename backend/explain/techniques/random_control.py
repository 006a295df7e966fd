"""Random salience: the control that every technique has to beat."""

import time
import zlib
from dataclasses import dataclass

import numpy as np

from backend.explain.parameters import Parameters, parameter
from backend.explain.progress import OnStep, report_progress
from backend.explain.salience import Salience, scale_to_unit, spread_over_columns
from backend.models.bundle import Bundle
from backend.windows.base import columns_of_varying

__all__ = ["RandomParameters", "random_control"]


@dataclass(frozen=True)
class RandomParameters(Parameters):
    """The seed of the noise.

    Attributes
    ----------
    seed : int
    """

    seed: int = parameter(0, "Seed", minimum=0, maximum=1_000_000)


def random_control(
    bundle: Bundle,
    window: np.ndarray,
    target: str,
    parameters: RandomParameters,
    on_step: OnStep | None = None,
) -> Salience:
    """Return uniform noise in 0..1, one value for each varying source at each step, without using the model.

    The seed is combined with a checksum of the window, so that two windows get different noise and one window always
    gets the same.

    Parameters
    ----------
    bundle : Bundle
        Its window gives the columns that belong to one source and are deleted together.
    window : float32 array, shape = (T, D)
    target : str
        Recorded in the result, without effect.
    parameters : RandomParameters
    on_step : callable or None
        Called once, at the end.

    Returns
    -------
    Salience

    Raises
    ------
    Cancelled
        If ``on_step`` returns False.
    """
    started = time.perf_counter()
    columns = columns_of_varying(bundle.window)
    rng = np.random.default_rng([parameters.seed, zlib.crc32(np.ascontiguousarray(window).tobytes())])
    raw = spread_over_columns(rng.random((len(window), len(columns)), dtype=np.float32), columns)
    report_progress(on_step, 1, 1)
    return Salience(
        values=scale_to_unit(raw, bundle.window),
        raw=raw,
        technique="random",
        parameters=parameters.values(),
        target=target,
        seconds=time.perf_counter() - started,
    )
