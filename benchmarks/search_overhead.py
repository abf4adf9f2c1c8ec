"""Nodes a second of the search itself: scripted engine, 64 trees in lockstep, verdicts from a table, nothing stored."""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from inference.engines import EngineSpec, make_engine
from inference.search import SearchParams, SearchTree, finished, new_tree, run_round
from inference.types import Problem, Verdict, VerdictKind

TREES, ROUNDS, DEPTH, REPEATS = 64, 12, 9, 20
PARAMS = SearchParams(rounds=ROUNDS, depth=DEPTH, early_stop=False)
TABLE = tuple(
    Verdict(kind, "table", "1")
    for kind, count in ((VerdictKind.UNDECIDED, 9), (VerdictKind.SUPPORTED, 5), (VerdictKind.REFUTED, 2))
    for _ in range(count)
)


def from_table(jobs: Sequence[Any]) -> list[Verdict]:
    """Look every verdict up by the length of the step."""
    return [TABLE[len(job.step) & 15] for job in jobs]


def grow(seed: int) -> tuple[list[SearchTree], float]:
    """Grow 64 fresh trees to their end; return them and the seconds of CPU taken (one thread, nothing waits)."""
    engine = make_engine(EngineSpec(kind="scripted"))
    problems = [Problem(str(n), f"A farm has {n} hens and buys {n + 7} more. How many hens?") for n in range(TREES)]
    trees = [new_tree(problem, PARAMS, seed) for problem in problems]
    began = time.process_time()
    while not all(finished(tree, PARAMS) for tree in trees):
        run_round(trees, engine, from_table, PARAMS)
    return trees, time.process_time() - began


def main() -> None:
    grow(0)
    runs = [grow(seed) for seed in range(1, REPEATS + 1)]
    rates = [sum(len(tree.nodes) for tree in trees) / seconds for trees, seconds in runs]
    nodes = sum(len(tree.nodes) for trees, _ in runs for tree in trees)
    lengths = sorted(len(node.text) for trees, _ in runs for tree in trees for node in tree.nodes if not node.terminal)
    detail = {
        "trees": TREES,
        "rounds": ROUNDS,
        "depth": DEPTH,
        "children": PARAMS.children,
        "early_stop": PARAMS.early_stop,
        "nodes": nodes,
        "answers": sum(node.terminal for trees, _ in runs for tree in trees for node in tree.nodes),
        "repeats": REPEATS,
        "time": "CPU seconds of the one process and thread, median run",
        "step_characters_p5_p95": [lengths[len(lengths) // 20], lengths[-len(lengths) // 20]],
        "slowest_and_fastest_run": [round(min(rates)), round(max(rates))],
    }
    value = statistics.median(rates)
    print(json.dumps({"name": "search_overhead.nodes_per_s", "value": round(value), "unit": "1/s", "detail": detail}))


if __name__ == "__main__":
    main()
