"""What a step says of a game, held against the theory. Knows nothing about wording."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from inference.types import VerdictKind
from inference.verifiers.game import dominance, mixtures, solve
from inference.verifiers.game.dominance import Answer, Place, cell, listed
from inference.verifiers.game.names import index, near
from inference.verifiers.game.said import Kind, Said
from inference.verifiers.game.table import COLUMN, ROW, Game, shown


@dataclass(frozen=True, slots=True)
class Finding:
    """What came of one statement: True, False or None (open), a sentence why, and the cells that show it."""

    said: Said
    holds: bool | None
    why: str
    cells: tuple[Place, ...] = ()

    @property
    def verdict(self) -> VerdictKind:
        kinds = {True: VerdictKind.SUPPORTED, False: VerdictKind.REFUTED, None: VerdictKind.UNDECIDED}
        return kinds[self.holds]


def judge(said: Said, game: Game) -> Finding:
    """Return what comes of a statement.

    One about dominance or best responses is held against the game as it stands and against what earlier eliminations
    left of it: it is refuted only when it is false of both.
    """
    whole = _answer(said, game)
    reducible = said.kind in (Kind.DOMINATES, Kind.DOMINATED, Kind.DOMINANT, Kind.ELIMINATED, Kind.NONE_DOMINATED)
    gone = [name for name in said.gone if said.kind is not Kind.ELIMINATED or name != said.words["x"]]
    if not (gone and reducible):
        return Finding(said, *whole)
    left_out = [(p, at) for name in gone for p in (ROW, COLUMN) if (at := index(game, p, name)) is not None]
    smaller = game.without(left_out)
    reduced = _answer(said, smaller)
    if reduced[0] is True or whole[0] is None or whole[0] == reduced[0]:
        cells = tuple(_back(smaller, game, place) for place in reduced[2])
        return Finding(said, reduced[0], f"{reduced[1]} (once {listed(gone)} is gone)", cells)
    return Finding(said, None, f"{whole[1]} in the whole game, but not once {listed(gone)} is gone")


def _answer(said: Said, game: Game) -> Answer:
    return _ANSWERS[said.kind](said, game)


def _back(smaller: Game, game: Game, place: Place) -> Place:
    row = index(game, ROW, smaller.actions[ROW][place[0]])
    column = index(game, COLUMN, smaller.actions[COLUMN][place[1]])
    return row or 0, column or 0


def _equilibrium(said: Said, game: Game) -> Answer:
    pure = solve.pure_equilibria(game)
    wrong = [place for place in said.cells if (place in pure) is not said.sense]
    if wrong:
        return False, mixtures.leaves(game, wrong[0]) if said.sense else f"{_cell(game, wrong[0])} is one", (wrong[0],)
    if not (said.only and said.sense):
        return True, f"{_cell(game, said.cells[0])}: {mixtures.leaves(game, said.cells[0])}", said.cells
    others = [place for place in pure if place not in said.cells]
    if others:
        return False, f"{_cell(game, others[0])} is one too", (*said.cells, others[0])
    if "pure" in said.text.lower():
        return True, "no other cell is one", said.cells
    return mixtures.none_besides(game, said.cells)


def _cell(game: Game, place: Place) -> str:
    return f"({game.actions[ROW][place[0]]}, {game.actions[COLUMN][place[1]]})"


def _response(said: Said, game: Game) -> Answer:
    found: list[Answer] = []
    for player in said.players if "p" in said.words else (ROW, COLUMN):
        own, other = index(game, player, said.words["x"]), index(game, 1 - player, said.words["o"])
        if own is None or other is None:
            continue
        best = solve.best_responses(game, player, other)
        name, against = game.actions[player][min(best)], game.actions[1 - player][other]
        why = f"against {against}, {name} pays {game.players[player]} {shown(game.of(player, min(best), other))}"
        if own not in best:
            why += f" and {game.actions[player][own]} {shown(game.of(player, own, other))}"
        found.append(((own in best) is said.sense, why, (cell(player, min(best), other), cell(player, own, other))))
    if len({answer[0] for answer in found}) != 1:
        return None, "which player is meant is not clear", ()
    return found[0]


def _numbers(said: Said) -> list[str]:
    return [text for one in ("n", "m") if (text := said.words.get(one) or said.words.get(f"{one}2"))]


def _cells_pay(said: Said, game: Game) -> Answer:
    place, told = said.cells[0], _numbers(said)
    pays = [game.payoff(player, *place) for player in (ROW, COLUMN)]
    why = f"{_cell(game, place)} pays ({shown(pays[ROW])}, {shown(pays[COLUMN])})"
    return all(near(text, pay) for text, pay in zip(told, pays, strict=True)), why, (place,)


def _pays(said: Said, game: Game) -> Answer:
    place, player = said.cells[0], said.players[0]
    pay = game.payoff(player, *place)
    return near(said.words["n"], pay), f"{_cell(game, place)} pays {game.players[player]} {shown(pay)}", (place,)


def _against(said: Said, game: Game) -> Answer:
    found: list[Answer] = []
    for player in said.players if "p" in said.words else (ROW, COLUMN):
        other = index(game, 1 - player, said.words["o"])
        pairs = [
            (index(game, player, said.words[x]), said.words[n]) for x, n in (("x", "n"), ("y", "m")) if n in said.words
        ]
        if other is None or any(own is None for own, _ in pairs):
            continue
        told = [(own, text) for own, text in pairs if own is not None]
        why = f"against {game.actions[1 - player][other]}, " + " and ".join(
            f"{game.actions[player][own]} pays {game.players[player]} {shown(game.of(player, own, other))}"
            for own, _ in told
        )
        right = all(near(text, game.of(player, own, other)) for own, text in told)
        found.append((right, why, tuple(cell(player, own, other) for own, _ in told)))
    return _agreed(found)


def _agreed(found: Sequence[Answer]) -> Answer:
    if len({answer[0] for answer in found}) == 1:
        return found[0]
    return None, "which player is meant is not clear", ()


def _pareto(said: Said, game: Game) -> Answer:
    one, two = said.cells
    gaps = [game.payoff(player, *one) - game.payoff(player, *two) for player in (ROW, COLUMN)]
    holds = min(gaps) >= 0 and max(gaps) > 0
    return holds is said.sense, f"{_paid(game, one)} and {_paid(game, two)}", said.cells


def _efficient(said: Said, game: Game) -> Answer:
    place = said.cells[0]
    for row in range(len(game.actions[ROW])):
        for column in range(len(game.actions[COLUMN])):
            gaps = [game.payoff(p, row, column) - game.payoff(p, *place) for p in (ROW, COLUMN)]
            if min(gaps) >= 0 and max(gaps) > 0:
                why = f"{_paid(game, (row, column))} and {_paid(game, place)}"
                return (not said.sense), why, (place, (row, column))
    return said.sense, "no other cell is better for one player and no worse for the other", (place,)


def _paid(game: Game, place: Place) -> str:
    pays = ", ".join(shown(game.payoff(player, *place)) for player in (ROW, COLUMN))
    return f"{_cell(game, place)} pays ({pays})"


_ANSWERS: dict[Kind, Callable[[Said, Game], Answer]] = {
    Kind.DOMINATES: dominance.dominates,
    Kind.DOMINATED: dominance.dominated,
    Kind.DOMINANT: dominance.dominant,
    Kind.NONE_DOMINANT: dominance.none_dominant,
    Kind.NONE_DOMINATED: dominance.none_dominated,
    Kind.ELIMINATED: dominance.eliminated,
    Kind.SURVIVES: dominance.survives,
    Kind.EQUILIBRIUM: _equilibrium,
    Kind.RESPONSE: _response,
    Kind.CELL: _cells_pay,
    Kind.PAYOFF: _pays,
    Kind.AGAINST: _against,
    Kind.PARETO: _pareto,
    Kind.EFFICIENT: _efficient,
    Kind.COUNT: mixtures.count,
    Kind.CHANCE: mixtures.chance,
    Kind.VALUE: mixtures.value,
}
