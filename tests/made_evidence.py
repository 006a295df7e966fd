"""Made-up evidence whose findings can be worked out by hand."""

import math

import pandas as pd

from backend.cohort.evidence import Evidence

TECHNIQUES = ("occlusion", "mask", "derivative")
CONTROLS = ("random", "around R")
CLASSES = ("all", "normal", "PVC")
SEGMENTS = {"P": 0.15, "PR": 0.05, "QRS": 0.15, "ST": 0.1, "T": 0.3, "rest": 0.25}

_DROPS = {
    # fill: the drop of each when the most salient is deleted, give or take 0.1.
    "0": {"occlusion": 2.0, "mask": 3.0, "derivative": 0.55, "random": 0.5, "around R": 1.5},
    "mean": {"occlusion": 1.0, "mask": 1.5, "derivative": 0.2, "random": 0.5, "around R": 1.05},
}
_ONCE_RANDOM = {"occlusion": 0.7, "mask": 0.02, "derivative": 0.1}
_ON_QRS = {"occlusion": 0.5, "mask": 0.16, "derivative": 0.05, "random": 0.15, "around R": 0.6}
_VERDICTS = {"occlusion": (0.8, 0.15, 0.05), "mask": (0.3, 0.4, 0.3), "derivative": (0.0, 0.25, 0.75)}
_VARIATIONS = {"occlusion": ("width", "shift"), "mask": ("seed", "l1", "shift"), "derivative": ("shift",)}


def made_evidence(classes: tuple[str, ...] = CLASSES) -> Evidence:
    """With k = 0 and the mean; the mask is best, occlusion fails the sanity check, the derivative is never better."""
    return Evidence(
        curves=_curves(classes),
        measures=_measures(classes),
        shares=_shares(classes),
        sanity=_sanity(),
        stability=_stability(),
        verdicts=_verdicts(),
        beats=pd.DataFrame(
            [(name, 4, 120, 90) for name in classes if name != "all"] + [("all", 7, 240, 180)],
            columns=["class", "patients", "beats", "right"],
        ),
        about={
            "model": "made up",
            "model_digest": "0" * 64,
            "data_digest": "f" * 64,
            "beats": 240,
            "subset": 60,
            "patients": 7,
            "classes": [name for name in classes if name != "all"],
            "seed": 2018,
            "command": "python -m backend evaluate made-up --data DIR",
            "versions": {"python": "3.11"},
            "seconds": 90.0,
        },
    )


def _curves(classes):
    rows = [
        {"technique": name, "fill": fill, "class": one, "alpha": alpha, "drop": drop * alpha * (1 - alpha)}
        | {"low": drop * alpha * (1 - alpha) - 0.05, "high": drop * alpha * (1 - alpha) + 0.05}
        | {"occluded": 1 - alpha, "n": 240}
        for fill, drops in _DROPS.items()
        for one in classes
        for name, drop in drops.items()
        for alpha in (0.0, 0.25, 0.5, 0.75)
    ]
    return pd.DataFrame(rows)


def _measures(classes):
    rows = [
        {"technique": name, "fill": fill, "class": one, "measure": measure}
        | {"value": value, "low": value - 0.1, "high": value + 0.1}
        | _over("over_random", name, drop, "random", drops)
        | _over("over_around_r", name, drop, "around R", drops)
        | {"n": 240}
        for fill, drops in _DROPS.items()
        for one in classes
        for name, drop in drops.items()
        for measure, value in (("comprehensiveness", drop), ("sufficiency", 4 - drop), ("area", drop / 2))
    ]
    return pd.DataFrame(rows)


def _over(column, name, drop, control, drops):
    """The difference from a control, give or take 0.08."""
    beyond = math.nan if name == control else drop - drops[control]
    return {column: beyond, f"{column}_low": beyond - 0.08, f"{column}_high": beyond + 0.08}


def _shares(classes):
    rows = []
    for one in classes:
        for name, on_qrs in _ON_QRS.items():
            for segment, time_share in SEGMENTS.items():
                share = on_qrs if segment == "QRS" else (1 - on_qrs) * time_share / (1 - SEGMENTS["QRS"])
                rows.append(
                    {"technique": name, "class": one, "segment": segment, "share": share, "low": share - 0.02}
                    | {"high": share + 0.02, "time_share": time_share, "n": 240}
                )
    return pd.DataFrame(rows)


def _sanity():
    stages = ("read-out", "and recurrent weights", "and input weights and biases")
    rows = [
        {"technique": name, "stage": stage, "randomised": stages[stage - 1], "n": 60}
        | {"correlation": value, "low": value - 0.05, "high": value + 0.05}
        for name, last in _ONCE_RANDOM.items()
        for stage, value in ((1, 0.9), (2, (0.9 + last) / 2), (3, last))
    ]
    return pd.DataFrame(rows)


def _stability():
    rows = [
        {"technique": name, "variation": kind, "correlation": 0.8, "low": 0.6, "high": 0.95, "n": 60}
        for name, kinds in _VARIATIONS.items()
        for kind in kinds
    ]
    return pd.DataFrame(rows)


def _verdicts():
    kinds = ("stable", "moderately stable", "do not rely on it")
    rows = [
        {"technique": name, "verdict": kind, "share": share, "n": 60}
        for name, shares in _VERDICTS.items()
        for kind, share in zip(kinds, shares, strict=True)
    ]
    return pd.DataFrame(rows)
