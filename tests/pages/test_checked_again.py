"""Checking again from a form, and the page of what changed: matrices, steps, labels used and taken back."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from annotations.models import Node, Run, RunShard, StepChange, Tree
from tests import factories
from tests.factories import Cast, cast
from tests.pages.asking import PART, sign_in, three_ways

pytestmark = pytest.mark.django_db
NEW = "/p/words/runs/check/"
LINE = re.compile(r'<a href="([^"]+)" data-line>')


@pytest.fixture
def team() -> Cast:
    return cast()


def grown(team: Cast) -> tuple[Run, Tree]:
    run = factories.run(team.project, state="done", name="First trees")
    tree = factories.tree(team.project, factories.problem(team.project))
    Tree.objects.filter(pk=tree.pk).update(run=run)
    tree.nodes.update(run=run)
    return run, tree


def checked(team: Cast, tree: Tree, changes: int = 2) -> Run:
    """Make a run that refuted so many steps and labelled them wrong; their labels were none."""
    many = {"refuted": changes, "label": changes}
    run = factories.run(
        team.project, "check", "done", name="Second look", report={
            "given": {"refuted": changes}, "steps": 4, "checks": 4, "seconds": 0.1,
            "verdicts": {"supported>refuted": many["refuted"], "supported>supported": 2},
            "labels": {"none>incorrect": many["label"], "correct>correct": 1}, "kept": {"refuted by a tool": changes},
        },
    )  # fmt: skip
    for seq in range(1, changes + 1):
        node = tree.nodes.filter(seq=seq).first() or Node.objects.create(
            project=team.project, tree=tree, seq=seq, text=f"Step {seq} says 1 + 1 = 3."
        )
        rows: list[dict[str, Any]] = [
            {"kind": "verdict", "before": "supported", "after": "refuted", "reason": "claims 2: 1 + 1 = 2, not 3"},
            {"kind": "label", "after": "incorrect", "reason": "refuted by a tool"},
        ]
        for row in rows:
            StepChange.objects.create(project=team.project, run=run, node=node, **row)
    return run


def test_the_form_asks_for_a_run_over_the_trees_of_another_run(team: Cast) -> None:
    run, _ = grown(team)
    bo = sign_in(team.bo)
    assert f"{NEW}?run={run.pk}" in bo.get(f"/p/words/runs/{run.pk}/").text
    page = three_ways(bo, f"{NEW}?run={run.pk}")
    assert 'value="claims" checked' in page and "First trees" in page
    answer = bo.post(NEW, {"scope": "run", "run": run.pk, "tool": "claims", "p-policy": "veto", "p-min_rollouts": "2"})
    made = Run.objects.get(kind="check")
    assert answer["Location"] == f"/p/words/runs/{made.pk}/"
    assert (made.parent_run, made.params["verifier"], made.params["policy"]) == (run, "auto", "veto")
    assert RunShard.objects.get(run=made).queue == "tools"
    assert "The steps that" in bo.get(f"/p/words/runs/{made.pk}/").text


def test_what_does_not_fit_is_said_beside_it(team: Cast) -> None:
    run, _ = grown(team)
    bo = sign_in(team.bo)
    for given, said in (
        ({"scope": "all"}, "Choose at least one tool."),
        ({"scope": "run", "tool": "claims"}, "Choose which steps to check."),
        ({"scope": "all", "tool": "claims", "p-min_rollouts": "0"}, "Expected at least 1"),
        ({"scope": "all", "tool": "claims", "p-kind": "sql"}, "None of these tools knows problems of the kind"),
    ):
        answer = bo.post(NEW, given, headers=PART)
        assert answer.status_code == 400 and said in answer.text.replace("&#x27;", "'"), (given, answer.text)
    assert not Run.objects.filter(kind="check").exists() and run.pk


def test_what_changed_stands_in_matrices_and_a_list_that_opens_the_tree(team: Cast) -> None:
    _, tree = grown(team)
    run = checked(team, tree)
    vi = sign_in(team.vi)
    url = f"/p/words/runs/{run.pk}/changes/"
    page = three_ways(vi, url)
    assert LINE.findall(page) == [f"/p/words/trees/{tree.pk}/?node={seq}" for seq in (1, 2)]
    assert "kind=verdict&amp;before=supported&amp;after=refuted" in page
    assert "kind=verdict&amp;before=supported&amp;after=supported" not in page, "what stays the same is no link"
    assert "2 of 4 steps changed" in page and "claims 2: 1 + 1 = 2, not 3" in page and "Use these labels" not in page
    cell = vi.get(f"{url}?kind=label&before=none&after=incorrect").text
    assert len(LINE.findall(cell)) == 2 and "Label: no label before, incorrect now" in cell
    assert LINE.findall(vi.get(f"{url}?kind=label&before=correct&after=none").text) == []


def test_a_long_list_goes_on_where_the_page_ended(team: Cast) -> None:
    _, tree = grown(team)
    run = checked(team, tree, 45)
    vi = sign_in(team.vi)
    first = vi.get(f"/p/words/runs/{run.pk}/changes/").text
    onward = re.search(r'<a rel="next" href="([^"]+)"', first)
    assert onward is not None
    rest = vi.get(onward[1].replace("&amp;", "&")).text
    assert [len(LINE.findall(page)) for page in (first, rest)] == [40, 5]
    assert "Next page" not in rest and "First page" in rest


def test_labels_are_used_and_taken_back_by_who_may_run(team: Cast) -> None:
    source, tree = grown(team)
    run = checked(team, tree)
    bo = sign_in(team.bo)
    url = f"/p/words/runs/{run.pk}/changes/"
    assert "2 labels change." in bo.get(url).text
    assert (
        "2 steps have the labels of this run now." in bo.post(f"/p/words/runs/{run.pk}/labels/use/", follow=True).text
    )
    assert list(tree.nodes.filter(polarity="incorrect").values_list("seq", flat=True).order_by("seq")) == [1, 2]
    again = bo.get(url).text
    assert "Take back" in again and "Use these labels" not in again
    bo.post(f"/p/words/runs/{run.pk}/labels/back/")
    assert not tree.nodes.exclude(polarity="").exists() and source.pk
    assert sign_in(team.ada).post(f"/p/words/runs/{run.pk}/labels/use/").status_code == 403


def test_the_page_asks_the_same_however_much_changed(team: Cast) -> None:
    _, tree = grown(team)
    counts = []
    for changes in (1, 30):
        StepChange.objects.all().delete()
        url = f"/p/words/runs/{checked(team, tree, changes).pk}/changes/"
        client = sign_in(team.vi)
        client.get(url)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            client.get(url)
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 6, counts
