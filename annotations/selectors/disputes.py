"""One item of the desk, step by step: who said what of it, what was decided, what was asked. Blindness is kept here.

Whoever decides sees all. Who labelled sees his own words, and the others' once `sees_item` says so; nobody else finds
the item.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from hashlib import blake2s
from typing import Any

from annotations import rules
from annotations.access import Access
from annotations.desk.params import DeskSettings
from annotations.errors import NotFound
from annotations.models import Comment, ItemDecision, LabelEvent, LabelItem, LabelSession, Score, ToolCheck
from annotations.rules import Act
from annotations.selectors.labels import DECISION, DONE, item_events, sees_item, voter_of
from annotations.selectors.projects import newest_scheme
from annotations.selectors.questions import open_in
from annotations.selectors.reviewed import path_step
from annotations.selectors.steps import PathStep
from annotations.selectors.together import answers
from inference.types import Rating

# The steps of the path, and beside it what these sessions rated.
STEPS = """
    WITH RECURSIVE up AS (
        SELECT id, tree_id, parent_seq FROM annotations_node WHERE project_id = %(project)s AND id = %(leaf)s
        UNION ALL
        SELECT n.id, n.tree_id, n.parent_seq FROM up JOIN annotations_node n
        ON n.tree_id = up.tree_id AND n.seq = up.parent_seq),
    said AS (
        SELECT DISTINCT e.node_id AS id FROM annotations_labelevent e
        WHERE e.project_id = %(project)s AND e.session_id = ANY(%(sessions)s::bigint[]))
    SELECT n.id, n.seq, coalesce(n.parent_seq, 0), n.depth, n.role, n.text, n.terminal, n.outcome, n.visits,
           n.value_sum / nullif(n.visits, 0), n.answer, up.id IS NOT NULL
    FROM annotations_node n LEFT JOIN up ON up.id = n.id
    WHERE n.project_id = %(project)s AND (up.id IS NOT NULL OR n.id IN (SELECT id FROM said))
    ORDER BY n.depth, up.id IS NULL, n.seq
"""


@dataclass(frozen=True, slots=True)
class Cell:
    """What one person says of one step; `error`: it is his first error, `wrote`: the step that he wrote after it."""

    session: LabelSession
    event: LabelEvent | None
    error: bool
    wrote: str = ""

    @property
    def marks(self) -> list[str]:
        """How he marked the step besides rating it."""
        return [name for name in ("chosen", "flagged") if self.event and self.event.data.get(name)]

    @property
    def rating(self) -> str:
        return (self.event.rating or "") if self.event else ""


@dataclass(slots=True)
class Row:
    """A step with a cell for each person. Off the path (`aside`) it is an alternative to a step of it."""

    step: PathStep
    aside: bool
    cells: list[Cell] = field(default_factory=list)
    decided: LabelEvent | None = None
    error: bool = False
    comments: list[Comment] = field(default_factory=list)

    @property
    def node(self) -> int:
        return self.step.spot.id

    @property
    def differs(self) -> bool:
        """Whether people rate it differently, or only some have their first error here."""
        ratings = {cell.rating for cell in self.cells if cell.rating}
        errors = {cell.error for cell in self.cells}
        return len(ratings) > 1 or len(errors) > 1


@dataclass
class Dispute:
    """An item as its viewer may see it. `people` are the sessions that are columns, `decisions` come newest first.

    `opened` says whether he sees the others' labels and the decision, `mine` is his own session, `asked` are the
    comments that are open questions.
    """

    item: LabelItem
    settings: DeskSettings
    opened: bool
    mine: LabelSession | None
    people: list[LabelSession]
    away: list[LabelSession]
    rows: list[Row]
    decisions: list[ItemDecision]
    comments: list[Comment]
    asked: set[int]
    categories: list[dict[str, Any]]

    @property
    def decision(self) -> ItemDecision | None:
        """What stands decided."""
        newest = self.decisions[0] if self.decisions else None
        return None if newest is None or newest.back else newest

    @property
    def kinds(self) -> list[str]:
        """In what people differ."""
        said = {
            "first error": len({session.first_error_id for session in self.people}) > 1,
            "ratings": any(len({cell.rating for cell in row.cells if cell.rating}) > 1 for row in self.rows),
            "finish": len({session.finish for session in self.people}) > 1,
        }
        return [kind for kind, differs in said.items() if differs]

    @cached_property
    def version(self) -> str:
        """A mark of everything that a decision rests on: it changes whenever somebody says something else."""
        events = [cell.event.pk for row in self.rows for cell in row.cells if cell.event]
        sessions = [(one.pk, one.state, one.finish, one.first_error_id) for one in self.people]
        told = (self.item.state, [one.pk for one in self.decisions[:1]], sessions, events)
        return blake2s(repr(told).encode(), digest_size=8).hexdigest()

    def row(self, node: int | None) -> Row | None:
        return next((row for row in self.rows if row.node == node), None)


def dispute(access: Access, item_id: int) -> Dispute:
    """Return an item as the viewer may see it; NotFound for one that he neither labels nor decides about."""
    found = LabelItem.objects.filter(project=access.project, pk=item_id).select_related("queue", "tree__problem")
    item = found.first()
    if item is None:
        raise NotFound("There is no such item.")
    every = LabelSession.objects.filter(project=access.project, item=item).select_related("user", "first_error")
    sessions = list(every.order_by("submitted_at", "id"))
    mine = next((session for session in sessions if session.user_id == access.user.pk), None)
    decides = rules.can(access, Act.ADJUDICATE)
    if mine is None and not decides:
        raise NotFound("There is no such item.")
    settings = DeskSettings.from_mapping(item.queue.settings)
    opened = sees_item(access, reveal=settings.reveal, mine=mine.state if mine else None, state=item.state)
    handed_in = [session for session in sessions if session.state in DONE]
    people = handed_in if opened else [mine] if mine else []
    made = Dispute(
        item=item,
        settings=settings,
        opened=opened,
        mine=mine,
        people=people,
        away=[session for session in sessions if session.state not in DONE] if decides else [],
        rows=_rows(access, item, people),
        decisions=_decisions(access, item) if opened else [],
        comments=_comments(access, item) if opened or (mine and mine.state in DONE) else [],
        asked=open_in(access, item.pk),
        categories=_categories(access),
    )
    _say(access, made)
    return made


def _rows(access: Access, item: LabelItem, people: list[LabelSession]) -> list[Row]:
    asked = {"project": access.project.pk, "leaf": item.leaf_id, "sessions": [session.pk for session in people]}
    (rows,) = answers((STEPS, asked))
    return [Row(path_step(number, row[:-1]), aside=not row[-1]) for number, row in enumerate(rows, 1)]


def _say(access: Access, found: Dispute) -> None:
    """Put what people, the decision, tools and the PRM say into the rows."""
    by_node = {row.node: row for row in found.rows}
    people = [session.user_id for session in found.people]
    events = item_events(access, found.item.pk, by_node, people, decided=found.opened)
    said = {(event.node_id, event.voter): event for event in events}
    decision = found.decision
    for row in found.rows:
        row.cells = [
            Cell(
                one,
                said.get((row.node, voter_of(one.user_id))),
                row.node == one.first_error_id,
                written(one, row.node),
            )
            for one in found.people
        ]
        if found.item.leaf_id is None:
            # A whole tree was walked: its path is what somebody chose, up to where he found it wrong.
            row.aside = not any(cell.error or "chosen" in cell.marks for cell in row.cells)
        row.comments = [comment for comment in found.comments if comment.node_id == row.node]
        decided = said.get((row.node, DECISION))
        if decision is not None and decided is not None and decided.rating:
            row.decided, row.error = decided, decision.first_error_id == row.node
    if not found.opened:
        return
    for check in ToolCheck.objects.filter(project=access.project, node_id__in=by_node).order_by("id"):
        by_node[int(check.node_id or 0)].step.checks.append(check)
    scores = Score.objects.filter(project=access.project, node_id__in=by_node, scorer__startswith="prm")
    for node, value in scores.order_by("id").values_list("node_id", "value"):
        by_node[int(node or 0)].step.spot.prm = value


def _decisions(access: Access, item: LabelItem) -> list[ItemDecision]:
    made = ItemDecision.objects.filter(project=access.project, item=item)
    return list(made.select_related("author", "session__user", "first_error").order_by("-id"))


def _comments(access: Access, item: LabelItem) -> list[Comment]:
    said = Comment.objects.filter(project=access.project, item=item)
    return list(said.select_related("author", "node").order_by("id"))


def _categories(access: Access) -> list[dict[str, Any]]:
    scheme = newest_scheme(access)
    return [row for row in scheme.categories if row.get("active", True)] if scheme else []


def written(session: LabelSession, above: int) -> str:
    """Return the step that a person wrote after a step of the item (0: as the first), "" for none."""
    return str((session.own.get(str(above)) or {}).get("text", ""))


def first_error_of(rows: list[Row], ratings: dict[int, str]) -> int | None:
    """Return the first step of the path that these ratings call incorrect."""
    wrong = (row.node for row in rows if not row.aside and ratings.get(row.node) == Rating.INCORRECT)
    return next(wrong, None)
