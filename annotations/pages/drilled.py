"""What came of fifteen blind labels: a row a step, and how often each agrees with each."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

from django.urls import reverse

from annotations.access import Access
from annotations.selectors.drill import Opinion

# A neutral step is not wrong.
SIDES = {"correct": True, "neutral": True, "incorrect": False}


@dataclass(frozen=True, slots=True)
class Row:
    """A step with what everybody says of it, and where it stands."""

    number: int
    url: str
    said: Opinion
    prm: str
    prm_mark: str
    split: bool


@dataclass(frozen=True, slots=True)
class Agreement:
    """Of how many steps two of them spoke, and on how many they agree."""

    one: str
    other: str
    both: int
    agree: int


def rows_of(access: Access, opinions: list[Opinion]) -> list[Row]:
    return [
        Row(
            number=number,
            url=f"{reverse('tree', args=[access.project.slug, each.tree_id])}?node={each.seq}",
            said=each,
            prm=each.prm[0] if each.prm else "",
            prm_mark="" if each.prm is None else "correct" if each.prm[2] else "incorrect",
            split=len(set(_sides(each).values())) > 1,
        )
        for number, each in enumerate(opinions, 1)
    ]


def agreement(opinions: list[Opinion]) -> list[Agreement]:
    """Return how often each two of viewer, labels, tool and PRM agree, those who both spoke of some step."""
    said = [_sides(each) for each in opinions]
    found = []
    for one, other in combinations(("you", "the labels", "the tool", "the PRM"), 2):
        both = [sides for sides in said if one in sides and other in sides]
        if both:
            found.append(Agreement(one, other, len(both), sum(sides[one] == sides[other] for sides in both)))
    return found


def _sides(opinion: Opinion) -> dict[str, bool]:
    """Return who takes the step for right, who for wrong; a tool speaks only where it refutes."""
    words = {"you": opinion.mine, "the labels": opinion.people}
    sides = {who: SIDES[word] for who, word in words.items() if word in SIDES}
    if opinion.tool == "refuted":
        sides["the tool"] = False
    if opinion.prm is not None:
        sides["the PRM"] = opinion.prm[2]
    return sides
