"""Numbers as a reader expects them."""

import numpy as np

__all__ = ["percent"]


def percent(probability: float) -> str:
    """A probability in words that never claim certainty: 99.6 % is not 100 %."""
    if 0 < probability < 0.01:
        return "< 1 %"
    if 0.99 < probability < 1:
        return "> 99 %"
    return f"{100 * probability:.0f} %"


def clock(minute: float) -> str:
    """Minutes since admission as hours and minutes: 7:05."""
    return f"{int(minute) // 60}:{int(minute) % 60:02d}"


def format_correlation(correlation: float) -> str:
    """Two decimals with a true minus sign, no minus zero; a dash where there is none."""
    if not np.isfinite(correlation):
        return "–"
    return f"{round(correlation, 2) + 0.0:.2f}".replace("-", "−")
