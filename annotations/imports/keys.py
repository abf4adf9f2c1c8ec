"""Names of rows that hold outside this database: what the round-trip form writes and finds again.

`%(origin)s` is the project's own name (`origin_of`), so that rows of two sites never share a key.
"""

from __future__ import annotations

from hashlib import md5

from annotations.models import Project

TREE_KEY = """left(CASE WHEN t.run_id IS NULL THEN t.external_key
    ELSE 'run-' || left(md5(%(origin)s || ':run:' || t.run_id), 24)
         || CASE WHEN t.external_key = '' THEN '' ELSE ':' || t.external_key END END, 120)"""
EVENT_KEY = "coalesce(e.external_key, 'event-' || left(md5(%(origin)s || ':event:' || e.id), 24))"
RATIONALE_KEY = """CASE WHEN r.external_key <> '' THEN r.external_key
    ELSE 'path-' || left(md5(%(origin)s || ':path:' || r.id), 24) END"""


def origin_of(project: Project) -> str:
    """Return twelve characters that stand for this project wherever its rows go."""
    made = f"{project.pk}:{project.created_at.isoformat()}"
    return md5(made.encode(), usedforsecurity=False).hexdigest()[:12]
