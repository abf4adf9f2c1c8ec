"""The round-trip form: what a project exports, an empty project takes in, and says again line for line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from annotations.exports import export
from annotations.imports import ImportReport, import_file
from annotations.labelling import Judgement, save_label, undo_label
from annotations.models import LabelEvent, Node, NodeLink, Project, Rationale, Run, Score, ToolCheck, Tree, User
from annotations.selectors.labels import resolve
from tests.factories import Cast, cast, problem, tree

pytestmark = pytest.mark.django_db
CLAIM = {"text": "5 - 4 = 2", "verdict": "refuted", "detail": "5 - 4 = 1, not 2", "start": 9, "end": 18}


@pytest.fixture
def full() -> Cast:
    """A project with everything: a run's tree and an imported one, verdicts, scores, labels, undo, links, revisions."""
    found = cast()
    project = found.project
    Project.objects.filter(pk=project.pk).update(guidelines="Label **each** step.")
    one, two = problem(project), problem(project, "Wie viel ist 1 + 1? ∑ 🙂", "2")
    run = Run.objects.create(project=project, kind="generate", params={"rounds": 8}, seed=7)
    grown = tree(project, one)
    Tree.objects.filter(pk=grown.pk).update(run=run, external_key="", seed=5, visits=12, value_sum=0.1 + 0.2)
    other = tree(project, two)
    nodes = {node.seq: node for node in Node.objects.filter(tree=grown)}
    Node.objects.filter(pk=nodes[2].pk).update(prior=-0.25, value_sum=1 / 3, data={"raw": ["a", None, 1.5]})
    check = {"verifier": "claims", "version": "1", "verdict": "refuted", "claims": [CLAIM], "millis": 0.7}
    ToolCheck.objects.create(project=project, node=nodes[3], **check)
    Score.objects.create(project=project, node=nodes[3], scorer="prm", version="v1", value=0.1, parts={"a": 0.5})
    judge(found, found.ada, nodes[1], "correct", note="Fine.", sureness=0.8, seconds=2.5)
    judge(found, found.ada, nodes[3], "incorrect", category="set_up")
    judge(found, found.ada, nodes[3], "neutral")
    undo_label(access=found.access(found.ada), node_id=nodes[3].pk)
    judge(found, found.bo, nodes[3], "correct")
    scheme = LabelEvent.objects.order_by("id")[0].scheme
    corpus = {"source": "import", "scheme": scheme, "voter": "corpus:1", "external_key": "corpus:1"}
    LabelEvent.objects.create(project=project, node=nodes[1], rating="incorrect", data={"row": 3}, **corpus)
    fields = {"project": project, "problem": one, "tree": grown}
    path = Rationale.objects.create(leaf=nodes[2], source="corpus", external_key="x-1", data={"label": -1}, **fields)
    Rationale.objects.create(revision_of=path, reason="Shorter.", text="9", **fields)
    Rationale.objects.create(project=project, problem=two, text="Free text.", source="notes")
    far = Node.objects.get(tree=other, seq=1)
    NodeLink.objects.create(project=project, source=nodes[2], target=nodes[1], kind="premise", weight=0.5)
    NodeLink.objects.create(project=project, source=nodes[1], target=far, kind="twin")
    return found


def judge(cast: Cast, user: User, node: Node, rating: str, **fields: Any) -> None:
    judgement = Judgement(rating, **fields)
    save_label(access=cast.access(user), node_id=node.pk, judgement=judgement, seen_version=None, key=None)


def lines_of(project: Project, path: Path) -> list[dict[str, Any]]:
    export(project=project, recipe="full", options={}, path=path)
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def empty(slug: str) -> Project:
    return Project.objects.create(name=slug, slug=slug)


def take(project: Project, path: Path) -> ImportReport:
    return import_file(project=project, path=path, name=path.name)


def test_an_empty_project_says_the_same_again_line_for_line(full: Cast, tmp_path: Path) -> None:
    sent = lines_of(full.project, tmp_path / "out.jsonl")
    there = empty("there")
    report = take(there, tmp_path / "out.jsonl")
    said = lines_of(there, tmp_path / "again.jsonl")
    assert said[1:] == sent[1:]
    assert said[0]["schemes"] == sent[0]["schemes"]
    assert said[0]["guidelines"] == sent[0]["guidelines"] == "Label **each** step."
    assert (report.rows_refused, report.trees_new, report.nodes_new, report.links_new) == (0, 2, 8, 2)
    assert (report.labels_new, report.rationales_new, report.checks_new, report.scores_new) == (6, 3, 1, 1)


def test_coming_in_again_here_or_where_it_came_from_changes_nothing(full: Cast, tmp_path: Path) -> None:
    sent = lines_of(full.project, tmp_path / "out.jsonl")
    there = empty("there")
    take(there, tmp_path / "out.jsonl")
    for project in (there, full.project):
        report = take(project, tmp_path / "out.jsonl")
        new = {name: count for name, count in report.to_json().items() if name.endswith("_new")}
        assert set(new.values()) == {0}, new
        assert lines_of(project, tmp_path / "again.jsonl")[1:] == sent[1:]


def test_ratings_resolve_alike_and_no_account_here_is_given_anothers_words(full: Cast, tmp_path: Path) -> None:
    lines_of(full.project, tmp_path / "out.jsonl")
    there = empty("there")
    take(there, tmp_path / "out.jsonl")
    assert resolved(there) == resolved(full.project) == {1: "correct", 3: "correct"}
    events = LabelEvent.objects.filter(project=there, source="person")
    assert {event.author.username for event in events} == {"imported-people"}
    assert {event.data["author"] for event in events} == {"ada", "bo"}
    assert len({event.voter for event in events}) == 2
    assert not User.objects.get(username="imported-people").is_active
    undone = events.get(kind="retract")
    assert undone.supersedes.rating == "neutral"


def test_what_a_reviewer_decided_goes_before_people_elsewhere_too(full: Cast, tmp_path: Path) -> None:
    node = Node.objects.get(tree__problem__answer="9", seq=3)
    LabelEvent.objects.create(
        project=full.project, node=node, author=full.bo, voter="decision", source="decision", rating="incorrect",
        scheme=LabelEvent.objects.order_by("id")[0].scheme,
    )  # fmt: skip
    lines_of(full.project, tmp_path / "out.jsonl")
    there = empty("there")
    take(there, tmp_path / "out.jsonl")
    assert resolved(there) == resolved(full.project) == {1: "correct", 3: "incorrect"}
    event = LabelEvent.objects.get(project=there, source="decision")
    assert (event.author.username, event.data["author"]) == ("imported-people", "bo")
    assert event.voter.startswith("decision@")


def resolved(project: Project) -> dict[int, str]:
    """Return the rating of each labelled step by seq, from every voter's last event."""
    current: dict[int, dict[str, LabelEvent]] = {}
    for event in LabelEvent.objects.filter(project=project, node__isnull=False).select_related("node").order_by("id"):
        current.setdefault(event.node.seq, {})[event.voter] = event
    found = {seq: resolve(events.values()) for seq, events in current.items()}
    return {seq: str(event.rating) for seq, event in found.items() if event is not None}


def changed(path: Path, kind: str, change: Any) -> Path:
    """Write a copy of an export in which the first line of a kind is changed."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    change(next(row for row in rows if row["type"] == kind))
    copy = path.with_name("changed.jsonl")
    copy.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    return copy


@pytest.mark.parametrize(
    ("kind", "change", "field"),
    [
        ("tree", lambda row: row["nodes"][1].update(parent_seq=9), "nodes[1].parent_seq"),
        ("tree", lambda row: row["nodes"][1].update(seq=1), "nodes[1].seq"),
        ("tree", lambda row: row["labels"][0].update(rating="good"), "labels[0].rating"),
        ("tree", lambda row: row["labels"][0].update(author=""), "labels[0].author"),
        ("tree", lambda row: row["labels"][0].update(seq=99), "labels[0].seq"),
        ("tree", lambda row: row["labels"][0].update(created_at="yesterday"), "labels[0].created_at"),
        ("tree", lambda row: row["labels"][0].update(scheme=9), "labels.scheme"),
        ("tree", lambda row: row["checks"][0].pop("verdict"), "checks[0].verdict"),
        ("tree", lambda row: row.update(problem="0" * 64), "problem"),
        ("problem", lambda row: row.update(text="Another text?"), "hash"),
    ],
)
def test_a_line_that_does_not_fit_is_refused_with_its_field(
    full: Cast, tmp_path: Path, kind: str, change: Any, field: str
) -> None:
    lines_of(full.project, tmp_path / "out.jsonl")
    report = take(empty("there"), changed(tmp_path / "out.jsonl", kind, change))
    assert field in [row["field"] for row in report.refused]


def test_a_tree_that_contradicts_the_one_here_is_refused_whole(full: Cast, tmp_path: Path) -> None:
    lines_of(full.project, tmp_path / "out.jsonl")
    copy = changed(tmp_path / "out.jsonl", "tree", lambda row: row["nodes"][2].update(text="Something else."))
    report = take(full.project, copy)
    assert [(row["field"], row["found"]) for row in report.refused] == [("nodes", "another step 3")]
    assert (report.nodes_new, report.trees_new) == (0, 0)
