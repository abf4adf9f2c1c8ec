"""A two-player game in normal form with exact payoffs. Knows nothing about steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

LARGEST = 8
MAX_NAME = 40
MAX_DIGITS = 18
ROW, COLUMN = 0, 1
Matrix = tuple[tuple[Fraction, ...], ...]


class NoGame(ValueError):
    """Data that hold no game; the message says which field, and what was expected."""


@dataclass(frozen=True, slots=True)
class Game:
    """Two players with names, their actions, and `payoffs[player][row][column]`."""

    players: tuple[str, str]
    actions: tuple[tuple[str, ...], tuple[str, ...]]
    payoffs: tuple[Matrix, Matrix]

    def payoff(self, player: int, row: int, column: int) -> Fraction:
        return self.payoffs[player][row][column]

    def of(self, player: int, own: int, other: int) -> Fraction:
        """Return a player's payoff for his own action against the other's."""
        return self.payoffs[player][own][other] if player == ROW else self.payoffs[player][other][own]

    @property
    def zero_sum(self) -> bool:
        return all(
            a + b == 0 for mine, yours in zip(*self.payoffs, strict=True) for a, b in zip(mine, yours, strict=True)
        )

    def without(self, left_out: Sequence[tuple[int, int]]) -> Game:
        """Return the game without some (player, action); an only action stays."""
        kept = [
            [at for at in range(len(self.actions[player])) if (player, at) not in left_out] or [0]
            for player in (ROW, COLUMN)
        ]
        actions = tuple(tuple(self.actions[player][at] for at in kept[player]) for player in (ROW, COLUMN))
        payoffs = tuple(
            tuple(tuple(self.payoffs[player][row][column] for column in kept[COLUMN]) for row in kept[ROW])
            for player in (ROW, COLUMN)
        )
        return Game(self.players, (actions[0], actions[1]), (payoffs[0], payoffs[1]))


def game(data: Mapping[str, Any]) -> Game:
    """Return the game in a problem's data: {"players", "rows", "columns", "payoffs"}; NoGame says what is wrong.

    `payoffs[row][column]` is [row player's, column player's], or one number in a zero-sum game. Numbers may be texts
    ("1/3"). At most LARGEST actions a player.
    """
    rows, columns = _names(data, "rows"), _names(data, "columns")
    players = data.get("players", ["Row", "Column"])
    if not isinstance(players, list | tuple) or len(players) != 2 or not all(isinstance(p, str) and p for p in players):
        raise NoGame(f"players: expected two names, got {players!r:.60}")
    table = data.get("payoffs")
    if not isinstance(table, Sequence) or len(table) != len(rows):
        raise NoGame(f"payoffs: expected {len(rows)} rows")
    pairs = [_row(line, at, len(columns)) for at, line in enumerate(table)]
    payoffs = tuple(tuple(tuple(pair[player] for pair in line) for line in pairs) for player in (ROW, COLUMN))
    return Game((players[0][:MAX_NAME], players[1][:MAX_NAME]), (rows, columns), (payoffs[0], payoffs[1]))


def _names(data: Mapping[str, Any], field: str) -> tuple[str, ...]:
    names = data.get(field)
    if not isinstance(names, list | tuple) or not 1 <= len(names) <= LARGEST:
        raise NoGame(f"{field}: expected 1 to {LARGEST} names")
    if not all(isinstance(name, str) and 0 < len(name.strip()) <= MAX_NAME for name in names):
        raise NoGame(f"{field}: expected names of at most {MAX_NAME} characters")
    if len({" ".join(name.split()).casefold() for name in names}) < len(names):
        raise NoGame(f"{field}: a name stands twice")
    return tuple(" ".join(name.split()) for name in names)


def _row(line: Any, at: int, width: int) -> list[tuple[Fraction, Fraction]]:
    if not isinstance(line, Sequence) or isinstance(line, str) or len(line) != width:
        raise NoGame(f"payoffs, row {at + 1}: expected {width} cells")
    return [_cell(cell, at) for cell in line]


def _cell(cell: Any, at: int) -> tuple[Fraction, Fraction]:
    if isinstance(cell, Sequence) and not isinstance(cell, str):
        if len(cell) != 2:
            raise NoGame(f"payoffs, row {at + 1}: expected two numbers in a cell")
        return number(cell[0]), number(cell[1])
    one = number(cell)
    return one, -one


def number(value: Any) -> Fraction:
    """Return an exact number; NoGame for what is none or has too many digits."""
    text = str(value).strip().replace("\u2212", "-")
    if isinstance(value, bool) or len(text) > MAX_DIGITS or "e" in text.lower():
        raise NoGame(f"payoffs: expected numbers, got {text[:20]!r}")
    try:
        return Fraction(text)
    except (ValueError, ZeroDivisionError):
        raise NoGame(f"payoffs: expected numbers, got {text[:20]!r}") from None


def shown(value: Fraction) -> str:
    """Return a number for people: 3, 2.5 or 1/3."""
    if value.denominator == 1:
        return str(value.numerator).replace("-", "\u2212")
    decimal = f"{float(value):.4f}".rstrip("0")
    text = decimal if Fraction(decimal) == value else f"{value.numerator}/{value.denominator}"
    return text.replace("-", "\u2212")
