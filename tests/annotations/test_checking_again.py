"""Steps are checked again by another version, tool or policy: old verdicts stay, and what changed is said."""

from __future__ import annotations

import threading

import pytest
from django.db import connection

from annotations import checking, relabelling
from annotations.errors import Conflict, NotAllowed, NotFound
from annotations.models import AuditEvent, Node, Run, RunShard, StepChange, ToolCheck, Tree
from annotations.selectors.changes import labels_of
from annotations.tasks import check
from inference.types import Queue
from tests import factories
from tests.annotations.check_cast import oracles, second_version, work, worker
from tests.annotations.test_checking import LENA, checked
from tests.factories import Cast, cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def team() -> Cast:
    return cast()


def grown(team: Cast, text: str = "Lena has 5 pens and buys 4. How many?") -> Tree:
    """Make a tree of a run that has labelled its steps: the first right, the second not at all."""
    tree = factories.tree(team.project, factories.problem(team.project, text), LENA)
    run = Run.objects.filter(project=team.project, kind="generate").first() or factories.run(team.project)
    Tree.objects.filter(pk=tree.pk).update(run=run)
    tree.nodes.filter(seq=1).update(polarity="correct")
    return tree


def changes_of(run: Run, kind: str) -> list[tuple[int, str, str, str]]:
    rows = StepChange.objects.filter(run=run, kind=kind).order_by("node__seq")
    return list(rows.values_list("node__seq", "before", "after", "reason"))


def polarities(tree: Tree) -> list[str]:
    return list(Node.objects.filter(tree=tree, role="step").order_by("seq").values_list("polarity", flat=True))


def test_a_new_version_stands_beside_the_old_one_and_says_what_it_changed(team: Cast) -> None:
    tree = grown(team)
    checked(team)
    with second_version():
        run = checked(team)
    versions = ToolCheck.objects.filter(node__tree=tree, node__seq=3).order_by("id").values_list("version", "verdict")
    assert list(versions) == [("1", "refuted"), ("2", "supported")]
    assert run.report["verdicts"] == {"supported>supported": 1, "refuted>supported": 1, "undecided>refuted": 1}
    assert changes_of(run, "verdict") == [
        (3, "refuted", "supported", "claims 2: fine"),
        (4, "undecided", "refuted", "claims 2: odd is wrong"),
    ]


def test_labels_by_another_policy_are_compared_used_and_taken_back(team: Cast) -> None:
    tree, access = grown(team), team.access(team.bo)
    checked(team)
    veto = checked(team, params={"policy": "veto"}, parent_run=tree.run_id)
    assert veto.report["labels"] == {"correct>correct": 1, "none>incorrect": 1, "none>none": 1}
    assert veto.report["kept"] == {"a path through it reaches the right answer": 1, "refuted by a tool": 1}
    assert veto.report["dropped"] == {"too few complete paths through it": 1}
    assert polarities(tree) == ["correct", "", ""], "nothing is relabelled unasked"

    assert [relabelling.use_labels(access=access, run_id=veto.pk) for _ in range(2)] == [1, 0]
    assert polarities(tree) == ["correct", "incorrect", ""]
    assert labels_of(veto) == (1, 0, 1)
    paper = checked(team, params={"policy": "paper"})
    assert changes_of(paper, "label")[0] == (1, "correct", "", "no value, or a value of zero")
    assert relabelling.use_labels(access=access, run_id=paper.pk) == 2
    assert relabelling.take_back_labels(access=access, run_id=veto.pk) == 0, "another run's label stands there now"
    assert relabelling.take_back_labels(access=access, run_id=paper.pk) == 2
    assert polarities(tree) == ["correct", "incorrect", ""]
    said = AuditEvent.objects.filter(action="labels of a run used").order_by("id").values_list("data", flat=True)
    assert [(each["changed"], each["dropped"]) for each in said] == [(1, 0), (0, 2)]


def test_labels_are_used_by_who_may_run_of_a_run_that_has_ended_and_gives_some(team: Cast) -> None:
    grown(team)
    plain, access = checked(team), team.access(team.bo)
    with pytest.raises(NotAllowed):
        relabelling.use_labels(access=team.access(team.ada), run_id=plain.pk)
    with pytest.raises(Conflict, match="without a policy"):
        relabelling.use_labels(access=access, run_id=plain.pk)
    with pytest.raises(Conflict, match="did not check"):
        relabelling.take_back_labels(access=access, run_id=Run.objects.get(kind="generate").pk)
    with pytest.raises(NotFound):
        relabelling.use_labels(access=cast("elsewhere").access(team.bo), run_id=plain.pk)


def test_an_equal_step_is_checked_once_and_one_after_other_steps_anew(team: Cast) -> None:
    steps = (*LENA, (1, "So it is odd."), (0, "Lena has  5 + 4 = 8 pens. "))
    factories.tree(team.project, factories.problem(team.project), steps)
    first = checked(team)
    assert first.shards.get().checkpoint["tools"]["claims"]["jobs"] == 4, "the sixth step is the third with more blanks"
    taken = ToolCheck.objects.get(taken_over=True)
    assert (taken.node.seq, taken.verdict, taken.millis) == (6, "refuted", 0.0)
    claim = taken.claims[0]
    assert taken.node.text[claim["start"] : claim["end"]] == claim["text"]

    other = Tree.objects.create(project=team.project, problem=taken.node.tree.problem, state="done", source="else")
    for seq, text in enumerate(("Lena has 5 + 4 = 9 pens.", "Lena has 5 + 4 = 8 pens."), 1):
        said = {"project": team.project, "tree": other, "seq": seq, "parent_seq": seq - 1 or None}
        Node.objects.create(**said, depth=seq, text=text)
    second = checked(team)
    tools = second.shards.get().checkpoint["tools"]["claims"]
    assert (tools["jobs"], tools["taken"]) == (1, 1), "the second step stands after another one"


def test_a_tool_that_asks_a_model_asks_the_same_whoever_asks_and_spares_what_is_refuted(team: Cast) -> None:
    tree = grown(team)
    asked = {"params": {"verifier": "auto, oracle", "programs": 2}, "seed": 7}
    engine = factories.engine(project=team.project)
    with oracles():
        run = checking.request_checking(access=team.access(team.bo), engine_id=engine.pk, **asked)  # type: ignore[arg-type]
        assert run.shards.get().queue == "gpu"
        work(Queue.GPU)
        said = dict(ToolCheck.objects.filter(verifier="oracle").values_list("node__seq", "output"))
        assert set(said) == {1, 4} and len(said[1]["said"]) == 2
        assert ToolCheck.objects.filter(verifier="oracle").values("params_hash").distinct().get()["params_hash"]
        report = Run.objects.get(pk=run.pk).report
        assert (report["checks"], report["tokens"] > 0) == (5, True)
    assert tree.nodes.filter(checks__verifier="oracle", checks__taken_over=True).count() == 0


def test_work_that_was_broken_off_goes_on_where_it_stopped(team: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    grown(team)
    run = checking.request_checking(access=team.access(team.bo), params={"policy": "veto"})
    monkeypatch.setattr(check, "BATCH", 1)
    loop, ticks = worker(), iter(range(100))

    def broken(amount: object = 1) -> None:
        if next(ticks) == 1:
            raise RuntimeError("the power went")

    monkeypatch.setattr(loop, "tick", broken)
    assert loop.run_once()
    assert (ToolCheck.objects.count(), StepChange.objects.count()) == (2, 0)
    assert Run.objects.get(pk=run.pk).report["progress"]["steps_done"] == 2
    work()
    done = Run.objects.get(pk=run.pk)
    assert (done.state, done.report["checks"], ToolCheck.objects.count()) == ("done", 3, 3)


@pytest.mark.django_db(transaction=True)
def test_two_workers_share_the_shards_of_a_run(team: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(6):
        grown(team, f"Lena has {number} pens. How many?")
    monkeypatch.setattr(checking, "STEPS_A_SHARD", 8)
    run = checking.request_checking(access=team.access(team.bo))
    threads = [threading.Thread(target=_work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert set(RunShard.objects.filter(run=run).values_list("state", flat=True)) == {"done"}
    assert ToolCheck.objects.values("node", "verifier").distinct().count() == ToolCheck.objects.count() == 18
    assert Run.objects.get(pk=run.pk).report["verdicts"] == {
        "none>supported": 6,
        "none>refuted": 6,
        "none>undecided": 6,
    }


def _work() -> None:
    work()
    connection.close()
