"""The legend of salience."""

import altair as alt

__all__ = ["salience_legend"]


def salience_legend() -> alt.Legend:
    """Return the legend of every chart coloured by salience: a bar from 0 to 1 above it."""
    return alt.Legend(
        type="gradient",
        title="salience",
        orient="top",
        direction="horizontal",
        gradientLength=160,
        gradientThickness=10,
        values=[0, 0.5, 1],
        titleOrient="left",
        offset=4,
    )
