"""The colours of the sensors' traces: usual ones at first, then what the person chooses, for the session."""

import streamlit as st

from backend.charts.style.trace_colours import DEFAULT_COLOURS, TRACE_COLOURS

__all__ = ["colour_of", "offer_colours"]

OTHER_COLOUR = "white"
"""For what is no sensor's."""

_KEPT = "trace colours"


def colour_of(sensor: str) -> str:
    """The name of the colour of a sensor's trace."""
    return _chosen().get(sensor, DEFAULT_COLOURS.get(sensor, OTHER_COLOUR))


def offer_colours(names: dict[str, str]) -> None:
    """A colour to choose for each sensor.

    Parameters
    ----------
    names : dict of str to str
        What a reader calls each sensor.
    """
    with st.popover("Colours", icon=":material/palette:"):
        st.caption(
            "Usual on many monitors; no standard fixes them. Yours are kept for this session. On a light screen each "
            "is a darker one of its kind, and white is black."
        )
        for (sensor, name), column in zip(names.items(), st.columns(len(names), gap="small"), strict=True):
            key = f"colour of {sensor}"
            st.session_state[key] = colour_of(sensor)
            options = [colour.name for colour in TRACE_COLOURS]
            column.selectbox(name, options, key=key, on_change=_keep, args=(sensor, key))
        st.button("As usual", disabled=not _chosen(), on_click=_chosen().clear)


def _chosen() -> dict[str, str]:
    return st.session_state.setdefault(_KEPT, {})


def _keep(sensor: str, key: str) -> None:
    _chosen()[sensor] = st.session_state[key]
