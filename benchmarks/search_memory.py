"""What a worker's memory grows by over 2,000 trees: scripted engine, real verifiers, every round in PostgreSQL.

1. The worker's own slices grow 2,000 problems in this process, in lockstep; then 2,000 on an engine whose requests end
   one by one, in one slice.
2. Its resident memory is read whenever another tree has ended; the figure is the larger growth of the two, from 200
   trees to the highest after that. The checking children and PostgreSQL are processes of their own.
"""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks._studio import figure, temporary_studio

TREES, SETTLED, LOOK_SECONDS = 2000, 200, 0.25
WAYS: dict[str, dict[str, Any]] = {"lockstep": {}, "flow": {"latency": 0.01, "max_batch": 64}}


def main() -> None:
    grown: dict[str, float] = {}
    with temporary_studio():
        for way, limits in WAYS.items():
            grown[way] = _growth(way, limits)
    figure("search_memory.growth_mib", max(grown.values()), "MiB", trees=TREES, settled_after=SETTLED, **grown)


def _growth(way: str, limits: dict[str, Any]) -> float:
    from annotations.models import Tree
    from annotations.tasks.loop import WorkLoop
    from benchmarks._runs import asked_for
    from inference.types import Queue

    run = asked_for(TREES, {"shard": 64, **limits}, {}, name=way)
    read: list[tuple[int, float]] = []
    over = threading.Event()

    def look() -> None:
        from django.db import connection

        while not over.wait(LOOK_SECONDS):
            read.append((Tree.objects.filter(run=run, state="done").count(), _resident_mib()))
        connection.close()

    watcher = threading.Thread(target=look)
    watcher.start()
    loop = WorkLoop(Queue.GPU)
    while loop.run_once():
        pass
    over.set()
    watcher.join()
    loop.resident.close()
    settled = next(mib for done, mib in read if done >= SETTLED)
    return round(max(mib for done, mib in read if done >= SETTLED) - settled, 1)


def _resident_mib() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


if __name__ == "__main__":
    main()
