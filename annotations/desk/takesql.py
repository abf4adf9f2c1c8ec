"""The questions of handing out items as SQL: whose turn it is, which item comes next, what is written when it goes.

Everything that is locked is locked with SKIP LOCKED, an item's row before the session's: nobody waits for anybody else,
and no two people can hold each other up.
"""

from __future__ import annotations

from typing import Any

from annotations.desk.params import HIDDEN
from annotations.models import LabelItem, LabelQueue, LabelSession
from annotations.selectors.itemsql import DEFAULTS, SHOWN, SHOWN_TYPES
from annotations.selectors.together import Prepared

# Items that one person may hold in one queue: the open one, those loaded ahead, another tab.
MOST_HELD = 5
# Half-done items that are looked at before a fresh one is handed out.
NEAR = 60
SESSION_FIELDS = [field.attname for field in LabelSession._meta.concrete_fields]
ITEM_FIELDS = [field.attname for field in LabelItem._meta.concrete_fields]
QUEUE_FIELDS = [field.attname for field in LabelQueue._meta.concrete_fields]


def columns(names: list[str], alias: str) -> str:
    return ", ".join(f"{alias}.{name}" for name in names)


# One person's takings from one queue go one after the other.
TURN = Prepared(
    "desk_turn",
    "SELECT pg_advisory_xact_lock(hashtext('studio desk ' || %(queue)s), %(user)s::int)",
    queue="bigint",
    user="bigint",
)

# Number n (from 1) of what a person takes is a gold item if it is the one of its stretch of 1 / share items. Which one
# of the stretch, his own hash says: nobody can count on it, and the share is met exactly.
GOLD_DUE = """
    o.gold_share > 0 AND EXISTS (
        SELECT FROM generate_series(floor(coalesce(m.taken, 0) * o.gold_share)::bigint,
                                    floor((coalesce(m.taken, 0) + 1) * o.gold_share)::bigint) AS k
        WHERE floor((k + (hashint8extended(k, hashint8extended(%(user)s, q.seed)) & 1048575) / 1048576.0)
                    / nullif(o.gold_share, 0)) = coalesce(m.taken, 0))
"""
# The person in this queue. Phase: "screening" until it is passed, "barred" where it was not, else "work".
ME = f"""
    SELECT me.*, CASE WHEN needed = 0 OR passed THEN 'work' WHEN passed IS NULL THEN 'screening' ELSE 'barred'
                 END AS phase
    FROM (
        SELECT q.id AS queue_id, q.project_id, q.state, hashint8extended(%(user)s, q.seed) AS own_seed, o.*, m.passed,
               o.lease_minutes * interval '1 minute' AS lease, {GOLD_DUE} AS gold_due,
               (SELECT count(*) FROM annotations_labelsession s
                WHERE s.queue_id = q.id AND s.user_id = %(user)s AND s.state = 'leased') AS held,
               CASE WHEN o.screening > 0 AND m.passed IS DISTINCT FROM true
                    THEN least(o.screening, (SELECT count(*) FROM annotations_labelitem i
                                             WHERE i.queue_id = q.id AND i.role = 'screening' AND i.state = 'open'))
                    ELSE 0 END AS needed,
               CASE WHEN o.screening > 0 AND m.passed IS NULL
                    THEN (SELECT count(*) FROM annotations_labelsession s
                          JOIN annotations_labelitem i ON i.id = s.item_id AND i.role = 'screening'
                          WHERE s.queue_id = q.id AND s.user_id = %(user)s
                            AND s.state IN ('leased', 'submitted', 'surplus'))
                    ELSE 0 END AS had
        FROM annotations_labelqueue q
        CROSS JOIN LATERAL jsonb_to_record(%(defaults)s || q.settings) AS o (
            gold_share float8, screening int, lease_minutes int, everyone boolean, reference text, evidence text,
            prelabels text, compare_aids boolean)
        LEFT JOIN annotations_queuemember m ON m.queue_id = q.id AND m.user_id = %(user)s
        WHERE q.id = %(queue)s AND q.project_id = %(project)s AND q.state <> 'closed'
          AND (o.everyone OR coalesce(m.assigned, false))) me
"""  # noqa: S608 constants only
# What he holds already and the page does not show; it need not be taken, only kept.
RESUMED = f"""
    UPDATE annotations_labelsession s SET lease_until = now() + me.lease, seen_at = now() FROM me
    WHERE s.state = 'leased' AND s.id = (
        SELECT o.id FROM annotations_labelsession o
        WHERE o.queue_id = %(queue)s AND o.user_id = %(user)s AND o.state = 'leased' AND NOT (o.id = ANY(%(have)s))
          AND o.id = coalesce(%(want)s, o.id)
        ORDER BY o.taken_at, o.id LIMIT 1)
    RETURNING {columns(SESSION_FIELDS, "s")}
"""  # noqa: S608
# A subselect and not a join: it is asked of one item after the other until one is found.
HAD = "(SELECT s.id FROM annotations_labelsession s WHERE s.item_id = {item}.id AND s.user_id = %(user)s)"
NEVER_HAD = f"{HAD.format(item='i')} IS NULL"
FREE = "i.queue_id = %(queue)s AND i.state = 'open' AND i.places > 0"
FIRST = "LIMIT 1 FOR NO KEY UPDATE OF i SKIP LOCKED"


def gate(condition: str) -> str:
    """Return what must hold of the person and not of the item: where it does not, no item is looked at, nor locked."""
    ready = f"state = 'open' AND held < {MOST_HELD}"
    return f"(SELECT {ready} AND ({condition}) FROM me) AND NOT EXISTS (SELECT FROM resumed)"  # noqa: S608


def unasked(condition: str) -> str:
    """Return the gate of items that nobody asks for by their session."""
    return gate(f"%(want)s IS NULL AND {condition}")


HALF = f"i.role = 'work' AND {FREE} AND i.takers > 0"
FRESH = f"i.role = 'work' AND {FREE} AND i.takers = 0"
# Where the next item is looked for; the first that has one gives it.
PLACES = (
    f"""SELECT i.id, false AS again FROM annotations_labelitem i
        WHERE {unasked("phase = 'screening' AND had < needed")} AND i.role = 'screening' AND {FREE} AND {NEVER_HAD}
        ORDER BY i.number {FIRST}""",  # noqa: S608
    f"""SELECT i.id, false FROM annotations_labelitem i
        WHERE {unasked("phase = 'work' AND gold_due")} AND i.role = 'gold' AND {FREE} AND {NEVER_HAD}
        ORDER BY hashint8extended(i.id, (SELECT own_seed FROM me)) {FIRST}""",  # noqa: S608
    f"""SELECT i.id, false FROM (
            SELECT i.id, i.priority, i.number FROM annotations_labelitem i
            WHERE {HALF} ORDER BY i.priority DESC, i.number LIMIT {NEAR}) near
        JOIN annotations_labelitem i ON i.id = near.id
        WHERE {unasked("phase = 'work'")} AND {FREE} AND {HAD.format(item="near")} IS NULL
        ORDER BY near.priority DESC, near.number {FIRST}""",  # noqa: S608
    f"""SELECT i.id, false FROM annotations_labelitem i WHERE {unasked("phase = 'work'")} AND {FRESH} AND {NEVER_HAD}
        ORDER BY i.priority DESC, i.number {FIRST}""",  # noqa: S608
    f"""SELECT i.id, false FROM annotations_labelitem i WHERE {unasked("phase = 'work'")} AND {HALF} AND {NEVER_HAD}
        ORDER BY i.priority DESC, i.number {FIRST}""",  # noqa: S608
    f"""SELECT i.id, true FROM annotations_labelsession s JOIN annotations_labelitem i ON i.id = s.item_id
        WHERE s.queue_id = %(queue)s AND s.user_id = %(user)s AND s.state IN ('returned', 'expired', 'skipped')
          AND s.id = coalesce(%(want)s, s.id)
          AND ((i.role = 'work' OR i.role = 'gold' AND %(want)s IS NOT NULL) AND {gate("phase = 'work'")}
               OR i.role = 'screening' AND {gate("phase = 'screening' AND had < needed")}) AND {FREE}
        ORDER BY s.state = 'skipped', i.priority DESC, i.number
        LIMIT 1 FOR NO KEY UPDATE OF i, s SKIP LOCKED""",  # noqa: S608
)
LOOKED_AT = " UNION ALL ".join(f"SELECT * FROM ({place}) x" for place in PLACES)  # noqa: S608
CHOSEN = f"""
    SELECT me.*, c.id AS item_id, c.again,
           NOT me.compare_aids OR hashint8extended(c.id, me.own_seed) & 1 = 0 AS aided
    FROM me CROSS JOIN LATERAL (SELECT * FROM ({LOOKED_AT}) p LIMIT 1) c
"""  # noqa: S608
AIDS = f"""
    jsonb_build_object('reference', CASE WHEN aided THEN reference ELSE '{HIDDEN}' END,
                       'evidence', CASE WHEN aided THEN evidence ELSE '{HIDDEN}' END, 'prelabels', prelabels)
    || CASE WHEN compare_aids THEN jsonb_build_object('aided', aided) ELSE '{{}}' END
"""
GIVEN = f"""
    INSERT INTO annotations_labelsession (project_id, item_id, queue_id, user_id, lease_until, aids)
    SELECT project_id, item_id, queue_id, %(user)s, now() + lease, {AIDS} FROM chosen
    ON CONFLICT (item_id, user_id) DO UPDATE
        SET state = 'leased', lease_until = EXCLUDED.lease_until, aids = EXCLUDED.aids, taken_at = now(),
            seen_at = now(), submitted_at = NULL, finish = '', reason = ''
        WHERE annotations_labelsession.state IN ('returned', 'expired', 'skipped')
    RETURNING {", ".join(f"annotations_labelsession.{name}" for name in SESSION_FIELDS)}
"""  # noqa: S608
# What the person holds then: his session with its item and queue, and all that he sees of it.
TAKE_SQL = f"""
    WITH me AS MATERIALIZED ({ME}),
    resumed AS ({RESUMED}),
    chosen AS MATERIALIZED ({CHOSEN}),
    given AS ({GIVEN}),
    placed AS (
        UPDATE annotations_labelitem i SET places = places - 1, takers = takers + 1 FROM given g
        WHERE i.id = g.item_id RETURNING {columns(ITEM_FIELDS, "i")}),
    counted AS (
        INSERT INTO annotations_queuemember (project_id, queue_id, user_id, taken)
        SELECT project_id, queue_id, %(user)s, 1 FROM chosen WHERE NOT again
        ON CONFLICT (queue_id, user_id) DO UPDATE SET taken = annotations_queuemember.taken + 1),
    noted AS (
        INSERT INTO annotations_sessionevent (project_id, session_id, user_id, kind, data)
        SELECT g.project_id, g.id, g.user_id, 'taken',
               CASE WHEN c.again THEN '{{"again": true}}'::jsonb ELSE '{{}}' END FROM given g CROSS JOIN chosen c)
    SELECT {columns(SESSION_FIELDS, "s")}, {columns(ITEM_FIELDS, "i")}, {columns(QUEUE_FIELDS, "q")},
           {SHOWN}
    FROM (SELECT * FROM given UNION ALL SELECT * FROM resumed) s
    JOIN (SELECT * FROM placed
          UNION ALL
          SELECT {columns(ITEM_FIELDS, "i")} FROM resumed r JOIN annotations_labelitem i ON i.id = r.item_id) i
        ON i.id = s.item_id
    JOIN annotations_labelqueue q ON q.id = s.queue_id
"""  # noqa: S608
TYPES: dict[str, str] = {"project": "bigint", "queue": "bigint", "user": "bigint", "defaults": "jsonb"}
TAKE = Prepared("desk_take", TAKE_SQL, **(TYPES | SHOWN_TYPES), have="bigint[]", want="bigint")


def asked(project_id: int, queue_id: int, user_id: int) -> dict[str, Any]:
    """Return the parameters that all questions of this module share."""
    return {"project": project_id, "queue": queue_id, "user": user_id, "defaults": DEFAULTS}
