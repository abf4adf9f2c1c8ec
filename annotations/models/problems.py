"""Problems: what is asked, with the reference answer."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector
from django.db import models
from django.db.models import F

from annotations.models.base import ProjectRow, parent


class Problem(ProjectRow):
    """A problem, unique in its project by a hash of kind and normalised text (annotations.imports)."""

    kind = models.CharField(max_length=20, default="maths", db_default="maths")
    text = models.TextField()
    options = models.JSONField(null=True, blank=True)
    answer = models.TextField(blank=True, default="", db_default="")
    solution = models.TextField(blank=True, default="", db_default="")
    level = models.SmallIntegerField(null=True, blank=True)
    split = models.CharField(max_length=20, blank=True, default="", db_default="")
    licence = models.CharField(max_length=60, blank=True, default="", db_default="")
    source = models.CharField(max_length=60, blank=True, default="", db_default="")
    source_ref = models.CharField(max_length=200, blank=True, default="", db_default="")
    content_hash = models.CharField(max_length=64)
    parent_problem = parent("annotations.Problem", null=True, related_name="variants")
    relation = models.CharField(max_length=20, blank=True, default="", db_default="")
    # The newest PassRate of any engine, so that the list can sort and filter by it.
    pass_rate = models.FloatField(null=True, blank=True, editable=False)
    schema_version = models.SmallIntegerField(default=1, db_default=1)
    data = models.JSONField(default=dict, db_default={}, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "content_hash"], name="problem_once")]
        indexes = [
            models.Index(fields=["project", "level", "id"], name="problem_by_level"),
            models.Index(fields=["project", "id"], name="problem_by_project"),
            models.Index(fields=["project", "pass_rate", "id"], name="problem_by_rate"),
            models.Index("project", F("pass_rate").desc(nulls_last=True), "id", name="problem_by_rate_down"),
            GinIndex(SearchVector("text", config="english"), name="problem_text_words"),
        ]

    def __str__(self) -> str:
        return self.text[:80]
