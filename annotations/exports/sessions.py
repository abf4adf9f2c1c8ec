"""People's work at the labelling desk as rows of PRM800K's raw form, and the rows that were imported in that form."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC
from typing import Any

from django.utils.crypto import salted_hmac

from annotations.exports.trees import rows
from annotations.models import Project
from annotations.selectors.itemwords import Item, words, works
from annotations.selectors.together import answers
from inference.datasets.prm800k_raw import NAME, LabelledSession, session_row

PAGE = 200
# %(voter)s is NULL for those who may see everybody's labels.
CHOSEN = """
    FROM annotations_labelsession s
    WHERE s.project_id = %(project)s AND s.state = 'submitted'
      AND (%(voter)s::text IS NULL OR 'u' || s.user_id = %(voter)s)
"""
AFTER = f"SELECT s.id {CHOSEN} AND s.id > %(after)s ORDER BY s.id LIMIT %(page)s"
FACTS = """
    SELECT s.id, s.user_id, u.username, s.submitted_at, s.finish, s.seconds, s.own, i.role, i.leaf_id IS NULL,
           p.text, p.solution, p.answer
    FROM annotations_labelsession s JOIN annotations_labelitem i ON i.id = s.item_id
    JOIN annotations_tree t ON t.id = i.tree_id JOIN annotations_problem p ON p.id = t.problem_id
    JOIN annotations_user u ON u.id = s.user_id
    WHERE s.project_id = %(project)s AND s.id = ANY(%(sessions)s) ORDER BY s.id
"""
IMPORTED = """
    SELECT r.id, r.data -> 'row' FROM annotations_rationale r
    WHERE r.project_id = %(project)s AND r.source = %(source)s AND r.data ? 'row' AND r.id > %(after)s
    ORDER BY r.id LIMIT %(page)s
"""
Labels = Mapping[str, object]


def session_rows(project: Project, labels: Labels, options: Any) -> Iterator[dict[str, Any]]:
    """Yield the imported rows, then a row for each submitted session, a page at a time."""
    if options.rows != "desk" and labels["voter"] is None:
        yield from _imported(project)
    if options.rows == "imported":
        return
    after = 0
    while page := rows(AFTER, {**labels, "after": after, "page": PAGE}):
        after = page[-1][0]
        yield from raw_rows(project.pk, [row[0] for row in page], pseudonyms=options.labeler == "pseudonym")


def _imported(project: Project) -> Iterator[dict[str, Any]]:
    after = 0
    while page := rows(IMPORTED, {"project": project.pk, "source": NAME, "after": after, "page": PAGE}):
        after = page[-1][0]
        yield from (json.loads(row) for _, row in page)


def raw_rows(project_id: int, session_ids: Sequence[int], *, pseudonyms: bool = False) -> list[dict[str, Any]]:
    """Return these sessions as raw rows, in the order of their ids."""
    facts = rows(FACTS, {"project": project_id, "sessions": list(session_ids)})
    (said,) = answers(words(project_id, session_ids))
    done = works([Item(row[0], row[8], json.loads(row[6])) for row in facts], said)
    return [session_row(_session(project_id, row, done[row[0]], pseudonyms)) for row in facts]


def _session(project_id: int, row: tuple[Any, ...], work: Any, pseudonyms: bool) -> LabelledSession:
    _, user_id, username, at, finish, seconds, _, role, _, problem, solution, answer = row
    return LabelledSession(
        labeler=pseudonym(project_id, user_id) if pseudonyms else username,
        timestamp=at.astimezone(UTC).replace(tzinfo=None).isoformat(),
        finish=finish,
        seconds=seconds,
        gold=role == "gold",
        screening=role == "screening",
        problem=problem,
        solution=solution,
        answer=answer,
        work=work,
    )


def pseudonym(project_id: int, user_id: int) -> str:
    """Return a name for a person that stays the same in this project and that nobody outside the site can undo."""
    return salted_hmac("labeler", f"{project_id}:{user_id}").hexdigest()[:24]
