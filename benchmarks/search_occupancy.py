"""How full the engine's batch stays: requests of heavy-tailed length, real verifiers, every round in PostgreSQL.

    search_occupancy.py [--problems 1200] [--places 64] [--latency 0.25]

1. A worker's own slice grows the run on the scripted engine at the pace of a server (inference.engines.paced): so many
   places, each request log-normal around the mean latency, one in a hundred eight times as long or longer.
2. `mean_share`: requests in flight over places, from the first request to the end of the run, the tail included. The
   tail is as long as the slowest tree, whatever the run's size, so that a larger run has a higher share.
3. `idle_share`: place-seconds left empty from the first request until the last tree was opened, when there was always
   more to ask for: what checking, storing and searching cost the engine. Behind that comes the tail.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks._studio import figure, temporary_studio
from inference.engines.base import Usage
from inference.search import SearchTree


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--problems", type=int, default=1200)
    parser.add_argument("--places", type=int, default=64)
    parser.add_argument("--latency", type=float, default=0.25)
    given = parser.parse_args()
    with temporary_studio():
        used, seconds, (until, full), detail = _grown(given.problems, given.places, given.latency)
    detail |= {
        "places": given.places,
        "latency": given.latency,
        "requests": used.requests,
        "seconds": round(seconds, 1),
    }
    figure("search_occupancy.mean_share", round(used.row_seconds / seconds / given.places, 3), "share", **detail)
    idle_share = 1 - full / until / given.places
    figure("search_occupancy.idle_share", round(idle_share, 4), "share", tail_s=round(seconds - until, 1))


def _grown(problems: int, places: int, latency: float) -> tuple[Usage, float, tuple[float, float], dict[str, Any]]:
    """Grow the run; return the engine's usage, the seconds from the first request to the end, and what was grown.

    The pair holds the seconds until the last tree was opened, and the request-seconds in flight by then.
    """
    from annotations.models import Node, Tree
    from annotations.tasks import flow
    from annotations.tasks.loop import WorkLoop
    from benchmarks._runs import asked_for
    from inference.types import Queue

    opened: list[tuple[float, float]] = []

    class Watched(flow.Shards):
        """Notes how long and how full the engine was busy whenever a tree is opened."""

        def next_tree(self) -> SearchTree | None:
            tree = super().next_tree()
            if tree is not None:
                opened.append((time.perf_counter(), self.engine.usage.row_seconds))
            return tree

    flow.Shards = Watched  # type: ignore[misc]
    run = asked_for(problems, {"shard": 64, "latency": latency, "max_batch": places}, {})
    loop = WorkLoop(Queue.GPU)
    engine = loop.resident.engine(run.engine)
    while loop.run_once():
        pass
    seconds = time.perf_counter() - opened[0][0]
    used = engine.usage
    loop.resident.close()
    done = Tree.objects.filter(run=run, state="done").count()
    until = (opened[-1][0] - opened[0][0], opened[-1][1])
    return used, seconds, until, {"trees": done, "nodes": Node.objects.filter(run=run).count()}


if __name__ == "__main__":
    main()
