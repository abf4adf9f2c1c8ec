"""Nodes a second of the search with every round written to PostgreSQL: scripted engine, verdicts from a table.

1. A run of 1,024 problems in shards of 64 trees, grown by a worker's own slices in this process, row by row as in
   production (fence, nodes, verdicts, trees, figures; synchronous commits).
2. The rate is over the wall time of the slices: search, store and PostgreSQL share the two cores.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks._studio import figure, temporary_studio
from benchmarks.search_overhead import from_table

PROBLEMS = 1024


def main() -> None:
    with temporary_studio():
        seconds, nodes, trees = _grown()
    figure("search_overhead.nodes_per_s_stored", round(nodes / seconds), "1/s", nodes=nodes, trees=trees,
           seconds=round(seconds, 1))  # fmt: skip


def _grown() -> tuple[float, int, int]:
    from annotations.models import Node, Tree
    from annotations.tasks.loop import WorkLoop
    from benchmarks._runs import asked_for
    from inference.types import Queue

    run = asked_for(PROBLEMS, {"shard": 64}, {"rounds": 12, "depth": 9, "early_stop": False})
    loop = WorkLoop(Queue.GPU)
    loop.resident.check = _checked  # type: ignore[method-assign]
    began = time.perf_counter()
    while loop.run_once():
        pass
    seconds = time.perf_counter() - began
    return seconds, Node.objects.filter(run=run).count(), Tree.objects.filter(run=run, state="done").count()


def _checked(jobs: Sequence[Any]) -> Any:
    return from_table(jobs)


if __name__ == "__main__":
    main()
