"""Random salience: what every technique has to beat."""

import time
import zlib
from dataclasses import dataclass

import numpy as np

from backend.explain.parameters import Parameters, parameter
from backend.explain.progress import OnStep, report
from backend.explain.salience import Salience, scaled_to_unit
from backend.models.bundle import Bundle
from backend.windows.base import columns_of

__all__ = ["RandomParameters", "random_control"]


@dataclass(frozen=True)
class RandomParameters(Parameters):
    """Which noise.

    Attributes
    ----------
    seed : int
    """

    seed: int = parameter(0, "Seed", least=0, most=1_000_000)


def random_control(
    bundle: Bundle,
    window: np.ndarray,
    target: str,
    parameters: RandomParameters,
    on_step: OnStep | None = None,
) -> Salience:
    """Even noise in 0..1, one value for each source at each step: the model is not asked.

    It is drawn from the seed and the window's own values, so that two windows of a test set get different noise, and a
    window the same one wherever it is met.

    Parameters
    ----------
    bundle : Bundle
        Says which columns belong to one source, and so are deleted together.
    window : float32 array, shape = (T, D)
    target : str
        Stated, and of no effect.
    parameters : RandomParameters
    on_step : callable or None
        Told once, at the end.

    Returns
    -------
    Salience

    Raises
    ------
    Cancelled
        If ``on_step`` says so.
    """
    started = time.perf_counter()
    columns = columns_of(bundle.window.sources)
    drawn = np.random.default_rng([parameters.seed, zlib.crc32(np.ascontiguousarray(window).tobytes())])
    raw = drawn.random((len(window), len(columns)), dtype=np.float32)[:, columns.argmax(axis=0)]
    report(on_step, 1, 1)
    return Salience(
        values=scaled_to_unit(raw),
        raw=raw,
        technique="random",
        parameters=parameters.values(),
        target=target,
        seconds=time.perf_counter() - started,
    )
