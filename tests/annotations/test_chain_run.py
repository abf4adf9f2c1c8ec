"""Runs whose chain asks the model: the same rows in lockstep and in a flow, nothing drawn twice, verdicts kept."""

from __future__ import annotations

import math

import pytest

from annotations.errors import BadInput
from annotations.models import Completion, Engine, Run, RunShard, ToolCheck, Tree
from annotations.selectors.progress import progress_of
from annotations.store import Drawn, keep_completions, read_completions
from annotations.tasks.flow import asked_of
from annotations.tasks.loop import WorkLoop
from inference.engines.base import Request
from inference.engines.scripted import ScriptedEngine
from inference.types import Queue
from tests.annotations.test_flow import PLACES, Breaks, grow, lend
from tests.annotations.test_jobs import asked, rows_of, scripted_engine, worker
from tests.factories import Cast, cast
from tests.inference.asking_cast import LAST, ORACLE, checked, know, say

pytestmark = pytest.mark.django_db(transaction=True)
CHAIN = f"auto, {ORACLE}, {LAST}"


@pytest.fixture(autouse=True)
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    know(monkeypatch, informs=True)


def chained(people: Cast, **limits: object) -> Run:
    engine = scripted_engine(people.project)
    Engine.objects.filter(pk=engine.pk).update(limits={"shard": 3, **limits})
    return asked(people, verifier=CHAIN, programs=2)


def checking(name: str = "one") -> WorkLoop:
    loop = worker(name)
    loop.resident.check = checked  # type: ignore[method-assign]
    return loop


def in_lockstep(people: Cast) -> Run:
    run = chained(people)
    loop = checking()
    lend(loop, run, ScriptedEngine(say=say))  # type: ignore[arg-type]
    grow(loop)
    return run


def verdicts_of(run: Run) -> list[str]:
    """Return a run's nodes, one row a verdict, and who gave it."""
    checks = ToolCheck.objects.filter(run=run).values_list("node__tree__problem", "node__seq", "verifier", "verdict")
    return sorted(map(repr, [*rows_of(run), *checks]))


class Telling(Breaks):
    def __init__(self, after: int) -> None:
        super().__init__(after)
        self.say = say


def test_a_chain_gives_the_same_rows_in_lockstep_and_after_breakdowns_and_draws_nothing_twice() -> None:
    people = cast()
    rough = chained(people, latency=0.002, max_batch=PLACES)
    drawn: list[str] = []
    for after in (9, 31, 17, 10**9):
        loop, engine = checking(), Telling(after)
        lend(loop, rough, engine)
        loop.run_once()
        RunShard.objects.filter(run=rough).update(attempts=0)
        drawn += engine.drawn
    assert len(drawn) == len(set(drawn)), "nothing is drawn twice"
    calm = in_lockstep(people)
    assert verdicts_of(rough) == verdicts_of(calm)
    assert Run.objects.get(pk=rough.pk).state == Run.objects.get(pk=calm.pk).state == "done"
    assert not Completion.objects.filter(fault="").exists(), "what was used is forgotten"
    requests = dict(Tree.objects.filter(run=calm).values_list("problem", "requests_done"))
    assert dict(Tree.objects.filter(run=rough).values_list("problem", "requests_done")) == requests
    by = ToolCheck.objects.filter(run=calm).values_list("verifier", flat=True)
    assert set(by) == {"answer", "claims", ORACLE, LAST}


def test_a_run_tells_how_many_texts_were_drawn_for_checks() -> None:
    people = cast()
    told = progress_of(in_lockstep(people))
    checks = ToolCheck.objects.exclude(verifier="answer")
    asked_for = 2 * checks.filter(verifier=ORACLE).count() + checks.filter(verifier=LAST).count()
    assert told.asked == asked_for == sum(part["asked"] for part in told.by_round) > 0


def test_a_weighing_is_kept_before_use_with_choices_that_nobody_reported() -> None:
    people = cast()
    run = chained(people)
    tree = Tree.objects.filter(run=run).first()
    assert tree is not None
    kept = Drawn(tree.pk, 1, 5, "yes", 0, 0.0, "stop", (), (-0.25, -math.inf, math.nan))
    keep_completions(people.project.pk, [kept])
    [found] = read_completions([tree.pk])
    assert found.choices == [-0.25, -math.inf, -math.inf]


def test_other_choices_are_another_question() -> None:
    request = Request("1:1", "", "Is it so?", 0, 1)
    asked_about = {
        asked_of(request),
        *(asked_of(Request("1:1", "", "Is it so?", 0, 1, choices=each)) for each in (("a",), ("b",))),
    }
    assert len(asked_about) == 3


def test_a_verifier_that_nobody_knows_is_refused_with_its_setting() -> None:
    people = cast()
    with pytest.raises(BadInput) as refused:
        asked(people, verifier="auto, gossip")
    assert refused.value.field == "verifier" and "gossip" in str(refused.value)


def test_the_judge_speaks_where_the_others_leave_a_step_open() -> None:
    people = cast()
    scripted_engine(people.project)
    run = asked(people, problems=2, rounds=2, verifier="auto, judge")
    loop = WorkLoop(Queue.GPU, name="judging")
    grow(loop)
    loop.resident.close()
    claims, judge = (dict(_verdicts(run, name)) for name in ("claims", "judge"))
    assert {node for node, verdict in claims.items() if verdict != "refuted"} == set(judge)
    assert set(judge.values()) == {"supported", "refuted", "undecided"}
    for given, found in ToolCheck.objects.filter(run=run, verifier="judge").values_list("input", "output"):
        assert given == {"low": 0.1, "high": 0.9} and 0 <= found["p"] <= 1


def _verdicts(run: Run, verifier: str) -> list[tuple[int, str]]:
    return list(ToolCheck.objects.filter(run=run, verifier=verifier).values_list("node", "verdict"))
