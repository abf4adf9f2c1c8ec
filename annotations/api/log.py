"""Logging trees from anybody's search (rationale_client.TreeLogger speaks to it)."""

from __future__ import annotations

from dataclasses import asdict

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.api.base import ProjectView
from annotations.api.shapes import ErrorShape
from annotations.rules import Act
from annotations.treelog import read_log, store_log


class Log(ProjectView):
    """Trees of a search that runs elsewhere. Sending a body again stores nothing twice (docs/logging.md)."""

    acts = {"POST": Act.IMPORT}

    @extend_schema(
        operation_id="log", request=OpenApiTypes.OBJECT, responses={200: OpenApiTypes.OBJECT, 400: ErrorShape}
    )
    def post(self, request: Request, slug: str) -> Response:
        trees, refused = read_log(request.data)
        return Response(asdict(store_log(access=self.access, trees=trees, refused=refused)))
