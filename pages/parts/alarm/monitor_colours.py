"""The colours of the sensors' traces: defaults, or those chosen for the session."""

import streamlit as st

from backend.charts.style.trace_colours import DEFAULT_COLOURS, TRACE_COLOURS
from pages.parts.alarm.alarm_text import COLOURS_HELP

__all__ = ["colour_of", "offer_colours"]

OTHER_COLOUR = "white"
"""The colour of what belongs to no sensor."""

_KEPT = "trace colours"


def colour_of(sensor: str) -> str:
    """The name of the colour of a sensor's trace."""
    return _chosen().get(sensor, DEFAULT_COLOURS.get(sensor, OTHER_COLOUR))


def offer_colours(names: dict[str, str]) -> None:
    """Draw a choice of colour for each sensor.

    Parameters
    ----------
    names : dict of str to str
        What a reader calls each sensor.
    """
    with st.popover("Colours", icon=":material/palette:"):
        st.caption(COLOURS_HELP)
        for (sensor, name), column in zip(names.items(), st.columns(len(names), gap="small"), strict=True):
            key = f"colour of {sensor}"
            st.session_state[key] = colour_of(sensor)
            options = [colour.name for colour in TRACE_COLOURS]
            column.selectbox(name, options, key=key, on_change=_keep, args=(sensor, key))
        st.button("Reset to defaults", disabled=not _chosen(), on_click=_chosen().clear)


def _chosen() -> dict[str, str]:
    return st.session_state.setdefault(_KEPT, {})


def _keep(sensor: str, key: str) -> None:
    _chosen()[sensor] = st.session_state[key]
