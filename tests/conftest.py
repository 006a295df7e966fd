"""What all tests share: `backend` sets how threads wait, which must happen before a test imports torch."""

import json
import sys

import pytest
import streamlit as st

import backend  # noqa: F401
from backend.cli.parser import main
from backend.kinds import alarm_kind, beat_kind, stay_kind
from backend.workbench import explanations, quality, windows

CALLERS = (windows, explanations, quality, beat_kind, alarm_kind, stay_kind)
"""Modules that call the lower floors for the screens."""

_MAIN = sys.modules["__main__"]


@pytest.fixture(autouse=True)
def same_main_module():
    """Streamlit's AppTest leaves its script as the main module, which processes that are started later would run."""
    yield
    sys.modules["__main__"] = _MAIN


@pytest.fixture
def said(capsys):
    """Run a command and give its exit status, standard output and standard error."""

    def run(*arguments: str) -> tuple[int, str, str]:
        try:
            status = main(arguments)
        except SystemExit as ended:
            status = int(ended.code or 0)
        captured = capsys.readouterr()
        assert "Traceback" not in captured.err
        return status, captured.out, captured.err

    return run


@pytest.fixture
def documents(said):
    """Run a command with --json and give its exit status and one document for each line."""

    def run(*arguments: str) -> tuple[int, list[dict]]:
        status, out, _ = said(*arguments, "--json")
        return status, [json.loads(line, parse_constant=pytest.fail) for line in out.splitlines()]

    return run


@pytest.fixture
def empty_stores():
    """Begin with nothing kept."""
    st.cache_data.clear()
    st.cache_resource.clear()


@pytest.fixture
def counted(monkeypatch):
    """Count the calls of a function of the lower floors, as the workbench calls it; it still does its work."""

    def count(name: str) -> list:
        calls = []
        caller = next(module for module in CALLERS if hasattr(module, name))
        original = getattr(caller, name)

        def counting(*given, **named):
            calls.append(given)
            return original(*given, **named)

        monkeypatch.setattr(caller, name, counting)
        return calls

    return count
