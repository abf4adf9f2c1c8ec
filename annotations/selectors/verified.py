"""Right solutions of a project: worked ones, and paths of its trees that are right as far as anybody can tell."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet

from annotations.access import Access
from annotations.errors import BadInput
from annotations.imports import content_hash
from annotations.models import Problem
from annotations.selectors.checks import STANDS
from annotations.selectors.labels import RESOLVED_SQL, label_params
from annotations.selectors.together import answers

MOST_A_PROBLEM = 2
NO_SOLUTIONS = (
    "There is no right solution to plant errors in: import or generate problems with worked solutions, or grow trees "
    "that come to the right answer."
)
# From each right answer up to a first step, leaving paths on which a tool refuted or a label blames a step.
PATHS_SQL = f"""
    WITH RECURSIVE bad AS MATERIALIZED (
        SELECT c.node_id FROM annotations_toolcheck c
        WHERE c.project_id = %(project)s AND c.node_id IS NOT NULL AND c.verdict = 'refuted' AND {STANDS}
        UNION SELECT r.node_id FROM ({RESOLVED_SQL}) r WHERE r.rating = 'incorrect'
    ), climbing AS (
        SELECT n.id AS leaf, t.problem_id, n.tree_id, n.parent_seq, '{{}}'::text[] AS steps
        FROM annotations_node n
        JOIN annotations_tree t ON t.id = n.tree_id AND t.source = 'search'
        JOIN annotations_problem p ON p.id = t.problem_id AND p.split <> 'test' AND p.answer <> ''
        WHERE n.project_id = %(project)s AND n.terminal AND n.role = 'answer' AND n.outcome = 1 AND NOT n.removed
          AND NOT EXISTS (SELECT FROM bad WHERE bad.node_id = n.id)
        UNION ALL
        SELECT c.leaf, c.problem_id, c.tree_id, n.parent_seq, ARRAY[n.text] || c.steps
        FROM climbing c JOIN annotations_node n ON n.tree_id = c.tree_id AND n.seq = c.parent_seq
        WHERE n.role = 'step' AND NOT n.removed AND NOT EXISTS (SELECT FROM bad WHERE bad.node_id = n.id)
    ), different AS (
        SELECT problem_id, steps, min(leaf) AS leaf FROM climbing
        WHERE parent_seq IS NULL AND cardinality(steps) > 0 GROUP BY problem_id, steps
    ), placed AS (
        SELECT *, row_number() OVER (PARTITION BY problem_id ORDER BY leaf) AS place FROM different
    )
"""  # noqa: S608 constants only
# Every problem's first path before any second one; which problems come first is drawn from the seed.
CHOSEN_SQL = f"""
    {PATHS_SQL}
    SELECT p.text, p.answer, placed.steps FROM placed JOIN annotations_problem p ON p.id = placed.problem_id
    WHERE place <= %(most)s ORDER BY place, md5(p.content_hash || %(seed)s::text), placed.leaf LIMIT %(count)s
"""  # noqa: S608 constants only
COUNT_SQL = f"{PATHS_SQL} SELECT count(*) FROM placed WHERE place <= %(most)s"  # noqa: S608 constants only


@dataclass(frozen=True, slots=True)
class VerifiedPath:
    """A problem with its reference answer and the steps that lead there."""

    problem: str
    answer: str
    steps: tuple[str, ...]


def verified_paths(access: Access, count: int, seed: int = 0) -> list[VerifiedPath]:
    """Return up to `count` different paths from a first step to a right answer, at most two a problem.

    None of their steps is refuted by a tool or stands as incorrect by its labels; problems marked test give none.
    """
    values = {**label_params(access), "most": MOST_A_PROBLEM, "seed": seed, "count": count}
    (rows,) = answers((CHOSEN_SQL, values))
    return [VerifiedPath(problem, answer, tuple(steps)) for problem, answer, steps in rows]


def verified_count(access: Access) -> int:
    """Return how many paths `verified_paths` could give."""
    (rows,) = answers((COUNT_SQL, {**label_params(access), "most": MOST_A_PROBLEM}))
    return int(rows[0][0])


@dataclass(frozen=True, slots=True)
class RightSolution:
    """A solution with the hash of its problem; one of a problem marked `test` may only measure."""

    problem: str
    answer: str
    steps: tuple[str, ...]
    content_hash: str
    test: bool = False


def right_solutions(access: Access, count: int) -> list[RightSolution]:
    """Return up to `count` solutions of different problems, which ones by a hash: worked ones first, then verified."""
    rows = _worked(access).order_by("content_hash")[:count]
    found = {
        row.content_hash: RightSolution(
            row.text,
            row.answer,
            tuple(line.strip() for line in row.solution.split("\n") if line.strip()),
            row.content_hash,
            row.split == "test",
        )
        for row in rows
    }
    for path in verified_paths(access, count) if len(found) < count else ():
        key = content_hash("maths", path.problem)
        found.setdefault(key, RightSolution(path.problem, path.answer, path.steps, key))
    return list(found.values())[:count]


def check_right_solutions(access: Access) -> None:
    """Raise BadInput unless the project has a right solution."""
    if not (_worked(access).exists() or verified_paths(access, 1)):
        raise BadInput(NO_SOLUTIONS, "objective")


def _worked(access: Access) -> QuerySet[Problem]:
    rows = Problem.objects.filter(project=access.project, kind="maths")
    return rows.exclude(solution="").exclude(answer="")
