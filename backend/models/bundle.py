"""A trained model on disk: ``weights.safetensors`` and ``card.json`` in one folder."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from backend.models.calibration.certainty import certain_thresholds
from backend.models.calibration.prefixes import PrefixCalibration
from backend.models.network.lstm import Architecture, ScoringLSTM
from backend.models.out_of_distribution import Detector, OODDetector
from backend.models.outlier_network import OutlierNetwork
from backend.records.record import RecordRefused
from backend.windows.base import WindowKind
from backend.windows.window_types import window_type

__all__ = [
    "BUNDLES",
    "DEFAULT_BUNDLE",
    "SETTINGS",
    "Bundle",
    "bundle_names",
    "load_bundle",
    "model_digest",
    "save_bundle",
]

BUNDLES = Path(__file__).parent / "bundles"
DEFAULT_BUNDLE = "ecg-beat"

SETTINGS = (
    "architecture",
    "window",
    "classes",
    "temperature",
    "certain_from",
    "weights",
    "death_called_from",
    "prefixes",
    "familiarity",
    "explanation",
)
"""The fields of a card that change a result. A bundle is built from these alone, and its digest covers all of them."""

_OOD_PREFIX = "familiarity."
_CLASS_MEANS = "class_means"


@dataclass(frozen=True, eq=False)
class Bundle:
    """A network with its card.

    Attributes
    ----------
    name : str
    network : ScoringLSTM
        In evaluation mode; its weights need no gradient.
    classes : tuple of str, length C
    window : WindowKind
        How its windows are cut.
    temperature : float
        Divides the scores before the softmax, which calibrates the probabilities (Guo et al. 2017).
    certain_from : float64 array, shape = (C,)
        The weighted probability of each class at or above which a prediction of it is certain; infinite for a class
        whose predictions never are.
    weights : float32 array, shape = (C,)
        The cost of missing each class: the predicted class has the greatest probability times weight.
    ood_detector : Detector or None
    prefixes : PrefixCalibration or None
        The calibration of the class probabilities over time; None leaves them uncalibrated.
    class_means : float32 array, shape = (C, T, D), or None
        The mean training window of each class.
    card : mapping
        All of ``card.json``, for readers; whatever changes a result has an attribute of its own.
    digest : str
        SHA-256 of whatever changes a result (see `model_digest`); part of every result's cache key.
    explanation : mapping of str to float or str
        The model's own defaults for parameters of techniques, by name.
    """

    name: str
    network: ScoringLSTM
    classes: tuple[str, ...]
    window: WindowKind
    temperature: float
    certain_from: np.ndarray
    weights: np.ndarray
    ood_detector: Detector | None
    card: Mapping[str, Any]
    digest: str
    prefixes: PrefixCalibration | None = None
    class_means: np.ndarray | None = None
    explanation: Mapping[str, Any] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """The name of the kind of its windows."""
        return self.window.kind

    def class_index(self, target: str) -> int:
        """Return the position of a class by its name, whatever its case.

        Raises
        ------
        RecordRefused
            If the model has no such class.
        """
        folded = [own.casefold() for own in self.classes]
        if target.casefold() not in folded:
            raise RecordRefused(f"{self.name} has no class {target!r}. Choose one of {', '.join(self.classes)}.")
        return folded.index(target.casefold())


def bundle_names(kind: str | None = None) -> tuple[str, ...]:
    """Return the names of the bundled models, the default first; with ``kind`` those that read its windows."""
    kinds = {path.parent.name: _card_at(path)["window"]["kind"] for path in BUNDLES.glob("*/card.json")}
    names = [name for name in kinds if kind in (None, kinds[name])]
    return tuple(sorted(names, key=lambda name: (name != DEFAULT_BUNDLE, name)))


def _card_at(path: Path) -> dict[str, Any]:
    card: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return card


def load_bundle(name: str = DEFAULT_BUNDLE, folder: Path | None = None) -> Bundle:
    """Return a bundle from its folder.

    Parameters
    ----------
    name : str
    folder : Path, optional
        The folder that holds the bundle's own; by default that of the bundled models.

    Raises
    ------
    RecordRefused
        If the model does not exist or its files cannot be read.
    """
    folder = BUNDLES if folder is None else folder
    if name not in {card.parent.name for card in folder.glob("*/card.json")}:
        known = ", ".join(sorted(card.parent.name for card in folder.glob("*/card.json"))) or "none"
        raise RecordRefused(f"The model {name!r} does not exist. Choose one of: {known}.")
    try:
        return _read(name, folder / name / "weights.safetensors", folder / name / "card.json")
    except (OSError, SafetensorError, ValueError, KeyError, TypeError, RuntimeError) as error:
        reason = str(error).partition("\n")[0]
        raise RecordRefused(f"The model {name} cannot be read ({reason}). Restore its folder.") from error


def _read(name: str, weights_path: Path, card_path: Path) -> Bundle:
    tensors = load_file(weights_path)
    card = _card_at(card_path)
    digest = model_digest(tensors, card)
    settings = _settings(card)
    ood_detector = _ood_detector(tensors, settings)
    class_means = tensors.pop(_CLASS_MEANS).numpy() if _CLASS_MEANS in tensors else None
    network = ScoringLSTM(Architecture(**settings["architecture"]))
    network.load_state_dict(tensors)
    network.eval().requires_grad_(False)
    window = {name: _with_tuples(value) for name, value in settings["window"].items()}
    weights = settings.get("weights", {})
    return Bundle(
        name=name,
        network=network,
        classes=tuple(settings["classes"]),
        window=window_type(window.pop("kind"))(**window),
        temperature=settings["temperature"],
        certain_from=certain_thresholds(settings["certain_from"], settings["classes"]),
        weights=np.array([weights.get(own, 1.0) for own in settings["classes"]], dtype=np.float32),
        ood_detector=ood_detector,
        card=card,
        prefixes=_prefixes(settings),
        class_means=class_means,
        explanation=settings.get("explanation", {}),
        digest=digest,
    )


def _settings(card: Mapping[str, Any]) -> dict[str, Any]:
    return {name: card[name] for name in SETTINGS if name in card}


def model_digest(tensors: Mapping[str, torch.Tensor], card: Mapping[str, Any]) -> str:
    """Return the SHA-256 of all tensors and of the card's `SETTINGS`; prose, figures and training notes do not count.

    Parameters
    ----------
    tensors : mapping of str to tensor
        The content of ``weights.safetensors``.
    card : mapping
    """
    sha = hashlib.sha256(json.dumps(_settings(card), sort_keys=True).encode())
    for name, tensor in sorted(tensors.items()):
        values = tensor.numpy()
        sha.update(f"\n{name} {values.dtype.str} {values.shape}\n".encode())
        sha.update(values.tobytes())
    return sha.hexdigest()


def _prefixes(card: Mapping[str, Any]) -> PrefixCalibration | None:
    fitted = card.get("prefixes")
    if not fitted:
        return None
    return PrefixCalibration(**{name: _with_tuples(fitted[name]) for name in ("slopes", "offsets", "prior")})


def _with_tuples(value: Any) -> Any:
    """Return a value from JSON with tuples for its lists, as frozen dataclasses hold them."""
    return tuple(map(_with_tuples, value)) if isinstance(value, list) else value


def _ood_detector(tensors: dict[str, torch.Tensor], card: Mapping[str, Any]) -> Detector | None:
    """Remove the detector's tensors from ``tensors``, which leaves those of the network, and return the detector."""
    names = [name for name in tensors if name.startswith(_OOD_PREFIX)]
    own = {name.removeprefix(_OOD_PREFIX): tensors.pop(name).numpy() for name in names}
    if not own:
        return None
    limits = {name: _with_tuples(value) for name, value in card["familiarity"].items()}
    if "means" not in own:
        return OutlierNetwork.from_card(own, limits)
    return OODDetector.from_card(own["means"], own["whitening"], own["shapes"], limits)


def save_bundle(
    name: str,
    network: ScoringLSTM,
    ood_detector: Detector | None,
    window: Any,
    card: Mapping[str, Any],
    folder: Path = BUNDLES,
    class_means: np.ndarray | None = None,
) -> None:
    """Write ``weights.safetensors`` and ``card.json``; the card gains the architecture and the window.

    Parameters
    ----------
    window : WindowKind
    class_means : float32 array, shape = (C, T, D), or None
    """
    target = folder / name
    target.mkdir(parents=True, exist_ok=True)
    tensors = {key: value.contiguous() for key, value in network.state_dict().items()}
    if ood_detector is not None:
        for part, values in ood_detector.tensors().items():
            tensors[_OOD_PREFIX + part] = torch.from_numpy(np.ascontiguousarray(values))
        card = {**card, "familiarity": ood_detector.limits_for_card()}
    if class_means is not None:
        tensors[_CLASS_MEANS] = torch.from_numpy(class_means)
    save_file(tensors, target / "weights.safetensors")
    own_window = {"kind": window.kind, **asdict(window)}
    whole = {"name": name, **card, "architecture": asdict(network.architecture), "window": own_window}
    (target / "card.json").write_text(json.dumps(whole, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
