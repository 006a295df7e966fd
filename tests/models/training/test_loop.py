from dataclasses import replace

import numpy as np
import pytest
import torch

from backend.models.network.lstm import Architecture, ScoringLSTM, score_with_features
from backend.models.training.beats.beat_inputs import Augmentation, allowed_classes, beat_examples, compose_inputs
from backend.models.training.beats.ecg_beat import ECG_BEAT
from backend.models.training.beats.labelled_beats import LabelledBeats
from backend.models.training.examples import Examples, one_class
from backend.models.training.loop import History, Plan, train_network
from backend.records.record import RecordRefused
from backend.windows.beats.beat_windows import BeatWindow
from tests.models.made_databases import simulated_beats

CLASSES = ("normal", "atrial premature", "PVC")
LONE = BeatWindow()
IN_CONTEXT = ECG_BEAT.window
SMALL = Architecture(variables=1, classes=3, hidden=4, steps_per_read=6, dropout=0.2)
SMALL_IN_CONTEXT = replace(SMALL, variables=len(IN_CONTEXT.variables), pooling="mean")
PLAN = Plan(
    epochs=3,
    batch=16,
    decay=0.5,
    draw={"normal": 20, "PVC": 20},
    averaging=0.9,
    max_gradient=1.0,
    augmentation=Augmentation(),
    seed=5,
)


def beats_of(name: str, window: BeatWindow = IN_CONTEXT, n: int = 60) -> LabelledBeats:
    beats = simulated_beats(name, window=window)
    return beats.select((np.arange(len(beats)) < n) & np.isin(beats.labels, CLASSES))


def trained(
    checkpoint,
    plan: Plan = PLAN,
    architecture: Architecture = SMALL_IN_CONTEXT,
    window: BeatWindow = IN_CONTEXT,
    progress=lambda line: None,
):
    training, validation = beats_of("sim_bigeminy", window), beats_of("sim_ventricular_premature", window)
    return train_network(
        beat_examples(training, CLASSES, window, plan),
        (compose_inputs(validation, window), allowed_classes(validation.labels, CLASSES)),
        architecture,
        plan,
        checkpoint,
        progress,
    )


class Interrupted(Exception):
    """What ends a training before its time."""


def interrupt(line: str) -> None:
    raise Interrupted(line)


def same_weights(one: ScoringLSTM, other: ScoringLSTM) -> bool:
    theirs = other.state_dict()
    return all(torch.equal(weights, theirs[name]) for name, weights in one.state_dict().items())


def test_an_interrupted_and_resumed_training_gives_the_same_network_bit_for_bit(tmp_path):
    whole, whole_history = trained(tmp_path / "whole.pt")
    for _ in range(2):
        with pytest.raises(Interrupted):
            trained(tmp_path / "interrupted.pt", progress=interrupt)
    resumed, history = trained(tmp_path / "interrupted.pt")
    assert same_weights(resumed, whole)
    assert history == whole_history
    assert len(history.training) == 3


def test_a_longer_training_continues_a_shorter_one(tmp_path):
    plan = replace(PLAN, decay=0.0)
    whole, whole_history = trained(tmp_path / "whole.pt", plan)
    for epochs in (1, 3):
        longer, history = trained(tmp_path / "longer.pt", replace(plan, epochs=epochs))
    assert same_weights(longer, whole)
    assert history == whole_history


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
        (replace(PLAN, learning_rate=0.01), SMALL_IN_CONTEXT),
        (replace(PLAN, augmentation=None), SMALL_IN_CONTEXT),
        (replace(PLAN, seed=6), SMALL_IN_CONTEXT),
        (PLAN, replace(SMALL_IN_CONTEXT, hidden=8)),
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
        scores = network(torch.from_numpy(compose_inputs(validation, IN_CONTEXT)))
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


def plainly_trained(plan: Plan, architecture: Architecture, loss_of, rates=(0.001, 0.001)) -> ScoringLSTM:
    """The training loop written out for all beats of one record, two epochs of batches of 16."""
    training = beats_of("sim_bigeminy", LONE)
    values = torch.from_numpy(compose_inputs(training, LONE))
    targets = torch.tensor([CLASSES.index(label) for label in training.labels])
    torch.manual_seed(plan.seed)
    plain = ScoringLSTM(architecture)
    optimizer = torch.optim.Adam(plain.parameters(), lr=0.001, weight_decay=0.001)
    for epoch, rate in enumerate(rates, start=1):
        optimizer.param_groups[0]["lr"] = rate
        order = np.random.default_rng((plan.seed, epoch)).permutation(len(training))
        for start in range(0, len(order), 16):
            chosen = order[start : start + 16]
            optimizer.zero_grad()
            loss_of(plain, values[chosen], targets[chosen]).backward()
            if plan.max_gradient:
                norm = torch.sqrt(sum((own.grad**2).sum() for own in plain.parameters()))
                for own in plain.parameters():
                    own.grad *= min(1.0, float(plan.max_gradient / norm))
            optimizer.step()
    return plain


def cross_entropy(network, values, targets):
    return torch.nn.functional.cross_entropy(network(values), targets)


def smoothed_cross_entropy(network, values, targets):
    return torch.nn.functional.cross_entropy(network(values), targets, label_smoothing=0.1)


def with_prefixes(network, values, targets):
    reads = values.shape[1] // SMALL.steps_per_read
    prefixes = [values[:, : SMALL.steps_per_read * (read + 1)] for read in range(reads)]
    losses = [cross_entropy(network, prefix, targets) for prefix in prefixes]
    return 0.7 * losses[-1] + 0.3 * torch.stack(losses).mean()


@pytest.mark.parametrize(
    ("changed", "loss_of", "rates"),
    [
        ({}, cross_entropy, (0.001, 0.001)),
        ({"replication": 0.3}, with_prefixes, (0.001, 0.001)),
        ({"label_smoothing": 0.1}, smoothed_cross_entropy, (0.001, 0.001)),
        ({"decay": 1.0}, cross_entropy, (0.001, 0.0005)),
        ({"max_gradient": 0.01}, cross_entropy, (0.001, 0.001)),
    ],
    ids=["plain", "replication", "smoothing", "decay", "max_gradient"],
)
def test_without_averaging_and_augmentation_the_loop_is_adam_on_the_cross_entropy(tmp_path, changed, loss_of, rates):
    plan = Plan(epochs=2, batch=16, weight_decay=0.001, averaging=0.0, seed=5, **changed)
    architecture = replace(SMALL, dropout=0.0)
    network, history = trained(tmp_path / "run.pt", plan, architecture, LONE)
    plain = plainly_trained(plan, architecture, loss_of, rates)
    assert history.best_epoch == 2
    for name, weights in plain.state_dict().items():
        torch.testing.assert_close(network.state_dict()[name], weights, rtol=0, atol=1e-6)


def test_the_learning_rate_falls_over_the_last_share_of_the_epochs(tmp_path, monkeypatch):
    rates = []
    step = torch.optim.Adam.step

    def noted(self, *given):
        rates.append(self.param_groups[0]["lr"])
        return step(self, *given)

    monkeypatch.setattr(torch.optim.Adam, "step", noted)
    plan = replace(PLAN, epochs=5, decay=0.6, learning_rate=0.3, batch=40, patience=9)
    trained(tmp_path / "run.pt", plan)
    assert rates == pytest.approx([0.3, 0.3, 0.3, 0.2, 0.1])


def test_training_learns_to_distinguish_a_broad_early_beat_from_a_normal_one(tmp_path):
    plan = replace(PLAN, epochs=8, learning_rate=0.02, augmentation=None, averaging=0.0)
    network, history = trained(tmp_path / "run.pt", plan)
    validation = beats_of("sim_ventricular_premature")
    scores, _ = score_with_features(network, compose_inputs(validation, IN_CONTEXT))
    is_correct = np.array(CLASSES)[scores.argmax(axis=1)] == validation.labels
    assert is_correct.mean() > 0.9
    assert history.training[-1] < history.training[0]


def test_scores_and_features_come_in_batches_as_from_the_network_at_once():
    torch.manual_seed(0)
    network = ScoringLSTM(SMALL).eval()
    values = compose_inputs(beats_of("sim_bigeminy", LONE), LONE)
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


T, N, C = 6, 48, 4
VALUES = np.random.default_rng(0).normal(size=(N, T, 2)).astype(np.float32)
TINY = Architecture(variables=2, classes=C, hidden=3, dropout=0.0)


def first_losses(tmp_path, allowed: np.ndarray, **changed) -> tuple[float, float, np.ndarray]:
    """Training and validation loss of a network that does not learn, and the probabilities that it gives (n, C)."""
    examples = Examples(allowed, lambda indices, rng: (VALUES[indices], allowed[indices]), lambda rng: np.arange(N))
    plan = Plan(epochs=1, batch=N, learning_rate=0.0, weight_decay=0.0, **changed)
    network, history = train_network(examples, (VALUES, allowed), TINY, plan, tmp_path / "run.pt")
    scores, _ = score_with_features(network, VALUES)
    exponentials = np.exp(scores.astype(np.float64))
    return history.training[0], history.validation[0], exponentials / exponentials.sum(axis=1, keepdims=True)


def test_the_loss_of_a_label_that_leaves_several_classes_open_is_that_of_their_summed_probability(tmp_path):
    allowed = one_class(np.arange(N) % C, C)
    allowed[::3] = (1, 1, 1, 0)
    allowed[1::6] = (0, 1, 0, 1)
    training, validation, probabilities = first_losses(tmp_path, allowed)
    expected = -np.log((probabilities * allowed).sum(axis=1))
    assert training == pytest.approx(expected.mean(), rel=1e-5)
    assert validation == pytest.approx(expected.mean(), rel=1e-5)


def test_a_label_that_leaves_every_class_open_costs_nothing(tmp_path):
    training, _, _ = first_losses(tmp_path, np.ones((N, C), dtype=np.float32))
    assert training == pytest.approx(0.0, abs=1e-6)


def test_smoothing_adds_the_mean_cross_entropy_over_all_classes(tmp_path):
    allowed = one_class(np.arange(N) % C, C)
    allowed[::3] = (1, 1, 1, 0)
    training, validation, probabilities = first_losses(tmp_path, allowed, label_smoothing=0.2)
    own = -np.log((probabilities * allowed).sum(axis=1))
    assert training == pytest.approx((0.8 * own - 0.2 * np.log(probabilities).mean(axis=1)).mean(), rel=1e-5)
    assert validation == pytest.approx(own.mean(), rel=1e-5)


def test_the_balanced_validation_loss_is_the_mean_over_labels_and_an_open_label_is_one_of_them(tmp_path):
    allowed = one_class(np.minimum(np.arange(N) // 16, 1), C)
    allowed[40:] = (1, 1, 1, 0)
    _, validation, probabilities = first_losses(tmp_path, allowed, balanced_validation=True)
    losses = -np.log((probabilities * allowed).sum(axis=1))
    expected = np.mean([losses[:16].mean(), losses[16:40].mean(), losses[40:].mean()])
    assert validation == pytest.approx(expected, rel=1e-5)


def test_beats_whose_conduction_is_open_are_told_apart_by_those_of_known_conduction(tmp_path):
    # Normal beats have a level of 0.2, LBBB of 1, RBBB of -1; half of each are labelled as any of the three. PVC: 2.
    levels = np.tile([0.2, 1.0, -1.0, 2.0], N // 4)
    values = np.repeat(levels[:, np.newaxis, np.newaxis], T, axis=1).astype(np.float32)
    values += np.random.default_rng(1).normal(0, 0.05, values.shape).astype(np.float32)
    allowed = one_class(np.arange(N) % 4, 4)
    is_open = (np.arange(N) >= N // 2) & (np.arange(N) % 4 < 3)
    allowed[is_open] = (1, 1, 1, 0)
    examples = Examples(allowed, lambda indices, rng: (values[indices], allowed[indices]), lambda rng: np.arange(N))
    plan = Plan(epochs=60, batch=16, learning_rate=0.05, weight_decay=0.0, patience=60)
    network, _ = train_network(examples, (values, allowed), replace(TINY, variables=1), plan, tmp_path / "run.pt")
    scores, _ = score_with_features(network, values)
    assert (scores.argmax(axis=1)[is_open] == (np.arange(N) % 4)[is_open]).all()
