"""The only place that reads labels: who may see whose, which event is current, how several voters become one rating."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from django.db.models import Q, QuerySet

from annotations import rules
from annotations.access import Access
from annotations.errors import NotFound
from annotations.models import LabelEvent, Node, User
from annotations.rules import Act
from annotations.selectors.together import Prepared, Statement
from inference.desk import ItemState, SessionState
from inference.types import LabelSource

EVENTS = """
    SELECT DISTINCT ON (e.node_id, e.voter)
           e.node_id, e.voter, e.source, e.rating, e.category, e.id
    FROM annotations_labelevent e
    WHERE e.project_id = %(project)s AND e.node_id IS NOT NULL AND {whose}
    ORDER BY e.node_id, e.voter, e.id DESC
"""
# Whose word goes first: a reviewer's decision, then people, then corpora.
RANKS = {LabelSource.DECISION.value: 2, LabelSource.PERSON.value: 1}
RANK = "CASE source WHEN 'decision' THEN 2 WHEN 'person' THEN 1 ELSE 0 END"
# One rating a step: of those who go first the most frequent, on a tie the latest.
RESOLVED = f"""
    SELECT node_id,
           (array_agg(rating ORDER BY rank DESC, n DESC, last DESC))[1] AS rating,
           (array_agg(category ORDER BY rank DESC, n DESC, last DESC))[1] AS category,
           bool_or(rank > 0) AS by_person,
           count(*) AS ratings
    FROM (SELECT node_id, rating, {RANK} AS rank, count(*) AS n, max(id) AS last,
                 (array_agg(category ORDER BY id DESC))[1] AS category
          FROM ({{events}}) current
          WHERE rating IS NOT NULL
          GROUP BY node_id, rating, {RANK}) counted
    GROUP BY node_id
"""  # noqa: S608 constants only
# The current event of each voter on each step. %(voter)s is NULL for those who may see everybody's.
CURRENT_SQL = EVENTS.format(whose="(%(voter)s::text IS NULL OR e.voter = %(voter)s)")
RESOLVED_SQL = RESOLVED.format(events=CURRENT_SQL)
# The ratings of a viewer who may see his own alone, found by their author.
OWN_SQL = RESOLVED.format(
    events=EVENTS.format(whose="e.voter = %(voter)s AND e.author_id = substr(%(voter)s, 2)::bigint")
)

# What people, reviewers, corpora and constructions say of a step each for themselves, by the same rule.
BY_SOURCE_SQL = f"""
    SELECT DISTINCT ON (node_id, source) node_id, source, rating
    FROM (SELECT node_id, source, rating, count(*) AS n, max(id) AS last FROM ({CURRENT_SQL}) current
          WHERE rating IS NOT NULL GROUP BY node_id, source, rating) counted
    ORDER BY node_id, source, n DESC, last DESC
"""  # noqa: S608 constants only

# How many steps of a problem hold a rating now.
LABELLED = Prepared(
    "labelled_of_problems",
    """
    SELECT problem_id, count(DISTINCT node_id)
    FROM (SELECT DISTINCT ON (e.node_id, e.voter) t.problem_id, e.node_id, e.rating
          FROM annotations_tree t
          JOIN annotations_node n ON n.tree_id = t.id
          JOIN annotations_labelevent e ON e.node_id = n.id
          WHERE t.project_id = %(project)s AND t.problem_id = ANY(%(problems)s)
            AND (%(voter)s IS NULL OR e.voter = %(voter)s)
          ORDER BY e.node_id, e.voter, e.id DESC) current
    WHERE rating IS NOT NULL
    GROUP BY problem_id
""",
    project="bigint",
    problems="bigint[]",
    voter="text",
)
# Sessions of the desk that were handed in, and items that nobody is asked about any more.
DONE = (SessionState.SUBMITTED, SessionState.SURPLUS)
SETTLED = (ItemState.AGREED, ItemState.DECIDED, ItemState.DROPPED)
# Whose opinion a reviewer's decision is.
DECISION = "decision"
# What a page shows of the labels on a path, and of who gave them.
PATH_FIELDS = ("id", "node_id", "voter", "source", "rating", "category", "note", "rewrite", "created_at")
PERSON_FIELDS = ("username", "first_name", "last_name")
PATH_EVENTS = Prepared(
    "labels_of_path",
    f"""
    WITH RECURSIVE up AS (
        SELECT id, tree_id, parent_seq FROM annotations_node WHERE project_id = %(project)s AND id = %(node)s
        UNION ALL
        SELECT n.id, n.tree_id, n.parent_seq FROM up JOIN annotations_node n
        ON n.tree_id = up.tree_id AND n.seq = up.parent_seq)
    SELECT DISTINCT ON (e.node_id, e.voter) {", ".join(f"e.{name}" for name in PATH_FIELDS)}, e.data,
           u.id, {", ".join(f"u.{name}" for name in PERSON_FIELDS)}
    FROM up JOIN annotations_labelevent e ON e.node_id = up.id LEFT JOIN annotations_user u ON u.id = e.author_id
    WHERE e.project_id = %(project)s AND (%(voter)s IS NULL OR e.voter = %(voter)s)
    ORDER BY e.node_id, e.voter, e.id DESC
""",  # noqa: S608 own column names
    project="bigint",
    node="bigint",
    voter="text",
)
# The trees in which a person has rated a step that the viewer may know of.
RATED_TREES_SQL = f"""
    SELECT n.tree_id
    FROM ({EVENTS.format(whose="e.author_id IS NOT NULL AND (%(voter)s::text IS NULL OR e.voter = %(voter)s)")}) said
    JOIN annotations_node n ON n.id = said.node_id WHERE said.rating IS NOT NULL
"""  # noqa: S608 constants only

# The labels that came with a corpus, planted or imported, and say right or wrong.
CORPUS_SQL = """
    SELECT e.node_id, e.rating FROM annotations_labelevent e
    WHERE e.project_id = %(project)s AND e.source NOT IN ('person', 'decision') AND e.rating IN ('correct', 'incorrect')
"""


def voter_of(user_id: int) -> str:
    return f"u{user_id}"


def label_params(access: Access) -> dict[str, Any]:
    """Return the parameters of CURRENT_SQL and RESOLVED_SQL for what this viewer may see."""
    sees_all = rules.can(access, Act.SEE_OTHERS)
    return {"project": access.project.pk, "voter": None if sees_all else voter_of(access.user.pk)}


def labelled_steps(access: Access, problem_ids: list[int]) -> Statement:
    """Return the question how many steps of each of these problems hold a rating that the viewer may see."""
    return LABELLED.asked(**label_params(access), problems=problem_ids)


def visible_events(access: Access) -> QuerySet[LabelEvent]:
    """Return the project's label events that the viewer may see, oldest first."""
    events = LabelEvent.objects.filter(project=access.project).order_by("id")
    if rules.can(access, Act.SEE_OTHERS):
        return events
    return events.filter(voter=voter_of(access.user.pk))


def node_history(access: Access, node_id: int) -> list[LabelEvent]:
    """Return the visible label events of a step, newest first; NotFound for another project's step."""
    if not Node.objects.filter(project=access.project, pk=node_id).exists():
        raise NotFound("There is no such step.")
    return list(visible_events(access).filter(node_id=node_id).select_related("author", "scheme").order_by("-id"))


def current_by_node(access: Access, node_ids: Iterable[int]) -> dict[int, list[LabelEvent]]:
    """Return for each step the current event of every voter that the viewer may see (rating NULL included)."""
    events = (
        visible_events(access)
        .filter(node_id__in=list(node_ids))
        .select_related("author")
        .order_by("node_id", "voter", "-id")
        .distinct("node_id", "voter")
    )
    found: dict[int, list[LabelEvent]] = {}
    for event in events:
        found.setdefault(event.node_id or 0, []).append(event)
    return found


def sees_item(access: Access, *, reveal: str, mine: str | None, state: str) -> bool:
    """Return whether the viewer may see others' labels of a desk's item, and what was decided.

    `reveal` is the queue's setting, `mine` the state of the viewer's own session with the item (None: he has none).
    It is the only way round a blind project, and it opens nothing to somebody who has not submitted.
    """
    if rules.can(access, Act.ADJUDICATE):
        return True
    if mine not in DONE:
        return False
    return reveal == "submitted" or (reveal == "decided" and state in SETTLED)


def item_events(
    access: Access, item_id: int, nodes: Iterable[int], people: Iterable[int], *, decided: bool
) -> list[LabelEvent]:
    """Return what these people, and with `decided` the item's decision, last said of steps.

    The caller has asked `sees_item` and names only people who may be seen.
    """
    whose = Q(voter__in=[voter_of(user) for user in people])
    if decided:
        whose |= Q(voter=DECISION, data__item=item_id)
    events = LabelEvent.objects.filter(whose, project=access.project, node_id__in=list(nodes))
    return list(events.select_related("author").order_by("node_id", "voter", "-id").distinct("node_id", "voter"))


def path_events(access: Access, node_id: int) -> Statement:
    """Return the question for the current event of every voter, as visible, on a step and on those above it."""
    return PATH_EVENTS.asked(**label_params(access), node=node_id)


def read_event(row: tuple[Any, ...]) -> LabelEvent:
    """Return the event that a row of `path_events` holds, with its author."""
    said, data, author, *names = row[: len(PATH_FIELDS)], *row[len(PATH_FIELDS) :]
    person = None if author is None else User(id=author, **dict(zip(PERSON_FIELDS, names, strict=True)))
    return LabelEvent(**dict(zip(PATH_FIELDS, said, strict=True)), data=json.loads(data), author=person)


def rank(source: str) -> int:
    """Return how far in front a source's word goes: decisions, people, all else."""
    return RANKS.get(source, 0)


def resolve(events: Iterable[LabelEvent]) -> LabelEvent | None:
    """Return the event that stands for a step: RESOLVED_SQL's rule over the voters' current events."""
    rated = [event for event in events if event.rating is not None]
    if not rated:
        return None
    first = max(rank(event.source) for event in rated)
    pool = [event for event in rated if rank(event.source) == first]
    counts: dict[str, int] = {}
    last: dict[str, int] = {}
    for event in pool:
        counts[str(event.rating)] = counts.get(str(event.rating), 0) + 1
        last[str(event.rating)] = max(last.get(str(event.rating), 0), int(event.pk))
    best = max(counts, key=lambda rating: (counts[rating], last[rating]))
    return max((event for event in pool if event.rating == best), key=lambda event: int(event.pk))
