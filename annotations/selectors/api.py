"""What the API reads and no page does in this form: trees by filters, a whole tree with its evidence, data sets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from django.db.models import QuerySet

from annotations import files, rules
from annotations.access import Access
from annotations.errors import BadInput, NotFound
from annotations.models import DatasetSnapshot, LabelEvent, LabelSession, Node, Problem, Score, ToolCheck, Tree
from annotations.rules import Act
from annotations.selectors.labels import current_by_node
from inference.desk import SessionState
from inference.types import TreeState

LARGEST_ID = 2**63 - 1


@dataclass(frozen=True, slots=True)
class TreeRecord:
    """A tree with everything said of its steps, by node id."""

    tree: Tree
    nodes: list[Node]
    checks: Mapping[int, list[ToolCheck]]
    scores: Mapping[int, list[Score]]
    labels: Mapping[int, list[LabelEvent]]


def tree_rows(access: Access, given: Mapping[str, str]) -> QuerySet[Tree]:
    """Return the project's trees by id; `problem`, `run`, `state` and `source` narrow them."""
    trees = Tree.objects.filter(project=access.project).order_by("id")
    for field in ("problem", "run"):
        if given.get(field):
            trees = trees.filter(**{f"{field}_id": _number(field, given[field])})
    state = given.get("state")
    if state:
        if state not in set(TreeState):
            raise BadInput(f"{state!r} is not a state; expected one of {', '.join(TreeState)}.", "state")
        trees = trees.filter(state=state)
    if given.get("source"):
        trees = trees.filter(source=given["source"])
    return trees


def _number(field: str, text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text[:20]) <= LARGEST_ID):
        raise BadInput(f"{text[:40]!r} is not a number; expected the id of a {field}.", field)
    return int(text)


def tree_record(access: Access, tree_id: int) -> TreeRecord:
    """Return a whole tree in a fixed number of queries."""
    tree = Tree.objects.filter(project=access.project, pk=tree_id).first()
    if tree is None:
        raise NotFound("There is no such tree.")
    nodes = list(Node.objects.filter(project=access.project, tree=tree).order_by("seq"))
    keys = [int(node.pk) for node in nodes]
    checks: dict[int, list[ToolCheck]] = {}
    for check in ToolCheck.objects.filter(project=access.project, node__tree=tree).order_by("id"):
        checks.setdefault(check.node_id or 0, []).append(check)
    scores: dict[int, list[Score]] = {}
    for score in Score.objects.filter(project=access.project, node__tree=tree).order_by("id"):
        scores.setdefault(score.node_id or 0, []).append(score)
    return TreeRecord(tree, nodes, checks, scores, current_by_node(access, keys))


def problems_here(access: Access, ids: Iterable[int]) -> list[int]:
    """Return the ids, each once; BadInput names one that is no problem of the project."""
    wanted = list(dict.fromkeys(ids))
    here = set(Problem.objects.filter(project=access.project, pk__in=wanted).values_list("pk", flat=True))
    missing = [key for key in wanted if key not in here]
    if missing:
        raise BadInput(f"There is no problem {missing[0]} in this project.", "problems")
    return wanted


def submitted_sessions(access: Access, given: Mapping[str, str]) -> QuerySet[LabelSession, int]:
    """Return the ids of the project's submitted labelling sessions; `queue` narrows them."""
    rules.check(access, Act.EXPORT)
    rows = LabelSession.objects.filter(project=access.project, state=SessionState.SUBMITTED).order_by("id")
    if given.get("queue"):
        rows = rows.filter(queue_id=_number("queue", given["queue"]))
    return rows.values_list("pk", flat=True)


def snapshots(access: Access) -> QuerySet[DatasetSnapshot]:
    rules.check(access, Act.EXPORT)
    return DatasetSnapshot.objects.filter(project=access.project).order_by("-id")


def snapshot(access: Access, snapshot_id: int) -> DatasetSnapshot:
    found = snapshots(access).filter(pk=snapshot_id).first()
    if found is None:
        raise NotFound("There is no such data set.")
    return found


def snapshot_file(access: Access, snapshot_id: int) -> tuple[Path, str]:
    """Return where a data set's file lies and what to call it; NotFound while it is being made or when it is gone."""
    row = snapshot(access, snapshot_id)
    return files.found(row.path, access.project.pk), file_name(access, row)


def file_name(access: Access, row: DatasetSnapshot) -> str:
    """Return what a data set's file is called where it is taken to."""
    return f"{access.project.slug}-{row.recipe}-{row.pk}{''.join(Path(row.path).suffixes[-2:])}"


def snapshot_ids(access: Access, run_id: int) -> list[int]:
    """Return the data sets that a run made."""
    rows = DatasetSnapshot.objects.filter(project=access.project, run=run_id).order_by("id")
    return list(rows.values_list("pk", flat=True))
