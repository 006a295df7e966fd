import numpy as np

from backend.models.training.beats.ecg_beat import ECG_BEAT
from backend.models.training.beats.protocols.ablations import ablation_figures, withhold

WINDOW = ECG_BEAT.window
LABELS = np.array(["normal", "normal", "PVC", "PVC"])


def made_values() -> np.ndarray:
    """Four windows: PVC have a negative first lead, and a short RR before unless they are interpolated."""
    values = np.ones((4, WINDOW.steps, len(WINDOW.variables)), dtype=np.float32)
    values[2:, :, 0] = -1.0
    values[3, :, WINDOW.variables.index("RR before")] = -1.0
    return values


def by_lead(values: np.ndarray) -> np.ndarray:
    return np.where(values[:, 5, 0] < 0, "PVC", "normal")


def by_rhythm(values: np.ndarray) -> np.ndarray:
    return np.where(values[:, 5, WINDOW.variables.index("RR before")] < 0, "PVC", "normal")


def test_withheld_sources_have_their_absent_values_at_every_step_and_the_others_stay():
    values = made_values()
    withheld = withhold(values, WINDOW, WINDOW.whole_sources)
    is_whole = np.isin(WINDOW.sources, WINDOW.whole_sources)
    assert np.array_equal(withheld[:, :, ~is_whole], values[:, :, ~is_whole])
    assert (withheld[:, :, is_whole] == WINDOW.absent[is_whole]).all()


def test_a_model_of_the_tracing_loses_its_classes_with_flat_leads_alone():
    found = ablation_figures(by_lead, made_values(), LABELS, WINDOW, ("PVC",))
    assert found == {
        "accuracy": 1.0,
        "accuracy_without_measurements": 1.0,
        "accuracy_with_flat_leads": 0.5,
        "morphological_with_flat_leads": 0.0,
        "kept": {
            "PVC": {"beats": 2, "without_measurements": 1.0, "with_flat_leads": 0.0},
            "normal": {"beats": 2, "without_measurements": 1.0, "with_flat_leads": 1.0},
        },
    }


def test_a_model_of_the_rhythm_loses_its_classes_without_the_measurements_alone():
    found = ablation_figures(by_rhythm, made_values(), LABELS, WINDOW, ("PVC",))
    assert (found["accuracy"], found["accuracy_without_measurements"]) == (0.75, 0.5)
    assert found["morphological_with_flat_leads"] == 0.25
    assert found["kept"]["PVC"] == {"beats": 1, "without_measurements": 0.0, "with_flat_leads": 1.0}
