"""People, projects, who may do what in which, and the record of acts that delete or grant."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models.functions import Now

from annotations.models.base import choices
from inference.types import Role


class User(AbstractUser):
    """A person. An anonymised one keeps the id, so that labels keep an author.

    `desk_keys` are the keys of the desk that he chose himself: {act: key} (annotations.desk.keys).
    """

    desk_keys = models.JSONField(default=dict, db_default={}, blank=True)

    anonymised_at = models.DateTimeField(null=True, blank=True, editable=False)

    def __str__(self) -> str:
        return self.get_full_name() or self.username


class Project(models.Model):
    """A team's work on one set of problems. `settings` holds the project's switches (annotations.rules.SETTINGS)."""

    name = models.CharField(max_length=120)
    slug = models.SlugField(max_length=60, unique=True)
    guidelines = models.TextField(blank=True, default="", db_default="")
    settings = models.JSONField(default=dict, blank=True)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """A person's role in a project."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=12, choices=choices(Role))
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "user"], name="membership_once")]

    def __str__(self) -> str:
        return f"{self.user} is {self.role} of {self.project}"


class AuditEvent(models.Model):
    """Who archived, deleted, anonymised, granted. Outlives its project: `project_ref` is a number, not a reference."""

    project_ref = models.BigIntegerField(null=True, blank=True)
    actor = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    action = models.CharField(max_length=60)
    data = models.JSONField(default=dict)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.action} by {self.actor}"
