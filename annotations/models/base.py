"""What every row of a project shares. References to parents are (project_id, id) pairs, made in migration 0002."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from django.db import models
from django.db.models.functions import Now


def choices(enum: type[StrEnum]) -> list[tuple[str, str]]:
    """Return Django choices for an enum of inference.types, so that a word is defined once."""
    return [(member.value, member.value.replace("_", " ").capitalize()) for member in enum]


def parent(to: str, *, null: bool = False, related_name: str = "+", db_index: bool = True) -> Any:
    """Return a foreign key whose constraint is the composite (project_id, id) one of migration 0002.

    The database cascades: Django must not walk a project of a million nodes to delete it.
    """
    return models.ForeignKey(
        to,
        on_delete=models.DO_NOTHING,
        null=null,
        blank=null,
        related_name=related_name,
        db_constraint=False,
        db_index=db_index,
    )


class ProjectRow(models.Model):
    """A row that belongs to a project."""

    project = models.ForeignKey(
        "annotations.Project", on_delete=models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        abstract = True
