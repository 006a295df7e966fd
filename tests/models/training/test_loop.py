from dataclasses import replace

import numpy as np
import pytest
import torch

from backend.models.network.lstm import Architecture, ScoringLSTM, score_with_features
from backend.models.training.beats.beat_inputs import Augmentation, beat_examples, class_indices, compose_inputs
from backend.models.training.beats.labelled_beats import LabelledBeats
from backend.models.training.loop import History, Plan, train_network
from backend.records.record import RecordRefused
from backend.windows.beats.beat_windows import BeatWindow
from tests.models.made_databases import simulated_beats

CLASSES = ("normal", "PVC")
LONE = BeatWindow()
SEVERAL = BeatWindow(band_hz=(0.5, 45.0), several_leads=True, measurements=True, standardised=True)
SMALL = Architecture(variables=1, classes=2, hidden=4, steps_per_read=6, dropout=0.2)
SMALL_SEVERAL = replace(SMALL, variables=8, pooling="mean")
PLAN = Plan(epochs=3, batch=16, averaging=0.9, beats_per_patient_and_class=20, augmentation=Augmentation(), seed=5)


def beats_of(name: str, n: int = 60) -> LabelledBeats:
    beats = simulated_beats(name)
    return beats.select(np.arange(len(beats)) < n)


def trained(
    checkpoint,
    plan: Plan = PLAN,
    architecture: Architecture = SMALL_SEVERAL,
    window: BeatWindow = SEVERAL,
    progress=lambda line: None,
):
    training, validation = beats_of("sim_bigeminy"), beats_of("sim_ventricular_premature")
    return train_network(
        beat_examples(training, CLASSES, window, plan.beats_per_patient_and_class, plan.augmentation),
        (compose_inputs(validation, window), class_indices(validation, CLASSES)),
        architecture,
        plan,
        checkpoint,
        progress,
    )


def same_weights(one: ScoringLSTM, other: ScoringLSTM) -> bool:
    theirs = other.state_dict()
    return all(torch.equal(weights, theirs[name]) for name, weights in one.state_dict().items())


def test_an_interrupted_and_resumed_training_gives_the_same_network_bit_for_bit(tmp_path):
    whole, whole_history = trained(tmp_path / "whole.pt")
    for epochs in (1, 2, 3):
        resumed, history = trained(tmp_path / "interrupted.pt", replace(PLAN, epochs=epochs))
    assert same_weights(resumed, whole)
    assert history == whole_history
    assert len(history.training) == 3


def test_a_finished_training_is_not_run_again(tmp_path):
    first, _ = trained(tmp_path / "run.pt")
    lines = []
    again, history = trained(tmp_path / "run.pt", progress=lines.append)
    assert lines == []
    assert same_weights(first, again)
    assert len(history.validation) == 3


def test_training_restores_the_thread_s_handling_of_denormals(tmp_path):
    during = []
    trained(tmp_path / "run.pt", progress=lambda line: during.append(bool(torch.full((), 1e-38) * 1e-2 == 0)))
    assert during == [True] * 3
    assert float(torch.full((), 1e-38) * 1e-2) != 0


@pytest.mark.parametrize(
    ("plan", "architecture"),
    [
        (replace(PLAN, learning_rate=0.01), SMALL_SEVERAL),
        (replace(PLAN, augmentation=None), SMALL_SEVERAL),
        (replace(PLAN, seed=6), SMALL_SEVERAL),
        (PLAN, replace(SMALL_SEVERAL, hidden=8)),
    ],
)
def test_a_checkpoint_of_another_plan_or_network_is_refused_rather_than_continued(tmp_path, plan, architecture):
    trained(tmp_path / "run.pt", replace(PLAN, epochs=1))
    with pytest.raises(RecordRefused, match=r"another plan or network\. Remove"):
        trained(tmp_path / "run.pt", plan, architecture)


def test_the_same_seed_gives_the_same_network_and_another_seed_another(tmp_path):
    first, _ = trained(tmp_path / "first.pt")
    same, _ = trained(tmp_path / "same.pt")
    other, _ = trained(tmp_path / "other.pt", replace(PLAN, seed=6))
    assert same_weights(first, same)
    assert not same_weights(first, other)


@pytest.mark.parametrize("balanced", [False, True])
def test_the_network_of_the_epoch_with_the_best_validation_loss_is_kept(tmp_path, balanced):
    # So fast a learning rate makes the loss go up and down.
    plan = replace(PLAN, epochs=6, patience=6, learning_rate=0.3, averaging=0.0, balanced_validation=balanced)
    network, history = trained(tmp_path / "run.pt", plan)
    validation = beats_of("sim_ventricular_premature")
    with torch.inference_mode():
        scores = network(torch.from_numpy(compose_inputs(validation, SEVERAL)))
        targets = torch.tensor([CLASSES.index(label) for label in validation.labels])
        losses = torch.nn.functional.cross_entropy(scores, targets, reduction="none")
    by_class = [losses[targets == target].mean() for target in targets.unique()]
    loss = float(torch.stack(by_class).mean() if balanced else losses.mean())
    assert loss == pytest.approx(min(history.validation), rel=1e-4)
    assert history.validation[history.best_epoch - 1] == min(history.validation)
    assert max(history.validation) > 1.01 * loss


def test_training_stops_after_its_patience_without_a_lower_validation_loss(tmp_path):
    plan = replace(PLAN, epochs=40, patience=2, learning_rate=0.5, averaging=0.0)
    _, history = trained(tmp_path / "run.pt", plan)
    assert len(history.validation) < 40
    assert history.epochs_without_gain == 2


def plainly_trained(plan: Plan, architecture: Architecture, loss_of) -> ScoringLSTM:
    """The training loop written out for all beats of one record, two epochs of batches of 16."""
    training = beats_of("sim_bigeminy")
    values = torch.from_numpy(compose_inputs(training, LONE))
    targets = torch.tensor([CLASSES.index(label) for label in training.labels])
    torch.manual_seed(plan.seed)
    plain = ScoringLSTM(architecture)
    optimizer = torch.optim.Adam(plain.parameters(), lr=0.001, weight_decay=0.001)
    for epoch in (1, 2):
        order = np.random.default_rng((plan.seed, epoch)).permutation(len(training))
        for start in range(0, len(order), 16):
            chosen = order[start : start + 16]
            optimizer.zero_grad()
            loss_of(plain, values[chosen], targets[chosen]).backward()
            optimizer.step()
    return plain


def cross_entropy(network, values, targets):
    return torch.nn.functional.cross_entropy(network(values), targets)


def with_prefixes(network, values, targets):
    reads = values.shape[1] // SMALL.steps_per_read
    prefixes = [values[:, : SMALL.steps_per_read * (read + 1)] for read in range(reads)]
    losses = [cross_entropy(network, prefix, targets) for prefix in prefixes]
    return 0.7 * losses[-1] + 0.3 * torch.stack(losses).mean()


@pytest.mark.parametrize(("replication", "loss_of"), [(0.0, cross_entropy), (0.3, with_prefixes)])
def test_without_averaging_and_augmentation_the_loop_is_adam_on_the_cross_entropy(tmp_path, replication, loss_of):
    plan = Plan(epochs=2, batch=16, weight_decay=0.001, averaging=0.0, replication=replication, seed=5)
    architecture = replace(SMALL, dropout=0.0)
    network, history = trained(tmp_path / "run.pt", plan, architecture, LONE)
    plain = plainly_trained(plan, architecture, loss_of)
    assert history.best_epoch == 2
    for name, weights in plain.state_dict().items():
        torch.testing.assert_close(network.state_dict()[name], weights, rtol=0, atol=1e-6)


def test_training_learns_to_distinguish_a_broad_early_beat_from_a_normal_one(tmp_path):
    plan = replace(PLAN, epochs=8, learning_rate=0.02, augmentation=None, averaging=0.0)
    network, history = trained(tmp_path / "run.pt", plan)
    validation = beats_of("sim_ventricular_premature")
    scores, _ = score_with_features(network, compose_inputs(validation, SEVERAL))
    is_correct = np.array(CLASSES)[scores.argmax(axis=1)] == validation.labels
    assert is_correct.mean() > 0.9
    assert history.training[-1] < history.training[0]


def test_scores_and_features_come_in_batches_as_from_the_network_at_once():
    torch.manual_seed(0)
    network = ScoringLSTM(SMALL).eval()
    values = compose_inputs(beats_of("sim_bigeminy"), LONE)
    scores, features = score_with_features(network, values, batch=7)
    with torch.inference_mode():
        np.testing.assert_allclose(scores, network(torch.from_numpy(values)).numpy(), atol=1e-5)
        np.testing.assert_allclose(features, network.features(torch.from_numpy(values)).numpy(), atol=1e-5)


def test_the_best_epoch_is_counted_from_one():
    assert History().best_epoch == 0
    history = History([1.0, 1.0, 1.0], [0.5, 0.3, 0.4])
    assert history.best_epoch == 2
    assert history.epochs_without_gain == 1


def test_a_checkpoint_holds_no_pickled_objects(tmp_path):
    trained(tmp_path / "run.pt", replace(PLAN, epochs=1))
    assert set(torch.load(tmp_path / "run.pt", weights_only=True)) >= {"network", "optimizer", "best"}
    assert [path.name for path in tmp_path.iterdir()] == ["run.pt"]
