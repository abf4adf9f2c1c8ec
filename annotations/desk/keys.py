"""The keys of the labelling desk: what each act is called, its usual key, and what a person chose instead.

Nothing is ended by a single key: skipping and ending otherwise open a dialog, submitting holds Ctrl.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction

from annotations import rules
from annotations.access import Access
from annotations.errors import BadInput
from annotations.models import User
from annotations.rules import Act

SUBMIT_KEY = "Ctrl+Enter"
# Keys with a name; Tab, Escape and the function keys belong to the browser.
NAMED = (
    "Enter", "Space", "Backspace", "Delete", "Home", "End", "PageUp", "PageDown",
    "ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight",
)  # fmt: skip
RATE, MOVE, WRITE, ITEM = "Rate", "Move", "Write", "Item"


@dataclass(frozen=True)
class DeskAct:
    """An act of the desk: its usual key, what it does, its heading in a list. `fixed`: nobody remaps it."""

    key: str
    words: str
    group: str
    fixed: bool = False


ACTS: dict[str, DeskAct] = {
    "correct": DeskAct("1", "Rate this step correct and go on", RATE),
    "neutral": DeskAct("2", "Rate this step neutral and go on", RATE),
    "incorrect": DeskAct("3", "Rate this step incorrect", RATE),
    "error": DeskAct("e", "First error here: all steps before are correct", RATE),
    "all_correct": DeskAct("a", "All correct up to and with this step", RATE),
    "next": DeskAct("j", "Next step", MOVE),
    "previous": DeskAct("k", "Previous step", MOVE),
    "left": DeskAct("[", "Previous alternative", MOVE),
    "right": DeskAct("]", "Next alternative", MOVE),
    "parent": DeskAct("h", "Up the tree", MOVE),
    "child": DeskAct("l", "Down the tree", MOVE),
    "choose": DeskAct("Enter", "Go on with this step", MOVE),
    "back": DeskAct("Backspace", "Take the choice back", MOVE),
    "category": DeskAct("c", "Choose an error category", WRITE),
    "rewrite": DeskAct("r", "Rewrite this step", WRITE),
    "note": DeskAct("n", "Write a note", WRITE),
    "own": DeskAct("w", "Write a step of your own", WRITE),
    "flag": DeskAct("f", "Flag for the reviewer", WRITE),
    "reference": DeskAct("o", "Show the reference answer", ITEM),
    "evidence": DeskAct("v", "Show what the tools found", ITEM),
    "guidelines": DeskAct("g", "Read the guidelines", ITEM),
    "undo": DeskAct("u", "Undo, also across items", ITEM),
    "conflict": DeskAct("d", "Compare with what was saved elsewhere", ITEM),
    "skip": DeskAct("s", "Skip this item, with a reason", ITEM),
    "end": DeskAct("x", "End otherwise: bad problem, give up", ITEM),
    "submit": DeskAct(SUBMIT_KEY, "Submit and go to the next item", ITEM, fixed=True),
    "sheet": DeskAct("?", "Show these keys", ITEM),
}


def keys_of(user: User) -> dict[str, str]:
    """Return every act's key for this person: his own choice, else the usual one."""
    chosen = user.desk_keys or {}
    return {name: act.key if act.fixed else chosen.get(name, act.key) for name, act in ACTS.items()}


def sheet_of(user: User) -> list[dict[str, str]]:
    """Return the person's keys as the page's script reads them, in the order of ACTS."""
    keys = keys_of(user)
    return [{"act": name, "key": keys[name], "words": act.words, "group": act.group} for name, act in ACTS.items()]


@transaction.atomic
def set_keys(*, access: Access, keys: Mapping[str, str]) -> dict[str, str]:
    """Store the person's keys for the acts that are named, and return all; an empty mapping brings the usual ones back.

    BadInput names the act whose key does not fit.
    """
    rules.check(access, Act.LABEL)
    user = User.objects.select_for_update(no_key=True).get(pk=access.user.pk)
    wanted = {**keys_of(user), **{name: key.strip() for name, key in keys.items()}} if keys else {}
    _check(wanted)
    user.desk_keys = {name: key for name, key in wanted.items() if key != ACTS[name].key}
    user.save(update_fields=["desk_keys"])
    access.user.desk_keys = user.desk_keys
    return keys_of(user)


def _check(keys: Mapping[str, str]) -> None:
    taken: dict[str, str] = {}
    for name, key in keys.items():
        if name not in ACTS:
            raise BadInput(f"There is no act {name} at the desk.", name)
        act = ACTS[name]
        if act.fixed and key != act.key:
            raise BadInput(f'"{act.words}" stays on {act.key}, so that nobody submits by accident.', name)
        if not act.fixed and not (key in NAMED or (len(key) == 1 and key.isprintable())):
            raise BadInput(f'"{act.words}" needs one key: a character, or {", ".join(NAMED)}.', name)
        if key in taken:
            raise BadInput(f'{key} is already the key of "{ACTS[taken[key]].words}".', name)
        taken[key] = name
