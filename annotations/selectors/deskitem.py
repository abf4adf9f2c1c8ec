"""All that an item of the desk shows: the problem, the steps, the viewer's own words on them, the aids."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from annotations.access import Access
from annotations.desk.params import HIDDEN, DeskSettings
from annotations.errors import NotFound
from annotations.models import LabelItem, LabelQueue, LabelSession
from annotations.selectors.itemsql import SHOWN, SHOWN_TYPES, Shown, read_shown, shown_params
from annotations.selectors.together import BY_INDEX, Prepared, answers
from annotations.selectors.trees import WEIGHT
from inference.types import NodeRole, VerdictKind

LETTERS = "abcdefghijklmnopqrstuvwxyz"
NOT_YOURS = "There is no such item of yours in this queue."
ANSWER, REFUTED = NodeRole.ANSWER.value, VerdictKind.REFUTED.value

CATEGORIES = Prepared(
    "desk_categories",
    """
    SELECT categories FROM annotations_labelscheme WHERE project_id = %(project)s ORDER BY version DESC LIMIT 1
""",
    project="bigint",
)


SHOWN_SQL = f"""
    SELECT {SHOWN} FROM annotations_labelsession s JOIN annotations_labelitem i ON i.id = s.item_id
    JOIN annotations_labelqueue q ON q.id = s.queue_id
    WHERE s.id = %(session)s AND s.project_id = %(project)s AND s.user_id = %(user)s
"""  # noqa: S608 constants only
BY_SESSION = Prepared("desk_shown", SHOWN_SQL, session="bigint", project="bigint", user="bigint", **SHOWN_TYPES)


@dataclass(frozen=True, slots=True)
class Word:
    """What the viewer last said of a step; `version` is the event (0: nothing yet)."""

    version: int = 0
    rating: str = ""
    category: str = ""
    note: str = ""
    rewrite: str = ""
    flagged: bool = False
    chosen: bool = False


@dataclass(slots=True)
class DeskStep:
    """A step of an item. `above` is the id of the step that it continues (0: none); `letter`: one of several there."""

    id: int
    seq: int
    above: int
    depth: int
    role: str
    text: str
    terminal: bool
    on_path: bool
    word: Word = field(default_factory=Word)
    verdict: str = ""
    refuted: list[str] = field(default_factory=list)
    prm: float | None = None
    letter: str = ""

    @property
    def number(self) -> str:
        return f"{'A' if self.role == ANSWER else self.depth}{self.letter}"

    @property
    def name(self) -> str:
        return f"{'Answer' if self.role == ANSWER else f'Step {self.depth}'}{self.letter}"


@dataclass(frozen=True, slots=True)
class Level:
    """The steps that continue one step (`above`, 0: the problem), and what the viewer wrote himself there."""

    above: int
    depth: int
    steps: list[DeskStep]
    own: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class DeskItem:
    """An item as one person sees it. `aids` says what the page shows beside the steps."""

    session: LabelSession
    item: LabelItem
    settings: DeskSettings
    aids: Mapping[str, Any]
    problem_id: int
    problem: str
    answer: str
    solution: str
    levels: list[Level]


def desk_item(session: LabelSession, settings: DeskSettings, shown: Shown) -> DeskItem:
    """Return what the viewer's own session (with its item loaded) shows, read from what the database told of it."""
    aids = {name: session.aids.get(name, getattr(settings, name)) for name in ("reference", "evidence", "prelabels")}
    ids = {seq: node_id for node_id, seq, *_ in shown["steps"]}
    steps = {row[0]: DeskStep(row[0], row[1], ids.get(row[2], 0), *row[3:]) for row in shown["steps"]}
    for node_id, version, rating, category, note, rewrite, data in shown["mine"]:
        flags = (bool(data.get("flagged")), bool(data.get("chosen")))
        steps[node_id].word = Word(version, rating or "", category, note, rewrite, *flags)
    _put_checks(steps, shown["checks"] or (), aids)
    for node_id, value in shown["scores"] or ():
        steps[node_id].prm = value
    key, text, answer, solution = shown["problem"]
    return DeskItem(session, session.item, settings, aids, key, text, answer, solution, _levels(steps, session.own))


def shown_by(access: Access, session_id: int) -> Shown:
    """Return what a session of the viewer's own shows; NotFound for anybody else's."""
    asked = {"session": session_id, "project": access.project.pk, "user": access.user.pk}
    _, found = answers(BY_INDEX, BY_SESSION.asked(**asked, **shown_params(access.user.pk)))
    if not found:
        raise NotFound(NOT_YOURS)
    return read_shown(found[0][0])


def categories(access: Access) -> list[dict[str, Any]]:
    """Return the active categories of the newest scheme."""
    (found,) = answers(CATEGORIES.asked(project=access.project.pk))
    return [row for row in json.loads(found[0][0]) if row.get("active", True)] if found else []


def own_session(access: Access, queue_id: int, session_id: int) -> tuple[LabelSession, DeskSettings]:
    """Return a session of the viewer's own with its item and queue; NotFound for anybody else's."""
    rows = LabelSession.objects.select_related("item", "queue")
    found = rows.filter(project=access.project, queue=queue_id, user=access.user, pk=session_id).first()
    if found is None:
        raise NotFound(NOT_YOURS)
    return found, DeskSettings.from_mapping(found.queue.settings)


def one_queue(access: Access, queue_id: int) -> LabelQueue:
    found = LabelQueue.objects.filter(project=access.project, pk=queue_id).first()
    if found is None:
        raise NotFound("There is no such queue.")
    return found


def _put_checks(steps: dict[int, DeskStep], rows: Iterable[Sequence[Any]], aids: Mapping[str, Any]) -> None:
    """Tell each tool's newest verdict: what is refuted is evidence, the verdict as such is a pre-label."""
    newest = {(node_id, verifier): (verdict, said, claims) for node_id, verifier, verdict, said, claims in rows}
    for (node_id, _), (verdict, said, claims) in newest.items():
        step = steps[node_id]
        if aids["prelabels"] != HIDDEN and WEIGHT[verdict] > WEIGHT.get(step.verdict, 0):
            step.verdict = verdict
        if aids["evidence"] != HIDDEN and verdict == REFUTED:
            step.refuted += _refuted(claims) or [said]


def _refuted(claims: Any) -> list[str]:
    """Return the sentences of what is refuted; an import may bring claims in any form."""
    told = [claim for claim in claims if isinstance(claim, dict)] if isinstance(claims, list) else []
    wrong = [claim for claim in told if claim.get("verdict") == REFUTED]
    return [str(claim.get("detail") or claim.get("text") or "") for claim in wrong]


def _levels(steps: dict[int, DeskStep], own: Mapping[str, Any]) -> list[Level]:
    """Group the steps by what they continue, in the order of depth; a leaf has a level where its person wrote one."""
    grouped: dict[int, list[DeskStep]] = {}
    for step in steps.values():
        beside = grouped.setdefault(step.above, [])
        beside.append(step)
        step.letter = "" if step.on_path else LETTERS[(len(beside) - 1) % len(LETTERS)]
    for only in (group[0] for group in grouped.values() if len(group) == 1):
        only.letter = ""
    for above in own:
        if above.isdigit() and (int(above) in steps or above == "0"):
            grouped.setdefault(int(above), [])
    depths = {0: 0, **{step.id: step.depth for step in steps.values()}}
    ordered = sorted(grouped.items(), key=lambda group: depths[group[0]])
    return [Level(above, depths[above] + 1, group, own.get(str(above))) for above, group in ordered]
