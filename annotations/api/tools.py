"""How far the verifiers can be trusted on a project's steps."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.api.base import ProjectView
from annotations.selectors.tools import Measured, tools
from annotations.trust import Share, refusal


class ShareShape(serializers.Serializer[Any]):
    """`hits` of `of` labelled steps with the 95 % interval; value null where there is none."""

    value = serializers.FloatField(allow_null=True)
    low = serializers.FloatField()
    high = serializers.FloatField()
    hits = serializers.IntegerField()
    of = serializers.IntegerField()


class CountShape(serializers.Serializer[Any]):
    verdict = serializers.CharField()
    rating = serializers.CharField(allow_null=True)
    steps = serializers.IntegerField()


class CategoryShareShape(serializers.Serializer[Any]):
    category = serializers.CharField(allow_blank=True)
    recall = ShareShape()


class ToolShape(serializers.Serializer[Any]):
    """One version of a verifier. `not_trusted` says why its support should not count, "" where it may."""

    verifier = serializers.CharField()
    version = serializers.CharField()
    counts = CountShape(many=True)
    endings = serializers.DictField(child=serializers.IntegerField())
    precision = ShareShape()
    recall = ShareShape()
    support = ShareShape()
    base = ShareShape()
    by_category = CategoryShareShape(many=True)
    not_trusted = serializers.CharField(allow_blank=True)


class ToolsShape(serializers.Serializer[Any]):
    """`due` steps are not counted yet: ask again."""

    tools = ToolShape(many=True)
    due = serializers.IntegerField()


class Tools(ProjectView):
    """What labels say of each verifier: precision, recall, P(wrong | supported) and the base rate."""

    @extend_schema(operation_id="tools", responses={200: ToolsShape})
    def get(self, request: Request, slug: str) -> Response:
        found = tools(self.access)
        return Response({"tools": [_told(each) for each in found.measured], "due": found.due})


def _told(found: Measured) -> dict[str, Any]:
    trust = found.trust
    counts = [
        {"verdict": verdict, "rating": rating or None, "steps": steps}
        for (verdict, rating), steps in sorted(trust.counts.items())
    ]
    shares = {name: _share(getattr(trust, name)) for name in ("precision", "recall", "support", "base")}
    categories = [{"category": key, "recall": _share(share)} for key, share in found.by_category.items()]
    named = {"verifier": found.verifier, "version": found.version, "counts": counts, "endings": found.endings}
    return {**named, **shares, "by_category": categories, "not_trusted": refusal(found.verifier, trust)}


def _share(found: Share) -> dict[str, Any]:
    return {"value": found.value, "low": found.low, "high": found.high, "hits": found.hits, "of": found.of}
