import pytest
import torch

from backend.explain.techniques.differentiable import differentiable_output
from tests.toys import toy_beat, toy_bundle


@pytest.mark.parametrize("explained", ["score", "probability"])
def test_torch_derives_it_as_it_would_the_network_itself(explained):
    bundle = toy_bundle(2, steps_per_read=2, pooling="mean", temperature=1.5)
    indices = torch.tensor([2, 0])
    values = torch.stack([torch.from_numpy(toy_beat(12, 2, seed)) for seed in range(2)])
    ours, plain = values.clone().requires_grad_(), values.clone().requires_grad_()
    scores = bundle.network(plain)
    if explained == "probability":
        scores = torch.softmax(scores / 1.5, dim=1)
    expected = scores[range(2), indices]
    outputs = differentiable_output(bundle, explained)(ours, indices)
    (3.0 * outputs[0] + outputs[1] ** 2).backward()
    (3.0 * expected[0] + expected[1] ** 2).backward()
    assert outputs.detach().numpy() == pytest.approx(expected.detach().numpy(), abs=1e-6)
    assert ours.grad.numpy() == pytest.approx(plain.grad.numpy(), abs=1e-6)
