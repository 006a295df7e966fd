"""The parameters of a technique: their names, units and bounds, and how they are read from text."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from backend.records.record import RecordRefused

__all__ = ["Parameter", "Parameters", "Value", "listed", "parameter"]

Value = float | int | str


@dataclass(frozen=True)
class Parameter:
    """What a screen or the command line needs to know to offer one parameter.

    Attributes
    ----------
    name : str
        As in the dataclass, in links and in results.
    label : str
        For a reader.
    unit : str
        Empty where there is none.
    default : float, int or str
    least, most : float or None
        Bounds, both allowed; None where there are choices instead.
    choices : tuple
        The allowed values; empty where there are bounds instead.
    """

    name: str
    label: str
    unit: str
    default: Value
    least: float | None
    most: float | None
    choices: tuple[Value, ...]

    def read(self, given: object) -> Value:
        """The value that is meant, by a number or by text.

        Raises
        ------
        RecordRefused
            If it is none of the choices, no number, or out of bounds; the message says what is allowed.
        """
        return self._choice(given) if self.choices else self._number(given)

    def _choice(self, given: object) -> Value:
        for choice in self.choices:
            if given == choice or str(given).strip() in _spellings(choice):
                return choice
        raise RecordRefused(f"{self.name} cannot be {given}; choose one of {listed(self.choices)}.")

    def _number(self, given: object) -> Value:
        whole = isinstance(self.default, int)
        kind = "a whole number" if whole else "a number"
        allowed = f"{kind} from {self.least:g} to {self.most:g}{' ' if self.unit else ''}{self.unit}"
        try:
            number = float(str(given))
        except ValueError:
            number = float("nan")
        within = self.least is not None and self.most is not None and self.least <= number <= self.most
        if not within or (whole and not number.is_integer()):
            raise RecordRefused(f"{self.name} cannot be {given}; give {allowed}.")
        return int(number) if whole else number


def _spellings(choice: Value) -> set[str]:
    return {str(choice)} if isinstance(choice, str) else {str(choice), f"{choice:g}"}


def listed(choices: tuple[Value, ...]) -> str:
    """Choices as a sentence names them."""
    return ", ".join(choice if isinstance(choice, str) else f"{choice:g}" for choice in choices)


def parameter(
    default: Any,
    label: str,
    *,
    unit: str = "",
    least: float | None = None,
    most: float | None = None,
    choices: tuple[Value, ...] = (),
) -> Any:
    """A dataclass field with a default that also says how it is shown and what it may be."""
    described = {
        "label": label,
        "unit": unit,
        "default": default,
        "least": least,
        "most": most,
        "choices": choices,
    }
    return dataclasses.field(default=default, metadata=described)


@dataclass(frozen=True)
class Parameters:
    """What the parameters of all techniques have in common: they know their bounds and keep to them.

    Raises
    ------
    RecordRefused
        When made with a value that is not allowed.
    """

    def __post_init__(self) -> None:
        for described in self.described():
            object.__setattr__(self, described.name, described.read(getattr(self, described.name)))

    @classmethod
    def described(cls) -> tuple[Parameter, ...]:
        """All parameters in their order."""
        return tuple(Parameter(name=field.name, **field.metadata) for field in dataclasses.fields(cls))

    @classmethod
    def read(cls, given: Mapping[str, object]) -> Self:
        """Parameters from names and values (text or numbers); what is not given keeps its default.

        Raises
        ------
        RecordRefused
            If a name is unknown or a value is not allowed.
        """
        known = [described.name for described in cls.described()]
        for name in given:
            if name not in known:
                raise RecordRefused(f"There is no parameter {name!r} here; choose from {', '.join(known)}.")
        return cls(**given)

    def values(self) -> dict[str, Value]:
        """All parameters by name, as a result states them."""
        return dataclasses.asdict(self)
