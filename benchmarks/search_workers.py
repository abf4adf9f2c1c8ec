"""Whether a second worker doubles the pace of a run: real worker processes, an engine with so many places for each.

1. A studio of its own; one Celery worker, then two, each growing the same 160 problems in shards of 8 on the scripted
   engine at the pace of a server (8 places, 0.1 s a request in the mean, some much longer).
2. The figure is the steps a second of two workers over those of one, from the run's start to its end; on the way it is
   checked that both took part and that no tree was grown twice.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks._studio import figure, temporary_studio

ROOT = Path(__file__).resolve().parents[1]
PROBLEMS, LIMITS = 160, {"shard": 8, "latency": 0.1, "max_batch": 8}


def main() -> None:
    with temporary_studio():
        rates = {count: _rate(count) for count in (1, 2)}
    figure("search_workers.speedup", round(rates[2] / rates[1], 2), "ratio", problems=PROBLEMS,
           nodes_per_s={str(count): round(rate, 1) for count, rate in rates.items()})  # fmt: skip


def _rate(count: int) -> float:
    """Return the steps a second of a run that so many workers grow."""
    from annotations.models import Node, Run, Tree
    from annotations.selectors.runs import workers_alive
    from benchmarks._runs import asked_for

    with _workers(count):
        _until(lambda: workers_alive()["gpu"] == count)
        run = asked_for(PROBLEMS, LIMITS, {}, name=f"workers-{count}")
        owners: set[str] = set()
        while Run.objects.get(pk=run.pk).state in ("queued", "running"):
            owners.update(run.shards.exclude(lease_owner="").values_list("lease_owner", flat=True))
            time.sleep(0.1)
    run = Run.objects.get(pk=run.pk)
    nodes = Node.objects.filter(run=run)
    assert run.state == "done" and len(owners) == count, (run.state, run.error, owners)
    assert Tree.objects.filter(run=run, state="done").count() == PROBLEMS
    began, ended = run.started_at, run.finished_at
    assert began is not None and ended is not None
    return nodes.count() / (ended - began).total_seconds()


@contextmanager
def _workers(count: int) -> Iterator[None]:
    """Start worker processes on the studio that the environment names; end them by pid."""
    command = [sys.executable, "-m", "celery", "-A", "rationale_studio", "worker", "-Q", "gpu", "--pool=solo"]
    command += ["--without-gossip", "--without-mingle", "--loglevel=error"]
    children = [
        subprocess.Popen(
            [*command, "-n", f"gpu{number}@%h"], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        for number in range(count)
    ]
    try:
        yield
    finally:
        for child in children:
            child.terminate()
        for child in children:
            child.wait(30)


def _until(holds: Callable[[], bool], seconds: float = 120.0) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            raise SystemExit("the workers did not come up")
        time.sleep(0.1)


if __name__ == "__main__":
    main()
