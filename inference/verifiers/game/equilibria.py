"""All equilibria of a game by support enumeration, exact. Knows nothing about steps.

For every two supports of one size: the mixtures that make the other player indifferent among his, found by elimination
over whole numbers (E. H. Bareiss, 1968), and then the check that nobody has anything better. That finds all equilibria
unless one of them has a mixture with more best responses than actions in it: there may be infinitely many then, and
the list says that it is not complete (D. Avis, G. Rosenberg, R. Savani, B. von Stengel, "Enumeration of Nash equilibria
for two-player games", Economic Theory 42, 2010).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from itertools import combinations
from math import lcm

from inference.verifiers.game.simplex import largest
from inference.verifiers.game.solve import Mix, Profile, pure_equilibria, restricted, survivors
from inference.verifiers.game.table import COLUMN, ROW, Game

MAX_SYSTEMS = 4000
Support = tuple[int, ...]
Whole = list[list[int]]


@dataclass(frozen=True, slots=True)
class Equilibria:
    """Equilibria as mixtures over all actions. `complete`: there are no others."""

    profiles: tuple[Profile, ...]
    complete: bool


@lru_cache(maxsize=128)
def equilibria(game: Game) -> Equilibria:
    """Return the equilibria of a game; at most MAX_SYSTEMS systems of equations are solved for it."""
    kept = survivors(game)
    small = restricted(game, kept)
    found, complete = _Search(small).run()
    for row, column in pure_equilibria(small):
        pure = _unit(len(small.actions[ROW]), row), _unit(len(small.actions[COLUMN]), column)
        if pure not in found:
            found.append(pure)
    wide = tuple((_wide(x, kept[ROW], game, ROW), _wide(y, kept[COLUMN], game, COLUMN)) for x, y in found)
    return Equilibria(wide, complete)


@dataclass(slots=True)
class _Search:
    """One enumeration. `pays[player][own][other]` are the payoffs as whole numbers, on a scale of each player's own."""

    game: Game
    pays: list[Whole] = field(default_factory=list)
    solved: int = 0
    beaten: dict[tuple[int, Support], frozenset[int]] = field(default_factory=dict)

    def run(self) -> tuple[list[Profile], bool]:
        self.pays = [_whole(self.game, player) for player in (ROW, COLUMN)]
        found: list[Profile] = []
        ties: set[tuple[int, Mix]] = set()
        for rows, columns in self.supports():
            if self.solved > MAX_SYSTEMS:
                return found, False
            x, y = self.mixture(ROW, rows, columns, ties), self.mixture(COLUMN, columns, rows, ties)
            if x and y and (x, y) not in found:
                found.append((x, y))
        return found, not any(self.answered(player, mix) for player, mix in ties)

    def supports(self) -> Iterator[tuple[Support, Support]]:
        counts = [len(self.game.actions[player]) for player in (ROW, COLUMN)]
        for size in range(1, min(counts) + 1):
            for rows in combinations(range(counts[ROW]), size):
                for columns in combinations(range(counts[COLUMN]), size):
                    yield rows, columns

    def mixture(self, player: int, own: Support, other: Support, ties: set[tuple[int, Mix]]) -> Mix | None:
        """Return the player's mixture over `own` to which all of `other` are best responses, None when there is none.

        One with more best responses than actions goes into `ties`.
        """
        rival = 1 - player
        if not self.worse(rival, own).isdisjoint(other):
            return None
        self.solved += 1
        table = self.pays[rival]
        system = [[*[table[action][mine] - table[other[0]][mine] for mine in own], 0] for action in other[1:]]
        weights = whole_solution([*system, [1] * (len(own) + 1)])
        if weights is None or min(weights) < 0:
            return None
        pays = [sum(weight * line[mine] for weight, mine in zip(weights, own, strict=True)) for line in table]
        best = max(pays)
        if pays[other[0]] < best:
            return None
        total = sum(weights)
        chances = {mine: Fraction(weight, total) for mine, weight in zip(own, weights, strict=True)}
        mix = tuple(chances.get(at, Fraction(0)) for at in range(len(self.pays[player])))
        if pays.count(best) > len(weights) - weights.count(0):
            ties.add((player, mix))
        return mix

    def worse(self, player: int, against: Support) -> frozenset[int]:
        """Return the player's actions that another one beats against each of `against`: never best responses there."""
        known = self.beaten.get((player, against))
        if known is None:
            lines = [[line[at] for at in against] for line in self.pays[player]]
            known = frozenset(
                at for at, line in enumerate(lines)
                if any(all(a > b for a, b in zip(rival, line, strict=True)) for rival in lines)
            )  # fmt: skip
            self.beaten[player, against] = known
        return known

    def answered(self, player: int, mix: Mix) -> bool:
        """Whether some mixture of the other player makes an equilibrium with this one of `player`."""
        rival = 1 - player
        pays = [sum(weight * value for weight, value in zip(mix, line, strict=True)) for line in self.pays[rival]]
        answers = [at for at, pay in enumerate(pays) if pay == max(pays)]
        table = self.pays[player]
        rows = [
            [Fraction(table[own][at] - table[mine][at]) for at in answers]
            for mine, weight in enumerate(mix) if weight
            for own in range(len(table)) if own != mine
        ]  # fmt: skip
        ones = [Fraction(1)] * len(answers)
        return largest(ones, [*rows, ones], [*[Fraction(0)] * len(rows), Fraction(1)]) == 1


def whole_solution(system: Whole) -> list[int] | None:
    """Return the solution of a square system over whole numbers times a positive number; None when it is singular.

    Rows end in their right sides. The last row must be that of the sum, so that the scale can be divided out again.
    """
    rows = [list(row) for row in system]
    size, before = len(rows), 1
    for at in range(size):
        pivot = next((line for line in range(at, size) if rows[line][at]), None)
        if pivot is None:
            return None
        rows[at], rows[pivot] = rows[pivot], rows[at]
        top = rows[at]
        head = top[at]
        for line in range(size):
            if line != at:
                factor = rows[line][at]
                rows[line] = [
                    (head * value - factor * above) // before for value, above in zip(rows[line], top, strict=True)
                ]
        before = head
    sign = 1 if before > 0 else -1
    return [sign * row[-1] for row in rows]


def _whole(game: Game, player: int) -> Whole:
    pays = [
        [game.of(player, own, other) for other in range(len(game.actions[1 - player]))]
        for own in range(len(game.actions[player]))
    ]
    scale = lcm(*[value.denominator for line in pays for value in line])
    return [[int(value * scale) for value in line] for line in pays]


def _unit(count: int, action: int) -> Mix:
    return tuple(Fraction(at == action) for at in range(count))


def _wide(mix: Mix, kept: Sequence[int], game: Game, player: int) -> Mix:
    weights = dict(zip(kept, mix, strict=True))
    return tuple(weights.get(at, Fraction(0)) for at in range(len(game.actions[player])))
