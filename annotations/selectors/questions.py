"""Questions that reviewers ask those who labelled an item, until one of them answers or the item is decided."""

from __future__ import annotations

from annotations.access import Access
from annotations.selectors.together import answers

# Nobody else who labelled has said anything since, of the same step (or, as the question, of the whole item).
OPEN = """
    SELECT c.id, c.item_id, c.author_id FROM annotations_comment c JOIN annotations_labelitem i ON i.id = c.item_id
    WHERE c.project_id = %(project)s AND c.asks AND i.state NOT IN ('decided', 'withdrawn')
      AND NOT EXISTS (
        SELECT FROM annotations_comment a
        JOIN annotations_labelsession s ON s.item_id = a.item_id AND s.user_id = a.author_id
        WHERE a.item_id = c.item_id AND a.id > c.id AND a.author_id <> c.author_id
          AND a.node_id IS NOT DISTINCT FROM c.node_id AND s.state IN ('submitted', 'surplus'))
"""
# Asked of one person: of items that he submitted, by somebody else.
OF_PERSON = f"""
    SELECT o.id, o.item_id FROM ({OPEN}) o
    WHERE o.author_id <> %(user)s AND EXISTS (
        SELECT FROM annotations_labelsession s
        WHERE s.item_id = o.item_id AND s.user_id = %(user)s AND s.state IN ('submitted', 'surplus'))
"""  # noqa: S608 constants only


def asked_of(access: Access) -> int:
    """Return how many open questions are put to the viewer."""
    asked = {"project": access.project.pk, "user": access.user.pk}
    ((row,),) = answers((f"SELECT count(*) FROM ({OF_PERSON}) asked", asked))  # noqa: S608
    return int(row[0])


def open_in(access: Access, item_id: int) -> set[int]:
    """Return the ids of an item's open questions."""
    asked = {"project": access.project.pk, "item": item_id}
    (rows,) = answers((f"SELECT o.id FROM ({OPEN}) o WHERE o.item_id = %(item)s", asked))  # noqa: S608
    return {int(key) for (key,) in rows}
