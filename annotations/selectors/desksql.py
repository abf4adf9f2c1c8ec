"""What the desk's figures ask, by name. Parameters: project, mine (NULL: sees everybody), person, queue, since, until,
elsewhere (whether ratings outside the desk are asked for), pace (days)."""

# ruff: noqa: S608 (constants only)

from __future__ import annotations

DAY = "({} AT TIME ZONE 'UTC')::date"
# Items fall into so many parts by chance, for the bootstrap.
PARTS = 32
# 100,000 words are put together in memory.
ROOM = "SELECT set_config('work_mem', '32MB', true)"
NEWEST = 500
BETWEEN = f"""(%(since)s::date IS NULL OR {DAY} >= %(since)s::date)
      AND (%(until)s::date IS NULL OR {DAY} <= %(until)s::date)"""
WITHIN = BETWEEN.replace("{}", "s.submitted_at")
FITS = f"""s.project_id = %(project)s AND s.state = 'submitted'
      AND (%(queue)s::bigint IS NULL OR s.queue_id = %(queue)s)
      AND (%(person)s::bigint IS NULL OR s.user_id = %(person)s) AND {WITHIN}"""
# Whoever is not told at the desk what was right is not told it here.
TOLD = "(%(mine)s::bigint IS NULL OR (q.settings ->> 'feedback')::boolean)"

QUEUES = """
    SELECT q.id, q.name, q.state, q.overlap FROM annotations_labelqueue q
    WHERE q.project_id = %(project)s
      AND (%(mine)s::bigint IS NULL OR coalesce((q.settings ->> 'everyone')::boolean, true)
           OR EXISTS (SELECT FROM annotations_queuemember m
                      WHERE m.queue_id = q.id AND m.user_id = %(mine)s AND m.assigned)
           OR EXISTS (SELECT FROM annotations_labelsession s WHERE s.queue_id = q.id AND s.user_id = %(mine)s))
    ORDER BY q.id
"""
PEOPLE = """
    SELECT id, username, first_name, last_name FROM annotations_user
    WHERE (%(mine)s::bigint IS NULL OR id = %(mine)s) AND (
        id IN (SELECT user_id FROM annotations_membership WHERE project_id = %(project)s AND role <> 'viewer')
        OR id IN (SELECT user_id FROM annotations_labelsession WHERE project_id = %(project)s)
        OR EXISTS (SELECT FROM annotations_labelevent e
                   WHERE e.project_id = %(project)s AND e.author_id = annotations_user.id AND e.source = 'person'))
    ORDER BY username
"""
ITEMS = """
    SELECT queue_id, state, count(*), coalesce(sum(places) FILTER (WHERE state = 'open'), 0)
    FROM annotations_labelitem WHERE project_id = %(project)s AND role = 'work' GROUP BY queue_id, state
"""
HELD = """
    SELECT s.queue_id, s.user_id, count(*)
    FROM annotations_labelsession s JOIN annotations_labelitem i ON i.id = s.item_id
    WHERE s.project_id = %(project)s AND s.state = 'leased' AND i.role = 'work' AND i.state = 'open'
    GROUP BY s.queue_id, s.user_id
"""
PACE = """
    SELECT s.queue_id, count(*) FILTER (WHERE s.submitted_at > now() - make_interval(days => %(pace)s)),
           min(s.submitted_at)
    FROM annotations_labelsession s JOIN annotations_labelitem i ON i.id = s.item_id
    WHERE s.project_id = %(project)s AND s.state = 'submitted' AND i.role = 'work' GROUP BY s.queue_id
"""
# Of items that two or more labelled to an end, how many have one first error.
AGREEMENT = f"""
    SELECT queue_id, count(*), count(*) FILTER (WHERE same)
    FROM (SELECT s.queue_id, min(coalesce(s.first_error_id, 0)) = max(coalesce(s.first_error_id, 0)) AS same
          FROM annotations_labelsession s JOIN annotations_labelitem i ON i.id = s.item_id
          WHERE s.project_id = %(project)s AND s.state = 'submitted' AND %(mine)s::bigint IS NULL
            AND (%(queue)s::bigint IS NULL OR s.queue_id = %(queue)s) AND {WITHIN}
            AND s.finish IN ('found_error', 'solution') AND i.role = 'work'
          GROUP BY s.queue_id, s.item_id
          HAVING count(*) > 1 AND (%(person)s::bigint IS NULL OR bool_or(s.user_id = %(person)s))) item
    GROUP BY queue_id
"""
PART = f"abs(hashint8(s.id) %% {PARTS})"
# One number for person, queue and aids: what many rows are grouped by.
MARK = "hashtextextended(concat_ws(' ', s.user_id, s.queue_id, jsonb_hash(s.aids)), 0)"
WORK = f"""
    SELECT {MARK}, s.user_id, s.queue_id, s.aids::text, {PART}, count(*), sum(s.seconds),
           sum(s.gold_right) FILTER (WHERE {TOLD}), sum(s.gold_known) FILTER (WHERE {TOLD})
    FROM annotations_labelsession s JOIN annotations_labelqueue q ON q.id = s.queue_id
    WHERE {FITS} GROUP BY s.user_id, s.queue_id, s.aids, 5
"""
# Each step that was rated in an item once, with all seconds that went into it: steps that items share were rated in
# one of them. The newest word is found by its id, which is packed with what it says: 0 taken back, 1 right or neutral,
# from 2 on wrong with its category. One pass over the events.
WORDS = f"""
    WITH s AS MATERIALIZED (
        SELECT s.id, {MARK} AS mark, {PART} AS part, {DAY.format("s.submitted_at")} AS day
        FROM annotations_labelsession s WHERE {FITS}),
    known AS MATERIALIZED (
        SELECT array_agg(DISTINCT c ->> 'key') AS keys
        FROM annotations_labelscheme, jsonb_array_elements(categories) c WHERE project_id = %(project)s),
    word AS MATERIALIZED (
        SELECT s.mark, s.part, s.day, (w.said %% 65536)::int AS said,
               CASE WHEN w.seconds < 10 THEN (w.seconds * 10)::int ELSE 10 * w.seconds::int END AS tenths
        FROM (SELECT e.session_id, e.node_id, sum(e.seconds) AS seconds, max(e.id * 65536 + CASE
                  WHEN e.rating = 'incorrect'
                  THEN 2 + coalesce(array_position((SELECT keys FROM known), e.category::text), 0)
                  WHEN e.rating IS NOT NULL THEN 1 ELSE 0 END) AS said
              FROM annotations_labelevent e
              WHERE e.project_id = %(project)s AND e.session_id IS NOT NULL AND e.node_id IS NOT NULL
                AND e.source = 'person'
              GROUP BY e.session_id, e.node_id) w
        JOIN s ON s.id = w.session_id
        WHERE w.said %% 65536 > 0)
    SELECT CASE WHEN grouping(tenths) = 0 THEN 'tenths' WHEN grouping(part) = 0 THEN 'part'
                WHEN grouping(day) = 0 THEN 'day' ELSE 'said' END,
           mark, coalesce(tenths, part), day, said, (SELECT keys FROM known)[said - 2], count(*)
    FROM word
    GROUP BY GROUPING SETS ((mark, tenths), (mark, part), (day), (said))
"""
DAYS = f"""
    SELECT {DAY.format("s.submitted_at")}, count(*), sum(s.seconds)
    FROM annotations_labelsession s WHERE {FITS} GROUP BY 1
"""
ELSEWHERE = f"""
    SELECT author_id, {DAY.format("created_at")}, count(*)
    FROM (SELECT DISTINCT ON (e.node_id, e.author_id) e.author_id, e.rating, e.created_at
          FROM annotations_labelevent e
          WHERE e.project_id = %(project)s AND %(elsewhere)s AND e.session_id IS NULL AND e.node_id IS NOT NULL
            AND e.source = 'person' AND (%(person)s::bigint IS NULL OR e.author_id = %(person)s)
          ORDER BY e.node_id, e.author_id, e.id DESC) said
    WHERE rating IS NOT NULL AND {BETWEEN.replace("{}", "created_at")} GROUP BY 1, 2
"""
NAMES = """
    SELECT c ->> 'key', c ->> 'name' FROM jsonb_array_elements((
        SELECT categories FROM annotations_labelscheme WHERE project_id = %(project)s ORDER BY version DESC LIMIT 1)) c
"""
FINISHES = f"""
    SELECT s.finish, count(*) FROM annotations_labelsession s WHERE {FITS} AND s.finish <> ''
    GROUP BY 1 ORDER BY 2 DESC, 1
"""
SKIPS = f"""
    SELECT coalesce(nullif(e.data ->> 'reason', ''), s.reason), count(*)
    FROM annotations_sessionevent e JOIN annotations_labelsession s ON s.id = e.session_id
    WHERE e.project_id = %(project)s AND e.kind = 'skipped'
      AND (%(queue)s::bigint IS NULL OR s.queue_id = %(queue)s)
      AND (%(person)s::bigint IS NULL OR s.user_id = %(person)s) AND {BETWEEN.replace("{}", "e.created_at")}
    GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 50
"""
# A person's first word on each step of the newest items, where any item told what machines say: on the side of the
# PRM or of the tool, as the page told it before, or (where it did not) as it stands in the review's counts.
ANCHORS = f"""
    WITH newest AS MATERIALIZED (
        SELECT s.id FROM annotations_labelsession s WHERE {FITS}
          AND EXISTS (SELECT FROM annotations_labelsession t
                      WHERE t.project_id = %(project)s AND t.aids ->> 'prelabels' IN ('always', 'after'))
        ORDER BY s.submitted_at DESC LIMIT {NEWEST}),
    word AS MATERIALIZED (
        SELECT DISTINCT ON (e.session_id, e.node_id) e.node_id, e.rating, e.shown
        FROM newest s JOIN annotations_labelevent e ON e.session_id = s.id
        WHERE e.project_id = %(project)s AND e.source = 'person' AND e.node_id IS NOT NULL AND e.rating IS NOT NULL
        ORDER BY e.session_id, e.node_id, e.id)
    SELECT said.kind, said.seen, count(*), count(*) FILTER (WHERE said.wrong = (w.rating = 'incorrect'))
    FROM word w
    LEFT JOIN annotations_reviewstep r ON r.project_id = %(project)s AND r.node_id = w.node_id
    LEFT JOIN annotations_reviewcell c ON c.project_id = %(project)s AND c.key = r.cell
    CROSS JOIN LATERAL (VALUES
        ('prm', jsonb_typeof(w.shown -> 'prm') IS NOT DISTINCT FROM 'number',
         CASE WHEN jsonb_typeof(w.shown -> 'prm') = 'number' THEN (w.shown ->> 'prm')::float8 < 0.5
              ELSE (c.sides ->> 'prm')::int = 0 END),
        ('tool', coalesce(w.shown ->> 'verdict', '') <> '',
         CASE coalesce(nullif(w.shown ->> 'verdict', ''), c.verdict)
              WHEN 'refuted' THEN true WHEN 'supported' THEN false END)) said (kind, seen, wrong)
    WHERE said.wrong IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2 DESC
"""
ALL = {
    "room": ROOM, "queues": QUEUES, "people": PEOPLE, "items": ITEMS, "held": HELD, "pace": PACE,
    "agreement": AGREEMENT, "work": WORK, "words": WORDS, "days": DAYS, "elsewhere": ELSEWHERE, "names": NAMES,
    "finishes": FINISHES, "skips": SKIPS, "anchors": ANCHORS,
}  # fmt: skip
