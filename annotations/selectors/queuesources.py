"""What a labelling queue could be filled from: slices, runs with trees, kinds and levels of problems."""

from __future__ import annotations

from dataclasses import dataclass

from annotations.access import Access
from annotations.selectors.together import answers

SLICES = """
    SELECT id, name, jsonb_array_length(nodes) FROM annotations_labelslice
    WHERE project_id = %(project)s ORDER BY id DESC LIMIT 100
"""
RUNS = """
    SELECT r.id, r.name, n.trees FROM annotations_run r
    CROSS JOIN LATERAL (SELECT count(*) AS trees FROM annotations_tree t
                        WHERE t.run_id = r.id AND t.state <> 'growing') n
    WHERE r.project_id = %(project)s AND r.kind = 'generate' AND n.trees > 0 ORDER BY r.id DESC LIMIT 100
"""
KINDS = "SELECT kind, count(*) FROM annotations_problem WHERE project_id = %(project)s GROUP BY kind ORDER BY kind"
LEVELS = """
    SELECT level, count(*) FROM annotations_problem
    WHERE project_id = %(project)s AND level IS NOT NULL GROUP BY level ORDER BY level LIMIT 50
"""


@dataclass(frozen=True, slots=True)
class Offered:
    """Slices and runs as (id, name, size), kinds and levels of problems with their numbers."""

    slices: list[tuple[int, str, int]]
    runs: list[tuple[int, str, int]]
    kinds: list[tuple[str, int]]
    levels: list[tuple[str, int]]


def offered(access: Access) -> Offered:
    """Return what there is, in one message."""
    values = {"project": access.project.pk}
    slices, runs, kinds, levels = answers(*((sql, values) for sql in (SLICES, RUNS, KINDS, LEVELS)))
    return Offered(
        slices=[(key, name, size) for key, name, size in slices],
        runs=[(key, name or f"Run {key}", size) for key, name, size in runs],
        kinds=[(kind, count) for kind, count in kinds],
        levels=[(str(level), count) for level, count in levels],
    )
