"""Every search method on a worker: the same rows and memory in lockstep, resumed by another worker, and in a flow."""

from __future__ import annotations

from typing import Any

import pytest

from annotations.models import Engine, Run, Tree
from tests.annotations.test_jobs import asked, rows_of, scripted_engine, worker
from tests.factories import Cast, cast

pytestmark = pytest.mark.django_db(transaction=True)
WAYS: dict[str, dict[str, object]] = {
    "omega": {"omega_rollouts": 4},
    "beam": {"width": 2, "draws": 3},
    "best_of_n": {"samples": 9, "round_samples": 3},
    "vote": {"samples": 9, "round_samples": 3},
}


def run_of(people: Cast, method: str, **limits: object) -> Run:
    engine = scripted_engine(people.project)
    Engine.objects.filter(pk=engine.pk).update(limits={"shard": 3, **limits})
    return asked(people, method=method, **WAYS[method])


def told(run: Run) -> list[Any]:
    """Return the rows of a run and what its trees remember, their labels' counts included."""
    return [*rows_of(run), *Tree.objects.filter(run=run).order_by("problem").values_list("state", "stats")]


@pytest.mark.parametrize("method", WAYS)
def test_a_methods_trees_are_the_same_whatever_grows_them(method: str) -> None:
    people = cast()
    calm = run_of(people, method)
    loop = worker()
    while loop.run_once():
        pass
    handed_on = run_of(people, method)
    while worker().run_once():
        pass
    flow = run_of(people, method, latency=0.002, max_batch=6)
    loop = worker()
    while loop.run_once():
        pass
    loop.resident.close()
    assert told(calm) == told(handed_on) == told(flow)
    stats = Tree.objects.filter(run=calm).values_list("stats", flat=True)
    assert all(one["memo"] and sum(one["consistency"].values()) for one in stats)
    assert any(one["kept"] for one in stats)
