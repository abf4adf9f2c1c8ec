"""The labelling desk: queues, their items, one person's session with one item, and what was said of it in words."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from annotations.models.base import ProjectRow, choices, parent
from inference.desk import (
    DeskMode,
    DeskState,
    ItemRole,
    ItemState,
    LabelFinish,
    SessionAct,
    SessionState,
    Strategy,
)


class LabelQueue(ProjectRow):
    """A named set of items for people to label. `settings` are those of annotations.desk.params.DeskSettings.

    Each item is labelled by `overlap` people. With `agree` above 0, places are added one by one until that many agree
    on the first error, up to `most` people; an item on which they never do is dropped (ProcessBench's protocol).
    """

    name = models.CharField(max_length=120)
    mode = models.CharField(max_length=10, choices=choices(DeskMode), default="solution", db_default="solution")
    strategy = models.CharField(max_length=16, choices=choices(Strategy), default="order", db_default="order")
    state = models.CharField(max_length=10, choices=choices(DeskState), default="open", db_default="open")
    overlap = models.SmallIntegerField(default=1, db_default=1)
    agree = models.SmallIntegerField(default=0, db_default=0)
    most = models.SmallIntegerField(default=0, db_default=0)
    seed = models.BigIntegerField(default=0, db_default=0)
    settings = models.JSONField(default=dict, db_default={}, blank=True)
    # What it was filled from: a slice, a filter, trees.
    source = models.JSONField(default=dict, db_default={}, blank=True)
    # When its items' priorities were last worked out, and when something was last said of a step (about).
    ordered_at = models.DateTimeField(null=True, blank=True)
    said_at = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey("annotations.User", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["project", "state", "id"], name="label_queue_open")]

    def __str__(self) -> str:
        return self.name


class QueueMember(ProjectRow):
    """Somebody in a queue: whether the queue was assigned to him, how much he took, whether he passed the screening.

    `passed` is NULL before the screening is done; a reviewer may set it, and is then `passed_by`.
    """

    queue = parent("annotations.LabelQueue", related_name="members", db_index=False)
    user = models.ForeignKey("annotations.User", on_delete=models.PROTECT, related_name="+", db_index=False)
    assigned = models.BooleanField(default=False, db_default=False)
    taken = models.IntegerField(default=0, db_default=0)
    passed = models.BooleanField(null=True, blank=True)
    passed_by = models.ForeignKey(
        "annotations.User", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["queue", "user"], name="queue_member_once")]

    def __str__(self) -> str:
        return f"{self.user_id} in queue {self.queue_id}"


class LabelItem(ProjectRow):
    """A path (`leaf`: its last step) or a whole tree (no leaf) to be labelled.

    `wanted` people shall label it, `takers` have it or have submitted it, `places` are left. `expected` holds what is
    right where that is known: {"ratings": {node id: rating}, "first_error": node id or null}.
    """

    queue = parent("annotations.LabelQueue", related_name="items", db_index=False)
    tree = parent("annotations.Tree")
    leaf = parent("annotations.Node", null=True, db_index=False)
    number = models.IntegerField()
    role = models.CharField(max_length=10, choices=choices(ItemRole), default="work", db_default="work")
    state = models.CharField(max_length=10, choices=choices(ItemState), default="open", db_default="open")
    priority = models.FloatField(default=0.0, db_default=0.0)
    wanted = models.SmallIntegerField(default=1, db_default=1)
    places = models.SmallIntegerField(default=1, db_default=1)
    takers = models.SmallIntegerField(default=0, db_default=0)
    expected = models.JSONField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["queue", "tree", "leaf"], name="label_item_once", nulls_distinct=False),
            models.CheckConstraint(condition=Q(places__gte=0), name="label_item_places"),
        ]
        # What nobody has is found without a look at who had what; half-done items come first.
        indexes = [
            models.Index(
                fields=["queue", "-priority", "number"],
                name="label_item_fresh",
                condition=Q(role="work", state="open", places__gt=0, takers=0),
            ),
            models.Index(
                fields=["queue", "-priority", "number"],
                name="label_item_half",
                condition=Q(role="work", state="open", places__gt=0, takers__gt=0),
            ),
            models.Index(fields=["queue", "role", "number"], name="label_item_known", condition=~Q(role="work")),
            models.Index(fields=["queue", "number"], name="label_item_in_order"),
            models.Index(
                fields=["project", "state", "-settled_at"], name="label_item_settled", condition=~Q(state="open")
            ),
        ]

    def __str__(self) -> str:
        return f"Item {self.number}"


class LabelSession(ProjectRow):
    """One person's work on one item, as it stands: PRM800K's row. What happened to it is in SessionEvent.

    `first_error` is the first step that he rated incorrect (NULL: none). `aids` is what the page showed him, `shown`
    of the label events says it for each label. `own` holds the steps that he wrote: {number of the step above or "0":
    {"text", "flagged"}}. `gold_right` of `gold_known` ratings agree with the item's expected ones (gold).
    """

    item = parent("annotations.LabelItem", related_name="sessions", db_index=False)
    queue = parent("annotations.LabelQueue", related_name="sessions", db_index=False)
    user = models.ForeignKey("annotations.User", on_delete=models.PROTECT, related_name="+", db_index=False)
    state = models.CharField(max_length=10, choices=choices(SessionState), default="leased", db_default="leased")
    lease_until = models.DateTimeField(null=True, blank=True)
    taken_at = models.DateTimeField(db_default=Now())
    seen_at = models.DateTimeField(db_default=Now())
    submitted_at = models.DateTimeField(null=True, blank=True)
    finish = models.CharField(max_length=12, choices=choices(LabelFinish), blank=True, default="", db_default="")
    flagged = models.BooleanField(default=False, db_default=False)
    reason = models.CharField(max_length=500, blank=True, default="", db_default="")
    seconds = models.FloatField(default=0.0, db_default=0.0)
    ratings = models.SmallIntegerField(default=0, db_default=0)
    first_error = parent("annotations.Node", null=True, db_index=False)
    aids = models.JSONField(default=dict, db_default={}, blank=True)
    own = models.JSONField(default=dict, db_default={}, blank=True)
    gold_right = models.SmallIntegerField(null=True, blank=True)
    gold_known = models.SmallIntegerField(null=True, blank=True)
    external_key = models.CharField(max_length=120, null=True, blank=True)  # noqa: DJ001 NULL: not imported
    data = models.JSONField(default=dict, db_default={}, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item", "user"], name="label_session_once"),
            models.UniqueConstraint(fields=["project", "external_key"], name="label_session_imported_once"),
        ]
        indexes = [
            models.Index(fields=["queue", "user", "state"], name="label_session_of_user"),
            models.Index(fields=["lease_until"], name="label_session_leased", condition=Q(state="leased")),
            models.Index(
                fields=["project", "-submitted_at"], name="label_session_submitted", condition=Q(state="submitted")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} on item {self.item_id}"


class SessionEvent(ProjectRow):
    """What happened to a session besides ratings; appended, never changed."""

    session = parent("annotations.LabelSession", related_name="events")
    user = models.ForeignKey("annotations.User", on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    kind = models.CharField(max_length=10, choices=choices(SessionAct))
    data = models.JSONField(default=dict, db_default={}, blank=True)
    idempotency_key = models.UUIDField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "user", "idempotency_key"], name="session_event_once"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of session {self.session_id}"


class ItemDecision(ProjectRow):
    """What a reviewer decided of an item, or (`back`) that he takes the decision before back; appended.

    The newest one stands. Its ratings are label events with source "decision" and {"item", "decision"} in `data`.
    `session`: whose word he took over; `was`: the item's state before the first decision.
    """

    item = parent("annotations.LabelItem", related_name="decisions")
    author = models.ForeignKey("annotations.User", on_delete=models.PROTECT, related_name="+", db_index=False)
    session = parent("annotations.LabelSession", null=True, db_index=False)
    finish = models.CharField(max_length=12, choices=choices(LabelFinish), blank=True, default="", db_default="")
    first_error = parent("annotations.Node", null=True, db_index=False)
    why = models.TextField(blank=True, default="", db_default="")
    was = models.CharField(max_length=10, choices=choices(ItemState), default="disputed", db_default="disputed")
    back = models.BooleanField(default=False, db_default=False)
    idempotency_key = models.UUIDField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "author", "idempotency_key"], name="item_decision_once"),
        ]

    def __str__(self) -> str:
        return f"{'Back' if self.back else 'Decided'}: item {self.item_id}"


class Comment(ProjectRow):
    """What somebody says of an item, or of one of its steps, to the others who labelled it; appended."""

    item = parent("annotations.LabelItem", related_name="comments")
    node = parent("annotations.Node", null=True, db_index=False)
    author = models.ForeignKey("annotations.User", on_delete=models.PROTECT, related_name="+", db_index=False)
    text = models.TextField()
    # A question to those who labelled, which stays open until one of them answers or the item is decided.
    asks = models.BooleanField(default=False, db_default=False)

    class Meta:
        indexes = [models.Index(fields=["project"], name="comment_asks", condition=Q(asks=True))]

    def __str__(self) -> str:
        return self.text[:60]
