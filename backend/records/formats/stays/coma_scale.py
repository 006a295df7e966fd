"""The GCS from its three responses, which some databases chart apart."""

from collections.abc import Sequence

import numpy as np

from backend.records.formats.stays.parameter_names import GCS_PARTS, fold_name
from backend.records.formats.stays.stay_columns import CodedCells
from backend.records.formats.tables.cells import parse_number

__all__ = ["ComaParts"]

_MOST = {"GCS eye": 4, "GCS verbal": 5, "GCS motor": 6}
_WORDS = {
    "GCS eye": {"spontaneously": 4, "tospeech": 3, "topain": 2, "none": 1, "noresponse": 1},
    "GCS verbal": {
        "oriented": 5,
        "confused": 4,
        "inappropriatewords": 3,
        "incomprehensiblesounds": 2,
        "noresponse": 1,
        "noresponseett": 1,
        "none": 1,
    },
    "GCS motor": {
        "obeyscommands": 6,
        "localizespain": 5,
        "flexwithdraws": 4,
        "abnormalflexion": 3,
        "abnormalextension": 2,
        "noresponse": 1,
        "none": 1,
    },
}


class ComaParts:
    """The responses charted in one stay, by minute."""

    def __init__(self) -> None:
        self._charted: list[tuple[int, float, str, int]] = []

    def collect(self, part: str, order: np.ndarray, minutes: np.ndarray, cells: CodedCells) -> np.ndarray:
        """Collect the values of a part, and return which of them are its values."""
        values = np.array([_response(part, cell) for cell in cells.distinct])[cells.codes]
        for place in np.flatnonzero(values > 0).tolist():
            self._charted.append((int(order[place]), float(minutes[place]), part, int(values[place])))
        return values > 0

    def summed(self) -> tuple[list[float], list[int], list[tuple[str, int]]]:
        """Return minutes with all three parts, the sums, and the part and place of each value without the others."""
        by_minute: dict[float, dict[str, tuple[int, int]]] = {}
        for order, minute, part, value in sorted(self._charted):
            if minute == minute:
                by_minute.setdefault(minute, {})[part] = (value, order)
        whole = {minute: parts for minute, parts in by_minute.items() if len(parts) == len(GCS_PARTS)}
        sums = [sum(value for value, _ in parts.values()) for parts in whole.values()]
        alone = [(part, order) for order, minute, part, _ in self._charted if minute not in whole]
        return list(whole), sums, alone


def _response(part: str, cell: str) -> int:
    """Return a response as its number, 0 where a cell holds none: ``4``, ``4 Spontaneously``, ``Spontaneously``."""
    number = parse_number(cell)
    first: Sequence[str] = cell.split(maxsplit=1)
    number = parse_number(first[0]) if number is None and first else number
    if number is None:
        return _WORDS[part].get(fold_name(cell.replace("-", " ")), 0)
    return int(number) if number in range(1, _MOST[part] + 1) else 0
