"""How fast an alarm and a stay are explained, variable by variable, beside Captum in the same run.

Captum deletes one thing an evaluation and sets it to a constant; ours computes anew what the model would have read
without the values. Times are for a thousand deletions, so that what is deleted at once does not matter.
"""

import numpy as np
import torch
from captum.attr import FeatureAblation, Occlusion

from backend.explain.api import read_parameters
from backend.explain.techniques.occlusion import OcclusionParameters, occlusion
from backend.models.bundle import Bundle, load_bundle
from backend.models.classification import classify_alarms, classify_stay
from backend.records.samples.library import open_sample
from backend.windows.base import columns_of
from tests.benchmarks.explanations import medians
from tests.benchmarks.rows import Row

__all__ = ["run"]

_ROUNDS = 5
_MOST_SECONDS = {"alarm": 3, "stay": 1}


def run() -> list[Row]:
    """All comparisons, with the bundled models on simulated samples."""
    alarm, stay = load_bundle("icu-alarm"), load_bundle("icu-mortality")
    windows = (
        (alarm, classify_alarms(alarm, open_sample("sim_alarm_asystole")).window_of(0)),
        (stay, classify_stay(stay, open_sample("sim_stay_septic_shock")).window_of(0)),
    )
    return [row for bundle, window in windows for row in _compared(bundle, window)]


def _compared(bundle: Bundle, window: np.ndarray) -> list[Row]:
    parameters = read_parameters("occlusion", bundle, {"variables": "each"})
    assert isinstance(parameters, OcclusionParameters)
    values, columns = torch.from_numpy(window[np.newaxis]), columns_of(bundle.window.sources)
    deletions = len(columns) * (len(window) + parameters.width_steps - 1)
    width = parameters.width_steps
    sliding = Occlusion(bundle.network)
    ablation, groups = FeatureAblation(bundle.network), torch.from_numpy(_groups(columns, len(window), width))

    def ours() -> None:
        occlusion(bundle, window, bundle.classes[0], parameters)

    own_s, sliding_s = medians(
        ours, lambda: sliding.attribute(values, sliding_window_shapes=(width, window.shape[1]), target=0), _ROUNDS
    )
    again_s, ablation_s = medians(ours, lambda: ablation.attribute(values, feature_mask=groups, target=0), _ROUNDS)
    name = f"{bundle.kind}, {len(columns)} variables each alone, {width} steps hidden of {len(window)}"
    most = _MOST_SECONDS[bundle.kind]
    per_thousand = 1000 / deletions
    peers = (
        ("Occlusion", own_s, sliding_s * 1000 / (len(window) - width + 1)),
        ("FeatureAblation", again_s, ablation_s * 1000 / int(groups.max() + 1)),
    )
    return [
        Row(f"{name}: seconds for all {deletions} deletions", own_s, float("nan"), own_s, f"at most {most}"),
        *(
            Row(
                f"{bundle.kind}, a thousand deletions, times faster than Captum's {peer}",
                seconds * per_thousand,
                peer_s,
                peer_s / (seconds * per_thousand),
                "at least 1",
            )
            for peer, seconds, peer_s in peers
        ),
    ]


def _groups(columns: np.ndarray, steps: int, width: int) -> np.ndarray:
    """Numbers the stretches of ``width`` steps of each variable, int64, shape = (1, T, D)."""
    stretch = np.arange(steps) // width
    variable = columns.argmax(axis=0)
    return (variable * (stretch.max() + 1) + stretch[:, np.newaxis])[np.newaxis].astype(np.int64)
