"""Putting paths and trees into a labelling queue, set-based: one statement whatever their number."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import connection, transaction

from annotations import rules
from annotations.access import Access
from annotations.desk import priorities
from annotations.desk.paths import paths_sql
from annotations.desk.sources import MOST_ITEMS, From, Source
from annotations.errors import BadInput
from annotations.models import LabelQueue, LabelSlice, Run
from annotations.rules import Act
from inference.desk import DeskMode

# What the queue holds already is passed over. 0 stands for "no leaf", so that the comparison can be hashed.
ADD = """
    INSERT INTO annotations_labelitem (project_id, queue_id, tree_id, leaf_id, number, wanted, places)
    SELECT %(project)s, %(queue)s, x.tree_id, x.leaf_id,
           (SELECT coalesce(max(number), 0) FROM annotations_labelitem WHERE queue_id = %(queue)s)
           + row_number() OVER (ORDER BY x.number),
           %(overlap)s, %(overlap)s
    FROM ({paths}) x
    WHERE NOT EXISTS (
        SELECT FROM annotations_labelitem i
        WHERE i.queue_id = %(queue)s AND i.tree_id = x.tree_id AND coalesce(i.leaf_id, 0) = coalesce(x.leaf_id, 0))
"""
GIVEN = """
    SELECT DISTINCT ON (g.tree_id, g.leaf_id) g.tree_id, g.leaf_id, g.number
    FROM unnest(%(trees)s::bigint[], %(leaves)s::bigint[]) WITH ORDINALITY AS g(tree_id, leaf_id, number)
    ORDER BY g.tree_id, g.leaf_id, g.number
"""
# The first given path that is none of this project.
AMISS = """
    SELECT g.number, g.tree_id, g.leaf_id
    FROM unnest(%(trees)s::bigint[], %(leaves)s::bigint[]) WITH ORDINALITY AS g(tree_id, leaf_id, number)
    LEFT JOIN annotations_tree t ON t.project_id = %(project)s AND t.id = g.tree_id
    LEFT JOIN annotations_node n ON n.project_id = %(project)s AND n.id = g.leaf_id AND n.tree_id = g.tree_id
    WHERE t.id IS NULL OR (g.leaf_id IS NOT NULL AND n.id IS NULL)
    ORDER BY g.number LIMIT 1
"""


@transaction.atomic
def fill(*, access: Access, queue: LabelQueue, source: Source) -> int:
    """Add all that a source stands for and return how many items are new. BadInput where that is nothing."""
    rules.check(access, Act.QUEUE)
    check_source(access, source)
    paths, values = paths_sql(access, source, queue.mode)
    added = _add(queue, paths, values)
    if not added and not queue.items.exists():
        raise BadInput("Nothing fits: choose another source or fewer filters.", "source")
    return added


@transaction.atomic
def add_items(*, access: Access, queue: LabelQueue, paths: Iterable[tuple[int, int | None]]) -> int:
    """Add paths, each as (tree, last step), or (tree, None) for a whole tree; return how many are new.

    BadInput names the first that does not fit the queue's mode or is not of the project.
    """
    rules.check(access, Act.QUEUE)
    given = list(paths)
    if len(given) > MOST_ITEMS:
        raise BadInput(f"At most {MOST_ITEMS:,} items are added at once; these are {len(given):,}.", "paths")
    whole = queue.mode == DeskMode.TREE
    for number, (_, leaf) in enumerate(given, 1):
        if (leaf is None) != whole:
            expected = "a tree without a last step" if whole else "a tree and the path's last step"
            raise BadInput(f"Path {number}: expected {expected}, for the queue is in {queue.mode} mode.", "paths")
    values: dict[str, Any] = {"trees": [tree for tree, _ in given], "leaves": [leaf for _, leaf in given]}
    with connection.cursor() as cursor:
        cursor.execute(AMISS, {**values, "project": queue.project_id})
        amiss = cursor.fetchone()
    if amiss is not None:
        number, tree, leaf = amiss
        what = f"no tree {tree}" if leaf is None else f"no step {leaf} in a tree {tree}"
        raise BadInput(f"Path {number}: there is {what} in this project.", "paths")
    return _add(queue, GIVEN, values)


def check_source(access: Access, source: Source) -> None:
    """Refuse the slice or the run of another project."""
    rows = {
        From.SLICE.value: LabelSlice.objects.filter(project=access.project, pk=source.slice),
        From.RUN.value: Run.objects.filter(project=access.project, pk=source.run),
    }
    if source.kind in rows and not rows[source.kind].exists():
        raise BadInput(f"There is no such {source.kind} in this project.", f"source.{source.kind}")


def _add(queue: LabelQueue, paths: str, values: Mapping[str, Any]) -> int:
    """Add the rows of `paths` (tree_id, leaf_id, number) and work out which of them comes first."""
    # Two fills number their items one after the other; who takes items is not held up.
    LabelQueue.objects.select_for_update(no_key=True).get(pk=queue.pk)
    named = {**values, "project": queue.project_id, "queue": queue.pk, "overlap": queue.overlap}
    with connection.cursor() as cursor:
        cursor.execute(ADD.format(paths=paths), named)
        added = int(cursor.rowcount)
    if added:
        priorities.refresh(queue)
    return added
