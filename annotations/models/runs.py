"""Work: a run is cut into shards, a shard is claimed by lease, a worker says that it is alive."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from annotations.models.base import ProjectRow, choices, parent
from inference.types import Queue, RunKind, RunState, ShardState


class Run(ProjectRow):
    """A request for work with everything needed to repeat it. `report` is what it found, filled as it ends."""

    kind = models.CharField(max_length=10, choices=choices(RunKind))
    name = models.CharField(max_length=120, blank=True, default="")
    plugin = models.CharField(max_length=60, blank=True, default="")
    plugin_version = models.CharField(max_length=40, blank=True, default="")
    params = models.JSONField(default=dict, blank=True)
    seed = models.BigIntegerField(default=0)
    code_version = models.CharField(max_length=60, blank=True, default="")
    engine = models.ForeignKey("annotations.Engine", on_delete=models.PROTECT, null=True, related_name="+")
    input = models.JSONField(default=dict, blank=True)
    parent_run = parent("annotations.Run", null=True, related_name="children")
    round = models.IntegerField(default=0)
    state = models.CharField(max_length=10, choices=choices(RunState), default="queued")
    error = models.TextField(blank=True, default="")
    report = models.JSONField(default=dict, blank=True)
    requested_by = models.ForeignKey("annotations.User", on_delete=models.PROTECT, null=True, related_name="+")
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    # Since when it has been paused, and how long it was paused before, so that a pause counts as no work.
    paused_at = models.DateTimeField(null=True, blank=True)
    paused_seconds = models.FloatField(default=0.0, db_default=0.0)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["project", "-id"], name="run_by_project"),
            models.Index(fields=["state"], name="run_open", condition=Q(state__in=["queued", "running", "cancelling"])),
        ]

    def __str__(self) -> str:
        return self.name or f"{self.kind} {self.pk}"


class RunShard(ProjectRow):
    """A piece of a run that one worker holds at a time. `fence` grows with every claim; a store names its fence."""

    run = parent("annotations.Run", related_name="shards")
    number = models.IntegerField()
    queue = models.CharField(max_length=10, choices=choices(Queue))
    state = models.CharField(max_length=10, choices=choices(ShardState), default="queued", db_default="queued")
    priority = models.SmallIntegerField(default=0, db_default=0)
    lease_owner = models.CharField(max_length=120, blank=True, default="", db_default="")
    lease_until = models.DateTimeField(null=True, blank=True)
    claimed_at = models.DateTimeField(null=True, blank=True)
    fence = models.BigIntegerField(default=0, db_default=0)
    attempts = models.SmallIntegerField(default=0, db_default=0)
    checkpoint = models.JSONField(default=dict, db_default={}, blank=True)
    error = models.TextField(blank=True, default="", db_default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "number"], name="run_shard_once")]
        indexes = [
            models.Index(fields=["queue", "-priority", "id"], name="run_shard_open", condition=Q(state="queued")),
        ]

    def __str__(self) -> str:
        return f"Shard {self.number} of run {self.run_id}"


class Worker(models.Model):
    """A worker process as its heartbeat last told; `note` is what its work waits for. Of the site, not of a project."""

    name = models.CharField(max_length=120, unique=True)
    queue = models.CharField(max_length=10, choices=choices(Queue))
    host = models.CharField(max_length=120)
    pid = models.IntegerField()
    engine = models.CharField(max_length=200, blank=True, default="")
    doing = models.CharField(max_length=200, blank=True, default="")
    run = models.ForeignKey(Run, on_delete=models.SET_NULL, null=True, related_name="workers")
    note = models.CharField(max_length=300, blank=True, default="")
    # Where the code that models write runs on this worker, and why there: inference.sandbox says.
    sandbox = models.JSONField(default=dict, db_default={}, blank=True)
    started_at = models.DateTimeField(db_default=Now())
    seen_at = models.DateTimeField(db_default=Now())
    stopped_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["queue", "-seen_at"], name="worker_alive")]

    def __str__(self) -> str:
        return self.name


class DeviceLease(models.Model):
    """A worker's share of an accelerator's memory, in (0, 1], or (not `granted`) its place in the queue for one."""

    host = models.CharField(max_length=120)
    device = models.CharField(max_length=40)
    owner = models.CharField(max_length=120)
    share = models.FloatField()
    purpose = models.CharField(max_length=200)
    granted = models.BooleanField(default=False)
    asked_at = models.DateTimeField(db_default=Now())
    until = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["host", "device", "owner"], name="device_lease_once"),
            models.CheckConstraint(condition=Q(share__gt=0, share__lte=1), name="device_lease_share"),
        ]

    def __str__(self) -> str:
        return f"{self.owner} {'has' if self.granted else 'waits for'} {self.share:g} of {self.device}"
