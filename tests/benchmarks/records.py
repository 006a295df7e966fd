"""How fast a 30-minute record becomes classified beats, against the sum of the same steps done by hand."""

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
import wfdb
from biosppy.signals.ecg import correct_rpeaks, hamilton_segmenter
from biosppy.signals.tools import filter_signal

from backend.models.bundle import Bundle, bundle_names, load_bundle
from backend.models.classification import classify_beats
from backend.records.opening import open_record
from backend.simulate.ecg.heart import simulate
from backend.simulate.ecg.rhythm import Stretch
from backend.simulate.wfdb_files import write_record
from backend.windows.beats.detection import find_beats
from tests.benchmarks.rows import Row

__all__ = ["run"]

_MINUTES = 30
_ROUNDS = 5
_MOST = 1.5


def run() -> list[Row]:
    """From file to classified beats, for each bundle, on a simulated record of two leads."""
    plan = (
        Stretch(60.0 * _MINUTES, rate_per_min=75, irregularity=0.04, extra=dict.fromkeys(range(10, 1790, 20), "V")),
    )
    with tempfile.TemporaryDirectory() as folder:
        write_record(simulate(plan, seed=30), "half_hour", ("Half an hour for the benchmark.",), Path(folder))
        path = Path(folder) / "half_hour"
        return [_beats_found(path), *(_against_by_hand(load_bundle(name), path) for name in bundle_names("beat"))]


def _beats_found(path: Path) -> Row:
    record = open_record(path)
    ours, peer = [], []
    for _ in range(_ROUNDS):
        ours.append(_seconds(lambda: find_beats(record, detector="hamilton")))
        peer.append(_seconds(lambda: find_beats(record, detector="biosppy")))
    ours_s, peer_s = statistics.median(ours), statistics.median(peer)
    return Row(f"{_MINUTES} min, times faster to its beats than BioSPPy", ours_s, peer_s, peer_s / ours_s, "at least 2")


def _against_by_hand(bundle: Bundle, path: Path) -> Row:
    ours, by_hand = [], []
    for _ in range(_ROUNDS):
        ours.append(_seconds(lambda: classify_beats(bundle, open_record(path))))
        by_hand.append(_seconds(lambda: _by_hand(bundle, path)))
    ours_s, peer_s = statistics.median(ours), statistics.median(by_hand)
    return Row(
        f"{_MINUTES} min to classified beats, {bundle.name}", ours_s, peer_s, ours_s / peer_s, f"at most {_MOST}"
    )


def _by_hand(bundle: Bundle, path: Path) -> np.ndarray:
    """Read, filter each lead that the model reads, detect, cut, one pass of the network: nothing else."""
    record = wfdb.rdrecord(str(path))
    rate = record.fs
    leads = [
        filter_signal(
            record.p_signal[:, lead],
            ftype="FIR",
            band="bandpass",
            order=int(0.3 * rate),
            frequency=[3, 45],
            sampling_rate=rate,
        )["signal"]
        for lead in range(min(record.n_sig, bundle.window.n_leads))
    ]
    finds = hamilton_segmenter(signal=leads[0], sampling_rate=rate)["rpeaks"]
    peaks = correct_rpeaks(signal=leads[0], rpeaks=finds, sampling_rate=rate, tol=0.05)["rpeaks"]
    window = bundle.window
    first = peaks - window.steps_before * window.stride
    first = first[(first >= 0) & (first + window.steps * window.stride <= record.sig_len)]
    values = np.zeros((len(first), window.steps, len(window.variables)), dtype=np.float32)
    for position, lead in enumerate(leads):
        values[:, :, position] = lead[first[:, np.newaxis] + window.stride * np.arange(window.steps)]
    with torch.inference_mode():
        return bundle.network(torch.from_numpy(values)).numpy()


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
