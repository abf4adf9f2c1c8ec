"""How a text names the players, the actions and the numbers of a game. Knows nothing about what is said of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from inference.verifiers.game.table import COLUMN, ROW, Game

MAX_CHARS = 4000
SHORTEST = 6
NUMBER = (
    r"(?:[-\u2212]?\d{1,12}(?:\.\d{1,9})?(?:\s?/\s?\d{1,9})?\s?\\?%?|\\[dt]?frac\{\d{1,9}\}\{\d{1,9}\}|"
    r"(?:one|a) half|one third|two thirds|one quarter|three quarters|one fifth|two fifths|three fifths|four fifths)"
    r"(?![\w%/])(?!\.\d)"
)
_WORDS = {
    "one half": "1/2", "a half": "1/2", "one third": "1/3", "two thirds": "2/3", "one quarter": "1/4",
    "three quarters": "3/4", "one fifth": "1/5", "two fifths": "2/5", "three fifths": "3/5", "four fifths": "4/5",
}  # fmt: skip
_SENTENCE = re.compile(r"[.!;](?=\s|$)|\?|\n")
_WRAPPED = re.compile(r"\\(?:text|mathrm|textbf|textit|mathbf|mathit)\{([^{}\n]{1,60})\}")
_MARKUP = re.compile(r"[$`*\"\u201c\u201d\u2018]|\\[()\[\],;!]|\\(?:left|right)(?![a-z])")


# In a marked text every name of the game is one character: actions from \ue000 on, the players \ue100 and \ue101.
_FIRST, _PLAYERS = 0xE000, "\ue100\ue101"
ANY_ACTION, ANY_PLAYER = "[\ue000-\ue03f]", "[\ue100\ue101]"
_PRIVATE = re.compile("[\ue000-\uf8ff]")


@dataclass(frozen=True, slots=True)
class Names:
    """The names of a game: a pattern that finds them (group 1: Row's names, 2: Column's, 3: an action)."""

    pattern: re.Pattern[str]
    actions: tuple[str, ...]
    spelt: tuple[str, ...]


@lru_cache(maxsize=256)
def names(game: Game) -> Names:
    """Return the names of a game; those of one letter count in their own case only."""
    every = {folded(name): name for some in game.actions for name in some}
    longest = sorted(every.values(), key=lambda name: (-len(name), name))
    players = [_player(game.players[at], number, side) for at, number, side in ((0, 1, "row"), (1, 2, "column"))]
    spelt = rf"(?<!\w)(?:({players[0]})|({players[1]})|({'|'.join(map(_one, longest))}))(?!\w)"
    return Names(re.compile(spelt), tuple(every), tuple(every.values()))


def marked(game: Game, sentence: str) -> tuple[str, list[int]]:
    """Return a sentence with single spaces and marked names, and for each of its characters the offset that it had."""
    text, places = squeezed(sentence)
    known = names(game)
    kept: list[str] = []
    offsets: list[int] = []
    done = 0
    for match in known.pattern.finditer(text):
        kept.append(text[done : match.start()])
        offsets += places[done : match.start()]
        kept.append(_PLAYERS[0] if match[1] else _PLAYERS[1] if match[2] else _mark(known, match[3]))
        offsets.append(places[match.start()])
        done = match.end()
    kept.append(text[done:])
    return "".join(kept), [*offsets, *places[done:]]


def _mark(known: Names, name: str) -> str:
    return chr(_FIRST + known.actions.index(folded(name)))


def named(game: Game, mark: str) -> str:
    """Return the name that a mark of an action stands for."""
    return names(game).spelt[ord(mark) - _FIRST]


def whose(mark: str) -> int:
    """Return the player that a mark stands for."""
    return _PLAYERS.index(mark)


def mentioned(text: str) -> set[int]:
    """Return the players that a marked text names."""
    return {player for player in (ROW, COLUMN) if _PLAYERS[player] in text}


def _one(name: str) -> str:
    spelt = r"\s".join(re.escape(part) for part in name.split())
    return spelt if len(name) < 2 else f"(?i:{spelt})"


def _player(name: str, number: int, side: str) -> str:
    which = "first" if number == 1 else "second"
    return (
        rf"(?i:(?:the\s)?(?:{re.escape(name)}(?:\splayer)?|player\s{number}|{side}\splayer|{which}\splayer|P{number}))"
    )


def plain(text: str) -> str:
    """Return a text with its markup turned into as many spaces, so that offsets stay."""
    text = _WRAPPED.sub(lambda match: match[1].rjust(len(match[0])), text[:MAX_CHARS])
    text = _PRIVATE.sub(" ", text)
    text = _MARKUP.sub(lambda match: " " * len(match[0]), text).replace("\u2019", "'")
    return re.sub(r"[\t\u00a0]", " ", text)


def sentences(text: str) -> Iterator[tuple[int, str]]:
    """Yield sentences of some length with their offsets; questions are left out."""
    begin = 0
    for match in _SENTENCE.finditer(text):
        if match[0] != "?" and match.start() - begin >= SHORTEST:
            yield begin, text[begin : match.start()]
        begin = match.end()
    if len(text) - begin >= SHORTEST:
        yield begin, text[begin:]


def squeezed(sentence: str) -> tuple[str, list[int]]:
    """Return a sentence with single spaces, and for each of its characters the offset that it had."""
    kept: list[str] = []
    places: list[int] = []
    for at, sign in enumerate(sentence):
        if sign != " " or (kept and kept[-1] != " "):
            kept.append(sign)
            places.append(at)
    return "".join(kept), [*places, len(sentence)]


def index(game: Game, player: int, name: str) -> int | None:
    """Return the place of a player's action, None when he has none of that name (in this game)."""
    known = [folded(each) for each in game.actions[player]]
    return known.index(folded(name)) if folded(name) in known else None


def folded(name: str) -> str:
    """Return a name as it is compared: names of one letter in their own case."""
    name = " ".join(name.split())
    return name if len(name) == 1 else name.casefold()


def cell(game: Game, one: str, two: str) -> tuple[int, int] | None:
    """Return the cell that "(one, two)" names, also with the column first where that is clear."""
    for row, column in ((one, two), (two, one)):
        places = index(game, ROW, row), index(game, COLUMN, column)
        if places[0] is not None and places[1] is not None:
            return places[0], places[1]
    return None


def amount(text: str) -> Fraction:
    """Return the number that a text matched by NUMBER writes; ValueError or ZeroDivisionError when it is none."""
    text = _WORDS.get(text.strip().lower(), text.strip()).replace("\u2212", "-").replace("\\", "").replace(" ", "")
    text = re.sub(r"[dt]?frac\{(\d+)\}\{(\d+)\}", r"\1/\2", text)
    if text.endswith("%"):
        return _quotient(text[:-1]) / 100
    return _quotient(text)


def _quotient(text: str) -> Fraction:
    above, _, below = text.partition("/")
    return Fraction(above) / Fraction(below or 1)


def near(written: str, value: Fraction) -> bool:
    """Return whether a number as written is `value`, or is it rounded or cut to the decimals that stand there."""
    try:
        claimed = amount(written)
    except (ValueError, ZeroDivisionError):
        return False
    if claimed == value:
        return True
    percent = 100 if "%" in written else 1
    _, point, decimals = written.replace("%", "").strip().partition(".")
    if "/" in written or not (point or percent > 1):
        return False
    scale = 10 ** len(decimals.strip("\\ ")) * percent
    scaled = value * scale
    return claimed * scale in (Fraction(round(scaled)), Fraction(int(scaled)))
