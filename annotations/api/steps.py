"""What the API says of the steps of a tree: text, search statistics, verdicts, scores, and the labels one may see."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Model
from rest_framework import serializers

from annotations.api.shapes import TreeShape
from annotations.models import LabelEvent, Node, Score, ToolCheck
from annotations.selectors.labels import resolve

NODE_FIELDS = (
    "id",
    "seq",
    "parent_seq",
    "depth",
    "role",
    "text",
    "terminal",
    "answer",
    "outcome",
    "visits",
    "prior",
    "round",
    "tokens",
)


class CheckShape(serializers.ModelSerializer[ToolCheck]):
    class Meta:
        model = ToolCheck
        fields = ["verifier", "version", "verdict", "ending", "message", "claims", "input", "output", "millis"]


class ScoreShape(serializers.ModelSerializer[Score]):
    class Meta:
        model = Score
        fields = ["scorer", "version", "value", "parts"]


class LabelShape(serializers.ModelSerializer[LabelEvent]):
    """One event. `voter` is whose opinion it is; `author` the account that spoke, null for an imported rating."""

    author = serializers.CharField(source="author.username", default=None, allow_null=True)
    supersedes = serializers.IntegerField(source="supersedes_id", allow_null=True)

    class Meta:
        model = LabelEvent
        fields = [
            "id",
            "kind",
            "voter",
            "author",
            "source",
            "rating",
            "category",
            "note",
            "rewrite",
            "sureness",
            "supersedes",
            "created_at",
        ]


class StateShape(serializers.Serializer[Any]):
    """Where a step stands for the viewer. `version` goes back as `seen_version` with the next label."""

    version = serializers.IntegerField()
    rating = serializers.CharField(allow_null=True)
    labels = LabelShape(many=True)


class NodeShape(serializers.ModelSerializer[Any]):
    """One step. `parent_seq` null is a first step; `value` is the search's mean in [-1, 1], null when never visited."""

    value = serializers.FloatField(allow_null=True)
    verdicts = CheckShape(many=True)
    scores = ScoreShape(many=True)
    version = serializers.IntegerField()
    rating = serializers.CharField(allow_null=True)
    labels = LabelShape(many=True)

    class Meta:
        model = Node
        fields = [*NODE_FIELDS, "value", "verdicts", "scores", "version", "rating", "labels"]


class TreeDetailShape(TreeShape):
    nodes = NodeShape(many=True)

    class Meta(TreeShape.Meta):
        fields = [*TreeShape.Meta.fields, "nodes"]


class LabelledShape(serializers.Serializer[Any]):
    """What a saved label answers: the event and where the step stands now."""

    event = LabelShape()
    state = StateShape()


class ConflictShape(serializers.Serializer[Any]):
    error = serializers.CharField()
    state = StateShape()


def state_of(events: list[LabelEvent]) -> dict[str, Any]:
    """Return version, rating and current labels from the visible current events of a step."""
    resolved = resolve(events)
    return {
        "version": max((int(event.pk) for event in events), default=0),
        "rating": resolved.rating if resolved else None,
        "labels": events,
    }


def plain(row: Model, fields: Iterable[str]) -> dict[str, Any]:
    return {field: getattr(row, field) for field in fields}
