"""A fourth kind of window, registered from this file alone: no file of the product knows of it."""

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
import streamlit as st
import torch
from streamlit.testing.v1 import AppTest

from backend.charts.style.theme import class_style
from backend.cohort.evaluation import _plan
from backend.cohort.plan import plan_parts
from backend.cohort.request import EvaluationRequest
from backend.cohort.worker import compute_part, make_task
from backend.explain.api import TECHNIQUES, explain
from backend.explain.export import describe_explanation, tabulate_explanation
from backend.explain.quality.comparison import ComparedTechnique, tabulate_comparison
from backend.explain.quality.faithfulness import measure_faithfulness
from backend.kinds import kind as registry
from backend.kinds.kind import ClassStyle, Kind, TimeScale, kind_of, register
from backend.kinds.reading import Reading
from backend.models import bundle as bundle_module
from backend.models.bundle import Bundle, load_bundle, save_bundle
from backend.models.network.lstm import Architecture, ScoringLSTM
from backend.models.test_set import Cases
from backend.records.opening import open_record
from backend.records.record import Record
from backend.windows import window_types
from backend.windows.base import Windows, replace_hidden
from pages.parts.app import screen_kinds as screens
from tests.records.well_formed import write_wfdb

RATE, STEPS = 250.0, 50
CLASSES = ("slow", "fast")
MODEL = "toy-epoch"
PATIENCE_S = 60


@dataclass(frozen=True)
class EpochWindow:
    """Consecutive seconds of two sines, at 50 Hz."""

    steps: int = STEPS
    kind: ClassVar[str] = "epoch"

    @property
    def variables(self) -> tuple[str, ...]:
        return "left", "right"

    @property
    def sources(self) -> tuple[str, ...]:
        return self.variables

    @property
    def whole_sources(self) -> tuple[str, ...]:
        return ()

    @property
    def absent(self) -> np.ndarray:
        return np.zeros(2, dtype=np.float32)

    def without(self, values: np.ndarray, hidden: np.ndarray) -> np.ndarray:
        return replace_hidden(values, hidden, self.sources, self.absent)

    def cut(self, record: Record) -> Windows:
        thinned = record.signals[:: round(record.sampling_rate / STEPS), :2].astype(np.float32)
        n_epochs = len(thinned) // self.steps
        return Windows(
            values=thinned[: n_epochs * self.steps].reshape(n_epochs, self.steps, 2),
            variables=self.variables,
            sampling_rate=float(STEPS),
            anchor=np.arange(n_epochs) * round(record.sampling_rate),
            anchor_step=0,
        )


@dataclass(frozen=True)
class EpochTestSet:
    """Ten seconds of one made-up patient a class."""

    values: np.ndarray
    labels: np.ndarray
    patients: np.ndarray

    def cases(self, chosen: np.ndarray) -> Cases:
        variables = (EpochWindow().variables,) * len(chosen)
        return Cases(self.values[chosen], self.labels[chosen], self.patients[chosen], variables, 0, None)

    def shifted(self, chosen: np.ndarray) -> dict[int, np.ndarray]:
        return {}


def sines(hz: float, seconds: int = 10, rate: float = RATE) -> np.ndarray:
    time_s = np.arange(round(seconds * rate)) / rate
    return np.stack([np.sin(2 * np.pi * hz * time_s), np.cos(2 * np.pi * hz * time_s)], axis=1)


def read_test_set(bundle: Bundle, data: Path) -> EpochTestSet:
    values = np.concatenate([sines(hz, 10, STEPS).reshape(10, STEPS, 2) for hz in (2.0, 8.0)]).astype(np.float32)
    labels = np.repeat(CLASSES, 10)
    return EpochTestSet(values, labels, np.char.add("patient ", labels))


EPOCH = Kind(
    name="epoch",
    window=EpochWindow,
    reading=Reading,
    samples="epoch",
    classes=(ClassStyle("slow", "S", "#27313F", "#E8EDF4"), ClassStyle("fast", "F", "#9E1400", "#F95A33")),
    time=TimeScale("time_from_start_s"),
    half_faded="half a sine is no sine",
    test_set=read_test_set,
)


def trained_network() -> ScoringLSTM:
    """A tiny network that tells slow from fast sines after a few hundred steps of Adam."""
    torch.manual_seed(0)
    network = ScoringLSTM(Architecture(variables=2, classes=2, hidden=6))
    data = read_test_set(None, Path())
    values, targets = torch.from_numpy(data.values), torch.tensor([CLASSES.index(own) for own in data.labels])
    adam = torch.optim.Adam(network.parameters(), 0.03)
    for _ in range(150):
        adam.zero_grad()
        torch.nn.functional.cross_entropy(network(values), targets).backward()
        adam.step()
    return network.eval().requires_grad_(False)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """The bundled models and the toy beside them."""
    folder = tmp_path_factory.mktemp("bundles")
    for own in bundle_module.BUNDLES.glob("*/card.json"):
        (folder / own.parent.name).symlink_to(own.parent)
    card = {
        "title": "Slow or fast sine",
        "summary": "A toy.",
        "classes": list(CLASSES),
        "temperature": 1.0,
        "certain_from": 0.6,
        "not_for": ["Anything."],
        "preprocessing": ["None."],
        "data": ["Made up."],
    }
    save_bundle(MODEL, trained_network(), None, EpochWindow(), card, folder)
    return folder


@pytest.fixture(autouse=True)
def fourth_kind(folder, monkeypatch):
    """Register the kind for one test, with its model among the bundled ones."""
    st.cache_data.clear()
    st.cache_resource.clear()
    monkeypatch.setattr(bundle_module, "BUNDLES", folder)
    monkeypatch.setattr(registry, "_KINDS", dict(registry._KINDS))
    monkeypatch.setattr(window_types, "_TYPES", dict(window_types._TYPES))
    screens.screen_kinds()
    monkeypatch.setattr(screens, "_SCREENS", dict(screens._SCREENS))
    register(EPOCH)
    yield
    st.cache_data.clear()
    st.cache_resource.clear()


@pytest.fixture
def path(tmp_path) -> Path:
    signals = np.concatenate([sines(2.0, 5), sines(8.0, 5)])
    return write_wfdb(tmp_path, "waves", signals=signals, sig_name=["ECG left", "ECG right"])


def test_a_record_is_opened_classified_and_explained(path):
    bundle, record = load_bundle(MODEL), open_record(path)
    assert kind_of(bundle) is EPOCH
    reading = EPOCH.reading(record, MODEL)
    classified = reading.classify(bundle)
    assert classified.scores.labels == ("slow",) * 5 + ("fast",) * 5
    window = classified.window_of(7)
    for technique in TECHNIQUES:
        salience = explain(bundle, window, technique)
        assert (salience.target, salience.values.shape) == ("fast", (STEPS, 2))
    document = describe_explanation(record, bundle, classified, 7, salience)
    assert (document["epoch"], document["anchor_sample"]) == (7, 7 * RATE)
    assert tabulate_explanation(bundle, classified, 7, salience)["time_from_start_s"].iloc[-1] == pytest.approx(0.98)
    assert TECHNIQUES["mask"].sentence_for(EPOCH).count("epoch")
    assert class_style("fast").letter == "F"


def test_its_techniques_are_compared(path):
    bundle = load_bundle(MODEL)
    window = EPOCH.reading(open_record(path), MODEL).classify(bundle).window_of(7)
    saliences = [explain(bundle, window, technique) for technique in ("occlusion", "random")]
    compared = [
        ComparedTechnique(
            own, measure_faithfulness(bundle, window[np.newaxis], own.values[np.newaxis], ["fast"], 0.0)[0]
        )
        for own in saliences
    ]
    table = tabulate_comparison(bundle, compared, 0.0, np.zeros(20))
    assert set(table["technique"]) == {"occlusion", "random"}


def test_its_explanations_are_evaluated_on_its_own_test_set(folder):
    bundle = load_bundle(MODEL)
    test_set = EPOCH.test_set(bundle, folder)
    plan = _plan(bundle, test_set, EvaluationRequest(beats=8, subset=4), ("derivative",), ("mean",))
    assert set(plan.targets) == set(CLASSES)
    results = {}
    for part in plan_parts(plan):
        results[part.key], _ = compute_part(make_task(plan, part, folder, results.get(part.needs)))
    assert len(results) == len({part.key for part in plan_parts(plan)})


def test_the_command_line_classifies_and_explains_it(path, documents, said):
    status, (answer,) = documents("classify", str(path), "--model", MODEL)
    assert status == 0
    assert [own["label"] for own in answer["windows"]] == ["slow"] * 5 + ["fast"] * 5
    status, (answer,) = documents("explain", str(path), "--model", MODEL, "--window", "7", "--technique", "erasure")
    assert (status, answer["target"], answer["epoch"]) == (0, "fast", 7)
    assert json.dumps(answer)
    status, out, _ = said("explain", str(path), "--model", MODEL, "--window", "7")
    assert (status, "highest salience" in out) == (0, True)
    status, _, err = said("classify", str(path), "--model", MODEL, "--lead", "II")
    assert status == 2
    assert "reads epochs" in err
    assert MODEL in said("models")[1]


def _epoch_screen():
    """A minimal screen: choose a record and a technique, and see the salience."""
    import streamlit as st

    from backend import workbench
    from pages.parts.app import url_state
    from pages.parts.explanation.explanation_choice import choose_explanation, explain_window
    from tests.test_fourth_kind import choose_epochs

    st.session_state.framed = True
    reading = choose_epochs()
    choice = choose_explanation(reading, 0)
    salience = explain_window(reading, 0, choice, st.empty())
    url_state.write(reading)
    st.line_chart(salience.values)
    st.markdown(f"{workbench.classified(reading).scores.labels[0]}, {salience.technique}")


def choose_epochs() -> Reading:
    from pages.parts.sidebar.reading_choice import choose_reading
    from pages.parts.sidebar.record_choice import choose_model

    return choose_reading(EPOCH, lambda: None, lambda record: Reading(record, choose_model("epoch", lambda last: None)))


def open_for_comparison():
    from backend.charts.compare.technique_rows import comparison_axis
    from backend.charts.compare.window_lanes import WindowLane
    from pages.parts.compare.compared_window import ComparedWindow

    reading = choose_epochs()
    time_s = np.arange(STEPS) / STEPS

    def lanes(source: str | None) -> tuple[WindowLane, ...]:
        return (WindowLane("left", "mV", time_s, reading.record.signals[:STEPS, 0]),)

    names = {"left": "left", "right": "right"}
    return ComparedWindow(reading, 0, names, tuple(names), "sines", comparison_axis(0.0, 1.0, "time (s)"), lanes)


def register_screens() -> None:
    screens.register_screens(
        screens.ScreenKind(
            kind=EPOCH,
            title="Epoch",
            screen="Epoch",
            page="pages/epoch.py",
            link_names=("record", "model", "technique", "target"),
            open_compared=open_for_comparison,
            show_figures=lambda card: None,
            upload_hint="Add a record of two sines.",
            real_sample="real sine",
        )
    )


def with_record(screen: AppTest, path: Path) -> AppTest:
    screen.session_state["uploaded epoch"] = replace(open_record(path), source="upload")
    return screen


def test_a_minimal_screen_explains_it(path):
    register_screens()
    screen = with_record(AppTest.from_function(_epoch_screen, default_timeout=PATIENCE_S), path).run()
    assert not screen.exception
    assert screen.main.markdown[-1].value == "slow, occlusion"
    assert [own.value for own in screen.sidebar.selectbox if own.label == "Model"] == [MODEL]


def test_a_minimal_screen_without_a_record_says_how_to_open_one():
    register_screens()
    screen = AppTest.from_function(_epoch_screen, default_timeout=PATIENCE_S).run()
    assert not screen.exception
    assert "Add a record of two sines." in screen.info[0].value


def test_the_compare_screen_opens_it(path):
    register_screens()
    page = Path(__file__).parents[1] / "pages" / "compare.py"
    screen = with_record(AppTest.from_file(page, default_timeout=PATIENCE_S), path)
    screen.session_state.framed = True
    screen.query_params["what"] = "epoch"
    screen.run()
    assert not screen.exception
    assert screen.sidebar.button_group[0].value == "epoch"
    assert screen.sidebar.button_group[0].options == ["Beat", "Alarm", "Stay", "Epoch"]
