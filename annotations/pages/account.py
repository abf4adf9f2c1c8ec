"""Signing in and out. Tries are counted by name and by address, so that passwords cannot be guessed at speed."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView, LogoutView, redirect_to_login
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_safe

from annotations import entering
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


@require_safe
def enter(request: HttpRequest, token: str) -> HttpResponse:
    """Sign in with a link that the studio printed at its start; it works once and for an hour."""
    user = entering.person_of(token)
    wanted = request.GET.get("next", "")
    onward = wanted if url_has_allowed_host_and_scheme(wanted, allowed_hosts=None) else reverse("home")
    if user is None:
        messages.warning(request, "This link was used already or is too old. Sign in with your name and password.")
        return redirect_to_login(onward)
    login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
    return redirect(onward)


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
    path("enter/<str:token>/", enter, name="enter"),
    path("logout/", LogoutView.as_view(), name="logout"),
]
