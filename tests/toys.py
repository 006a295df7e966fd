"""Small models whose answers are known by hand, and a beat to read."""

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import torch

from backend.models.bundle import Bundle
from backend.models.network.lstm import Architecture, ScoringLSTM
from backend.models.training.beats.ecg_beat import ECG_BEAT
from backend.records.samples.library import open_sample
from backend.windows.alarms.alarm_windows import AlarmWindow
from backend.windows.base import replace_hidden
from backend.windows.beats.beat_windows import BeatWindow, compose_windows, cut_beats
from backend.windows.beats.detection import find_beats
from backend.windows.beats.rhythm import RHYTHM_VARIABLES
from backend.windows.stay_windows import StayWindow

CLASSES = ("normal", "LBBB", "RBBB", "APC", "PVC", "paced")
IN_CONTEXT = ECG_BEAT.window
"""The window of the default bundle."""
WINDOWS = {len(window.variables): window for window in (BeatWindow(), IN_CONTEXT)}
"""By the number of variables."""
OPEN = 20.0
"""A gate's bias at which it lets all but 2e-9 through; its negative shuts the gate as well."""


@dataclass(frozen=True)
class PlainWindow:
    """Columns of no meaning; ``sources`` says which belong together, and -1 stands for one that was not measured."""

    sources: tuple[str, ...]
    whole_sources: tuple[str, ...] = ()
    steps: int = 12
    kind: ClassVar[str] = "alarm"

    @property
    def variables(self) -> tuple[str, ...]:
        return tuple(f"variable {number}" for number in range(len(self.sources)))

    @property
    def absent(self) -> np.ndarray:
        return np.full(len(self.sources), -1.0, dtype=np.float32)

    def without(self, values: np.ndarray, hidden: np.ndarray) -> np.ndarray:
        return replace_hidden(values, hidden, self.sources, self.absent)


def varying(bundle: Bundle) -> np.ndarray:
    """Which columns are not of a source that is measured once for the whole window, bool, shape = (D,)."""
    return np.array([source not in bundle.window.whole_sources for source in bundle.window.sources])


def packed(
    network: ScoringLSTM,
    temperature: float = 1.0,
    sources: tuple[str, ...] | None = None,
    whole_sources: tuple[str, ...] = (),
) -> Bundle:
    """A bundle around a network, with the first C of CLASSES and a window that fits where one does."""
    variables = network.architecture.variables
    network.eval().requires_grad_(False)
    plain = PlainWindow(sources or tuple(f"source {number}" for number in range(variables)), whole_sources)
    return Bundle(
        name="toy",
        network=network,
        classes=CLASSES[: network.architecture.classes],
        window=plain if sources else WINDOWS.get(variables, plain),
        temperature=temperature,
        certain_from=np.full(network.architecture.classes, 0.7),
        weights=np.ones(network.architecture.classes, dtype=np.float32),
        ood_detector=None,
        card={},
        digest="toy",
    )


def toy_bundle(
    variables: int = 1,
    classes: int = 4,
    hidden: int = 8,
    layers: int = 1,
    steps_per_read: int = 1,
    pooling: str = "last",
    seed: int = 0,
    temperature: float = 1.0,
    sources: tuple[str, ...] | None = None,
    whole_sources: tuple[str, ...] = (),
) -> Bundle:
    """A network with random weights, larger than those it would start training with, so that inputs matter."""
    torch.manual_seed(seed)
    network = ScoringLSTM(Architecture(variables, classes, hidden, layers, steps_per_read, pooling))
    with torch.no_grad():
        for weights in (network.lstm.weight_ih_l0, network.readout.weight):
            weights.mul_(4.0)
    return packed(network, temperature, sources, whole_sources)


def alarm_bundle(seed: int = 0) -> Bundle:
    """A network with random weights that reads alarms as bundled models do."""
    window = AlarmWindow()
    plain = toy_bundle(len(window.variables), classes=2, steps_per_read=2, pooling="mean", seed=seed)
    return replace(plain, window=window, classes=("true alarm", "false alarm"))


def stay_bundle(seed: int = 0) -> Bundle:
    """A network with random weights that reads heart rate, coma scale and age of a stay."""
    quantities = (("HR", "value"), ("HR", "measured"), ("HR", "hours since"), ("GCS", "value"), ("GCS", "measured"))
    window = StayWindow(
        (*quantities, ("Age", "value")), ("HR", "GCS", "Age"), (), (85.0, 11.0, 64.0), (17.0, 4.0, 17.0)
    )
    plain = toy_bundle(len(window.variables), classes=2, seed=seed)
    return replace(plain, window=window, classes=("death", "survival"))


def published_size_bundle(seed: int = 0) -> Bundle:
    """The published network with random weights."""
    return toy_bundle(variables=1, classes=4, hidden=128, seed=seed)


def default_size_bundle(seed: int = 0) -> Bundle:
    """The default network with random weights."""
    return toy_bundle(
        variables=len(IN_CONTEXT.variables), classes=6, hidden=128, steps_per_read=3, pooling="mean", seed=seed
    )


def summing_bundle(
    weights: tuple[float, ...] = (1.0,), sources: tuple[str, ...] | None = None, whole_sources: tuple[str, ...] = ()
) -> Bundle:
    """A network whose score of its first class is the sum over the window of each variable times its weight.

    One unit whose gates are all open adds up its inputs; they are so small inside of it that its tanh are straight.
    The second class always scores 0.
    """
    small = 1e-4
    network = ScoringLSTM(Architecture(variables=len(weights), classes=2, hidden=1))
    with torch.no_grad():
        for part in network.parameters():
            part.zero_()
        network.lstm.weight_ih_l0[2] = small * torch.tensor(weights)
        network.lstm.bias_ih_l0[:] = torch.tensor([OPEN, OPEN, 0.0, OPEN])
        network.readout.weight[0, 0] = 1.0 / small
    return packed(network, sources=sources, whole_sources=whole_sources)


def remembering_bundle() -> Bundle:
    """A network whose score of its first class is the first variable at the one step where the second is 1.

    The second variable opens the input gate, so that nothing else of the first is ever taken up.
    """
    small = 1e-4
    network = ScoringLSTM(Architecture(variables=2, classes=2, hidden=1))
    with torch.no_grad():
        for part in network.parameters():
            part.zero_()
        network.lstm.weight_ih_l0[0, 1] = 2 * OPEN
        network.lstm.weight_ih_l0[2, 0] = small
        network.lstm.bias_ih_l0[:] = torch.tensor([-OPEN, OPEN, 0.0, OPEN])
        network.readout.weight[0, 0] = 1.0 / small
    return packed(network)


def simulated_beat(bundle: Bundle, record: str = "sim_normal", number: int = 5) -> np.ndarray:
    """One beat of a sample record, cut for the bundle, float32, shape = (T, D)."""
    opened = open_sample(record)
    return cut_beats(opened, find_beats(opened), bundle.window).values[number]


def toy_beat(steps: int = 216, variables: int = 1, seed: int = 0) -> np.ndarray:
    """A beat of P, QRS and T with a little noise, float32, shape = (steps, variables), as a window in context has it.

    The first three columns are leads, the next three their difference from a usual beat with a smaller T, the others
    an early beat's rhythm.
    """
    rng = np.random.default_rng(seed)
    phase = np.linspace(-0.2, 0.4, steps)
    usual = _three_leads(phase, t_mv=0.2)
    leads = _three_leads(phase, t_mv=0.35) + rng.normal(0.0, 0.02, usual.shape)
    usual, leads = ((own - leads.mean(axis=0)) / leads.std(axis=0) for own in (usual, leads))
    rhythm = np.linspace(-0.5, 0.6, len(RHYTHM_VARIABLES))
    return compose_windows(leads[np.newaxis], usual[np.newaxis], rhythm[np.newaxis])[0, :, :variables]


def _three_leads(phase: np.ndarray, t_mv: float) -> np.ndarray:
    waves = ((-0.14, 0.15, 0.02), (-0.02, -0.2, 0.008), (0.0, 1.2, 0.011), (0.02, -0.3, 0.009), (0.25, t_mv, 0.04))
    trace = sum(height * np.exp(-0.5 * ((phase - at) / width) ** 2) for at, height, width in waves)
    return np.stack([trace, -0.6 * np.roll(trace, 2), 0.8 * np.roll(trace, 1)], axis=1)
