"""Runs a screen without a browser, as a person would use it, and reads what it shows."""

import json
from collections.abc import Iterator, Mapping
from typing import Any
from unittest import mock

from streamlit.proto.WidgetStates_pb2 import WidgetState, WidgetStates
from streamlit.runtime.pages_manager import PagesManager
from streamlit.testing.v1 import AppTest, app_test

from backend.explain.questions.tracing_share import compute_tracing_share
from backend.models.bundle import load_bundle
from backend.models.classification import classify_beats
from backend.records.samples.library import open_sample
from pages.parts.explanation.explanation_text import share_sentence
from tests.browser.conftest import ROOT

PATIENCE_S = 120
_PROSE = ("markdown", "caption", "info", "warning", "error")
_FOLDED = ("popover", "expander", "dialog")


def open_screen(page: str, **link: str) -> AppTest:
    """Return a screen by the name of its file, opened in a new session by a link that holds these choices."""
    screen = AppTest.from_file(str(ROOT / "app.py"), default_timeout=PATIENCE_S)
    for name, value in link.items():
        screen.query_params[name] = value
    return _without_error(screen.switch_page(f"pages/{page}.py").run())


class _Navigated(PagesManager):
    """The pages of a server that has run ``st.navigation`` before, which AppTest forgets between two runs."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        PagesManager.uses_pages_directory = False


def run(screen: AppTest, states: WidgetStates | None = None) -> AppTest:
    """Run a screen again."""
    with mock.patch.object(app_test, "PagesManager", _Navigated):
        return _without_error(screen.run() if states is None else screen._run(states))


def _without_error(screen: AppTest) -> AppTest:
    assert [error.message for error in screen.exception] == []
    return screen


def go_to(screen: AppTest, page: str) -> AppTest:
    """Go to another screen in the same session, as its name at the top does: by an address without choices."""
    screen.query_params.clear()
    return run(screen.switch_page(f"pages/{page}.py"))


def choose(screen: AppTest, label: str, option: Any) -> AppTest:
    """Choose an option of a select box by its value."""
    box(screen, label).set_value(option)
    return run(screen)


def box(screen: AppTest, label: str) -> Any:
    """Return a select box by its label."""
    return _labelled(screen.selectbox, label)


def enter(screen: AppTest, label: str, number: float) -> AppTest:
    """Enter a number by the label of its input."""
    next(one for one in screen.number_input if one.label.startswith(label)).set_value(number)
    return run(screen)


def press(screen: AppTest, label: str) -> AppTest:
    """Press a button by its label."""
    _labelled(screen.button, label).click()
    return run(screen)


def switch(screen: AppTest, label: str, option: Any) -> AppTest:
    """Choose an option of a segmented control or of pills by its label."""
    _labelled(screen.button_group, label).set_value(option)
    return run(screen)


def turn(screen: AppTest, label: str) -> AppTest:
    """Turn a toggle on or off."""
    toggle = next(one for one in screen.toggle if one.label.startswith(label))
    toggle.set_value(not toggle.value)
    return run(screen)


def upload(screen: AppTest, files: Mapping[str, bytes]) -> AppTest:
    """Upload the files of one record together."""
    screen.file_uploader[0].set_value([(name, content, "application/octet-stream") for name, content in files.items()])
    return run(screen)


def select(screen: AppTest, element: Any, selection: Mapping[str, Any]) -> AppTest:
    """Select something in a chart or in a table, as a click or a brush on it does."""
    states = screen._tree.get_widget_states()
    states.widgets.append(WidgetState(id=element.proto.id, string_value=json.dumps({"selection": selection})))
    return run(screen, states)


def tick(screen: AppTest, table: Any, row: int) -> AppTest:
    """Tick a row of a table."""
    return select(screen, table, {"rows": [row], "columns": [], "cells": []})


def charts(screen: AppTest) -> list[Any]:
    """Return all charts of the screen, from the top."""
    return list(screen.get("vega_lite_chart"))


def has_chart_of(screen: AppTest, words: str) -> bool:
    """Return whether some chart of the screen holds these words in its specification or its data."""
    return any(words in str(chart.proto) for chart in charts(screen))


def figure(screen: AppTest, label: str) -> str:
    """Return the value of a metric."""
    return _labelled(screen.metric, label).value


def prose(screen: AppTest) -> str:
    """Return all sentences of the screen, whether folded away or not, one a line."""
    return "\n".join(element.value for kind in _PROSE for element in screen.get(kind))


def hints(screen: AppTest) -> str:
    """Return all help tooltips of the screen, one a line."""
    return "\n".join(filter(None, (getattr(element.proto, "help", "") for element in _elements(screen._tree))))


def _elements(block: Any) -> Iterator[Any]:
    for child in block.children.values():
        if hasattr(child, "children"):
            yield from _elements(child)
        else:
            yield child


def warned(screen: AppTest, *words: str) -> bool:
    """Return whether each of these words is in some warning of the screen."""
    return all(any(word in warning.value.replace("\\", "") for warning in screen.warning) for word in words)


def address(screen: AppTest) -> dict[str, str]:
    """Return the choices in the page's address."""
    return {name: value if isinstance(value, str) else value[0] for name, value in screen.query_params.items()}


def names(screen: AppTest, kind: str) -> list[str]:
    """Return the labels of all elements of a kind."""
    return [element.label for element in screen.get(kind)]


def visible_sentences(screen: AppTest) -> Iterator[str]:
    """Yield the prose of the main part that a reader sees before asking for more."""
    yield from _visible(screen.main)


def _visible(block: Any) -> Iterator[str]:
    for child in block.children.values():
        if hasattr(child, "children"):
            if child.type not in _FOLDED:
                yield from _visible(child)
        elif child.type in _PROSE:
            yield child.value


def _labelled(elements: Any, label: str) -> Any:
    return next(one for one in elements if one.label == label)


def share_line(sample: str, number: int) -> str:
    """Return how much of the score of a sample's beat the tracing carries, computed without a screen."""
    bundle = load_bundle("ecg-beat")
    classified = classify_beats(bundle, open_sample(sample))
    share = compute_tracing_share(bundle, classified.windows.values[number], classified.scores.labels[number])
    assert share is not None
    return share_sentence(share)
