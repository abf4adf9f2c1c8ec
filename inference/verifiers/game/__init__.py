"""The game verifier: what a step says of a two-player game in normal form, held against the theory, over fractions.

A problem's data hold the game: {"players", "rows", "columns", "payoffs"}; single numbers are a zero-sum game.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from inference.types import Claim, Problem, Verdict, VerdictKind
from inference.verifiers import answer
from inference.verifiers.game import answers
from inference.verifiers.game.judge import Finding, judge
from inference.verifiers.game.patterns import patterns
from inference.verifiers.game.said import statements
from inference.verifiers.game.solve import best_responses
from inference.verifiers.game.table import COLUMN, ROW, Game, NoGame, game, shown

ID = "game"
VERSION = "1"
FIELDS = ("players", "rows", "columns", "payoffs")
TEXT = 300
MAX_DATA = 20_000
NOTHING = "the step says nothing of the game that could be looked up"


class GameVerifier:
    """Refutes a step that says of a game what is not so: a dominance, a best response, an equilibrium, a payoff."""

    id: str = ID
    version: str = VERSION
    params: Mapping[str, object] = MappingProxyType({})

    def __init__(self) -> None:
        # Compiled once, before children are forked.
        patterns()

    def applies(self, problem: Problem) -> bool:
        """Whether the problem holds a game that can be read."""
        try:
            return bool(game_of(problem).actions)
        except NoGame:
            return False

    def check(self, problem: Problem, prefix: Sequence[str], step: str) -> Verdict:
        """Return the verdict on `step`; what earlier steps eliminated is taken into account."""
        try:
            table = game_of(problem)
        except NoGame as error:
            return Verdict(VerdictKind.UNDECIDED, ID, VERSION, (), str(error))
        findings = [judge(said, table) for said in statements(step, table, "\n".join(prefix[-12:]))]
        if not findings:
            return Verdict(VerdictKind.UNDECIDED, ID, VERSION, (), NOTHING)
        kind = next(
            (kind for kind in (VerdictKind.REFUTED, VerdictKind.SUPPORTED) if any(f.verdict is kind for f in findings)),
            VerdictKind.UNDECIDED,
        )
        telling = next((each for each in findings if each.verdict is kind), findings[0])
        return Verdict(
            kind, ID, VERSION, tuple(map(_claim, findings)), _message(kind, findings),
            input={"statements": [finding.said.text[:120] for finding in findings[:8]]},
            output=pictured(table, telling),
        )  # fmt: skip

    def check_answer(self, problem: Problem, given: str) -> Verdict:
        """Compare equilibria: cells ("(B, R)") as sets, chances ("T with 1/3") by action; anything else as text."""
        try:
            table = game_of(problem)
        except NoGame:
            return answer.check_answer(given, problem.answer)
        equal = answers.equal(given, problem.answer, table)
        if equal is None:
            return answer.check_answer(given, problem.answer)
        kind = VerdictKind.SUPPORTED if equal else VerdictKind.REFUTED
        detail = f"{given.strip()[:60]} {'equals' if equal else 'is not'} {problem.answer.strip()[:60]}"
        return Verdict(kind, ID, VERSION, (), detail)


def game_of(problem: Problem) -> Game:
    """Return the game of a problem; NoGame when its data hold none."""
    try:
        text = json.dumps({name: problem.data[name] for name in FIELDS if name in problem.data})
    except (TypeError, ValueError) as error:
        raise NoGame("the problem's data are no JSON") from error
    if len(text) > MAX_DATA:
        raise NoGame("the problem's data are too long for a game")
    return _read(text)


@lru_cache(maxsize=128)
def _read(text: str) -> Game:
    return game(json.loads(text))


def pictured(table: Game, telling: Finding) -> dict[str, Any]:
    """Return the game as a table for people: both payoffs a cell, the best responses, the cells in question."""
    best = [
        [best_responses(table, player, other) for other in range(len(table.actions[1 - player]))]
        for player in (ROW, COLUMN)
    ]
    rows = []
    for row, name in enumerate(table.actions[ROW]):
        cells: list[dict[str, Any]] = []
        for column in range(len(table.actions[COLUMN])):
            made: dict[str, Any] = {
                "pays": [shown(table.payoff(ROW, row, column)), shown(table.payoff(COLUMN, row, column))],
                "best": [row in best[ROW][column], column in best[COLUMN][row]],
            }
            cells.append({**made, "mark": True} if (row, column) in telling.cells else made)
        rows.append({"name": name, "cells": cells})
    return {"players": list(table.players), "columns": list(table.actions[COLUMN]), "rows": rows}


def _claim(finding: Finding) -> Claim:
    said = finding.said
    return Claim(said.text[:TEXT], finding.verdict, finding.why[:TEXT], said.start, said.end)


def _message(kind: VerdictKind, findings: Sequence[Finding]) -> str:
    of_kind = [finding for finding in findings if finding.verdict is kind]
    if kind is VerdictKind.SUPPORTED:
        return f"{len(of_kind)} of {len(findings)} statements hold in the game"
    return "; ".join(dict.fromkeys(finding.why for finding in of_kind))[:600]
