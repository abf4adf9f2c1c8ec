"""What every address of the API shares: JSON, a signed-in viewer, his access to the project, errors as sentences."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from rest_framework.exceptions import APIException, NotAuthenticated, ValidationError
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.pagination import LimitOffsetPagination
from rest_framework.permissions import IsAuthenticated
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.views import APIView, exception_handler

from annotations import rules
from annotations.access import Access
from annotations.errors import BadInput, Conflict, DomainError, NotAllowed, NotFound
from annotations.models import User
from annotations.rules import Act
from annotations.selectors import projects

STATUS: dict[type[DomainError], int] = {BadInput: 400, NotAllowed: 403, NotFound: 404, Conflict: 409}


class JsonAlways(BaseContentNegotiation):
    """Answer in JSON whatever is asked for, so that `format` is free to name the format of a file."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        return next((parser for parser in parsers if _takes(parser.media_type, request.content_type)), None)

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:
        return JSONRenderer(), "application/json"


def _takes(media_type: str, content_type: str) -> bool:
    return media_type == content_type.partition(";")[0].strip().lower()


class Pages(LimitOffsetPagination):
    """`limit` (at most 500) and `offset`."""

    default_limit = 50
    max_limit = 500


def answer(error: Exception, context: dict[str, Any]) -> Response | None:
    """Turn an error into {"error": sentence, "field": name} with its status; None: a fault of ours."""
    if isinstance(error, DomainError):
        field = error.field if isinstance(error, BadInput) else ""
        return Response(_body(str(error), field), status=STATUS.get(type(error), 400))
    response = exception_handler(error, context)
    if response is None:
        return None
    if isinstance(error, ValidationError):
        field, sentence = _first(error.detail)
        response.data = _body(f"{field}: {sentence}" if field else sentence, field)
    else:
        response.data = _body(str(error.detail if isinstance(error, APIException) else "Not found."), "")
    return response


def _body(sentence: str, field: str) -> dict[str, str]:
    return {"error": sentence, "field": field} if field else {"error": sentence}


def _first(detail: Any, path: str = "") -> tuple[str, str]:
    """Return the path and the sentence of the first refusal in DRF's nested ones."""
    if isinstance(detail, dict):
        key, inner = next(iter(detail.items()))
        return _first(inner, path if key == "non_field_errors" else f"{path}.{key}".lstrip("."))
    if isinstance(detail, list):
        return _first(detail[0], path)
    return path, str(detail)


class ApiView(APIView):
    """An address that needs a signed-in person (token or session)."""

    permission_classes = [IsAuthenticated]
    content_negotiation_class = JsonAlways

    @property
    def viewer(self) -> User:
        if not isinstance(self.request.user, User):
            raise NotAuthenticated
        return self.request.user

    def get_exception_handler(self) -> Any:
        return answer

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        final = super().finalize_response(request, response, *args, **kwargs)
        final.headers.setdefault("Cache-Control", "no-store")
        return final

    def read(self, body: type[BaseSerializer[Any]]) -> dict[str, Any]:
        """Return the request's body as `body` declares it; ValidationError names the field that does not fit."""
        serializer = body(data=self.request.data)
        serializer.is_valid(raise_exception=True)
        return dict(serializer.validated_data)

    def pages(self, rows: QuerySet[Any], shape: type[BaseSerializer[Any]]) -> Response:
        """Return one page of `rows`."""
        pages = Pages()
        found = pages.paginate_queryset(rows, self.request, view=self)
        return pages.get_paginated_response(shape(found, many=True).data)


class ProjectView(ApiView):
    """An address of a project: 404 for strangers, then 403 by `acts` (method -> act), then the body is read.

    `for_assigned` opens it to annotators who see only what is assigned to them.
    """

    acts: ClassVar[dict[str, Act]] = {}
    for_assigned: ClassVar[bool] = False
    access: Access

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.access = projects.access(self.viewer, kwargs["slug"])
        if not self.for_assigned:
            rules.check(self.access, Act.BROWSE)
        method = "GET" if request.method in ("HEAD", "OPTIONS") else str(request.method)
        rules.check(self.access, self.acts.get(method, Act.VIEW))
