"""What marking, unmarking and screening again will do, said before it is done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from annotations.selectors.known import Candidate, KnownFrom, KnownItem, Screened

ACTS = ("mark", "unmark", "anew", "role", "pass", "ask")
SOURCES: dict[KnownFrom, str] = {
    KnownFrom.LABELS: "planted or imported labels",
    KnownFrom.AGREED: "what two or more people labelled alike",
    KnownFrom.DECISION: "reviewers’ decisions",
    KnownFrom.SESSION: "my own submitted labels",
}


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, what it will do, and what the button says."""

    asks: str
    says: tuple[str, ...]
    button: str


def counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def marking(queue: str, role: str, source: KnownFrom, meant: Sequence[Candidate]) -> Question:
    begun = sum(each.takers > 0 for each in meant)
    told = [
        f"What is right is taken from {SOURCES[source]}.",
        "They go to everybody who never had them, mixed among the others and unmarked."
        if role == "gold"
        else "They go to everybody before the first real item.",
    ]
    if begun:
        taken = f"{begun:,} of them {'was' if begun == 1 else 'were'} taken before"
        told.append(f"{taken}: what is submitted stays and is not scored; what is still labelled will be.")
    what = f"Mark {counted(len(meant), 'item')}"
    return Question(f"{what} of {queue} as {role}?", tuple(told), f"{what} as {role}")


def unmarking(meant: Sequence[KnownItem]) -> Question:
    scored = sum(each.right.of for each in meant)
    told = ["What is unmarked becomes ordinary work; what was labelled stays and counts as such."]
    if scored:
        told.append(f"{counted(scored, 'submission')} will no longer count in anybody’s accuracy.")
    holding = sum(each.holding for each in meant)
    if holding:
        told.append("Whoever labels one of them now will not be scored.")
    what = f"Take the mark off {counted(len(meant), 'item')}"
    return Question(f"{what}?", tuple(told), what)


def anew(meant: Sequence[KnownItem], source: KnownFrom) -> Question:
    scored = sum(each.right.of for each in meant)
    what = f"Change what is right in {counted(len(meant), 'item')}"
    told = (
        f"It is taken from {SOURCES[source]}; an item of which that says too little stays as it is.",
        f"{counted(scored, 'submission')} will be scored again.",
    )
    return Question(f"{what}?", told, what)


def changing(meant: Sequence[KnownItem], role: str) -> Question:
    begun = sum(each.right.of + each.holding for each in meant)
    told = ["Scores of what was submitted stay."] if begun else ["Nobody has begun them."]
    if role == "screening":
        told.append("Who has not passed yet gets them before the first real item.")
    what = f"Make {counted(len(meant), 'item')} {role}"
    return Question(f"{what}?", tuple(told), what)


def asking_again(person: Screened) -> Question:
    told = (
        "Work of this queue stops for them until the screening is passed.",
        f"Screening items that they never had come first, then the {person.done} that they submitted: those are given "
        "back, and what they scored stays in the history.",
    )
    return Question(f"Ask {person.name} to do the screening again?", told, f"Ask {person.name} again")
