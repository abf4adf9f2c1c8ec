"""Fifteen steps to label blind: which ones a viewer gets, what he said of them, and what everybody else says.

The choice hangs on the viewer and the project's labels and verdicts, so that it stands while he works and differs
between people. About half of the steps are wrong, some of them refuted by a tool, each is of another tree.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from annotations.access import Access
from annotations.models import ToolCheck
from annotations.selectors.checks import STANDS
from annotations.selectors.labels import CORPUS_SQL, current_by_node, resolve, visible_events, voter_of
from annotations.selectors.review import ground
from annotations.selectors.reviewed import PATH, PROBLEM, path_step
from annotations.selectors.steps import PathStep
from annotations.selectors.together import answers
from annotations.selectors.trees import Spot
from inference.types import VerdictKind

ITEMS = 15
# How many of them are refuted by a tool, wrong by their label, right by it; where there are too few, others fill up.
DEAL = {"refuted": 3, "wrong": 5, "right": 7}
CLIENT, SCORER = "blind", "prm"
CHOSEN = f"""
    WITH pool AS (
        SELECT DISTINCT ON (n.tree_id) e.node_id, md5(%(me)s || ':' || e.node_id) AS luck,
               CASE WHEN c.node_id IS NOT NULL THEN 'refuted' ELSE e.rating END AS kind
        FROM ({CORPUS_SQL}) e JOIN annotations_node n ON n.project_id = %(project)s AND n.id = e.node_id
        LEFT JOIN (SELECT DISTINCT c.node_id FROM annotations_toolcheck c
                   WHERE c.project_id = %(project)s AND c.verdict = 'refuted' AND {STANDS}) c ON c.node_id = e.node_id
        WHERE n.role = 'step' AND NOT n.removed
        ORDER BY n.tree_id, (e.rating = 'incorrect') = (md5(%(me)s || n.tree_id) < '8') DESC, luck
    ), dealt AS (
        SELECT node_id, luck, row_number() OVER (PARTITION BY kind ORDER BY luck) >
               CASE kind WHEN 'refuted' THEN %(refuted)s WHEN 'incorrect' THEN %(wrong)s ELSE %(right)s END AS spare
        FROM pool
    ), chosen AS (SELECT node_id, luck FROM dealt ORDER BY spare, luck LIMIT %(items)s)
    SELECT node_id FROM chosen ORDER BY luck
"""  # noqa: S608 constants only
PLACES = """
    SELECT n.id, n.tree_id, n.seq, n.text, s.scores, c.sides FROM annotations_node n
    LEFT JOIN annotations_reviewstep s ON s.project_id = n.project_id AND s.node_id = n.id
    LEFT JOIN annotations_reviewcell c ON c.project_id = s.project_id AND c.key = s.cell
    WHERE n.project_id = %(project)s AND n.id = ANY(%(nodes)s)
"""


@dataclass(frozen=True, slots=True)
class Drill:
    """The steps of a viewer in their order, and his rating of each that he has labelled here."""

    nodes: list[int]
    said: dict[int, str]

    @property
    def next(self) -> int | None:
        return next((node for node in self.nodes if node not in self.said), None)

    @property
    def done(self) -> bool:
        return bool(self.nodes) and self.next is None


@dataclass(frozen=True, slots=True)
class Item:
    """A step to be labelled: the problem and the path, and nothing that anybody said of it."""

    node_id: int
    problem: str
    answer: str
    path: list[PathStep]


@dataclass(frozen=True, slots=True)
class Opinion:
    """What is said of one step. "" where somebody says nothing; `prm` is (scorer, number, takes it for correct)."""

    node_id: int
    tree_id: int
    seq: int
    text: str
    mine: str
    people: str
    on_purpose: bool
    tool: str
    evidence: str
    prm: tuple[str, float, bool] | None


def drill(access: Access) -> Drill:
    """Return the viewer's steps and what he has said of them. Two queries."""
    me = voter_of(access.user.pk)
    params = {"project": access.project.pk, "me": me, "items": ITEMS, **DEAL}
    (rows,) = answers((CHOSEN, params))
    nodes = [int(node) for (node,) in rows]
    events = visible_events(access).filter(node__in=nodes, voter=me, client=CLIENT)
    said = {int(event.node_id or 0): event.rating for event in events}
    return Drill(nodes, {node: rating for node, rating in said.items() if rating})


def item(access: Access, node_id: int) -> Item:
    """Return what the viewer reads before he labels a step. One message."""
    params = {"project": access.project.pk, "node": node_id}
    rows, problem = answers(PATH.asked(**params), PROBLEM.asked(**params))
    return Item(node_id, problem[0][2], problem[0][3], [path_step(number, row) for number, row in enumerate(rows, 1)])


def opinions(access: Access, found: Drill) -> list[Opinion]:
    """Return what everybody says of the drill's steps, as far as the viewer may know it."""
    me = voter_of(access.user.pk)
    ground(access)
    (rows,) = answers((PLACES, {"project": access.project.pk, "nodes": found.nodes}))
    places = {row[0]: row for row in rows}
    labels = current_by_node(access, found.nodes)
    checks: dict[int, list[ToolCheck]] = {}
    for check in ToolCheck.objects.filter(project=access.project, node__in=found.nodes).order_by("id"):
        checks.setdefault(int(check.node_id or 0), []).append(check)
    told = []
    for node in found.nodes:
        _, tree, seq, text, scores, sides = places[node]
        others = [event for event in labels.get(node, []) if event.voter != me]
        event = resolve(others)
        step = PathStep(
            1, Spot(node, seq, 0, 1, "step", "", False, None, 0, None), text, "", None, checks.get(node, [])
        )
        told.append(
            Opinion(
                node_id=node, tree_id=tree, seq=seq, text=text, mine=found.said.get(node, ""),
                people="" if event is None else str(event.rating),
                on_purpose=bool(event and event.data.get("wrong_on_purpose")),
                tool=_verdict(step.standing), evidence=step.refutation, prm=_prm(scores, sides),
            )
        )  # fmt: skip
    return told


def _verdict(checks: list[ToolCheck]) -> str:
    """Return the word of the tools: one refutation is enough, one support where nothing is refuted."""
    kinds = {str(check.verdict) for check in checks}
    return next((kind.value for kind in (VerdictKind.REFUTED, VerdictKind.SUPPORTED) if kind in kinds), "")


def _prm(scores: str | None, sides: str | None) -> tuple[str, float, bool] | None:
    """Return the word of the studio's own PRM, else that of some other scorer."""
    values = json.loads(scores) if scores else {}
    if not values:
        return None
    name = SCORER if SCORER in values else min(values)
    return name, float(values[name]), bool((json.loads(sides) if sides else {}).get(name))
