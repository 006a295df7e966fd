"""The app, started for the tests on a free port with the bundled samples alone, and a browser to drive it."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import wfdb
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

ROOT = Path(__file__).parents[2]
MISLABELLED = "sim_mislabelled"
"""A sample of these tests alone: sim_normal with the label of one beat changed, so that one disagrees for certain."""

HIDDEN = "sim_hidden"
"""Another: one of its beats has lost its label, and two labels stand where there is no beat."""

FLUTTER = "sim_flutter"
"""Another: the reference calls all of it ventricular flutter."""

UNMARKED = "sim_unmarked"
"""Another: sim_normal without a reference."""

_CHROMIUM = next((path for name in ("chromium", "chromium-browser") if (path := shutil.which(name))), None)
_LONGEST_START_S = 60
_PATIENCE_MS = 60_000


@pytest.fixture(scope="session")
def chromium_path() -> str:
    if _CHROMIUM is None:
        if os.environ.get("CI") == "true":
            pytest.fail("Chromium is missing; with CI=true the browser tests have to run.")
        pytest.skip("Chromium is missing; install it to run the browser tests.")
    return _CHROMIUM


@pytest.fixture(scope="session")
def app_folder(chromium_path, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("app")
    # Compiled code too, so that the server starts as one that has run before; not what is being written just now.
    being_written = shutil.ignore_patterns("*.pyc.*", "*.tmp.*")
    for name in ("backend", "pages", ".streamlit"):
        shutil.copytree(ROOT / name, folder / name, ignore=being_written)
    shutil.copytree(ROOT / "sample_records", folder / "sample_records", ignore=shutil.ignore_patterns("physionet"))
    shutil.copy(ROOT / "app.py", folder)
    _write_variants(folder / "sample_records" / "simulated")
    return folder


def _write_variants(samples: Path) -> None:
    """Write sim_normal under other names with other labels."""
    marks = wfdb.rdann(str(samples / "sim_normal"), "atr")
    of_sample = dict(zip(marks.sample.tolist(), marks.symbol, strict=True))
    beats = [sample for sample, symbol in of_sample.items() if symbol == "N"]
    between = {(beats[at] + beats[at + 1]) // 2: "N" for at in (60, 90)}
    without_one = {sample: symbol for sample, symbol in of_sample.items() if sample != beats[20]}
    _write_variant(samples, MISLABELLED, of_sample | {beats[40]: "V"})
    _write_variant(samples, HIDDEN, without_one | between)
    _write_variant(samples, FLUTTER, of_sample | {1: "["})
    _write_variant(samples, UNMARKED, {})


def _write_variant(samples: Path, name: str, labels: dict[int, str]) -> None:
    header = (samples / "sim_normal.hea").read_text().replace("sim_normal", name)
    (samples / f"{name}.hea").write_text(header)
    shutil.copy(samples / "sim_normal.dat", samples / f"{name}.dat")
    if labels:
        ordered = sorted(labels)
        wfdb.wrann(name, "atr", np.array(ordered), [labels[sample] for sample in ordered], write_dir=str(samples))


@pytest.fixture(scope="session")
def address(app_folder):
    with served(app_folder) as own:
        yield own


@contextmanager
def served(app_folder: Path) -> Iterator[str]:
    """A server of its own, and where it answers."""
    port = _free_port()
    # Nothing of the tests' own surroundings: no mirror of the databases, no settings of another Streamlit.
    environment = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    with (app_folder / "log.txt").open("a") as log:
        app = subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless=true", f"--server.port={port}"],
            cwd=app_folder,
            env=environment | {"HOME": str(app_folder)},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            _wait_until_it_answers(f"http://localhost:{port}/_stcore/health", app)
            yield f"http://localhost:{port}/"
        finally:
            app.terminate()
            app.wait(timeout=20)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait_until_it_answers(health: str, app: subprocess.Popen) -> None:
    until = time.monotonic() + _LONGEST_START_S
    while time.monotonic() < until:
        assert app.poll() is None, "the app ended before it answered"
        try:
            with urllib.request.urlopen(health, timeout=2):
                return
        except (urllib.error.URLError, TimeoutError):
            time.sleep(0.2)
    pytest.fail(f"The app did not answer within {_LONGEST_START_S} s.")


@pytest.fixture(scope="session")
def browser(chromium_path):
    expect.set_options(timeout=_PATIENCE_MS)
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        started = playwright.chromium.launch(executable_path=chromium_path, args=arguments)
        yield started
        started.close()


@pytest.fixture(scope="session")
def contexts(browser: Browser) -> dict[str, BrowserContext]:
    """A window in each theme for all tests, so that the browser compiles Streamlit's own scripts once."""
    opened = {}
    for scheme in ("light", "dark"):
        opened[scheme] = browser.new_context(viewport={"width": 1280, "height": 800}, color_scheme=scheme)
        opened[scheme].set_default_timeout(_PATIENCE_MS)
    return opened


@pytest.fixture
def page(contexts):
    yield from _new_page(contexts["light"])


@pytest.fixture
def dark_page(contexts):
    yield from _new_page(contexts["dark"])


def _new_page(context: BrowserContext) -> Iterator[Page]:
    page = context.new_page()
    yield page
    for own in context.pages:
        own.close()
    context.clear_cookies()
