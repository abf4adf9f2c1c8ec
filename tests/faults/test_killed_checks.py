"""Workers that check are killed in the middle of a run: another goes on, and every step has one verdict."""

from __future__ import annotations

import os
import signal

import pytest

from annotations.checking import request_checking
from annotations.models import Node, Run, RunShard, ToolCheck, Tree
from tests.factories import cast, problem
from tests.workers import StartWorker, start_worker, until

__all__ = ["start_worker"]
pytestmark = pytest.mark.django_db(transaction=True)
TREES, STEPS = 6, 500


def test_a_worker_killed_while_it_checks_leaves_one_verdict_a_step(start_worker: StartWorker) -> None:
    team = cast()
    asked = problem(team.project)
    for number in range(TREES):
        tree = Tree.objects.create(
            project=team.project, problem=asked, state="done", external_key=str(number), node_count=STEPS
        )
        Node.objects.bulk_create(
            Node(project=team.project, tree=tree, seq=seq, text=f"Tree {number}: {seq} + {number} = {seq + 1}.")
            for seq in range(1, STEPS + 1)
        )
    run = request_checking(access=team.access(team.bo), params={"policy": "veto"})
    assert RunShard.objects.filter(run=run).count() == 2

    first = start_worker("tools")
    until(lambda: ToolCheck.objects.exists(), 60, "the first verdict")
    os.kill(first.pid, signal.SIGKILL)
    first.wait(10)
    before = ToolCheck.objects.count()
    assert 0 < before < TREES * STEPS
    start_worker("tools")

    until(lambda: Run.objects.filter(pk=run.pk, state="done").exists(), 120, "the end of the run")
    assert ToolCheck.objects.count() == ToolCheck.objects.values("node").distinct().count() == TREES * STEPS
    report = Run.objects.get(pk=run.pk).report
    assert sum(report["verdicts"].values()) == sum(report["labels"].values()) == TREES * STEPS
    assert report["verdicts"]["none>supported"] == STEPS, "those of the tree in which the sums are right"
