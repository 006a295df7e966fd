import threading

import pytest
import torch

from backend.explain.backpropagation import quick_backpropagation


@pytest.fixture
def two_threads():
    usual = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(usual)


def denormals_are_flushed():
    return bool(torch.full((), 1e-38) * 1e-2 == 0)


@pytest.mark.parametrize("before", [True, False])
def test_denormal_numbers_are_flushed_for_a_while_only(before):
    torch.set_flush_denormal(before)
    try:
        with quick_backpropagation():
            assert denormals_are_flushed()
        assert denormals_are_flushed() is before
    finally:
        torch.set_flush_denormal(False)


@pytest.mark.usefixtures("two_threads")
def test_torch_has_its_threads_back_even_after_a_failure():
    def fail():
        with quick_backpropagation():
            seen.append(torch.get_num_threads())
            raise ZeroDivisionError

    seen = []
    with pytest.raises(ZeroDivisionError):
        fail()
    assert [*seen, torch.get_num_threads()] == [1, 2]


@pytest.mark.usefixtures("two_threads")
def test_torch_has_its_threads_back_when_two_worked_at_once():
    inside, go_on, seen = threading.Event(), threading.Event(), []

    def second():
        with quick_backpropagation():
            inside.set()
            go_on.wait(10)
        seen.append(torch.get_num_threads())

    other = threading.Thread(target=second)
    with quick_backpropagation():
        other.start()
        assert inside.wait(10)
    go_on.set()
    other.join(10)
    new = threading.Thread(target=lambda: seen.append(torch.get_num_threads()))
    new.start()
    new.join(10)
    assert [torch.get_num_threads(), *seen] == [2, 2, 2]
