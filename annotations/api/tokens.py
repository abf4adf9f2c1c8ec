"""A person's own token: made for a username and password, a few tries a minute, and revoked by its owner."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from django.contrib.auth import authenticate
from drf_spectacular.utils import extend_schema
from rest_framework.authtoken.models import Token as TokenRow
from rest_framework.permissions import AllowAny, BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import BaseThrottle, SimpleRateThrottle

from annotations import teams
from annotations.api.base import ApiView
from annotations.api.bodies import TokenBody, TokenShape
from annotations.api.shapes import ErrorShape
from annotations.errors import NotAllowed
from annotations.models import User


class PerAccount(SimpleRateThrottle):
    """So many tries for one username."""

    rate = "10/min"

    def get_cache_key(self, request: Request, view: Any) -> str | None:
        name = request.data.get("username", "") if isinstance(request.data, dict) else ""
        return f"token-name-{sha256(str(name).lower().encode()).hexdigest()}"


class PerAddress(SimpleRateThrottle):
    """So many tries from one address; many people may share a proxy's."""

    rate = "60/min"

    def get_cache_key(self, request: Request, view: Any) -> str | None:
        return f"token-address-{request.META.get('REMOTE_ADDR', '')}"


class Token(ApiView):
    """POST gives the token of an account, DELETE revokes one's own."""

    def get_permissions(self) -> list[BasePermission]:
        return [IsAuthenticated()] if self.request.method == "DELETE" else [AllowAny()]

    def get_throttles(self) -> list[BaseThrottle]:
        return [PerAddress(), PerAccount()] if self.request.method == "POST" else []

    @extend_schema(operation_id="token", auth=[], request=TokenBody, responses={200: TokenShape, 403: ErrorShape})
    def post(self, request: Request) -> Response:
        user = authenticate(request, **self.read(TokenBody))
        if not isinstance(user, User):
            raise NotAllowed("No account has this username and password.")
        token, made = TokenRow.objects.get_or_create(user=user)
        if made:
            teams.record(actor=user, action="token made")
        return Response({"token": token.key})

    @extend_schema(operation_id="token_revoke", responses={204: None})
    def delete(self, request: Request) -> Response:
        if TokenRow.objects.filter(user=self.viewer).delete()[0]:
            teams.record(actor=self.viewer, action="token revoked")
        return Response(status=204)
