"""Who somebody is: Django's accounts, looked up by one written-out query, since every page looks one up."""

from __future__ import annotations

from django.contrib.auth.backends import ModelBackend

from annotations.models import User

USER_SQL = "SELECT * FROM annotations_user WHERE id = %s"


class Accounts(ModelBackend):
    def get_user(self, user_id: int) -> User | None:
        """Return an active user, None for any other."""
        found = next(iter(User.objects.raw(USER_SQL, [user_id])), None)
        return found if found is not None and self.user_can_authenticate(found) else None
