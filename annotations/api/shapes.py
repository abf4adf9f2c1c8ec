"""What the API says of projects, problems, runs, models and data sets."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from annotations.models import DatasetSnapshot, Problem, Project, Run, Tree


class ErrorShape(serializers.Serializer[Any]):
    error = serializers.CharField()
    field = serializers.CharField(required=False)


class ProjectShape(serializers.ModelSerializer[Project]):
    role = serializers.CharField(source="my_role", allow_null=True)
    problems = serializers.IntegerField(source="problem_count", allow_null=True)
    archived = serializers.BooleanField(source="archived_at", allow_null=True)

    class Meta:
        model = Project
        fields = ["slug", "name", "role", "problems", "archived", "created_at"]

    def to_representation(self, instance: Project) -> dict[str, Any]:
        shown = super().to_representation(instance)
        return {**shown, "problems": shown["problems"] or 0, "archived": instance.archived_at is not None}


class CategoryShape(serializers.Serializer[Any]):
    key = serializers.CharField()
    name = serializers.CharField()
    definition = serializers.CharField()
    active = serializers.BooleanField()


class EngineShape(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    kind = serializers.CharField()


class ProjectDetailShape(serializers.Serializer[Any]):
    slug = serializers.CharField()
    name = serializers.CharField()
    role = serializers.CharField()
    archived = serializers.BooleanField()
    created_at = serializers.DateTimeField()
    guidelines = serializers.CharField()
    may = serializers.ListField(child=serializers.CharField())
    blind = serializers.BooleanField()
    categories = CategoryShape(many=True)
    engines = EngineShape(many=True)


class ProblemShape(serializers.ModelSerializer[Problem]):
    class Meta:
        model = Problem
        fields = [
            "id",
            "kind",
            "text",
            "answer",
            "level",
            "pass_rate",
            "split",
            "source",
            "source_ref",
            "licence",
            "created_at",
        ]


class TreeShape(serializers.ModelSerializer[Tree]):
    problem = serializers.IntegerField(source="problem_id")
    run = serializers.IntegerField(source="run_id", allow_null=True)

    class Meta:
        model = Tree
        fields = [
            "id",
            "problem",
            "run",
            "source",
            "state",
            "rounds_done",
            "visits",
            "node_count",
            "correct_paths",
            "wrong_paths",
            "created_at",
            "finished_at",
        ]


class ProblemDetailShape(ProblemShape):
    trees = TreeShape(many=True)

    class Meta(ProblemShape.Meta):
        fields = [*ProblemShape.Meta.fields, "solution", "options", "data", "trees"]


class RunShape(serializers.ModelSerializer[Run]):
    engine = serializers.CharField(source="engine.name", default=None, allow_null=True)
    requested_by = serializers.CharField(source="requested_by.username", default=None, allow_null=True)

    parent_run = serializers.IntegerField(source="parent_run_id", allow_null=True)

    class Meta:
        model = Run
        fields = [
            "id",
            "kind",
            "name",
            "state",
            "error",
            "plugin",
            "engine",
            "params",
            "seed",
            "requested_by",
            "parent_run",
            "created_at",
            "started_at",
            "finished_at",
        ]


class RunDetailShape(RunShape):
    """`progress` counts what is stored; `snapshots` are the data sets that an export made."""

    report = serializers.JSONField()
    progress = serializers.DictField()
    needs_worker = serializers.BooleanField()
    snapshots = serializers.ListField(child=serializers.IntegerField())

    class Meta(RunShape.Meta):
        fields = [*RunShape.Meta.fields, "report", "progress", "needs_worker", "snapshots"]


class SnapshotShape(serializers.ModelSerializer[DatasetSnapshot]):
    run = serializers.IntegerField(source="run_id", allow_null=True)

    class Meta:
        model = DatasetSnapshot
        fields = ["id", "recipe", "recipe_version", "options", "rows", "sha256", "manifest", "run", "created_at"]
