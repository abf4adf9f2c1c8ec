"""Sessions in the database, as Django keeps them, read by one written-out query: every page reads one."""

from __future__ import annotations

from typing import Any

from django.contrib.sessions.backends import db
from django.utils import timezone

SESSION_SQL = "SELECT * FROM django_session WHERE session_key = %s AND expire_date > %s"


class SessionStore(db.SessionStore):
    def _get_session_from_db(self) -> Any:
        """Return the row of a session that has not expired, else None and forget the key."""
        found = next(iter(self.model.objects.raw(SESSION_SQL, [self.session_key, timezone.now()])), None)
        if found is None:
            self._session_key = None
        return found
