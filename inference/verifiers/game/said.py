"""What a step says of a game: dominance, best responses, equilibria, probabilities, payoffs, eliminations.

Knows nothing about what is true. Questions and what stands under "suppose", "would" or "whether" are left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import islice

from inference.verifiers.game.names import MAX_CHARS, cell, marked, mentioned, named, plain, sentences, squeezed, whose
from inference.verifiers.game.patterns import COUNTS, HYPOTHETICAL, IF, PROFILE, patterns
from inference.verifiers.game.table import Game

MAX_SAID = 20
EITHER = (0, 1)
ACTIONS = frozenset("xyorcsd")


class Kind(StrEnum):
    """What a statement is about; the values are the names of its patterns."""

    DOMINATES = "dominates"
    DOMINATED = "dominated"
    DOMINANT = "dominant"
    NONE_DOMINANT = "none_dominant"
    NONE_DOMINATED = "none_dominated"
    EQUILIBRIUM = "equilibrium"
    COUNT = "count"
    CHANCE = "chance"
    RESPONSE = "response"
    CELL = "cell"
    PAYOFF = "payoff"
    AGAINST = "against"
    VALUE = "value"
    ELIMINATED = "eliminated"
    SURVIVES = "survives"
    PARETO = "pareto"
    EFFICIENT = "efficient"


@dataclass(frozen=True, slots=True)
class Said:
    """One statement. `words` are its parts by name: actions x and y, o (of the other), numbers n and m, how, which.

    `players` are those it may be about; `sense` is False for "is not"; `mixed` says that it is about mixtures.
    """

    kind: Kind
    words: Mapping[str, str]
    players: tuple[int, ...] = EITHER
    sense: bool = True
    cells: tuple[tuple[int, int], ...] = ()
    only: bool = False
    mixed: bool = False
    text: str = ""
    start: int = 0
    end: int = 0
    gone: tuple[str, ...] = field(default=())


def statements(step: str, game: Game, before: str = "") -> list[Said]:
    """Return what a step says, in its order; `before` are the earlier steps, for what they eliminated."""
    gone = [said.words["x"] for said in _all(before[-MAX_CHARS:], game, (Kind.ELIMINATED,))]
    found = []
    for said in _all(step, game):
        found.append(replace(said, gone=tuple(dict.fromkeys(gone))))
        if said.kind is Kind.ELIMINATED:
            gone.append(said.words["x"])
    return found


def _all(text: str, game: Game, kinds: Sequence[Kind] = tuple(Kind)) -> list[Said]:
    found: list[Said] = []
    clean = plain(text)
    about_mixed = re.search(r"equilibri|mixed|indifferen|\bNE\b", clean, re.I) is not None
    for offset, raw in sentences(clean):
        sentence, places = marked(game, raw)
        some = [*_matches(sentence, game, about_mixed, kinds)]
        if Kind.EQUILIBRIUM in kinds:
            some += _equilibria(sentence, game)
        for said in sorted(some, key=lambda each: (each.start, -each.end)):
            start, end = places[said.start], places[said.end]
            spelt = squeezed(raw[start:end])[0].strip()
            found.append(replace(said, text=spelt, start=start + offset, end=end + offset))
        if len(found) >= MAX_SAID:
            break
    return found[:MAX_SAID]


def _matches(sentence: str, game: Game, about_mixed: bool, kinds: Sequence[Kind]) -> Iterator[Said]:
    people = mentioned(sentence)
    players = tuple(sorted(people)) if len(people) == 1 else EITHER
    taken: list[tuple[int, int]] = []
    for name, pattern in patterns():
        kind = Kind(name)
        if kind not in kinds or (kind is Kind.CHANCE and not about_mixed):
            continue
        for match in islice(pattern.finditer(sentence), MAX_SAID):
            if _left_alone(sentence, match.start(), kind) or any(a <= match.start() < b for a, b in taken):
                continue
            said = _said(kind, match, game, players)
            if said is not None:
                taken.append(match.span())
                yield said


def _left_alone(sentence: str, start: int, kind: Kind) -> bool:
    if HYPOTHETICAL.search(sentence, 0, start):
        return True
    of_one_cell = kind in (Kind.RESPONSE, Kind.AGAINST, Kind.PAYOFF)
    return not of_one_cell and IF.search(sentence, 0, start) is not None


def _said(kind: Kind, match: re.Match[str], game: Game, players: tuple[int, ...]) -> Said | None:
    words = {name: named(game, text) if name in ACTIONS else text for name, text in match.groupdict().items() if text}
    sense = "not" not in words
    if "p" in words:
        players = (whose(words["p"]),)
    cells = tuple(
        place for one, two in (("r", "c"), ("s", "d")) if one in words and (place := cell(game, words[one], words[two]))
    )
    if ("r" in words) + ("s" in words) != len(cells):
        return None
    mixed = "mixed" in match[0].lower() or kind is Kind.CHANCE
    return Said(kind, words, players, sense, cells, False, mixed, start=match.start(), end=match.end())


def _equilibria(sentence: str, game: Game) -> Iterator[Said]:
    """Yield what is said of cells as equilibria: "(T, L) and (B, R) are Nash equilibria", "the only one is (T, L)"."""
    matches = islice(PROFILE.finditer(sentence), MAX_SAID)
    spans = [(match, cell(game, named(game, match["r"]), named(game, match["c"]))) for match in matches]
    runs: list[list[tuple[re.Match[str], tuple[int, int]]]] = []
    for match, place in spans:
        if place is None:
            continue
        if runs and re.fullmatch(r"(?:\s?,)?\s?(?:and|or|&)?\s?", sentence[runs[-1][-1][0].end() : match.start()]):
            runs[-1].append((match, place))
        else:
            runs.append([(match, place)])
    for run in runs:
        start, end = run[0][0].start(), run[-1][0].end()
        said = COUNTS.is_one.match(sentence, end) or COUNTS.are_these.search(sentence, max(0, start - 90), start)
        if said is None or HYPOTHETICAL.search(sentence, 0, said.start()) or IF.search(sentence, 0, said.start()):
            continue
        words = {name: text for name, text in said.groupdict().items() if text}
        span = min(start, said.start()), max(end, said.end())
        only = "only" in words or re.search(r"\b(?:only|unique)\b", said[0]) is not None
        yield Said(
            Kind.EQUILIBRIUM, words, EITHER, "not" not in words, tuple(place for _, place in run), only,
            start=span[0], end=span[1],
        )  # fmt: skip
