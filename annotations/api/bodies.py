"""What the API reads. A field that nothing knows is refused, so that a misspelt one is not lost."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from inference.types import Rating, RunKind

STARTABLE = (
    RunKind.GENERATE,
    RunKind.SCORE,
    RunKind.TRAIN,
    RunKind.PLANT,
    RunKind.REPLAY,
    RunKind.PROBLEMS,
    RunKind.PASSRATE,
    RunKind.POLICY,
    RunKind.CHECK,
)


class Body(serializers.Serializer[Any]):
    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if isinstance(data, dict):
            unknown = sorted(set(data) - set(self.fields))
            if unknown:
                expected = ", ".join(self.fields)
                raise serializers.ValidationError({unknown[0]: [f"unknown field; expected some of {expected}."]})
        return dict(super().to_internal_value(data))


class LabelBody(Body):
    """`rating` null takes one's rating back. `key` (a UUID of the client's) makes a repeated send harmless."""

    rating = serializers.ChoiceField([rating.value for rating in Rating], allow_null=True)
    category = serializers.CharField(default="", allow_blank=True)
    note = serializers.CharField(default="", allow_blank=True, trim_whitespace=False)
    rewrite = serializers.CharField(default="", allow_blank=True, trim_whitespace=False)
    sureness = serializers.FloatField(default=None, allow_null=True, min_value=0, max_value=1)
    seconds = serializers.FloatField(default=None, allow_null=True, min_value=0, max_value=1e9)
    seen_version = serializers.IntegerField(default=None, allow_null=True, min_value=0)
    key = serializers.UUIDField(default=None, allow_null=True)


class UndoBody(Body):
    key = serializers.UUIDField(default=None, allow_null=True)


class RunBody(Body):
    """`generate` reads engine, params, problems (null: all), name, seed, band and parent_run (which it is made after);
    `passrate` the first four of them; `policy` reads engine and params, and so does `plant` by an engine; `score` reads
    model; `plant` by rule, `train`, `replay` and `problems` read params. `check` reads params, parent_run (the run
    whose trees are checked; null: all trees), engine (for tools that ask a model), name and seed.

    `band` [low, high] keeps the problems whose pass rate with the engine lies in it (null: no matter what).
    """

    kind = serializers.ChoiceField([kind.value for kind in STARTABLE], default=RunKind.GENERATE.value)
    engine = serializers.IntegerField(default=None, allow_null=True, min_value=1, max_value=2**63 - 1)
    model = serializers.IntegerField(default=None, allow_null=True, min_value=1, max_value=2**63 - 1)
    params = serializers.DictField(default=dict)
    problems = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**63 - 1),
        default=None,
        allow_null=True,
        allow_empty=False,
        max_length=100_000,
    )
    name = serializers.CharField(default="", allow_blank=True, max_length=120)
    seed = serializers.IntegerField(default=None, allow_null=True, min_value=0, max_value=2**63 - 1)
    parent_run = serializers.IntegerField(default=None, allow_null=True, min_value=1, max_value=2**63 - 1)
    band = serializers.ListField(
        child=serializers.FloatField(min_value=0, max_value=1),
        default=None,
        allow_null=True,
        min_length=2,
        max_length=2,
    )


class ExportBody(Body):
    recipe = serializers.CharField(max_length=40)
    options = serializers.DictField(default=dict)


class TokenBody(Body):
    username = serializers.CharField(max_length=150)
    password = serializers.CharField(max_length=4096, trim_whitespace=False)


class TokenShape(serializers.Serializer[Any]):
    token = serializers.CharField()
