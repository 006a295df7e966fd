"""The whole of an evaluation, on a small model: what its tables say, and what a kill leaves of it."""

import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest

from backend.cohort.evaluation import Workers, evaluate
from backend.cohort.evidence import Evidence, read_evidence
from backend.cohort.request import EvaluationRequest
from backend.cohort.stratified_sampling import draw_evenly
from backend.explain.api import explain_many
from backend.explain.quality.faithfulness import THRESHOLDS, make_anchor_control, measure_faithfulness
from backend.explain.quality.wave_shares import compute_wave_shares
from backend.explain.techniques.occlusion import OcclusionParameters
from backend.models.bundle import load_bundle
from backend.models.metrics import cluster_bootstrap
from backend.models.metrics.cluster_bootstrap import bootstrap_means
from backend.models.scores import compute_scores
from backend.models.training.beats.beat_test_set import BeatTestSet
from backend.records.record import RecordRefused
from backend.windows.beats.beat_windows import BeatWindow
from tests.cohort.made_models import write_data, write_toy

ROOT = Path(__file__).parents[2]
REQUEST = EvaluationRequest(
    beats=70, subset=5, techniques=("derivative", "occlusion", "random"), fills=("0", "mean"), seed=7
)
SHORT = BeatWindow(before_s=0.1, after_s=0.15)
TABLES = tuple(field.name for field in fields(Evidence) if field.name != "about")
ONE, TWO = Workers(1), Workers(2)

IN_A_PROCESS_OF_ITS_OWN = """
import sys
from pathlib import Path
from backend.cohort.evaluation import Workers, evaluate
from tests.cohort.test_evaluation import REQUEST

if __name__ == "__main__":
    folder, runs = map(Path, sys.argv[1:])
    evaluate("toy", folder, runs, REQUEST, runs, folder, Workers(1))
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("toy")
    write_toy(folder, SHORT)
    write_data(folder)
    return folder


@pytest.fixture(scope="module")
def runs(folder) -> Path:
    """Where a run by one worker left its parts; its tables lie beside the model."""
    evaluate("toy", folder, folder / "runs", REQUEST, folder=folder, workers=ONE)
    return folder / "runs"


@pytest.fixture(scope="module")
def evidence(folder, runs) -> Evidence:
    found = read_evidence("toy", folder)
    assert found is not None
    return found


def bytes_of_tables(folder: Path) -> dict[str, bytes]:
    return {name: (folder / "evidence" / f"{name}.parquet").read_bytes() for name in TABLES}


def drawn(folder: Path):
    """The model, the cases and the named classes that REQUEST leads to."""
    bundle = load_bundle("toy", folder)
    beats = BeatTestSet.read(bundle, folder)
    cases = beats.cases(draw_evenly(beats.labels, beats.patients, REQUEST.beats, REQUEST.seed))
    targets = [bundle.classes[index] for index in compute_scores(bundle, cases.values).argmax(axis=1)]
    return bundle, cases, targets


def test_figures_are_means_over_the_cases_of_what_each_explanation_does(folder, evidence):
    bundle, cases, targets = drawn(folder)
    explained = explain_many(bundle, cases.values, "derivative", targets)
    saliences = np.stack([own.values for own in explained])
    found = measure_faithfulness(bundle, cases.values, saliences, targets, "mean")
    for name in ("all", *set(cases.labels)):
        own = [one for one, label in zip(found, cases.labels, strict=True) if name in ("all", label)]
        measures = evidence.measures.query("technique == 'derivative' and fill == 'mean' and `class` == @name")
        value = measures.set_index("measure")["value"]
        assert value["area"] == pytest.approx(np.mean([one.area for one in own]), abs=1e-5)
        assert measures["n"].tolist() == [len(own)] * 3
        curve = evidence.curves.query("technique == 'derivative' and fill == 'mean' and `class` == @name")
        np.testing.assert_allclose(curve["alpha"], THRESHOLDS, atol=1e-6)
        np.testing.assert_allclose(curve["drop"], np.mean([one.drops for one in own], axis=0), atol=1e-5)


def test_a_technique_that_deletes_uses_the_baseline_of_the_measure(folder, evidence):
    bundle, cases, targets = drawn(folder)
    for fill, told in (("mean", "mean"), (0.0, "0")):
        explained = explain_many(bundle, cases.values, "occlusion", targets, OcclusionParameters(fill=fill))
        saliences = np.stack([own.values for own in explained])
        expected = np.mean([own.area for own in measure_faithfulness(bundle, cases.values, saliences, targets, fill)])
        measures = evidence.measures.query(f"technique == 'occlusion' and fill == '{told}' and `class` == 'all'")
        assert measures.set_index("measure")["value"]["area"] == pytest.approx(expected, abs=1e-4)


def test_both_controls_stand_beside_the_techniques(folder, evidence):
    bundle, cases, targets = drawn(folder)
    assert set(evidence.curves["technique"]) == {"derivative", "occlusion", "random", "around R"}
    saliences = np.broadcast_to(make_anchor_control(bundle, 36), cases.values.shape)
    expected = np.mean([own.area for own in measure_faithfulness(bundle, cases.values, saliences, targets, 0.0)])
    measures = evidence.measures.query("technique == 'around R' and fill == '0' and `class` == 'all'")
    assert measures.set_index("measure")["value"]["area"] == pytest.approx(expected, abs=1e-5)


def test_differences_from_a_control_are_taken_window_by_window(folder, runs, tmp_path, monkeypatch):
    # The three patients of the toy have no intervals otherwise.
    monkeypatch.setattr(cluster_bootstrap, "_LEAST_PATIENTS", 3)
    evidence = evaluate("toy", folder, runs, REQUEST, tmp_path, folder, workers=None)
    bundle, cases, targets = drawn(folder)

    def measured(saliences):
        found = measure_faithfulness(bundle, cases.values, saliences, targets, "mean")
        return np.array([one.comprehensiveness for one in found])

    explained = explain_many(bundle, cases.values, "derivative", targets)
    beyond = measured(np.stack([own.values for own in explained]))
    beyond = beyond - measured(np.broadcast_to(make_anchor_control(bundle, 36), cases.values.shape))
    measures = evidence.measures.query("fill == 'mean' and `class` == 'all' and measure == 'comprehensiveness'")
    row = measures.set_index("technique").loc["derivative"]
    bounds = bootstrap_means(beyond[:, np.newaxis], cases.patients)
    told = (row["over_around_r"], row["over_around_r_low"], row["over_around_r_high"])
    assert told == pytest.approx((beyond.mean(), bounds.low[0], bounds.high[0]), abs=1e-5)
    assert bounds.low[0] < beyond.mean() < bounds.high[0]


def test_a_control_is_not_compared_with_itself(evidence):
    measures = evidence.measures.set_index("technique")
    assert measures.loc["random", "over_random"].isna().all()
    assert measures.loc["around R", "over_around_r"].isna().all()
    assert measures.loc["around R", "over_random"].notna().all()


def test_shares_are_of_correctly_classified_beats(folder, evidence):
    bundle, cases, targets = drawn(folder)
    right = np.array(targets) == cases.labels
    assert 0 < right.sum() < len(cases)
    explained = explain_many(bundle, cases.values, "derivative", targets)
    shares = [
        compute_wave_shares(own.values, marks).of_salience["QRS"]
        for own, marks, is_right in zip(explained, cases.marks, right, strict=True)
        if is_right
    ]
    told = [share for share in shares if share is not None]
    (row,) = evidence.shares.query("technique == 'derivative' and `class` == 'all' and segment == 'QRS'").itertuples()
    assert row.n == len(told)
    assert row.share == pytest.approx(np.mean(told), abs=1e-5)


def test_beats_are_counted_by_class_with_patients_and_correct_predictions(folder, evidence):
    _, cases, targets = drawn(folder)
    rows = evidence.beats.set_index("class")
    assert rows.loc["all", ["patients", "beats"]].tolist() == [3, 70]
    for name in set(cases.labels):
        own = cases.labels == name
        right = sum(target == name for target, is_own in zip(targets, own, strict=True) if is_own)
        assert rows.loc[name].tolist() == [len(set(cases.patients[own])), own.sum(), right]


def test_randomisation_and_stability_are_of_the_subset(evidence):
    assert set(evidence.sanity["technique"]) == {"derivative", "occlusion", "random"}
    assert set(evidence.sanity["stage"]) == {1, 2, 3}
    assert evidence.sanity.query("technique == 'random'")["correlation"].tolist() == [1.0, 1.0, 1.0]
    assert set(evidence.verdicts["n"]) == {5}
    assert evidence.verdicts.groupby("technique")["share"].sum().tolist() == pytest.approx([1.0, 1.0, 1.0])
    shifts = evidence.stability.query("technique == 'random' and variation == 'shift'")
    assert shifts["n"].tolist() == [20]
    assert abs(shifts["correlation"].iloc[0]) < 0.2


def test_the_evidence_describes_the_evaluation(folder, evidence):
    bundle, cases, _ = drawn(folder)
    about = evidence.about
    assert (about["model"], about["model_digest"], about["data_digest"]) == ("toy", bundle.digest, cases.digest)
    assert (about["beats"], about["patients"], about["seed"]) == (70, 3, 7)
    assert "--beats 70 --subset 5 --techniques derivative,occlusion,random --fills 0,mean --seed 7" in about["command"]


def test_finished_parts_are_not_repeated(folder, runs, tmp_path):
    told = []
    # No scheduler answers there: a cluster is not even asked for.
    nowhere = Workers(scheduler="tcp://127.0.0.1:1")
    evaluate("toy", folder, runs, REQUEST, tmp_path, folder, nowhere, lambda *step: told.append(step))
    assert len(told) == 1
    assert told[0][0] == told[0][1] > 0
    assert bytes_of_tables(tmp_path) == bytes_of_tables(folder / "toy")


def test_tables_can_be_made_of_finished_parts_alone(folder, runs, tmp_path):
    shutil.copytree(runs, tmp_path / "runs")
    asked = replace(REQUEST, fills=(*REQUEST.fills, "0.5"))
    evidence = evaluate("toy", folder, tmp_path / "runs", asked, tmp_path, folder, workers=None)
    assert set(evidence.measures["fill"]) == {"0", "mean"}
    assert evidence.measures.equals(evaluate("toy", folder, runs, REQUEST, tmp_path, folder, workers=None).measures)
    assert evidence.about["unfinished"] == [
        "around R, faithfulness, 0.5",
        "derivative, faithfulness, 0.5",
        "occlusion, faithfulness, 0.5",
        "occlusion, salience",
        "random, faithfulness, 0.5",
    ]


def test_the_seconds_are_of_all_parts_whenever_they_were_computed(folder, runs, evidence, tmp_path):
    again = evaluate("toy", folder, runs, REQUEST, tmp_path, folder, workers=None)
    assert again.about == evidence.about
    assert 0.0 < again.about["seconds"] < 600.0


def test_two_workers_give_the_same_figures_when_one_is_killed(folder, runs, tmp_path):
    killed = []

    def kill_one_worker(done: int, parts: int, last: str) -> None:
        if done == 2:
            killed.append(multiprocessing.active_children()[0].pid)
            os.kill(killed[0], signal.SIGKILL)

    evaluate("toy", folder, tmp_path / "runs", REQUEST, tmp_path, folder, TWO, kill_one_worker)
    assert len(killed) == 1
    assert bytes_of_tables(tmp_path) == bytes_of_tables(folder / "toy")
    assert not multiprocessing.active_children()


def test_a_killed_command_leaves_no_process_and_resumes(folder, runs, tmp_path):
    script = tmp_path / "run.py"
    script.write_text(IN_A_PROCESS_OF_ITS_OWN)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = subprocess.Popen(
        [sys.executable, script, folder, tmp_path / "runs"], env=environment, start_new_session=True
    )
    while len(list(tmp_path.glob("runs/*/*.parquet"))) < 3:
        assert command.poll() is None
        time.sleep(0.01)
    command.kill()
    command.wait()
    wait_until_none_is_left(command.pid)
    kept = {path: path.stat().st_mtime_ns for path in tmp_path.glob("runs/*/*.parquet")}
    told = []
    evaluate("toy", folder, tmp_path / "runs", REQUEST, tmp_path, folder, ONE, lambda *step: told.append(step))
    assert 3 <= told[0][0] == len(kept) < told[0][1]
    assert {path: path.stat().st_mtime_ns for path in kept} == kept
    assert bytes_of_tables(tmp_path) == bytes_of_tables(folder / "toy")


def wait_until_none_is_left(session: int) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        states = subprocess.run(
            ["ps", "-o", "stat=", "-s", str(session)], capture_output=True, text=True, check=False
        ).stdout.split()
        if all(state.startswith("Z") for state in states):
            return
        time.sleep(0.1)
    pytest.fail("workers are left")


def test_a_scheduler_that_does_not_answer_is_refused(folder, tmp_path):
    with pytest.raises(RecordRefused, match=r"No Dask scheduler answers at tcp://127\.0\.0\.1:1\."):
        evaluate("toy", folder, tmp_path, REQUEST, tmp_path, folder, Workers(scheduler="tcp://127.0.0.1:1"))


def test_a_scheduler_without_workers_is_refused(folder, tmp_path):
    from distributed import LocalCluster

    with (
        LocalCluster(n_workers=0, dashboard_address="127.0.0.1:0") as cluster,
        pytest.raises(RecordRefused, match=r"has no workers\. Start some"),
    ):
        evaluate("toy", folder, tmp_path, REQUEST, tmp_path, folder, Workers(scheduler=cluster.scheduler_address))
