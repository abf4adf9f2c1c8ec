"""Equilibria of twenty hand-checked games, and what must hold of those of any game."""

from __future__ import annotations

import random
from fractions import Fraction
from itertools import product

import pytest

from inference.verifiers.game.equilibria import equilibria, whole_solution
from inference.verifiers.game.mixtures import is_mixed
from inference.verifiers.game.simplex import largest
from inference.verifiers.game.solve import dominated, is_equilibrium, pure_equilibria, survivors
from inference.verifiers.game.table import Game, game

# Row player's payoffs, Column's ("" for zero-sum), pure equilibria, mixed ones as "p q | r s".
HAND_CHECKED: tuple[tuple[str, str, list[tuple[int, int]], list[str]], ...] = (
    ("3 0, 5 1", "3 5, 0 1", [(1, 1)], []),
    ("2 0, 0 1", "1 0, 0 2", [(0, 0), (1, 1)], ["2/3 1/3 | 1/3 2/3"]),
    ("1 -1, -1 1", "", [], ["1/2 1/2 | 1/2 1/2"]),
    ("0 -1 1, 1 0 -1, -1 1 0", "", [], ["1/3 1/3 1/3 | 1/3 1/3 1/3"]),
    ("4 1, 3 2", "4 3, 1 2", [(0, 0), (1, 1)], ["1/2 1/2 | 1/2 1/2"]),
    ("0 7, 2 6", "0 2, 7 6", [(0, 1), (1, 0)], ["1/3 2/3 | 1/3 2/3"]),
    ("3 -1, -2 4", "", [], ["3/5 2/5 | 1/2 1/2"]),
    ("1 2, 3 4", "", [(1, 0)], []),
    ("2 1, 0 3", "", [], ["3/4 1/4 | 1/2 1/2"]),
    ("1 0, 0 1", "1 0, 0 1", [(0, 0), (1, 1)], ["1/2 1/2 | 1/2 1/2"]),
    ("3 0, 0 2", "2 0, 0 3", [(0, 0), (1, 1)], ["3/5 2/5 | 2/5 3/5"]),
    ("3 0, 1 2", "1 2, 3 1", [], ["2/3 1/3 | 1/2 1/2"]),
    ("4 0, 1 1, 0 4", "2 1, 0 3, 2 1", [(0, 0)], []),
    ("1 1 0, 0 0 2", "0 2 1, 3 1 0", [(0, 1)], []),
    ("5", "7", [(0, 0)], []),
    ("1 2 3", "3 1 2", [(0, 0)], []),
    ("2 -1, -1 1", "", [], ["2/5 3/5 | 2/5 3/5"]),
    ("1 0 0, 0 1 0, 0 0 1", "0 1 0, 0 0 1, 1 0 0", [], ["1/3 1/3 1/3 | 1/3 1/3 1/3"]),
    ("6 2, 7 0", "6 7, 2 0", [(0, 1), (1, 0)], ["2/3 1/3 | 2/3 1/3"]),
    ("0.5 0, 0 0.25", "1 0, 0 1", [(0, 0), (1, 1)], ["1/2 1/2 | 1/3 2/3"]),
)  # fmt: skip


def made(row: str, column: str) -> Game:
    mine = [line.split() for line in row.split(", ")]
    yours = [line.split() for line in column.split(", ")] if column else None
    table = [
        [[a, yours[i][j]] if yours else a for j, a in enumerate(line)] for i, line in enumerate(mine)
    ]  # fmt: skip
    names = [f"r{at}" for at in range(len(mine))], [f"c{at}" for at in range(len(mine[0]))]
    return game({"rows": names[0], "columns": names[1], "payoffs": table})


def spelt(mix: tuple[Fraction, ...]) -> str:
    return " ".join(map(str, mix))


@pytest.mark.parametrize(("row", "column", "pure", "mixed"), HAND_CHECKED)
def test_the_equilibria_of_a_hand_checked_game(
    row: str, column: str, pure: list[tuple[int, int]], mixed: list[str]
) -> None:
    table = made(row, column)
    found = equilibria(table)
    assert found.complete
    assert pure_equilibria(table) == pure
    assert sorted(f"{spelt(x)} | {spelt(y)}" for x, y in found.profiles if is_mixed((x, y))) == sorted(mixed)
    assert len(found.profiles) == len(pure) + len(mixed)


def games(count: int, size: int, high: int) -> list[Game]:
    draw = random.Random(7)  # noqa: S311
    rows = [
        [[[draw.randint(-high, high) for _ in "ab"] for _ in range(size)] for _ in range(size)] for _ in range(count)
    ]
    names = [f"a{at}" for at in range(size)]
    return [game({"rows": names, "columns": names, "payoffs": table}) for table in rows]


def test_what_is_found_are_equilibria_all_pure_ones_among_them_and_an_odd_number_where_none_is_degenerate() -> None:
    for table in [*games(60, 3, 30), *games(12, 4, 99)]:
        found = equilibria(table)
        assert all(is_equilibrium(table, profile) for profile in found.profiles)
        stable = {
            (row, column)
            for row, column in product(range(len(table.actions[0])), repeat=2)
            if all(table.of(0, row, column) >= table.of(0, other, column) for other in range(len(table.actions[0])))
            and all(table.of(1, column, row) >= table.of(1, other, row) for other in range(len(table.actions[1])))
        }
        pure = {(x.index(1), y.index(1)) for x, y in found.profiles if not is_mixed((x, y))}
        assert pure == stable == set(pure_equilibria(table))
        assert len(found.profiles) % 2 == 1 or not found.complete


@pytest.mark.parametrize("row", ["0 0, 0 0", "1 1, 1 1", "2 2, 1 3"])
def test_a_degenerate_game_is_not_said_to_be_known_whole(row: str) -> None:
    assert not equilibria(made(row, "1 1, 0 2" if row == "2 2, 1 3" else "1 0, 0 1")).complete


def test_dominance_by_mixtures_is_never_being_a_best_response() -> None:
    """Held against a grid of the other player's mixtures that is fine enough for these payoffs to tell (Pearce)."""
    grid = [Fraction(at, 360) for at in range(361)]
    for table in games(25, 3, 9):
        small = table.without([(1, 2)])
        for action in range(3):
            best = any(
                all(
                    share * (small.of(0, action, 0) - small.of(0, rival, 0))
                    + (1 - share) * (small.of(0, action, 1) - small.of(0, rival, 1)) >= 0
                    for rival in range(3)
                )
                for share in grid
            )  # fmt: skip
            assert (dominated(small, 0, action) == "strictly") is not best


def test_weak_dominance_by_a_mixture_and_survivors() -> None:
    table = made("2 0 1, 0 2 1, 1 1 1", "0 0 0, 0 0 0, 0 0 0")
    assert [dominated(table, 0, action) for action in range(3)] == ["", "", ""]
    table = made("4 0 1, 0 4 1, 2 2 0", "0 0 0, 0 0 0, 0 0 0")
    assert [dominated(table, 0, action) for action in range(3)] == ["", "", "weakly"]
    assert survivors(made("4 0, 1 1, 0 4", "2 1, 0 3, 2 1")) == ((0,), (0,))


def test_the_largest_value_and_systems_of_equations_over_whole_numbers() -> None:
    one, half = Fraction(1), Fraction(1, 2)
    assert largest([one, 2 * one], [[one, one], [one, 3 * one]], [4 * one, 6 * one]) == 5
    assert largest([half], [[one]], [one]) == half
    assert largest([-one], [[one]], [one]) == 0
    with pytest.raises(ArithmeticError, match="not finite"):
        largest([one], [[-one]], [one])
    assert whole_solution([[2, -1, 0], [1, 1, 1]]) == [1, 2]
    assert whole_solution([[1, 1, 0], [1, 1, 1]]) is None
