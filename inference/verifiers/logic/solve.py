"""What follows from premises (SAT), and the best truth values of weighted beliefs (MaxSAT). Knows no English.

MaxSAT is RC2 (Ignatiev, Morgado, Marques-Silva, "RC2: an efficient MaxSAT solver", JSAT 2019), from python-sat.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass

from pysat.examples.rc2 import RC2
from pysat.formula import WCNF
from pysat.solvers import Solver

from inference.verifiers.logic.formulas import ANYONE, Clauses, Formula, atoms, ground

CONFLICTS = 5_000
EFFORT = 4_000
ROUNDS = 200
LONGEST_CORE = 40
SCALE = 100
SOMEONE = "someone"


class Overrun(ValueError):
    """More work than is spent on one step."""


@dataclass(frozen=True, slots=True)
class Said:
    """A formula with the words that say it; `weight` None means that it must hold."""

    text: str
    formula: Formula
    weight: float | None = None


@dataclass(frozen=True, slots=True)
class Optimum:
    """The best truth values: what they cost (the weight of what they break) and the sayings they break."""

    cost: float
    broken: tuple[Said, ...]


def individuals(formulas: Sequence[Formula]) -> tuple[str, ...]:
    """Return whom the formulas speak of, and one more, for what is said of everyone holds of others too."""
    found = {each.subject for formula in formulas for each in atoms(formula) if each.subject not in ("", ANYONE)}
    return (*sorted(found), SOMEONE)


class Premises:
    """What must hold, ready to be asked many questions. Raises TooLarge past the bound on clauses."""

    def __init__(self, sayings: Sequence[Said], others: Sequence[Formula] = ()) -> None:
        self.people = individuals([*(each.formula for each in sayings), *others])
        self.clauses = Clauses()
        self.sayings = tuple(sayings)
        self.marks: dict[int, Said] = {}
        for each in sayings:
            mark = self.clauses.literal(ground(each.formula, self.people))
            self.marks.setdefault(mark, each)

    def without(self, said: Said) -> Premises:
        """Return the other premises, over the same clauses."""
        rest = copy(self)
        rest.marks = {mark: each for mark, each in self.marks.items() if each != said}
        return rest

    def why(self, *formulas: Formula) -> tuple[Said, ...] | None:
        """Return a minimal set of premises with which the formulas cannot all hold; None when they can."""
        given = [self.clauses.literal(ground(each, self.people)) for each in formulas]
        with Solver("minisat22", bootstrap_with=self.clauses.clauses) as solver:
            core = _core(solver, [*self.marks, *given])
            if core is None:
                return None
            kept = [mark for mark in core if mark in self.marks]
            least = set(_least(solver, kept, given))
            return tuple(said for mark, said in self.marks.items() if mark in least)

    def world(self, *formulas: Formula) -> Mapping[Formula, bool] | None:
        """Return a truth value of every statement with which premises and formulas hold; None when there is none."""
        given = [self.clauses.literal(ground(each, self.people)) for each in formulas]
        with Solver("minisat22", bootstrap_with=self.clauses.clauses) as solver:
            if not _solved(solver, [*self.marks, *given]):
                return None
            true = frozenset(number for number in solver.get_model() or () if number > 0)
        named = {each: number for each, number in self.clauses.numbers.items() if not each.parts}
        return {each: number in true for each, number in named.items() if each.subject != SOMEONE}


def _solved(solver: Solver, given: Sequence[int], budget: int = CONFLICTS) -> bool:
    """Return whether the clauses hold with the literals given; Overrun when too many conflicts were needed."""
    solver.conf_budget(budget)
    found = solver.solve_limited(assumptions=list(given))
    if found is None:
        raise Overrun("more conflicts than are spent on one step")
    return bool(found)


def _core(solver: Solver, given: Sequence[int]) -> list[int] | None:
    return None if _solved(solver, given) else list(solver.get_core() or ())


def _least(solver: Solver, kept: Sequence[int], given: Sequence[int]) -> list[int]:
    """Drop premises one by one as long as the rest still refutes what is given."""
    least = list(kept)
    for mark in list(kept)[:LONGEST_CORE]:
        rest = [each for each in least if each != mark]
        core = _core(solver, [*rest, *given])
        if core is not None:
            least = [each for each in rest if each in set(core)]
    return least


class _Bounded(RC2):  # type: ignore[misc]
    """RC2 that gives up after so many conflicts or rounds, counted over all calls of its oracle (not by the clock)."""

    rounds = 0

    def _call_oracle(self, assumptions: Sequence[int] = (), expect_interrupt: bool = False) -> bool:
        self.rounds += 1
        left = EFFORT - int(self.oracle.accum_stats()["conflicts"])
        if self.rounds > ROUNDS or left <= 0:
            raise Overrun("the beliefs are too entangled to weigh")
        return _solved(self.oracle, assumptions, left)


def best(sayings: Sequence[Said], *musts: Formula) -> Optimum | None:
    """Return the optimum over all sayings, those without a weight and `musts` kept; None when they contradict.

    Weights are cut to hundredths, the least is 0.01.
    """
    people = individuals([*(each.formula for each in sayings), *musts])
    clauses = Clauses()
    soft = []
    for each in sayings:
        number = clauses.literal(ground(each.formula, people))
        if each.weight is None:
            clauses.put(number)
        else:
            soft.append((number, each, max(1, round(each.weight * SCALE))))
    for must in musts:
        clauses.put(clauses.literal(ground(must, people)))
    formula = WCNF()
    formula.extend(clauses.clauses)
    for number, _, weight in soft:
        formula.append([number], weight=weight)
    with _Bounded(formula) as solver:
        model = solver.compute()
        if model is None:
            return None
        true = frozenset(model)
        return Optimum(solver.cost / SCALE, tuple(each for number, each, _ in soft if number not in true))
