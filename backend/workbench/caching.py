"""Where results are kept: for every session, or for the one session whose upload or changes they come from."""

from collections.abc import Callable
from functools import wraps
from inspect import signature
from typing import Any, Concatenate, ParamSpec, TypeVar

import streamlit as st

from backend.kinds.reading import Reading
from backend.workbench.bundles import model

__all__ = ["by_detection", "by_model", "by_windows", "kept"]

_Reading = TypeVar("_Reading", bound=Reading)
_Rest = ParamSpec("_Rest")
_Result = TypeVar("_Result")

Key = Callable[[Any], tuple[Any, ...]]
"""Called with a reading; returns what a result depends on of it."""


def by_detection(reading: Reading) -> tuple[Any, ...]:
    """What the detection depends on."""
    return reading.detection_key


def by_windows(reading: Reading) -> tuple[Any, ...]:
    """What the windows depend on."""
    return reading.windows_key


def by_model(reading: Reading) -> tuple[Any, ...]:
    """What the classification of the windows depends on."""
    return *reading.windows_key, model(reading.model).digest


def kept(
    key: Key, most: int, store: Any = st.cache_data
) -> Callable[[Callable[Concatenate[_Reading, _Rest], _Result]], Callable[Concatenate[_Reading, _Rest], _Result]]:
    """Keep a function's results under what they depend on of the reading, and under its other arguments.

    Parameters
    ----------
    key : callable
        Called with the reading.
    most : int
        How many results are kept for every session, and how many for one session.
    store : callable
        ``st.cache_data`` or ``st.cache_resource``.
    """

    def keeping(
        compute: Callable[Concatenate[_Reading, _Rest], _Result],
    ) -> Callable[Concatenate[_Reading, _Rest], _Result]:
        parameters = signature(compute)

        # Streamlit does not hash an argument whose name begins with an underscore.
        def filed(key: tuple[Any, ...], rest: tuple[Any, ...], _reading: Any) -> Any:
            return compute(_reading, *rest)  # type: ignore[call-arg]

        # Streamlit tells stores apart by the names of the functions.
        filed.__module__, filed.__qualname__ = compute.__module__, compute.__qualname__
        settings = {"max_entries": most, "show_spinner": False}
        for_all, for_session = store(**settings)(filed), store(**settings, scope="session")(filed)

        @wraps(compute)
        def door(reading: _Reading, *rest: _Rest.args, **named: _Rest.kwargs) -> _Result:
            bound = parameters.bind(reading, *rest, **named)
            bound.apply_defaults()
            _, *values = bound.arguments.values()
            result: _Result = (for_all if reading.is_shared else for_session)(key(reading), tuple(values), reading)
            return result

        return door

    return keeping
