"""Trees with their steps, and labelling a step."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from annotations import jobs, labelling
from annotations.api.base import ProjectView
from annotations.api.bodies import LabelBody, UndoBody
from annotations.api.projects import PAGING
from annotations.api.shapes import ErrorShape, TreeShape
from annotations.api.steps import (
    NODE_FIELDS,
    CheckShape,
    ConflictShape,
    LabelledShape,
    LabelShape,
    ScoreShape,
    StateShape,
    TreeDetailShape,
    plain,
    state_of,
)
from annotations.errors import Conflict
from annotations.models import LabelEvent, Node
from annotations.rules import Act
from annotations.selectors import api, labels
from inference.types import TreeState

NARROW = [
    OpenApiParameter("problem", int),
    OpenApiParameter("run", int),
    OpenApiParameter("state", str, enum=[state.value for state in TreeState]),
    OpenApiParameter("source", str),
]


class Trees(ProjectView):
    """The trees of a project, without their steps."""

    @extend_schema(operation_id="trees_list", responses=TreeShape(many=True), parameters=NARROW + PAGING)
    def get(self, request: Request, slug: str) -> Response:
        return self.pages(api.tree_rows(self.access, request.query_params.dict()), TreeShape)


class Tree(ProjectView):
    """One tree with all its steps, their verdicts, scores, and the labels that one may see."""

    @extend_schema(operation_id="tree", responses={200: TreeDetailShape, 404: ErrorShape})
    def get(self, request: Request, slug: str, tree_id: int) -> Response:
        record = api.tree_record(self.access, tree_id)
        nodes = [_with_evidence(node, record) for node in record.nodes]
        return Response({**TreeShape(record.tree).data, "nodes": nodes})


class Stop(ProjectView):
    """Stopping one growing tree of a run; it keeps its steps, and the search gives them no labels."""

    acts = {"POST": Act.RUN}

    @extend_schema(operation_id="tree_stop", request=None, responses={200: TreeShape, 404: ErrorShape, 409: ErrorShape})
    def post(self, request: Request, slug: str, tree_id: int) -> Response:
        return Response(TreeShape(jobs.stop_tree(access=self.access, tree_id=tree_id)).data)


def _with_evidence(node: Node, record: api.TreeRecord) -> dict[str, Any]:
    """Return a step as NodeShape describes it, without asking the shape: a tree may hold thousands."""
    key = int(node.pk)
    labels = record.labels.get(key)
    return {
        **plain(node, NODE_FIELDS),
        "value": node.value_sum / node.visits if node.visits else None,
        "verdicts": [plain(check, CheckShape.Meta.fields) for check in record.checks.get(key, [])],
        "scores": [plain(score, ScoreShape.Meta.fields) for score in record.scores.get(key, [])],
        **(StateShape(state_of(labels)).data if labels else {"version": 0, "rating": None, "labels": []}),
    }


class Labels(ProjectView):
    """The history of a step (newest first), and adding a label to it."""

    acts = {"POST": Act.LABEL}

    @extend_schema(operation_id="labels_list", responses={200: LabelShape(many=True), 404: ErrorShape})
    def get(self, request: Request, slug: str, node_id: int) -> Response:
        return Response(LabelShape(labels.node_history(self.access, node_id), many=True).data)

    @extend_schema(
        operation_id="label", request=LabelBody, responses={201: LabelledShape, 400: ErrorShape, 409: ConflictShape}
    )
    def post(self, request: Request, slug: str, node_id: int) -> Response:
        given = self.read(LabelBody)
        seen, key = given.pop("seen_version"), given.pop("key")
        judgement = labelling.Judgement(**given, client="api")
        try:
            event = labelling.save_label(
                access=self.access, node_id=node_id, judgement=judgement, seen_version=seen, key=key
            )
        except Conflict as conflict:
            return Response({"error": str(conflict), "state": self.state(node_id)}, status=409)
        return Response(self.labelled(event, node_id), status=201)

    def state(self, node_id: int) -> dict[str, Any]:
        events = labels.current_by_node(self.access, [node_id]).get(node_id, [])
        return dict(StateShape(state_of(events)).data)

    def labelled(self, event: LabelEvent, node_id: int) -> dict[str, Any]:
        return {"event": LabelShape(event).data, "state": self.state(node_id)}


class Undo(Labels):
    """Taking back one's last judgement of a step; asked again, it goes further back."""

    http_method_names = ["post", "options"]

    @extend_schema(
        operation_id="undo", request=UndoBody, responses={201: LabelledShape, 400: ErrorShape, 404: ErrorShape}
    )
    def post(self, request: Request, slug: str, node_id: int) -> Response:
        event = labelling.undo_label(access=self.access, node_id=node_id, key=self.read(UndoBody)["key"])
        return Response(self.labelled(event, node_id), status=201)
