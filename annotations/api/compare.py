"""Two runs on the same problems, as numbers."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.api.base import ProjectView
from annotations.api.shapes import ErrorShape
from annotations.errors import BadInput
from annotations.selectors.compare import Alone, Comparison, Side, comparison
from inference.intervals import Estimate

NAMED = [OpenApiParameter(name, int, required=True, description="A run that grows trees") for name in ("a", "b")]


class EstimateShape(serializers.Serializer[Any]):
    """A value with its 95 % interval; null bounds: too few problems."""

    value = serializers.FloatField()
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)


class SideShape(serializers.Serializer[Any]):
    """One run: of the compared problems, except `trees` and the seconds, which are of the whole run."""

    run = serializers.IntegerField()
    trees = serializers.IntegerField()
    solved = serializers.IntegerField()
    share = EstimateShape()
    nodes = serializers.FloatField(allow_null=True)
    tokens = serializers.IntegerField(allow_null=True)
    tokens_per_solved = serializers.FloatField(allow_null=True)
    kept = serializers.IntegerField()
    tokens_per_label = serializers.FloatField(allow_null=True)
    verdicts = serializers.DictField(child=serializers.IntegerField())
    worker_seconds = serializers.FloatField()
    elapsed_seconds = serializers.FloatField()


# Everything that it says as it stands.
SIDE = (
    *("trees", "solved", "nodes", "tokens", "tokens_per_solved", "kept", "tokens_per_label", "verdicts"),
    *("worker_seconds", "elapsed_seconds"),
)


class AloneShape(serializers.Serializer[Any]):
    problem = serializers.IntegerField()
    tree_a = serializers.IntegerField()
    tree_b = serializers.IntegerField()


class ComparisonShape(serializers.Serializer[Any]):
    """Differences are `b` less `a`, paired by problem. `alone_a` and `alone_b` name at most 20 problems each."""

    a = SideShape()
    b = SideShape()
    shared = serializers.IntegerField()
    compared = serializers.IntegerField()
    only_a = serializers.IntegerField()
    only_b = serializers.IntegerField()
    solved = EstimateShape()
    solved_p = serializers.FloatField()
    nodes = EstimateShape(allow_null=True)
    tokens = EstimateShape(allow_null=True)
    refuted = EstimateShape(allow_null=True)
    settings = serializers.ListField(child=serializers.DictField())
    alone_a = AloneShape(many=True)
    alone_b = AloneShape(many=True)


class Compare(ProjectView):
    """What two runs make of the problems that both have a finished tree of."""

    @extend_schema(
        operation_id="runs_compare",
        parameters=NAMED,
        responses={200: ComparisonShape, 400: ErrorShape, 404: ErrorShape},
    )
    def get(self, request: Request, slug: str) -> Response:
        first, second = (_number(request, name) for name in ("a", "b"))
        return Response(_told(comparison(self.access, first, second)))


def _number(request: Request, name: str) -> int:
    given = request.query_params.get(name, "")
    if not (given.isascii() and given.isdigit() and len(given) < 19):
        raise BadInput(f"{given[:40]!r} is not the number of a run.", name)
    return int(given)


def _told(found: Comparison) -> dict[str, Any]:
    sides = {"a": _side(found.a), "b": _side(found.b)}
    counts = {name: getattr(found, name) for name in ("shared", "compared", "only_a", "only_b", "solved_p")}
    differences = {name: _estimate(getattr(found, name)) for name in ("solved", "nodes", "tokens", "refuted")}
    changed = [{"name": name, "a": first, "b": second} for name, first, second in found.settings]
    alone = {"alone_a": _alone(found.alone_a), "alone_b": _alone(found.alone_b)}
    return {**sides, **counts, **differences, "settings": changed, **alone}


def _side(side: Side) -> dict[str, Any]:
    said = {name: getattr(side, name) for name in SIDE}
    return {**said, "run": side.run.pk, "share": _estimate(side.share)}


def _estimate(found: Estimate | None) -> dict[str, float | None] | None:
    return None if found is None else {name: _finite(value) for name, value in asdict(found).items()}


def _finite(value: float) -> float | None:
    return None if math.isnan(value) else value


def _alone(found: list[Alone]) -> list[dict[str, int]]:
    return [{"problem": each.problem, "tree_a": each.tree_a, "tree_b": each.tree_b} for each in found]
