"""Checking stored steps: a verifier looks at every step of a project that it has not seen, in killable children.

A verdict is keyed by step, verifier and version, so a repeated or interrupted run writes nothing twice and goes on
where it stopped.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

from django.db import connection

from annotations import store
from annotations.models import Node, Run, ToolCheck, Tree
from annotations.reviewing.fold import fold
from inference.types import Problem, Verdict
from inference.verifiers import verifier
from inference.verifiers.pool import Pool
from inference.verifiers.wire import CheckJob

Progress = Callable[[dict[str, object]], None]
CHECK_SECONDS = 2.0
STEPS_A_BATCH = 2_000
OPEN_SQL = """
    SELECT n.tree_id, array_agg(n.id ORDER BY n.seq) FROM annotations_node n
    WHERE n.project_id = %(project)s AND NOT n.removed AND n.role = 'step' AND NOT EXISTS (
        SELECT FROM annotations_toolcheck c
        WHERE c.node_id = n.id AND c.verifier = %(verifier)s AND c.version = %(version)s)
    GROUP BY n.tree_id ORDER BY n.tree_id
"""


def run_check(*, run: Run, progress: Progress) -> dict[str, Any]:
    """Store the verdict of `run.plugin` on every step that has none; what is stored stays when `progress` raises."""
    tool = verifier(run.plugin)
    waiting = _open(run.project_id, tool.id, tool.version)
    done: dict[str, object] = {"stage": "checking", "steps_done": 0, "steps_total": sum(len(n) for _, n in waiting)}
    counts: dict[str, int] = {}
    began = time.monotonic()
    with Pool() as pool:
        for batch in _batches(waiting):
            progress(done)
            for verdict in _check(run, pool, tool.id, batch):
                counts[verdict.kind.value] = counts.get(verdict.kind.value, 0) + 1
            fold(run.project_id)
            done = {**done, "steps_done": sum(counts.values())}
    return {"steps": sum(counts.values()), **counts, "seconds": round(time.monotonic() - began, 1)}


def _check(run: Run, pool: Pool, tool: str, batch: Sequence[tuple[int, list[int]]]) -> list[Verdict]:
    """Check the steps of some trees and store what was found."""
    wanted = {node for _, nodes in batch for node in nodes}
    rows = _jobs(tool, [tree for tree, _ in batch], wanted)
    verdicts = pool.check_many([job for _, job in rows], CHECK_SECONDS)
    checks = [
        ToolCheck(
            project_id=run.project_id, run=run, node_id=node, verifier=verdict.verifier, version=verdict.version,
            verdict=verdict.kind, ending=verdict.ending, message=verdict.message.replace("\x00", ""),
            claims=[asdict(claim) for claim in verdict.claims], millis=verdict.millis,
            input=store.plain_json(verdict.input), output=store.plain_json(verdict.output),
        )
        for (node, _), verdict in zip(rows, verdicts, strict=True)
    ]  # fmt: skip
    ToolCheck.objects.bulk_create(checks, ignore_conflicts=True, batch_size=2000)
    return verdicts


def _jobs(tool: str, trees: Sequence[int], wanted: set[int]) -> list[tuple[int, CheckJob]]:
    problems: dict[int, Problem] = {
        tree.pk: store.problem_of(tree.problem) for tree in Tree.objects.filter(pk__in=trees).select_related("problem")
    }
    prefixes: dict[tuple[int, int], tuple[str, ...]] = {}
    found = []
    nodes = Node.objects.filter(tree_id__in=trees).order_by("tree_id", "seq")
    for key, tree, seq, above, text in nodes.values_list("pk", "tree_id", "seq", "parent_seq", "text"):
        prefix = prefixes.get((tree, above or 0), ())
        prefixes[tree, seq] = (*prefix, text)
        if key in wanted:
            found.append((key, CheckJob(tool, problems[tree], prefix, text)))
    return found


def _open(project_id: int, tool: str, version: str) -> list[tuple[int, list[int]]]:
    with connection.cursor() as cursor:
        cursor.execute(OPEN_SQL, {"project": project_id, "verifier": tool, "version": version})
        return [(int(tree), list(nodes)) for tree, nodes in cursor.fetchall()]


def _batches(trees: Sequence[tuple[int, list[int]]]) -> list[list[tuple[int, list[int]]]]:
    """Return (tree, steps) pairs in batches of about STEPS_A_BATCH steps."""
    made: list[list[tuple[int, list[int]]]] = [[]]
    size = 0
    for tree in trees:
        if size >= STEPS_A_BATCH:
            made.append([])
            size = 0
        made[-1].append(tree)
        size += len(tree[1])
    return made if made[0] else []
