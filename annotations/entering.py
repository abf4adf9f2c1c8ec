"""Links that sign a person in once: for whoever started the studio in a terminal and so holds its data anyway."""

from __future__ import annotations

from django.core import signing
from django.utils.crypto import salted_hmac

from annotations.models import User

SALT = "annotations.entering"
LASTS_SECONDS = 3600


def token_for(user: User) -> str:
    """Return a token that signs `user` in; it is spent by his next sign-in, whichever way."""
    return signing.dumps([user.pk, _state(user)], salt=SALT)


def person_of(token: str) -> User | None:
    """Return whom a token signs in, None if it is spent, too old or none of ours."""
    try:
        key, state = signing.loads(token, salt=SALT, max_age=LASTS_SECONDS)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    user = User.objects.filter(pk=key, is_active=True).first()
    return user if user is not None and _state(user) == state else None


def _state(user: User) -> str:
    """Return what every sign-in and every change of password changes."""
    return salted_hmac(SALT, f"{user.pk} {user.last_login} {user.password}").hexdigest()
