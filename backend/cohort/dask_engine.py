"""Parts of a plan done by workers of Dask: of this machine, or of a cluster whose scheduler is running."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from backend.cohort.plan import Part
from backend.records.record import RecordRefused

if TYPE_CHECKING:
    from distributed import Client

__all__ = ["connected", "run_parts"]

_SECONDS_TO_CONNECT = 5

_NO_DASHBOARD = "127.0.0.1:0"
"""Where Dask would show one if bokeh were there: any free port, so that two commands do not want the same one."""

_TASKS_FOR_EACH_WORKER = 2
"""One that is done and one that waits, so that no worker waits for the next."""

_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"), "1")

_LEAVE_INTERRUPTS = "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n"
"""Ctrl-C reaches every process of the terminal: the command alone answers it and ends its workers in order."""


@contextmanager
def connected(workers: int | None = None, scheduler: str | None = None) -> "Iterator[Client]":
    """A client of the scheduler at an address, or of a cluster of processes on this machine that ends with it.

    Local workers compute on one thread each, so that a part's figures hang on nothing but the part.

    Parameters
    ----------
    workers : int or None
        Processes on this machine; None is one for each core.
    scheduler : str or None
        For instance ``tcp://192.0.2.7:8786``.

    Raises
    ------
    RecordRefused
        If no scheduler answers at that address, or it has no workers.
    """
    import dask
    from distributed import Client, LocalCluster

    if scheduler is not None:
        try:
            client = Client(scheduler, timeout=_SECONDS_TO_CONNECT)
        except (OSError, ValueError, TypeError) as error:
            raise RecordRefused(
                f"No Dask scheduler answers at {scheduler}; give an address like tcp://host:8786, or leave out "
                "--scheduler to work on this machine."
            ) from error
        with client:
            _wait_for_a_worker(client, scheduler)
            yield client
        return
    settings = {"distributed.nanny.pre-spawn-environ": _ONE_THREAD, "distributed.worker.preload": [_LEAVE_INTERRUPTS]}
    with (
        dask.config.set(settings),
        LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            processes=True,
            dashboard_address=_NO_DASHBOARD,
            memory_limit=None,
            silence_logs="CRITICAL",
        ) as cluster,
        Client(cluster) as client,
    ):
        yield client


def _wait_for_a_worker(client: "Client", scheduler: str) -> None:
    try:
        client.wait_for_workers(1, timeout=_SECONDS_TO_CONNECT)
    except TimeoutError as error:
        raise RecordRefused(
            f"The scheduler at {scheduler} has no workers; start some in Beatlight's folder with PYTHONPATH=. and "
            "dask worker."
        ) from error


def run_parts(
    client: "Client",
    parts: Sequence[Part],
    work: Callable[[Any], Any],
    task_of: Callable[[Part], Any],
    keep: Callable[[Part, Any], None],
) -> None:
    """Have all parts done, in their order as far as they do not wait for each other.

    Only as many are handed out as keep the workers busy. A part whose worker dies is done anew by another.

    Parameters
    ----------
    client : Client
    parts : sequence of Part
        Those to be done. Who needs the result of another one waits for it if that is among them.
    work : callable
        What a worker does with a task.
    task_of : callable
        What is handed to a worker for a part; called once what the part needs is kept.
    keep : callable
        Called here with each part and what ``work`` gave, as it comes in.

    Raises
    ------
    RecordRefused
        If workers died several times over the same part, the scheduler went away, or the cluster cannot read tasks.
    """
    from distributed import KilledWorker, as_completed
    from distributed.comm import CommClosedError

    waiting = list(parts)
    unfinished = {part.key for part in parts}
    handed_out: dict[Any, Part] = {}
    finished = as_completed()
    try:
        while waiting or handed_out:
            room = _TASKS_FOR_EACH_WORKER * max(sum(client.nthreads().values()), 1) - len(handed_out)
            for part in _ready(waiting, unfinished, room):
                future = client.submit(work, task_of(part), key=part.key, pure=False)
                handed_out[future] = part
                finished.add(future)
            future = next(finished)
            part = handed_out.pop(future)
            keep(part, future.result())
            unfinished.discard(part.key)
    except KilledWorker as error:
        raise RecordRefused(
            "Workers died several times over the same part, perhaps for want of memory; give fewer --workers. The same "
            "command goes on where it was."
        ) from error
    except (ModuleNotFoundError, RuntimeError) as error:
        if not isinstance(error, ModuleNotFoundError) and "deserializ" not in str(error):
            raise
        raise RecordRefused(
            "The cluster does not know Beatlight, or has another version of it; start its scheduler and its workers in "
            "Beatlight's folder with PYTHONPATH=."
        ) from error
    except (CommClosedError, TimeoutError) as error:
        raise RecordRefused(
            "The scheduler does not answer any more; the same command goes on where it was once it does."
        ) from error


def _ready(waiting: list[Part], unfinished: set[str], room: int) -> list[Part]:
    """Take the first parts out of ``waiting`` that need nothing unfinished, as many as there is room for."""
    chosen: list[Part] = []
    for part in waiting:
        if len(chosen) >= room:
            break
        if part.needs not in unfinished:
            chosen.append(part)
    for part in chosen:
        waiting.remove(part)
    return chosen
