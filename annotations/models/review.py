"""What the review page counts: one row a step with what its scorers say, cells that count steps, and saved slices.

All but the slices is derived (annotations.reviewing.fold) and could be made anew from scores, checks and label events.
"""

from __future__ import annotations

from django.db import models

from annotations.models.base import ProjectRow, parent


class ReviewDue(ProjectRow):
    """A step of which something new was said. Triggers add rows, a fold takes them."""

    node = parent("annotations.Node", db_index=False)

    class Meta:
        indexes = [models.Index(fields=["project", "node"], name="review_due_by_node")]

    def __str__(self) -> str:
        return f"step {self.node_id}"


class ReviewStep(ProjectRow):
    """A step of which a scorer, a tool or a label speaks: each scorer's current number, and the cell it counts in.

    `said` is the number of its verdict and rating (annotations.reviewing.kinds).
    """

    node = parent("annotations.Node", db_index=False)
    cell = models.BigIntegerField()
    said = models.SmallIntegerField(default=0, db_default=0)
    scores = models.JSONField(default=dict, db_default={})

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "node"], name="review_step_once")]
        indexes = [
            models.Index(fields=["project", "cell", "node"], name="review_step_in_cell"),
            models.Index(fields=["project", "said", "node"], include=["cell"], name="review_step_by_said"),
        ]

    def __str__(self) -> str:
        return f"step {self.node_id}"


class ReviewScore(ProjectRow):
    """How sure a scorer is of its side of a step, or how far two scorers are apart: in the order of the lists.

    `other` is "" for one scorer; of two, `scorer` is the lesser name. `kind` says on which side they are, and for one
    scorer also what else is said of the step (annotations.reviewing.kinds).
    """

    node = parent("annotations.Node", db_index=False)
    scorer = models.CharField(max_length=60)
    other = models.CharField(max_length=60, blank=True, default="", db_default="")
    kind = models.SmallIntegerField(default=0, db_default=0)
    cell = models.BigIntegerField()
    sure = models.FloatField()

    class Meta:
        indexes = [
            models.Index(fields=["project", "node"], name="review_score_by_node"),
            models.Index(
                fields=["project", "scorer", "other", "kind", "-sure", "node"],
                include=["cell"],
                name="review_score_by_kind",
            ),
            models.Index(fields=["project", "scorer", "other", "cell", "-sure", "node"], name="review_score_in_cell"),
        ]

    def __str__(self) -> str:
        return f"{self.scorer}: {self.sure:.2f}"


class ReviewCell(ProjectRow):
    """How many steps agree in everything that the page counts by. `key` is a hash of all of it.

    `sides` says for each scorer whether it takes the step for correct (1) or not (0). An empty verdict or rating means
    that there is none; `depth` and `length` are the lowest value of a band.
    """

    key = models.BigIntegerField()
    sides = models.JSONField(default=dict, db_default={})
    verdict = models.CharField(max_length=10, blank=True, default="", db_default="")
    rating = models.CharField(max_length=10, blank=True, default="", db_default="")
    category = models.CharField(max_length=40, blank=True, default="", db_default="")
    source = models.CharField(max_length=120, blank=True, default="", db_default="")
    depth = models.IntegerField(default=1, db_default=1)
    length = models.IntegerField(default=0, db_default=0)
    n = models.IntegerField(default=0, db_default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "key"], name="review_cell_once")]
        # All cells of a project are read at once, in the order in which they lie: by the hash each would be a jump.
        indexes = [models.Index(fields=["project"], name="review_cell_of_project")]

    def __str__(self) -> str:
        return f"{self.n} steps"


class LabelSlice(ProjectRow):
    """A named list of steps, frozen as it was sent, for people to label. `nodes` are step ids, in order."""

    name = models.CharField(max_length=120)
    nodes = models.JSONField(default=list)
    filter = models.JSONField(default=dict, blank=True)
    created_by = models.ForeignKey("annotations.User", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.name
