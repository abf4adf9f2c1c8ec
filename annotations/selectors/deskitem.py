"""All that an item of the desk shows, in one message: the problem, the steps, the viewer's own words on them, the aids.

What a session's aids hide is not read at all, and nobody else's label ever is.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from annotations.access import Access
from annotations.desk.params import HIDDEN, DeskSettings
from annotations.errors import NotFound
from annotations.models import LabelItem, LabelQueue, LabelSession
from annotations.selectors.labels import OWN_WORDS_SQL, voter_of
from annotations.selectors.together import Prepared, Statement, answers
from annotations.selectors.trees import WEIGHT
from inference.types import NodeRole, VerdictKind

LETTERS = "abcdefghijklmnopqrstuvwxyz"
ANSWER, REFUTED = NodeRole.ANSWER.value, VerdictKind.REFUTED.value

# The steps of an item: a path with (if asked) what else stands beside each of its steps, or a whole tree.
OF_PATH = """
    WITH RECURSIVE up AS (
        SELECT id, tree_id, seq, parent_seq FROM annotations_node WHERE project_id = %(project)s AND id = %(leaf)s
        UNION ALL
        SELECT n.id, n.tree_id, n.seq, n.parent_seq FROM up JOIN annotations_node n
        ON n.tree_id = up.tree_id AND n.seq = up.parent_seq),
    shown AS (
        SELECT n.*, n.id = up.id AS on_path FROM up JOIN annotations_node n ON n.tree_id = up.tree_id AND (
            n.id = up.id OR (%(beside)s AND NOT n.removed AND n.parent_seq IS NOT DISTINCT FROM up.parent_seq)))
"""
OF_TREE = """
    WITH shown AS (
        SELECT n.*, false AS on_path FROM annotations_node n
        WHERE n.project_id = %(project)s AND n.tree_id = %(tree)s AND NOT n.removed)
"""
IN_PATH = {"project": "bigint", "leaf": "bigint", "beside": "boolean"}
IN_TREE = {"project": "bigint", "tree": "bigint"}
STEPS = """
    SELECT id, seq, coalesce(parent_seq, 0), depth, role, text, terminal, on_path
    FROM shown ORDER BY depth, on_path DESC, seq
"""
CHECKS = """
    SELECT c.node_id, c.verifier, c.verdict, c.message, c.claims
    FROM shown JOIN annotations_toolcheck c ON c.node_id = shown.id ORDER BY c.id
"""
SCORES = """
    SELECT DISTINCT ON (s.node_id) s.node_id, s.value FROM shown JOIN annotations_score s ON s.node_id = shown.id
    WHERE s.scorer LIKE 'prm%%' ORDER BY s.node_id, s.id DESC
"""
PROBLEM = Prepared(
    "desk_problem",
    """
    SELECT p.id, p.text, p.answer, p.solution FROM annotations_tree t JOIN annotations_problem p ON p.id = t.problem_id
    WHERE t.project_id = %(project)s AND t.id = %(tree)s
""",
    **IN_TREE,
)
CATEGORIES = Prepared(
    "desk_categories",
    """
    SELECT categories FROM annotations_labelscheme WHERE project_id = %(project)s ORDER BY version DESC LIMIT 1
""",
    project="bigint",
)


def _about(part: str, sql: str, **more: str) -> tuple[Prepared, Prepared]:
    """Return a question about the steps of a path, and the same about those of a tree."""
    return (
        Prepared(f"desk_{part}_of_path", OF_PATH + sql, **IN_PATH, **more),
        Prepared(f"desk_{part}_of_tree", OF_TREE + sql, **IN_TREE, **more),
    )


QUESTIONS = {
    "steps": _about("steps", STEPS),
    "mine": _about("mine", OWN_WORDS_SQL.format(nodes="SELECT id FROM shown"), voter="text"),
    "checks": _about("checks", CHECKS),
    "scores": _about("scores", SCORES),
}


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


def desk_item(access: Access, session: LabelSession, settings: DeskSettings) -> DeskItem:
    """Return what the viewer's own session (with its item loaded) shows; one message."""
    aids = {name: session.aids.get(name, getattr(settings, name)) for name in ("reference", "evidence", "prelabels")}
    asked = ["steps", "mine"]
    asked += ["checks"] * (aids["evidence"] != HIDDEN or aids["prelabels"] != HIDDEN)
    asked += ["scores"] * (aids["prelabels"] != HIDDEN)
    item = session.item
    problem, *found = answers(
        PROBLEM.asked(project=access.project.pk, tree=item.tree_id),
        *(_question(name, access, item, settings) for name in asked),
    )
    rows = dict(zip(asked, found, strict=True))
    steps = _steps(rows["steps"])
    _put_words(steps, rows["mine"])
    _put_checks(steps, rows.get("checks", ()), aids)
    for node_id, value in rows.get("scores", ()):
        steps[node_id].prm = value
    key, text, answer, solution = problem[0]
    if aids["reference"] == HIDDEN:
        answer = solution = ""
    return DeskItem(session, item, settings, aids, key, text, answer, solution, _levels(steps, session.own))


def categories(access: Access) -> list[dict[str, Any]]:
    """Return the active categories of the newest scheme."""
    (found,) = answers(CATEGORIES.asked(project=access.project.pk))
    return [row for row in json.loads(found[0][0]) if row.get("active", True)] if found else []


def own_session(access: Access, queue_id: int, session_id: int) -> tuple[LabelSession, DeskSettings]:
    """Return a session of the viewer's own with its item and queue; NotFound for anybody else's."""
    rows = LabelSession.objects.select_related("item", "queue")
    found = rows.filter(project=access.project, queue=queue_id, user=access.user, pk=session_id).first()
    if found is None:
        raise NotFound("There is no such item of yours in this queue.")
    return found, DeskSettings.from_mapping(found.queue.settings)


def one_queue(access: Access, queue_id: int) -> LabelQueue:
    found = LabelQueue.objects.filter(project=access.project, pk=queue_id).first()
    if found is None:
        raise NotFound("There is no such queue.")
    return found


def _question(name: str, access: Access, item: LabelItem, settings: DeskSettings) -> Statement:
    of_path, of_tree = QUESTIONS[name]
    values: dict[str, Any] = {"project": access.project.pk}
    if name == "mine":
        values["voter"] = voter_of(access.user.pk)
    if item.leaf_id is None:
        return of_tree.asked(**values, tree=item.tree_id)
    return of_path.asked(**values, leaf=item.leaf_id, beside=settings.alternatives)


def _steps(rows: Sequence[tuple[Any, ...]]) -> dict[int, DeskStep]:
    """Return the steps by id; a row names the step above by its number in the tree."""
    ids = {row[1]: row[0] for row in rows}
    return {row[0]: DeskStep(row[0], row[1], ids.get(row[2], 0), *row[3:]) for row in rows}


def _put_words(steps: dict[int, DeskStep], rows: Sequence[tuple[Any, ...]]) -> None:
    for node_id, version, rating, category, note, rewrite, data in rows:
        more = json.loads(data)
        flags = (bool(more.get("flagged")), bool(more.get("chosen")))
        steps[node_id].word = Word(version, rating or "", category, note, rewrite, *flags)


def _put_checks(steps: dict[int, DeskStep], rows: Sequence[tuple[Any, ...]], aids: Mapping[str, Any]) -> None:
    """Tell each tool's newest verdict: what is refuted is evidence, the verdict as such is a pre-label."""
    newest = {(node_id, verifier): (verdict, said, claims) for node_id, verifier, verdict, said, claims in rows}
    for (node_id, _), (verdict, said, claims) in newest.items():
        step = steps[node_id]
        if aids["prelabels"] != HIDDEN and WEIGHT[verdict] > WEIGHT.get(step.verdict, 0):
            step.verdict = verdict
        if aids["evidence"] != HIDDEN and verdict == REFUTED:
            step.refuted += _refuted(json.loads(claims)) or [said]


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
