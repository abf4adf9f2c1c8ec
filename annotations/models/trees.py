"""Trees of steps, links between steps that are not parenthood, and paths as objects of their own."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from annotations.models.base import ProjectRow, choices, parent
from inference.types import FinishReason, NodeRole, TreeState


class Tree(ProjectRow):
    """All steps grown (or imported) for one problem in one run. The root's statistics are columns here, not a node."""

    problem = parent("annotations.Problem", related_name="trees")
    run = parent("annotations.Run", null=True, related_name="trees", db_index=False)
    shard = parent("annotations.RunShard", null=True, related_name="trees", db_index=False)
    source = models.CharField(max_length=20, default="search", db_default="search")
    external_key = models.CharField(max_length=120, blank=True, default="", db_default="")
    state = models.CharField(max_length=10, choices=choices(TreeState), default="growing", db_default="growing")
    seed = models.BigIntegerField(default=0, db_default=0)
    rounds_done = models.IntegerField(default=0, db_default=0)
    requests_done = models.IntegerField(default=0, db_default=0)
    visits = models.IntegerField(default=0, db_default=0)
    value_sum = models.FloatField(default=0.0, db_default=0.0)
    node_count = models.IntegerField(default=0, db_default=0)
    correct_paths = models.IntegerField(default=0, db_default=0)
    wrong_paths = models.IntegerField(default=0, db_default=0)
    stats = models.JSONField(default=dict, db_default={}, blank=True)
    schema_version = models.SmallIntegerField(default=1, db_default=1)
    data = models.JSONField(default=dict, db_default={}, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project", "problem", "run", "external_key"], name="tree_once", nulls_distinct=False
            )
        ]
        indexes = [
            models.Index(fields=["run", "state"], name="tree_by_run"),
            models.Index(fields=["shard"], name="tree_by_shard", condition=Q(shard__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"Tree {self.pk}"

    @property
    def standing(self) -> str:
        """Whether the tree grows and how large it is: what a watching page has seen."""
        return f"{self.state}-{self.node_count}"


class Node(ProjectRow):
    """One step. `seq` is its creation number in the tree (from 1), `parent_seq` the parent's (NULL: a first step).

    Text, role and parent never change (a trigger holds that); visits and value_sum belong to the search.
    """

    tree = parent("annotations.Tree", related_name="nodes", db_index=False)
    seq = models.IntegerField()
    parent_seq = models.IntegerField(null=True, blank=True)
    depth = models.SmallIntegerField(default=1, db_default=1)
    role = models.CharField(max_length=12, choices=choices(NodeRole), default="step", db_default="step")
    text = models.TextField()
    terminal = models.BooleanField(default=False, db_default=False)
    answer = models.TextField(blank=True, default="", db_default="")
    outcome = models.SmallIntegerField(null=True, blank=True)
    visits = models.IntegerField(default=0, db_default=0)
    value_sum = models.FloatField(default=0.0, db_default=0.0)
    prior = models.FloatField(null=True, blank=True)
    polarity = models.CharField(max_length=10, blank=True, default="", db_default="")
    pruned = models.BooleanField(default=False, db_default=False)
    pruned_reason = models.CharField(max_length=60, blank=True, default="", db_default="")
    removed = models.BooleanField(default=False, db_default=False)
    run = parent("annotations.Run", null=True)
    round = models.IntegerField(default=0, db_default=0)
    tokens = models.IntegerField(default=0, db_default=0)
    schema_version = models.SmallIntegerField(default=1, db_default=1)
    data = models.JSONField(default=dict, db_default={}, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tree", "seq"], name="node_once"),
            models.CheckConstraint(condition=Q(seq__gte=1), name="node_seq_from_one"),
            models.CheckConstraint(
                condition=Q(parent_seq__isnull=True) | Q(parent_seq__lt=F("seq")), name="node_after_parent"
            ),
        ]
        indexes = [models.Index(fields=["tree", "parent_seq"], name="node_by_parent")]

    def __str__(self) -> str:
        return f"{self.seq}. {self.text[:60]}"


class Completion(ProjectRow):
    """What an engine drew for a growing tree, stored before it is used and gone when its round is stored.

    One that could not be read stays, with its `fault` and the step that it was drawn after (`parent_seq`; NULL: none).
    `number` counts the tree's requests from 1; `asked` is a hash of the request, so that another one is not answered.
    """

    tree = parent("annotations.Tree", related_name="completions", db_index=False)
    number = models.IntegerField()
    asked = models.BigIntegerField(default=0, db_default=0)
    text = models.TextField(blank=True, default="", db_default="")
    tokens = models.IntegerField(default=0, db_default=0)
    logprob = models.FloatField(default=0.0, db_default=0.0)
    finish = models.CharField(max_length=10, choices=choices(FinishReason), default="stop", db_default="stop")
    lines = models.JSONField(default=list, db_default=[], blank=True)
    choices = models.JSONField(default=list, db_default=[], blank=True)
    fault = models.CharField(max_length=40, blank=True, default="", db_default="")
    parent_seq = models.IntegerField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tree", "number"], name="completion_once")]

    def __str__(self) -> str:
        return f"{self.number} of tree {self.tree_id}"


class NodeLink(ProjectRow):
    """A directed link between two steps: premise, rule, xor, supports, refutes, compressed_from, twin, code_line."""

    source = parent("annotations.Node", related_name="links_out")
    target = parent("annotations.Node", related_name="links_in")
    kind = models.CharField(max_length=20)
    run = parent("annotations.Run", null=True)
    round = models.IntegerField(default=0, db_default=0)
    plugin = models.CharField(max_length=60, blank=True, default="", db_default="")
    plugin_version = models.CharField(max_length=40, blank=True, default="", db_default="")
    weight = models.FloatField(null=True, blank=True)
    data = models.JSONField(default=dict, db_default={}, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source", "target", "kind", "plugin", "plugin_version"], name="node_link_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.source_id} {self.kind} {self.target_id}"


class Rationale(ProjectRow):
    """A path (by its leaf) or a free text as one object; revisions form a chain by `revision_of`."""

    problem = parent("annotations.Problem", related_name="rationales")
    tree = parent("annotations.Tree", null=True, related_name="rationales")
    leaf = parent("annotations.Node", null=True, related_name="rationales")
    text = models.TextField(blank=True, default="", db_default="")
    format = models.CharField(max_length=40, default="steps", db_default="steps")
    format_version = models.CharField(max_length=40, blank=True, default="", db_default="")
    answer = models.TextField(blank=True, default="", db_default="")
    answer_order = models.CharField(max_length=20, default="rationale_first", db_default="rationale_first")
    claimed_label = models.CharField(max_length=120, blank=True, default="", db_default="")
    outcome = models.SmallIntegerField(null=True, blank=True)
    source = models.CharField(max_length=60, blank=True, default="", db_default="")
    external_key = models.CharField(max_length=120, blank=True, default="", db_default="")
    run = parent("annotations.Run", null=True)
    round = models.IntegerField(default=0, db_default=0)
    revision_of = parent("annotations.Rationale", null=True, related_name="revisions")
    revision_kind = models.CharField(max_length=20, blank=True, default="", db_default="")
    reason = models.TextField(blank=True, default="", db_default="")
    schema_version = models.SmallIntegerField(default=1, db_default=1)
    data = models.JSONField(default=dict, db_default={}, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project", "source", "external_key"], name="rationale_once", condition=~Q(external_key="")
            ),
            models.CheckConstraint(
                condition=Q(leaf__isnull=True) | Q(tree__isnull=False), name="rationale_leaf_has_tree"
            ),
        ]

    def __str__(self) -> str:
        return f"Rationale {self.pk}"
