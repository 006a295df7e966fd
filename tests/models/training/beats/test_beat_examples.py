import numpy as np

from backend.models.training.beats.beat_augmentation import Augmentation, inputs
from backend.models.training.beats.beat_examples import BeatExamples, drawn
from backend.models.training.beats.labelled_beats import LabelledBeats
from backend.windows.beats.beat_windows import BeatWindow
from tests.models.made_databases import labels_alone, simulated_beats

CLASSES = ("normal", "PVC")
WINDOW = BeatWindow(band_hz=(0.5, 45.0), several_leads=True, measurements=True, standardised=True)


def many_beats() -> LabelledBeats:
    """Three patients, two classes, 5 to 200 beats of each."""
    counts = {("a", "N"): 200, ("a", "V"): 5, ("b", "N"): 60, ("c", "V"): 61}
    patients, labels = (np.repeat([key[part] for key in counts], list(counts.values())) for part in (0, 1))
    return labels_alone(patients, labels)


def test_no_patient_and_class_gives_more_beats_to_an_epoch_than_the_bound_and_none_gives_fewer_than_it_can():
    beats = many_beats()
    chosen = drawn(beats, 60, np.random.default_rng(0))
    assert len(set(chosen.tolist())) == len(chosen)
    groups = list(zip(beats.patients[chosen].tolist(), beats.labels[chosen].tolist(), strict=True))
    assert {group: groups.count(group) for group in set(groups)} == {
        ("a", "N"): 60,
        ("a", "V"): 5,
        ("b", "N"): 60,
        ("c", "V"): 60,
    }


def test_each_epoch_draws_other_beats_and_over_many_all_of_them():
    beats, rng = many_beats(), np.random.default_rng(0)
    draws = [set(drawn(beats, 60, rng).tolist()) for _ in range(30)]
    assert draws[0] != draws[1]
    assert set.union(*draws) == set(range(len(beats)))


def test_without_a_bound_all_beats_are_drawn():
    assert drawn(many_beats(), None, np.random.default_rng(0)).tolist() == list(range(326))


def test_targets_are_numbered_as_the_classes_stand():
    beats = simulated_beats("sim_bigeminy")
    values, targets = BeatExamples(beats, CLASSES, WINDOW).whole()
    assert [CLASSES[target] for target in targets] == beats.labels.tolist()
    np.testing.assert_array_equal(values, inputs(beats, WINDOW))


def test_a_batch_is_changed_at_random_only_where_that_is_asked_for():
    beats = simulated_beats("sim_bigeminy")
    chosen = np.array([3, 1, 4])
    plain, targets = BeatExamples(beats, CLASSES, WINDOW).batch(chosen, np.random.default_rng(0))
    np.testing.assert_array_equal(plain, inputs(beats.only(chosen), WINDOW))
    changing = BeatExamples(beats, CLASSES, WINDOW, augmentation=Augmentation())
    changed, same_targets = changing.batch(chosen, np.random.default_rng(0))
    assert not np.array_equal(changed, plain)
    assert same_targets.tolist() == targets.tolist()
