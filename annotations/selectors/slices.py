"""The slices that were sent to the queue."""

from __future__ import annotations

from dataclasses import dataclass

from annotations.access import Access
from annotations.errors import NotFound
from annotations.models import LabelSlice
from annotations.selectors.together import Statement

SHOWN = 12
SLICES_SQL = """
    SELECT id, name, jsonb_array_length(nodes) FROM annotations_labelslice
    WHERE project_id = %(project)s ORDER BY id DESC LIMIT %(shown)s
"""


@dataclass(frozen=True, slots=True)
class SliceHead:
    """A slice by name, and how many steps it holds."""

    id: int
    name: str
    count: int


def newest_slices(access: Access) -> Statement:
    """Return the question for the newest slices: id, name, number of steps."""
    return SLICES_SQL, {"project": access.project.pk, "shown": SHOWN}


def one_slice(access: Access, slice_id: int) -> LabelSlice:
    """Return a slice without its steps, of which there may be ten thousand."""
    found = LabelSlice.objects.filter(project=access.project, pk=slice_id).defer("nodes", "filter").first()
    if found is None:
        raise NotFound("There is no such slice.")
    return found
