import numpy as np
import torch

from backend.explain.techniques.adam import Adam


def test_steps_are_those_of_torch_s_adam():
    rng = np.random.default_rng(0)
    parameter = rng.normal(size=(3, 5)).astype(np.float32)
    theirs = torch.from_numpy(parameter.copy()).requires_grad_()
    peer, ours = torch.optim.Adam([theirs], lr=0.01), Adam(parameter, 0.01)
    for _ in range(50):
        gradient = rng.normal(size=parameter.shape).astype(np.float32)
        theirs.grad = torch.from_numpy(gradient)
        peer.step()
        ours.step(gradient)
    np.testing.assert_allclose(parameter, theirs.detach().numpy(), atol=1e-6)


def test_the_first_step_has_the_length_of_the_learning_rate_whatever_the_gradient():
    parameter = np.zeros(3, dtype=np.float32)
    Adam(parameter, 0.1).step(np.array([1e-3, -50.0, 0.0], dtype=np.float32))
    np.testing.assert_allclose(parameter, [-0.1, 0.1, 0.0], rtol=1e-4)
