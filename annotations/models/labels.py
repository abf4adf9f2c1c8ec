"""What people (and labelled corpora) say of steps: events that are appended, never changed."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from annotations.models.base import ProjectRow, choices, parent
from annotations.models.evidence import ONE_TARGET
from inference.types import LabelKind, LabelSource, Rating


class LabelScheme(ProjectRow):
    """A version of the project's labelling scheme; an edit makes the next version.

    `categories` is a list of {"key", "name", "definition", "active"}.
    """

    version = models.IntegerField(default=1)
    categories = models.JSONField(default=list, db_default=[])
    created_by = models.ForeignKey("annotations.User", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "version"], name="label_scheme_once")]

    def __str__(self) -> str:
        return f"Scheme {self.version}"


class LabelEvent(ProjectRow):
    """One act of labelling. The current label of a voter on a target is his last event; undo appends the state before.

    `voter` says whose opinion it is: "u<id>" for a person, a key of its own for each imported row.
    """

    node = parent("annotations.Node", null=True, related_name="labels", db_index=False)
    rationale = parent("annotations.Rationale", null=True, related_name="labels", db_index=False)
    author = models.ForeignKey(
        "annotations.User", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    voter = models.CharField(max_length=80)
    source = models.CharField(max_length=10, choices=choices(LabelSource), default="person", db_default="person")
    scheme = parent("annotations.LabelScheme", db_index=False)
    kind = models.CharField(max_length=12, choices=choices(LabelKind), default="rating", db_default="rating")
    rating = models.CharField(max_length=10, choices=choices(Rating), null=True, blank=True)  # noqa: DJ001 NULL: unlabelled
    category = models.CharField(max_length=40, blank=True, default="", db_default="")
    note = models.TextField(blank=True, default="", db_default="")
    rewrite = models.TextField(blank=True, default="", db_default="")
    sureness = models.FloatField(null=True, blank=True)
    seconds = models.FloatField(null=True, blank=True)
    supersedes = parent("annotations.LabelEvent", null=True, db_index=False)
    # The session of the desk that it was said in. `data` then holds {"flagged", "chosen"} where they are true.
    session = parent("annotations.LabelSession", null=True, related_name="labels", db_index=False)
    shown = models.JSONField(null=True, blank=True)
    client = models.CharField(max_length=40, blank=True, default="", db_default="")
    idempotency_key = models.UUIDField(null=True, blank=True)
    external_key = models.CharField(max_length=120, null=True, blank=True)  # noqa: DJ001 NULL: not imported
    data = models.JSONField(default=dict, db_default={}, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=ONE_TARGET, name="label_event_one_target"),
            models.CheckConstraint(
                condition=Q(author__isnull=False) | ~Q(source__in=["person", "decision"]),
                name="label_event_person_has_author",
            ),
            models.UniqueConstraint(fields=["project", "author", "idempotency_key"], name="label_event_once"),
            models.UniqueConstraint(fields=["project", "external_key"], name="label_event_imported_once"),
        ]
        # Few, for a label is what people wait for; rows that are found by no other key go by partial ones.
        indexes = [
            models.Index(fields=["node", "voter", "-id"], name="label_event_current"),
            models.Index(fields=["project", "author", "-id"], name="label_event_by_author"),
            models.Index(fields=["rationale"], name="label_event_of_rationale", condition=Q(rationale__isnull=False)),
            models.Index(fields=["supersedes"], name="label_event_undoes", condition=Q(supersedes__isnull=False)),
            models.Index(fields=["session"], name="label_event_of_session", condition=Q(session__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.voter}: {self.rating}"

    @property
    def who(self) -> str:
        """Who spoke, as people read it: the name an imported event came with, the author, else the source."""
        return str(self.data.get("author") or self.author or self.source)
