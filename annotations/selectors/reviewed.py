"""One step as the review page shows it: its path, everything said of it, and the viewer's own label. One message."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from annotations.access import Access
from annotations.errors import NotFound
from annotations.models import LabelEvent, ToolCheck
from annotations.selectors.labels import path_events, read_event, resolve, voter_of
from annotations.selectors.steps import PathStep
from annotations.selectors.together import Prepared, answers
from annotations.selectors.trees import HEAD, Spot

UP = """
    WITH RECURSIVE up AS (
        SELECT * FROM annotations_node WHERE project_id = %(project)s AND id = %(node)s
        UNION ALL
        SELECT n.* FROM up JOIN annotations_node n ON n.tree_id = up.tree_id AND n.seq = up.parent_seq)
"""
STEP = {"project": "bigint", "node": "bigint"}
PATH = Prepared(
    "review_path",
    f"""{UP}
    SELECT id, seq, coalesce(parent_seq, 0), depth, role, text, terminal, outcome, visits,
           value_sum / nullif(visits, 0), answer
    FROM up ORDER BY depth
""",  # noqa: S608 constants only
    **STEP,
)
PROBLEM = Prepared(
    "review_problem",
    """
    SELECT t.id, p.id, p.text, p.answer, s.scores, c.sides,
           (SELECT categories FROM annotations_labelscheme WHERE project_id = %(project)s ORDER BY version DESC LIMIT 1)
    FROM annotations_node n
    JOIN annotations_tree t ON t.id = n.tree_id JOIN annotations_problem p ON p.id = t.problem_id
    LEFT JOIN annotations_reviewstep s ON s.project_id = n.project_id AND s.node_id = n.id
    LEFT JOIN annotations_reviewcell c ON c.project_id = s.project_id AND c.key = s.cell
    WHERE n.project_id = %(project)s AND n.id = %(node)s
""",
    **STEP,
)
CHECKS = Prepared(
    "review_checks",
    f"""{UP}
    SELECT c.node_id, c.verifier, c.version, c.verdict, c.ending, c.message, c.claims, c.input, c.output
    FROM annotations_toolcheck c JOIN up ON up.id = c.node_id ORDER BY c.id
""",  # noqa: S608
    **STEP,
)


@dataclass(frozen=True, slots=True)
class ReviewedStep:
    """A step in its path. `scores` are (scorer, number, whether it takes the step for correct) of the last step."""

    tree_id: int
    problem_id: int
    problem: str
    answer: str
    path: list[PathStep]
    here: PathStep
    mine: LabelEvent | None
    others: list[LabelEvent]
    scores: list[tuple[str, float, bool]]
    categories: list[dict[str, Any]]


def reviewed_step(access: Access, node_id: int) -> ReviewedStep:
    """Return everything known about a step that the viewer may know; NotFound for another project's step."""
    asked = {"project": access.project.pk, "node": node_id}
    path, problem, checks, events = answers(
        PATH.asked(**asked), PROBLEM.asked(**asked), CHECKS.asked(**asked), path_events(access, node_id)
    )
    if not path:
        raise NotFound("There is no such step.")
    steps = {row[0]: path_step(number, row) for number, row in enumerate(path, 1)}
    for row in checks:
        steps[row[0]].checks.append(_check(row))
    for row in events:
        event = read_event(row)
        steps[event.node_id].labels.append(event)
    for step in steps.values():
        standing = resolve(step.labels)
        step.spot.rating = "" if standing is None else str(standing.rating)
    here = steps[node_id]
    me = voter_of(access.user.pk)
    tree_id, problem_id, text, answer, scores, sides, categories = problem[0]
    return ReviewedStep(
        tree_id=tree_id,
        problem_id=problem_id,
        problem=text,
        answer=answer,
        path=list(steps.values()),
        here=here,
        mine=next((event for event in here.labels if event.voter == me), None),
        others=[event for event in here.labels if event.voter != me and event.rating is not None],
        scores=_scores(json.loads(scores or "{}"), json.loads(sides or "{}")),
        categories=[row for row in json.loads(categories or "[]") if row.get("active", True)],
    )


def _scores(values: dict[str, float], sides: dict[str, int]) -> list[tuple[str, float, bool]]:
    return [(scorer, value, bool(sides.get(scorer))) for scorer, value in sorted(values.items())]


def path_step(number: int, row: tuple[Any, ...]) -> PathStep:
    """Return a row of PATH as the step of that number."""
    key, seq, parent, depth, role, text, terminal, outcome, visits, value, answer = row
    spot = Spot(key, seq, parent, depth, role, text[:HEAD], terminal, outcome, visits, value)
    return PathStep(number, spot, text, answer, None)


def _check(row: tuple[Any, ...]) -> ToolCheck:
    node_id, verifier, version, verdict, ending, message, claims, given, found = row
    return ToolCheck(
        node_id=node_id, verifier=verifier, version=version, verdict=verdict, ending=ending, message=message,
        claims=json.loads(claims), input=json.loads(given or "null"), output=json.loads(found or "null"),
    )  # fmt: skip
