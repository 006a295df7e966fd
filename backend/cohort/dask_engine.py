"""Computes the parts of a plan on Dask workers, of this machine or of a running cluster."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from backend.cohort.plan import Part
from backend.records.record import RecordRefused

if TYPE_CHECKING:
    from distributed import Client

__all__ = ["connect", "run_parts"]

_SECONDS_TO_CONNECT = 5

_NO_DASHBOARD = "127.0.0.1:0"
"""Any free port for the dashboard, so that two commands do not compete for one."""

_TASKS_FOR_EACH_WORKER = 2
"""One in progress and one queued, so that no worker idles."""

_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"), "1")

_LEAVE_INTERRUPTS = "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n"
"""Ctrl-C reaches every process of the terminal; only the command handles it, and it shuts its workers down."""


@contextmanager
def connect(workers: int | None = None, scheduler: str | None = None) -> "Iterator[Client]":
    """Yield a client of a running scheduler, or of a local cluster that shuts down afterwards.

    Local workers use one thread each, so that figures do not depend on the number of threads.

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
                f"No Dask scheduler answers at {scheduler}. Give an address like tcp://host:8786, or leave out "
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
            f"The scheduler at {scheduler} has no workers. Start some in Beatlight's folder with PYTHONPATH=. and "
            "dask worker."
        ) from error


def run_parts(
    client: "Client",
    parts: Sequence[Part],
    work: Callable[[Any], Any],
    task_of: Callable[[Part], Any],
    keep: Callable[[Part, Any], None],
) -> None:
    """Compute all parts, in their order as far as their dependencies allow.

    Only as many parts are submitted as keep the workers busy. Another worker repeats a part whose worker dies.

    Parameters
    ----------
    client : Client
    parts : sequence of Part
        The parts to compute. A part waits for the part that it needs, if that is among them.
    work : callable
        Computes a task on a worker.
    task_of : callable
        Returns the task of a part; called once the result that the part needs is kept.
    keep : callable
        Called in this process with each part and its result, as results arrive.

    Raises
    ------
    RecordRefused
        If workers died repeatedly on the same part, the scheduler stopped answering, or the cluster cannot read tasks.
    """
    from distributed import KilledWorker, as_completed
    from distributed.comm import CommClosedError

    waiting = list(parts)
    unfinished = {part.key for part in parts}
    submitted: dict[Any, Part] = {}
    finished = as_completed()
    try:
        while waiting or submitted:
            room = _TASKS_FOR_EACH_WORKER * max(sum(client.nthreads().values()), 1) - len(submitted)
            for part in _take_ready(waiting, unfinished, room):
                future = client.submit(work, task_of(part), key=part.key, pure=False)
                submitted[future] = part
                finished.add(future)
            future = next(finished)
            part = submitted.pop(future)
            keep(part, future.result())
            unfinished.discard(part.key)
    except KilledWorker as error:
        raise RecordRefused(
            "Workers died repeatedly on the same part, perhaps for lack of memory. Give fewer --workers and run the "
            "same command again: it resumes."
        ) from error
    except (ModuleNotFoundError, RuntimeError) as error:
        if not isinstance(error, ModuleNotFoundError) and "deserializ" not in str(error):
            raise
        raise RecordRefused(
            "The cluster does not have Beatlight, or has another version. Start its scheduler and its workers in "
            "Beatlight's folder with PYTHONPATH=."
        ) from error
    except (CommClosedError, TimeoutError) as error:
        raise RecordRefused(
            "The scheduler stopped answering. Run the same command again once it answers: it resumes."
        ) from error


def _take_ready(waiting: list[Part], unfinished: set[str], room: int) -> list[Part]:
    """Remove from ``waiting`` and return the first parts, at most ``room``, that need nothing unfinished."""
    chosen: list[Part] = []
    for part in waiting:
        if len(chosen) >= room:
            break
        if part.needs not in unfinished:
            chosen.append(part)
    for part in chosen:
        waiting.remove(part)
    return chosen
