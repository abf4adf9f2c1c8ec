"""What a model drew and nobody could read, as the viewer sees it beside the steps."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q
from django.db.models.functions import Left, Length

from annotations.access import Access
from annotations.models import Completion

SHOWN_CHARACTERS = 2_000
MOST_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Unread:
    """A draw that could not be read: why, its text (cut), and how many characters it has in all."""

    fault: str
    text: str
    length: int
    after: int

    @property
    def is_cut(self) -> bool:
        return self.length > len(self.text)


def unread(access: Access, tree_id: int, seqs: set[int]) -> list[Unread]:
    """Return what could not be read after these steps (seq; 0: at the start), the first drawn first."""
    after = Q(parent_seq__in=seqs) | (Q(parent_seq=None) if 0 in seqs else Q())
    rows = Completion.objects.filter(after, project=access.project, tree_id=tree_id).exclude(fault="")
    told = rows.annotate(head=Left("text", SHOWN_CHARACTERS), length=Length("text")).order_by("number")
    shown = told.values_list("fault", "head", "length", "parent_seq")[:MOST_SHOWN]
    return [Unread(fault, head, length, seq or 0) for fault, head, length, seq in shown]
