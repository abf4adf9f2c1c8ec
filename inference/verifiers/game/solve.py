"""What game theory says of a game: best responses, dominance, elimination, values. Knows nothing about steps."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache

from inference.verifiers.game.simplex import largest
from inference.verifiers.game.table import COLUMN, ROW, Game

ZERO, ONE = Fraction(0), Fraction(1)
Mix = tuple[Fraction, ...]
Profile = tuple[Mix, Mix]


def best_responses(game: Game, player: int, other: int) -> set[int]:
    """Return the actions that pay a player most against one action of the other."""
    pays = [game.of(player, own, other) for own in range(len(game.actions[player]))]
    return {own for own, pay in enumerate(pays) if pay == max(pays)}


def pure_equilibria(game: Game) -> list[tuple[int, int]]:
    """Return the cells in which both actions answer each other best."""
    return [
        (row, column)
        for row in range(len(game.actions[ROW]))
        for column in range(len(game.actions[COLUMN]))
        if row in best_responses(game, ROW, column) and column in best_responses(game, COLUMN, row)
    ]


def dominates(game: Game, player: int, better: int, worse: int) -> str:
    """Return "strictly", "weakly" or "" (it does not) for two of a player's pure actions."""
    others = range(len(game.actions[1 - player]))
    gaps = [game.of(player, better, other) - game.of(player, worse, other) for other in others]
    if all(gap > 0 for gap in gaps):
        return "strictly"
    return "weakly" if all(gap >= 0 for gap in gaps) and any(gaps) else ""


@lru_cache(maxsize=512)
def dominated(game: Game, player: int, action: int) -> str:
    """Return "strictly", "weakly" or "": whether some mixture of a player's other actions dominates one of them."""
    others = range(len(game.actions[1 - player]))
    rivals = [own for own in range(len(game.actions[player])) if own != action]
    if not rivals:
        return ""
    gaps = [[game.of(player, own, other) - game.of(player, action, other) for own in rivals] for other in others]
    weights = [ONE] * len(rivals)
    # Weights of the rivals, and how much better the mixture is against every action of the other.
    strict = largest(
        [*[ZERO] * len(rivals), ONE], [*[[*[-gap for gap in line], ONE] for line in gaps], [*weights, ZERO]],
        [*[ZERO] * len(gaps), ONE],
    )  # fmt: skip
    if strict > 0:
        return "strictly"
    sums = [sum(line[at] for line in gaps) + ZERO for at in range(len(rivals))]
    weak = largest(sums, [*[[-gap for gap in line] for line in gaps], weights], [*[ZERO] * len(gaps), ONE])
    return "weakly" if weak > 0 else ""


def dominant(game: Game, player: int, action: int) -> str:
    """Return how an action dominates all others of its player: "strictly", "weakly" or "" (it does not)."""
    hows = [dominates(game, player, action, own) for own in range(len(game.actions[player])) if own != action]
    if not hows or "" in hows:
        return ""
    return "strictly" if set(hows) == {"strictly"} else "weakly"


def restricted(game: Game, kept: Sequence[Sequence[int]]) -> Game:
    """Return the game with only some actions of each player."""
    return game.without([(p, at) for p in (ROW, COLUMN) for at in range(len(game.actions[p])) if at not in kept[p]])


@lru_cache(maxsize=128)
def survivors(game: Game) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return what iterated elimination of strictly dominated actions (by mixtures too) leaves of each player's."""
    kept = [list(range(len(game.actions[player]))) for player in (ROW, COLUMN)]
    found = True
    while found:
        found = False
        smaller = restricted(game, kept)
        for player in (ROW, COLUMN):
            gone = [at for at in range(len(kept[player])) if dominated(smaller, player, at) == "strictly"]
            if gone:
                kept[player] = [own for at, own in enumerate(kept[player]) if at not in gone]
                found = True
                break
    return tuple(kept[ROW]), tuple(kept[COLUMN])


def expected(game: Game, player: int, own: int, mix: Mix) -> Fraction:
    """Return a player's payoff for a pure action against a mixture of the other."""
    return sum((weight * game.of(player, own, other) for other, weight in enumerate(mix)), ZERO)


def value(game: Game, player: int, profile: Profile) -> Fraction:
    """Return a player's payoff in a profile of mixtures."""
    own, other = profile[player], profile[1 - player]
    return sum((weight * expected(game, player, at, other) for at, weight in enumerate(own)), ZERO)


def is_equilibrium(game: Game, profile: Profile) -> bool:
    """Return whether nobody gains by another action."""
    return all(
        expected(game, player, own, profile[1 - player]) <= value(game, player, profile)
        for player in (ROW, COLUMN)
        for own in range(len(game.actions[player]))
    )
