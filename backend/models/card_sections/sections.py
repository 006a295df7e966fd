"""The sections of a model card that depend on the kind of window."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["Card", "CardSections"]

Card = Mapping[str, Any]
"""The content of a ``card.json``."""


@dataclass(frozen=True)
class CardSections:
    """Functions from a card to Markdown.

    Attributes
    ----------
    headline : callable
        The main figures in one line, for the table of all models.
    data_sets : callable
        The sizes of the training, validation and test sets.
    evaluation : callable
        All figures of the card, under headings of the third level.
    """

    headline: Callable[[Card], str]
    data_sets: Callable[[Card], str]
    evaluation: Callable[[Card], str]
