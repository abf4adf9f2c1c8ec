"""Signing in and out. Tries are counted by name and by address, so that passwords cannot be guessed at speed."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView, LogoutView
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path

from annotations.sessions import SessionStore

WINDOW_SECONDS = 60
TRIES_FOR_A_NAME, TRIES_FROM_AN_ADDRESS = 10, 60


class SignIn(LoginView):
    """Django's sign-in with a bound on tries."""

    template_name = "account/login.html"
    redirect_authenticated_user = True

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        name = sha256(request.POST.get("username", "").lower().encode()).hexdigest()
        tries = [
            _count(f"sign-in-name-{name}") > TRIES_FOR_A_NAME,
            _count(f"sign-in-address-{request.META.get('REMOTE_ADDR', '')}") > TRIES_FROM_AN_ADDRESS,
        ]
        if not any(tries):
            return super().post(request, *args, **kwargs)
        context = self.get_context_data(too_many=True)
        return self.render_to_response(context, status=429)

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        SessionStore.clear_expired()
        return super().form_valid(form)


def _count(key: str) -> int:
    """Count a try and return how many there were in the window."""
    cache.add(key, 0, WINDOW_SECONDS)
    try:
        return int(cache.incr(key))
    except ValueError:
        # The window ended between the two lines.
        return 1


urlpatterns: list[URLPattern] = [
    path("login/", SignIn.as_view(), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
]
