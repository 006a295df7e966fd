from dataclasses import replace

import pytest
import torch

from backend.models.network.ensemble import merge_networks
from backend.models.network.lstm import Architecture, ScoringLSTM

SHAPE = Architecture(variables=3, classes=2, hidden=5, steps_per_read=2, pooling="mean")


def networks(shape: Architecture, n: int) -> list[ScoringLSTM]:
    torch.manual_seed(0)
    return [ScoringLSTM(shape).eval() for _ in range(n)]


@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("pooling", ["mean", "last"])
def test_the_merged_network_scores_every_prefix_as_the_mean_of_its_members(layers, pooling):
    members = networks(replace(SHAPE, layers=layers, pooling=pooling), 4)
    whole = merge_networks(members)
    values = torch.randn(7, 12, 3)
    with torch.inference_mode():
        mean = torch.stack([member.prefix_scores(values) for member in members]).mean(dim=0)
        torch.testing.assert_close(whole.prefix_scores(values), mean, rtol=0, atol=1e-6)
        torch.testing.assert_close(whole(values), mean[:, -1], rtol=0, atol=1e-6)
    assert whole.architecture.hidden == 20


def test_no_weight_leads_from_one_member_to_another():
    whole = merge_networks(networks(SHAPE, 2))
    for gate in whole.lstm.weight_hh_l0.chunk(4):
        assert not gate[:5, 5:].any()
        assert not gate[5:, :5].any()
        assert gate[:5, :5].all()


def test_networks_of_different_architectures_are_refused():
    with pytest.raises(ValueError, match="one architecture"):
        merge_networks([ScoringLSTM(SHAPE), ScoringLSTM(replace(SHAPE, hidden=4))])
    with pytest.raises(ValueError, match="one architecture"):
        merge_networks([])
