"""Labelling queues for scripts: listing, making, changing them, adding items, reading how each stands."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.api.base import ProjectView
from annotations.api.bodies import Body
from annotations.api.projects import PAGING
from annotations.api.shapes import ErrorShape
from annotations.desk import queues as desk
from annotations.desk.filling import add_items, fill
from annotations.desk.sources import MOST_ITEMS, Source
from annotations.errors import BadInput
from annotations.models import LabelItem
from annotations.rules import Act
from annotations.selectors import queues
from annotations.selectors.queues import QueueHead
from inference.desk import DeskMode, DeskState, ItemState, Strategy

STATE = OpenApiParameter("state", str, enum=[state.value for state in ItemState])


class ProtocolBody(Body):
    """`overlap` people label each item; with `agree` above 0 until that many agree, `most` people at most."""

    strategy = serializers.ChoiceField([each.value for each in Strategy], default=Strategy.ORDER.value)
    overlap = serializers.IntegerField(default=1)
    agree = serializers.IntegerField(default=0)
    most = serializers.IntegerField(default=0)
    settings = serializers.DictField(default=dict)


class QueueBody(ProtocolBody):
    """`source` says what fills the queue (docs/desk.md); left out, it is empty and items are added by themselves."""

    name = serializers.CharField(max_length=desk.NAME_LIMIT)
    mode = serializers.ChoiceField([mode.value for mode in DeskMode], default=DeskMode.SOLUTION.value)
    source = serializers.DictField(default=dict)  # type: ignore[assignment]  # no attribute of the class


class ChangeBody(Body):
    """What is left out stays; `settings` names only those that change."""

    name = serializers.CharField(max_length=desk.NAME_LIMIT, required=False)
    strategy = serializers.ChoiceField([each.value for each in Strategy], required=False)
    overlap = serializers.IntegerField(required=False)
    agree = serializers.IntegerField(required=False)
    most = serializers.IntegerField(required=False)
    settings = serializers.DictField(required=False)
    state = serializers.ChoiceField([state.value for state in DeskState], required=False)
    assigned = serializers.ListField(child=serializers.IntegerField(min_value=1), required=False, max_length=1000)


class ItemsBody(Body):
    """Either `paths`, pairs of a tree and its path's last step (null: the whole tree), or a `source`."""

    paths = serializers.ListField(
        child=serializers.ListField(
            child=serializers.IntegerField(min_value=1, max_value=2**63 - 1, allow_null=True),
            min_length=2,
            max_length=2,
        ),
        default=None,
        allow_null=True,
        max_length=MOST_ITEMS,
    )
    source = serializers.DictField(default=None, allow_null=True)  # type: ignore[assignment]


class QueueShape(serializers.Serializer[Any]):
    """`left` items could be labelled by who asks; `done` of `items` are settled. `settings` are for reviewers."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    mode = serializers.CharField()
    strategy = serializers.CharField()
    state = serializers.CharField()
    overlap = serializers.IntegerField()
    agree = serializers.IntegerField()
    most = serializers.IntegerField()
    items = serializers.IntegerField()
    done = serializers.IntegerField()
    disputed = serializers.IntegerField()
    left = serializers.IntegerField()
    settings = serializers.DictField()


class QueueItemShape(serializers.ModelSerializer[LabelItem]):
    tree = serializers.IntegerField(source="tree_id")
    leaf = serializers.IntegerField(source="leaf_id", allow_null=True)

    class Meta:
        model = LabelItem
        fields = ["id", "number", "tree", "leaf", "state", "priority", "wanted", "places", "takers", "settled_at"]


class AddedShape(serializers.Serializer[Any]):
    added = serializers.IntegerField()


class Queues(ProjectView):
    """The queues that who asks may know of, and making one."""

    acts = {"POST": Act.QUEUE}
    for_assigned = True

    @extend_schema(operation_id="queues", responses={200: QueueShape(many=True)})
    def get(self, request: Request, slug: str) -> Response:
        return Response([told(self, head) for head in queues.queue_list(self.access)])

    @extend_schema(operation_id="queue_make", request=QueueBody, responses={201: QueueShape, 400: ErrorShape})
    def post(self, request: Request, slug: str) -> Response:
        body = self.read(QueueBody)
        made = desk.create_queue(access=self.access, **{**body, "source": Source.from_mapping(body["source"])})
        return Response(told(self, queues.queue_head(self.access, made.pk)), status=201)


class Queue(ProjectView):
    """One queue, and changing it."""

    acts = {"PATCH": Act.QUEUE}
    for_assigned = True

    @extend_schema(operation_id="queue", responses={200: QueueShape, 404: ErrorShape})
    def get(self, request: Request, slug: str, queue_id: int) -> Response:
        return Response(told(self, queues.queue_head(self.access, queue_id)))

    @extend_schema(
        operation_id="queue_change", request=ChangeBody, responses={200: QueueShape, 400: ErrorShape, 404: ErrorShape}
    )
    def patch(self, request: Request, slug: str, queue_id: int) -> Response:
        body, queue = self.read(ChangeBody), queues.find_queue(self.access, queue_id)
        state, assigned = body.pop("state", None), body.pop("assigned", None)
        if body:
            stands = {name: getattr(queue, name) for name in ("name", "strategy", "overlap", "agree", "most")}
            settings = {**queue.settings, **body.pop("settings", {})}
            desk.change_queue(access=self.access, queue_id=queue_id, **{**stands, **body}, settings=settings)
        if state is not None:
            desk.set_state(access=self.access, queue_id=queue_id, state=state)
        if assigned is not None:
            desk.assign(access=self.access, queue_id=queue_id, users=assigned)
        return Response(told(self, queues.queue_head(self.access, queue_id)))


class QueueItems(ProjectView):
    """The items of a queue, and adding some."""

    acts = {"GET": Act.ADJUDICATE, "POST": Act.QUEUE}

    @extend_schema(
        operation_id="queue_items", responses=QueueItemShape(many=True), parameters=[STATE, *PAGING]
    )  # fmt: skip
    def get(self, request: Request, slug: str, queue_id: int) -> Response:
        rows = LabelItem.objects.filter(queue=queues.find_queue(self.access, queue_id).pk).order_by("number")
        state = request.query_params.get("state")
        if state:
            if state not in set(ItemState):
                raise BadInput(f"{state!r} is no state; expected one of {', '.join(ItemState)}.", "state")
            rows = rows.filter(state=state)
        return self.pages(rows, QueueItemShape)

    @extend_schema(
        operation_id="queue_items_add",
        request=ItemsBody,
        responses={201: AddedShape, 400: ErrorShape, 404: ErrorShape},
    )
    def post(self, request: Request, slug: str, queue_id: int) -> Response:
        queue, body = queues.find_queue(self.access, queue_id), self.read(ItemsBody)
        if (body["paths"] is None) == (body["source"] is None):
            raise BadInput("Name either paths or a source.", "paths")
        if body["source"] is not None:
            added = fill(access=self.access, queue=queue, source=Source.from_mapping(body["source"]))
            return Response({"added": added}, status=201)
        paths = [(tree, leaf) for tree, leaf in body["paths"]]
        for number, (tree, _) in enumerate(paths, 1):
            if tree is None:
                raise BadInput(f"Path {number}: the first of the two is a tree’s number.", "paths")
        return Response({"added": add_items(access=self.access, queue=queue, paths=paths)}, status=201)


def told(view: ProjectView, head: QueueHead) -> dict[str, Any]:
    """Return what the API says of a queue; its settings could tell who labels that gold is mixed in."""
    queue = head.queue
    sees = queues.manages(view.access)
    return {
        **{name: getattr(queue, name) for name in ("id", "name", "mode", "strategy", "state")},
        **{name: getattr(queue, name) for name in ("overlap", "agree", "most")},
        **{name: getattr(head, name) for name in ("items", "done", "disputed", "left")},
        "settings": queue.settings if sees else {},
    }
