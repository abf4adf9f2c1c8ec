"""Games with known answers."""

from __future__ import annotations

from typing import Any

from inference.types import Problem


def asked(rows: list[str], columns: list[str], payoffs: list[list[Any]], answer: str = "", **more: Any) -> Problem:
    data = {"rows": rows, "columns": columns, "payoffs": payoffs, **more}
    return Problem("1", "Study the game.", answer, kind="game", data=data)


PROBLEMS = {
    "dilemma": asked(["Silent", "Confess"], ["Silent", "Confess"], [[[-1, -1], [-9, 0]], [[0, -9], [-6, -6]]]),
    "battle": asked(["Opera", "Boxing"], ["Opera", "Boxing"], [[[2, 1], [0, 0]], [[0, 0], [1, 2]]],
                    players=["Ann", "Ben"]),
    "pennies": asked(["H", "T"], ["H", "T"], [[1, -1], [-1, 1]]),
    # Row: M is beaten by a half of T and a half of B, and by neither alone. Then R is worse for Column than L.
    "three": asked(["T", "M", "B"], ["L", "R"], [[[4, 2], [0, 1]], [[1, 0], [1, 3]], [[0, 2], [4, 1]]]),
    # Iterated elimination: R for Column by C, then D for Row by U, then L for Column by C: (U, C).
    "iterated": asked(["U", "D"], ["L", "C", "R"], [[[1, 0], [1, 2], [0, 1]], [[0, 3], [0, 1], [2, 0]]]),
    "weak": asked(["T", "B"], ["L", "R"], [[[1, 1], [0, 0]], [[0, 0], [0, 0]]]),
    "thirds": asked(["T", "B"], ["L", "R"], [[[3, 1], [0, 2]], [[1, 3], [2, 1]]]),
    "value": asked(["T", "B"], ["L", "R"], [[3, -1], [-2, 4]]),
}  # fmt: skip
