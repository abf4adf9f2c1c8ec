"""Sessions in the database, as Django keeps them, each with its user (settings.SESSION_ENGINE)."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends import db

from annotations.models import Session


class SessionStore(db.SessionStore):
    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        user_id = int(data[SESSION_KEY]) if SESSION_KEY in data else None
        row = super().create_model_instance(data)
        return Session(row.session_key, row.session_data, row.expire_date, user_id)

    def read(self, stored: str) -> None:
        """Take what a query found for this session's key, instead of asking for it."""
        self._session_cache = self.decode(stored)
