"""How often an engine solves a problem: what choosing problems of the right difficulty goes by."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from annotations.models.base import ProjectRow, parent


class PassRate(ProjectRow):
    """How many of an engine's samples of a problem end in the reference answer, with the Wilson interval of the share.

    One row a problem, engine and way of sampling (`params_hash` of `params`, the seed included); more samples of the
    same way add to it. `answered` counts the samples that gave an answer at all.
    """

    problem = parent("annotations.Problem", related_name="pass_rates")
    engine = models.ForeignKey("annotations.Engine", on_delete=models.PROTECT, related_name="+")
    params_hash = models.CharField(max_length=64)
    params = models.JSONField(default=dict)
    samples = models.IntegerField()
    solved = models.IntegerField()
    answered = models.IntegerField()
    low = models.FloatField()
    high = models.FloatField()
    run = parent("annotations.Run", null=True)
    measured_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["problem", "engine", "params_hash"], name="pass_rate_once"),
            models.CheckConstraint(
                condition=Q(solved__gte=0, solved__lte=F("answered"), answered__lte=F("samples"), samples__gt=0),
                name="pass_rate_counts",
            ),
        ]
        indexes = [models.Index(fields=["project", "engine", "problem"], name="pass_rate_by_engine")]

    def __str__(self) -> str:
        return f"{self.solved} of {self.samples}"
