"""How much of the time that verification takes is hidden behind generation.

    verify_overlap.py [--problems 160] [--places 16] [--latency 0.08] [--millis 5]

1. A worker's own slice grows one run twice on the scripted engine at the pace of a server, the same trees both times:
   once every step is looked up in a table, once it is looked up by a verifier in a killable child, which takes
   `--millis` for each.
2. `hidden_share` = 1 - (seconds with - seconds without) / seconds in checks: 1 where the run takes no longer than
   without any verification, 0 where it waits for all of it.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks._studio import figure, temporary_studio
from benchmarks.search_overhead import from_table
from inference.types import Problem, Verdict
from inference.verifiers.pool import Pool
from inference.verifiers.wire import CheckJob

DEADLINE = 2.0


class Slow:
    """Looks a verdict up and takes its time; how long stands in the verifier's name."""

    id, version = "slow", "1"
    params: Mapping[str, object] = {}

    def applies(self, problem: Problem) -> bool:
        return True

    def check(self, problem: Problem, prefix: Sequence[str], step: str) -> Verdict:
        time.sleep(float(prefix[0]) / 1000)
        return from_table([CheckJob(self.id, problem, (), step)])[0]


class Grown(NamedTuple):
    seconds: float
    check_seconds: float
    checks: int
    nodes: int
    occupancy: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--problems", type=int, default=160)
    parser.add_argument("--places", type=int, default=16)
    parser.add_argument("--latency", type=float, default=0.08)
    parser.add_argument("--millis", type=float, default=5.0)
    given = parser.parse_args()
    with temporary_studio(), Pool(verifiers={"slow": "benchmarks.verify_overlap:Slow"}) as pool:
        pool.check_many([_slow(CheckJob("", Problem("", ""), (), "warm"), 0)], DEADLINE)

        def in_children(jobs: Sequence[CheckJob]) -> list[Verdict]:
            return pool.check_many([_slow(job, given.millis) for job in jobs], DEADLINE)

        without = _grown("without", given, from_table)
        checked = _grown("checked", given, in_children)
    if checked.nodes != without.nodes:
        raise SystemExit(f"the runs differ: {without.nodes} and {checked.nodes} nodes")
    hidden = 1 - (checked.seconds - without.seconds) / checked.check_seconds
    figure(
        "verify_overlap.hidden_share", round(hidden, 3), "share", seconds_without=round(without.seconds, 2),
        seconds_with=round(checked.seconds, 2), seconds_in_checks=round(checked.check_seconds, 2),
        checks=checked.checks, places=given.places, latency=given.latency, millis=given.millis,
        occupancy_without=round(without.occupancy, 3), occupancy_with=round(checked.occupancy, 3),
    )  # fmt: skip


def _slow(job: CheckJob, millis: float) -> CheckJob:
    return CheckJob("slow", Problem("1", ""), (str(millis),), job.step)


def _grown(name: str, given: argparse.Namespace, check: Any) -> Grown:
    """Grow the run with this checker, of which only the seconds between first call and last answer are its own."""
    from annotations.models import Node, RunShard
    from annotations.tasks.loop import WorkLoop
    from benchmarks._runs import asked_for
    from inference.types import Queue

    limits = {"shard": 64, "latency": given.latency, "max_batch": given.places}
    run = asked_for(given.problems, limits, {}, name=name)
    loop = WorkLoop(Queue.GPU)
    engine = loop.resident.engine(run.engine)
    loop.resident.check = check  # type: ignore[method-assign]
    began = time.perf_counter()
    while loop.run_once():
        pass
    seconds, used = time.perf_counter() - began, engine.usage
    loop.resident.close()
    sums = [dict(shard.checkpoint["sums"]) for shard in RunShard.objects.filter(run=run)]
    return Grown(
        seconds,
        sum(each["check_seconds"] for each in sums),
        int(sum(each["checks"] for each in sums)),
        Node.objects.filter(run=run).count(),
        used.row_seconds / seconds / given.places,
    )


if __name__ == "__main__":
    main()
