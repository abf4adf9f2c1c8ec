"""Rulings as small JSON for the evidence view: the premises that decide, a case that shows a gap, flipped beliefs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from inference.types import VerdictKind
from inference.verifiers.logic.argument import Ruling
from inference.verifiers.logic.data import Case
from inference.verifiers.logic.formulas import Formula
from inference.verifiers.logic.solve import Said
from inference.verifiers.logic.words import Vocabulary

MAX_SHOWN, MAX_GIVEN, MAX_WORLD, MAX_TEXT = 4, 6, 12, 180


def evidence(rulings: Sequence[tuple[str, Ruling]], words: Vocabulary) -> dict[str, Any]:
    """Return the rulings on clauses, refuted ones first, and how many more there are."""
    order = sorted(rulings, key=lambda each: each[1].verdict is not VerdictKind.REFUTED)
    return {"clauses": [_one(text, ruling, words) for text, ruling in order[:MAX_SHOWN]],
            "more": max(0, len(order) - MAX_SHOWN)}  # fmt: skip


def _one(text: str, ruling: Ruling, words: Vocabulary) -> dict[str, Any]:
    shown: dict[str, Any] = {"text": cut(text), "verdict": ruling.verdict, "then": _then(cut(text), ruling)}
    if ruling.given:
        shown["given"] = [cut(each.text) for each in ruling.given[:MAX_GIVEN]]
        shown["more"] = max(0, len(ruling.given) - MAX_GIVEN)
    if ruling.supposed:
        shown["supposed"] = [cut(each.text) for each in ruling.supposed]
    if ruling.world:
        shown["world"] = world(ruling.world, words)
    if ruling.costs is not None:
        shown["flipped"] = [_weighted(each) for each in ruling.flipped[:MAX_GIVEN]]
        shown["costs"] = list(ruling.costs)
    return shown


def _then(text: str, ruling: Ruling) -> str:
    """Return what comes of it in one sentence."""
    if ruling.costs is not None:
        kept, lost = ruling.costs if ruling.verdict is VerdictKind.REFUTED else reversed(ruling.costs)
        return f"holding to it breaks beliefs of weight {kept:g}, giving it up {lost:g}"
    if ruling.verdict is VerdictKind.REFUTED and ruling.given:
        return f"\u201c{text}\u201d cannot hold"
    return ruling.why


def _weighted(said: Said) -> dict[str, Any]:
    return {"text": cut(said.text), "weight": f"{said.weight:g}"}


def world(values: Mapping[Formula, bool], words: Vocabulary) -> list[str]:
    """Return what holds in a case, as "A: knave" and "not: the dog barks"."""
    other = {first: second for second, first in words.opposites.items()}
    found = []
    for each, holds in values.items():
        if each.subject:
            what = each.name if holds else other.get(each.name, f"not {each.name}")
            found.append(cut(f"{each.subject.title()}: {what}"))
        else:
            found.append(cut(each.name if holds else f"not: {each.name}"))
    found.sort(key=lambda text: (" not " in text or text.startswith("not:"), text))
    return [*found[:MAX_WORLD], *(["\u2026"] if len(found) > MAX_WORLD else [])]


def given(case: Case) -> dict[str, Any]:
    """Return what the step was held against: counts, and the premises that could not be read."""
    return {
        "premises": len(case.premises),
        "beliefs": len(case.graph),
        "closed": case.closed,
        "unread": [cut(each) for each in case.unread[:3]],
    }


def cut(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= MAX_TEXT else text[: MAX_TEXT - 1] + "\u2026"
