"""Final answers about games: sets of cells, or chances of actions. Knows nothing about steps."""

from __future__ import annotations

import re
from fractions import Fraction

from inference.verifiers.game.names import ANY_ACTION, NUMBER, amount, cell, marked, named, near, plain
from inference.verifiers.game.patterns import PROFILE
from inference.verifiers.game.table import Game

_CHANCE = re.compile(
    rf"(?P<x>{ANY_ACTION})\s?\)?\s?(?:with\s|:|=|at\s|is\s)\s?(?:a\s)?(?:probability\s)?(?:of\s|=\s)?(?P<n>{NUMBER})"
)


def equal(given: str, reference: str, game: Game) -> bool | None:
    """Return whether two answers name the same equilibria or the same chances, None when one of them does neither."""
    ours, theirs = (marked(game, plain(text))[0] for text in (given, reference))
    cells = _cells(ours, game), _cells(theirs, game)
    if cells[1]:
        return cells[0] == cells[1] if cells[0] else None
    chances = _chances(ours, game), _chances(theirs, game)
    if not chances[0] or not chances[1] or not chances[0].keys() & chances[1].keys():
        return None
    shared = chances[0].keys() & chances[1].keys()
    if any(not _same(chances[0][name], chances[1][name]) for name in shared):
        return False
    return True if shared == chances[1].keys() else None


def _cells(text: str, game: Game) -> set[tuple[int, int]]:
    found = (cell(game, named(game, match["r"]), named(game, match["c"])) for match in PROFILE.finditer(text))
    return {place for place in found if place is not None}


def _chances(text: str, game: Game) -> dict[str, str]:
    """Return the chances that a text gives actions: "T with probability 1/3", "P(T) = 1/3", "T: 1/3"."""
    return {match["x"]: match["n"] for match in _CHANCE.finditer(text)}


def _same(ours: str, theirs: str) -> bool:
    try:
        reference: Fraction = amount(theirs)
    except (ValueError, ZeroDivisionError):
        return False
    return near(ours, reference)
