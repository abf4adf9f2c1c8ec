"""Frozen data sets: what was exported, with which recipe and options."""

from __future__ import annotations

from django.db import models

from annotations.models.base import ProjectRow, parent


class DatasetSnapshot(ProjectRow):
    """A file of labelled data with its manifest (counts, options, SHA-256)."""

    recipe = models.CharField(max_length=40)
    recipe_version = models.CharField(max_length=40)
    options = models.JSONField(default=dict, blank=True)
    filter = models.JSONField(default=dict, blank=True)
    manifest = models.JSONField(default=dict, blank=True)
    path = models.CharField(max_length=300, blank=True, default="")
    sha256 = models.CharField(max_length=64, blank=True, default="")
    rows = models.IntegerField(null=True, blank=True)
    run = parent("annotations.Run", null=True, related_name="snapshots")
    created_by = models.ForeignKey("annotations.User", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.recipe} {self.pk}"
