"""What machines say of a step or a rationale: tool verdicts and scores. Written once, beside one another."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from annotations.models.base import ProjectRow, choices, parent
from inference.types import Ending, VerdictKind

ONE_TARGET = Q(node__isnull=False, rationale__isnull=True) | Q(node__isnull=True, rationale__isnull=False)


class ToolCheck(ProjectRow):
    """A verifier's verdict with its evidence (`claims`: list of {text, verdict, detail, start, end})."""

    node = parent("annotations.Node", null=True, related_name="checks", db_index=False)
    rationale = parent("annotations.Rationale", null=True, related_name="checks", db_index=False)
    verifier = models.CharField(max_length=40)
    version = models.CharField(max_length=40)
    params_hash = models.CharField(max_length=64, blank=True, default="", db_default="")
    verdict = models.CharField(max_length=10, choices=choices(VerdictKind))
    ending = models.CharField(max_length=10, choices=choices(Ending), default="ok", db_default="ok")
    message = models.TextField(blank=True, default="", db_default="")
    claims = models.JSONField(default=list, db_default=[])
    input = models.JSONField(null=True, blank=True)
    output = models.JSONField(null=True, blank=True)
    millis = models.FloatField(default=0.0, db_default=0.0)
    cache_key = models.CharField(max_length=64, blank=True, default="", db_default="")
    # An equal step was checked before, and this is that verdict.
    taken_over = models.BooleanField(default=False, db_default=False)
    run = parent("annotations.Run", null=True, db_index=False)
    round = models.IntegerField(default=0, db_default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=ONE_TARGET, name="tool_check_one_target"),
            models.UniqueConstraint(
                fields=["node", "rationale", "verifier", "version", "params_hash"],
                name="tool_check_once",
                nulls_distinct=False,
            ),
        ]
        indexes = [
            models.Index(fields=["run", "verdict"], name="tool_check_by_run"),
            models.Index(fields=["rationale"], name="tool_check_by_path", condition=Q(rationale__isnull=False)),
            models.Index(
                fields=["project", "verifier", "version", "cache_key"],
                name="tool_check_again",
                condition=~Q(cache_key=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.verifier}: {self.verdict}"


class StepChange(ProjectRow):
    """What a run that checked steps again found changed: a step's verdict, or the label that its policy gives.

    `before` and `after` are a verdict or a rating, "" for none. `used`: the label stands in Node.polarity now.
    """

    VERDICT, LABEL = "verdict", "label"

    run = parent("annotations.Run", related_name="changes", db_index=False)
    node = parent("annotations.Node", db_index=False)
    kind = models.CharField(max_length=10, choices=[(VERDICT, "Verdict"), (LABEL, "Label")])
    before = models.CharField(max_length=10, blank=True, default="", db_default="")
    after = models.CharField(max_length=10, blank=True, default="", db_default="")
    reason = models.CharField(max_length=300, blank=True, default="", db_default="")
    used = models.BooleanField(default=False, db_default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["node", "run", "kind"], name="step_change_once")]
        indexes = [
            models.Index(fields=["run", "kind", "before", "after", "id"], name="step_change_in_order"),
            models.Index(fields=["project"], name="step_change_used", condition=Q(used=True)),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.before or 'none'} to {self.after or 'none'}"


class Score(ProjectRow):
    """A scorer's number for a step or a rationale; a PRM's is p(step is correct)."""

    node = parent("annotations.Node", null=True, related_name="scores", db_index=False)
    rationale = parent("annotations.Rationale", null=True, related_name="scores", db_index=False)
    scorer = models.CharField(max_length=60)
    version = models.CharField(max_length=64)
    params_hash = models.CharField(max_length=64, blank=True, default="", db_default="")
    value = models.FloatField()
    parts = models.JSONField(default=dict, db_default={}, blank=True)
    threshold = models.FloatField(null=True, blank=True)
    model = parent("annotations.ModelArtefact", null=True, related_name="scores")
    run = parent("annotations.Run", null=True)
    round = models.IntegerField(default=0, db_default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=ONE_TARGET, name="score_one_target"),
            models.UniqueConstraint(
                fields=["node", "rationale", "scorer", "version", "params_hash"],
                name="score_once",
                nulls_distinct=False,
            ),
        ]
        indexes = [
            models.Index(fields=["project", "scorer", "version", "value"], name="score_by_value"),
            models.Index(fields=["rationale"], name="score_by_path", condition=Q(rationale__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.scorer}: {self.value:.2f}"
