"""Steps that were sent to the queue: a named list, frozen, for people to label. Knows nothing about who labels when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db import transaction

from annotations import rules
from annotations.access import Access
from annotations.errors import BadInput, NotFound
from annotations.models import LabelSlice, Node
from annotations.rules import Act
from annotations.teams import record

MOST_STEPS = 10_000
NAME_LIMIT = 120


def send_slice(*, access: Access, name: str, nodes: Sequence[int], found_by: Mapping[str, object]) -> LabelSlice:
    """Keep the steps under a name, in their order; BadInput for none, too many, or one of another project.

    `found_by` is the question that found them, kept for whoever may see everybody's labels.
    """
    rules.check(access, Act.QUEUE)
    name = name.strip()
    if not name or len(name) > NAME_LIMIT:
        raise BadInput(f"A slice needs a name of 1 to {NAME_LIMIT} characters.", "name")
    if not 1 <= len(nodes) <= MOST_STEPS:
        raise BadInput(f"A slice holds 1 to {MOST_STEPS:,} steps; this one would hold {len(nodes):,}.", "nodes")
    if Node.objects.filter(project=access.project, pk__in=nodes).count() != len(set(nodes)):
        raise BadInput("A slice holds steps of this project only.", "nodes")
    return LabelSlice.objects.create(
        project=access.project, name=name, nodes=list(nodes), filter=dict(found_by), created_by=access.user
    )


@transaction.atomic
def delete_slice(*, access: Access, slice_id: int) -> str:
    """Delete a slice and return its name; its steps and their labels stay. NotFound for another project's slice."""
    found = LabelSlice.objects.filter(project=access.project, pk=slice_id).select_for_update().first()
    if found is None:
        raise NotFound("There is no such slice.")
    rules.check_delete_slice(access, found.created_by_id)
    record(
        actor=access.user, action="slice deleted", project=access.project, name=found.name, steps=len(found.nodes)
    )  # fmt: skip
    found.delete()
    return found.name
