"""The parameters of a technique: names, units and bounds, and how to read them from text."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from backend.records.record import RecordRefused

__all__ = ["Parameter", "Parameters", "Value", "join_choices", "parameter"]

Value = float | int | str


@dataclass(frozen=True)
class Parameter:
    """One parameter as screens and the command line offer it.

    Attributes
    ----------
    name : str
        The key in the dataclass, in links and in results.
    label : str
        The name on screens.
    unit : str
        Empty for a parameter without a unit.
    default : float, int or str
    minimum, maximum : float or None
        Inclusive bounds; None for a parameter with choices.
    choices : tuple
        The allowed values; empty for a parameter with bounds.
    """

    name: str
    label: str
    unit: str
    default: Value
    minimum: float | None
    maximum: float | None
    choices: tuple[Value, ...]

    def read(self, given: object) -> Value:
        """Return the value that a number or a text denotes.

        Raises
        ------
        RecordRefused
            If it is not a choice, not a number or out of bounds; the message gives the allowed values.
        """
        return self._read_choice(given) if self.choices else self._read_number(given)

    def _read_choice(self, given: object) -> Value:
        for choice in self.choices:
            if given == choice or str(given).strip() in {str(choice), _format_choice(choice)}:
                return choice
        raise RecordRefused(f"{self.name} cannot be {given}. Choose one of {join_choices(self.choices)}.")

    def _read_number(self, given: object) -> Value:
        is_whole = isinstance(self.default, int)
        kind = "a whole number" if is_whole else "a number"
        allowed = f"{kind} from {self.minimum:g} to {self.maximum:g}{' ' if self.unit else ''}{self.unit}"
        try:
            number = float(str(given))
        except ValueError:
            number = float("nan")
        is_within = self.minimum is not None and self.maximum is not None and self.minimum <= number <= self.maximum
        if not is_within or (is_whole and not number.is_integer()):
            raise RecordRefused(f"{self.name} cannot be {given}. Give {allowed}.")
        return int(number) if is_whole else number


def _format_choice(choice: Value) -> str:
    return choice if isinstance(choice, str) else f"{choice:g}"


def join_choices(choices: tuple[Value, ...]) -> str:
    """Return choices as a list for a sentence."""
    return ", ".join(map(_format_choice, choices))


def parameter(
    default: Any,
    label: str,
    *,
    unit: str = "",
    minimum: float | None = None,
    maximum: float | None = None,
    choices: tuple[Value, ...] = (),
) -> Any:
    """Return a dataclass field with a default, a label and the allowed values."""
    metadata = {
        "label": label,
        "unit": unit,
        "default": default,
        "minimum": minimum,
        "maximum": maximum,
        "choices": choices,
    }
    return dataclasses.field(default=default, metadata=metadata)


@dataclass(frozen=True)
class Parameters:
    """The base of the parameters of all techniques, which checks their values.

    Raises
    ------
    RecordRefused
        If a value is not allowed.
    """

    def __post_init__(self) -> None:
        for field in self.describe():
            object.__setattr__(self, field.name, field.read(getattr(self, field.name)))

    @classmethod
    def describe(cls) -> tuple[Parameter, ...]:
        """Return all parameters in their order."""
        return tuple(Parameter(name=field.name, **field.metadata) for field in dataclasses.fields(cls))

    @classmethod
    def read(cls, given: Mapping[str, object]) -> Self:
        """Return parameters from names and values (text or numbers); the rest keep their defaults.

        Raises
        ------
        RecordRefused
            If a name is unknown or a value is not allowed.
        """
        known = [field.name for field in cls.describe()]
        for name in given:
            if name not in known:
                raise RecordRefused(f"The parameter {name!r} does not exist. Choose from {', '.join(known)}.")
        return cls(**given)

    def values(self) -> dict[str, Value]:
        """Return all parameters by name, as results record them."""
        return dataclasses.asdict(self)
