"""One comparison of a benchmark, and how a table of them is printed."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Row", "printed"]


@dataclass(frozen=True)
class Row:
    """One comparison.

    Attributes
    ----------
    name : str
    ours_s, peer_s : float
        Medians over interleaved rounds, in seconds; NaN without a peer.
    ratio : float
        The greater the better for ``at least``, the smaller the better for ``at most``.
    bound : str
        What the ratio has to be, in words and a number.
    peak_share : float
        Share of the peak FLOP/s of the used cores that our matrix products reach; NaN where they were not counted.
    """

    name: str
    ours_s: float
    peer_s: float
    ratio: float
    bound: str
    peak_share: float = math.nan

    @property
    def is_met(self) -> bool:
        """Whether the ratio keeps its bound."""
        limit = float(self.bound.split()[-1])
        return self.ratio >= limit if self.bound.startswith("at least") else self.ratio <= limit


def printed(rows: Sequence[Row]) -> str:
    """A Markdown table."""
    heads = ("comparison", "ours (s)", "peer (s)", "ratio", "bound", "met", "% of peak FLOP/s")
    lines = [f"| {' | '.join(heads)} |", "| --- " * len(heads) + "|"]
    for row in rows:
        met = "yes" if row.is_met else "no"
        peer = "" if math.isnan(row.peer_s) else f"{row.peer_s:.4f}"
        share = "" if math.isnan(row.peak_share) else f"{100 * row.peak_share:.0f}%"
        lines.append(f"| {row.name} | {row.ours_s:.4f} | {peer} | {row.ratio:.2f} | {row.bound} | {met} | {share} |")
    return "\n".join(lines)
