"""People's submitted work at the labelling desk, for scripts: a row a session, in PRM800K's raw form."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.api.base import Pages, ProjectView
from annotations.api.projects import PAGING
from annotations.api.shapes import ErrorShape
from annotations.errors import BadInput
from annotations.exports.sessions import raw_rows
from annotations.rules import Act
from annotations.selectors import api
from inference.datasets.params import LABELERS

NARROW = [OpenApiParameter("queue", int), OpenApiParameter("labeler", str, enum=LABELERS)]


class SessionShape(serializers.Serializer[Any]):
    """One person's work on one item. `question` and `label` are those of PRM800K (docs/desk.md)."""

    labeler = serializers.CharField()
    timestamp = serializers.CharField()
    generation = serializers.IntegerField(allow_null=True)
    is_quality_control_question = serializers.BooleanField()
    is_initial_screening_question = serializers.BooleanField()
    question = serializers.DictField()
    label = serializers.DictField()  # type: ignore[assignment]  # PRM800K's word


class LabelSessions(ProjectView):
    """The submitted sessions of a project, oldest first."""

    acts = {"GET": Act.EXPORT}

    @extend_schema(
        operation_id="label_sessions_list",
        responses={200: SessionShape(many=True), 400: ErrorShape},
        parameters=NARROW + PAGING,
    )
    def get(self, request: Request, slug: str) -> Response:
        given = request.query_params.dict()
        named = given.get("labeler") or LABELERS[0]
        if named not in LABELERS:
            raise BadInput(
                f"{named[:40]!r} is no way to name people; expected one of {', '.join(LABELERS)}.", "labeler"
            )
        pages = Pages()
        found = pages.paginate_queryset(api.submitted_sessions(self.access, given), request, view=self) or []
        rows = raw_rows(self.access.project.pk, found, pseudonyms=named != LABELERS[0])
        return pages.get_paginated_response(rows)
