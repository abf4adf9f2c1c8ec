"""Engines that a site admin made and projects may use; model files that runs made."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from annotations.models.base import ProjectRow, parent


class Engine(models.Model):
    """A language model as the site offers it. Of the site; projects see those granted to them (EngineGrant)."""

    name = models.CharField(max_length=80, unique=True)
    kind = models.CharField(max_length=20)
    model = models.CharField(max_length=300, blank=True, default="", help_text="Local folder or hub id.")
    revision = models.CharField(max_length=80, blank=True, default="")
    dtype = models.CharField(max_length=12, default="auto")
    device = models.CharField(max_length=20, default="auto")
    limits = models.JSONField(default=dict, blank=True, help_text="For example {“max_batch”: 64}.")
    secret_env = models.CharField(
        max_length=80, blank=True, default="", help_text="Name of the environment variable that holds the secret."
    )
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class EngineGrant(models.Model):
    """A project may use an engine."""

    project = models.ForeignKey("annotations.Project", on_delete=models.CASCADE, related_name="engine_grants")
    engine = models.ForeignKey(Engine, on_delete=models.CASCADE, related_name="grants")
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "engine"], name="engine_grant_once")]

    def __str__(self) -> str:
        return f"{self.engine} for {self.project}"


class ModelArtefact(ProjectRow):
    """A model that a run made: a PRM head, later an adapter or a calibrator. Files are safetensors and JSON."""

    name = models.CharField(max_length=120)
    base = models.CharField(max_length=300, blank=True, default="")
    kind = models.CharField(max_length=40)
    path = models.CharField(max_length=300, blank=True, default="")
    files_hash = models.CharField(max_length=64, blank=True, default="")
    config = models.JSONField(default=dict, blank=True)
    metrics = models.JSONField(default=dict, blank=True)
    run = parent("annotations.Run", null=True, related_name="artefacts")
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.name
