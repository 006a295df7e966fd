"""The widths of charts on a screen 1280 pixels wide, scroll bar included."""

__all__ = ["FULL_PX", "HALF_PX", "NARROW_PX", "WIDE_PX"]

FULL_PX = 955
"""All that the sidebar leaves."""

WIDE_PX = 655
"""The wide one of two columns."""

NARROW_PX = 272
"""The narrow one of two columns."""

HALF_PX = 320
"""One of two equal columns of a dialog."""
