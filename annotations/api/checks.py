"""What a run that checked steps again changed, and the labels that its policy gives: used, or taken back."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotations import relabelling
from annotations.api.base import ProjectView
from annotations.api.projects import PAGING
from annotations.api.shapes import ErrorShape
from annotations.errors import BadInput
from annotations.models import StepChange
from annotations.rules import Act
from annotations.selectors import runs
from annotations.selectors.changes import changes_of

KINDS = (StepChange.VERDICT, StepChange.LABEL)
KIND = OpenApiParameter("kind", str, enum=list(KINDS))
REFUSALS = {404: ErrorShape, 409: ErrorShape}


class ChangeShape(serializers.ModelSerializer[StepChange]):
    """A step whose verdict or label is another; "" stands for none."""

    node = serializers.IntegerField(source="node_id")
    tree = serializers.IntegerField(source="node.tree_id")
    seq = serializers.IntegerField(source="node.seq")

    class Meta:
        model = StepChange
        fields = ["node", "tree", "seq", "kind", "before", "after", "reason", "used"]


class StepsShape(serializers.Serializer[Any]):
    """How many steps have another label now."""

    steps = serializers.IntegerField()


class Changes(ProjectView):
    """The steps that a run changed, in the order in which they were found."""

    @extend_schema(operation_id="run_changes", responses=ChangeShape(many=True), parameters=[KIND, *PAGING])
    def get(self, request: Request, slug: str, run_id: int) -> Response:
        kind = request.query_params.get("kind", "")
        if kind and kind not in KINDS:
            raise BadInput(f"{kind!r} is not a kind of change; expected one of {', '.join(KINDS)}.", "kind")
        rows = changes_of(runs.find_run(self.access, run_id))
        return self.pages(rows.filter(kind=kind) if kind else rows, ChangeShape)


class UseLabels(ProjectView):
    """Giving steps the labels of a run."""

    acts = {"POST": Act.RUN}

    @extend_schema(operation_id="run_labels_use", request=None, responses={200: StepsShape, **REFUSALS})
    def post(self, request: Request, slug: str, run_id: int) -> Response:
        return Response({"steps": relabelling.use_labels(access=self.access, run_id=run_id)})


class TakeBack(ProjectView):
    """Giving steps the labels back that they had before."""

    acts = {"POST": Act.RUN}

    @extend_schema(operation_id="run_labels_back", request=None, responses={200: StepsShape, **REFUSALS})
    def post(self, request: Request, slug: str, run_id: int) -> Response:
        return Response({"steps": relabelling.take_back_labels(access=self.access, run_id=run_id)})
