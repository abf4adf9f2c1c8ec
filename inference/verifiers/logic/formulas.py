"""Formulas over named statements, and their clauses (Tseitin, 1968). Knows nothing about English or solvers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import combinations

ANYONE = "*"
"""The subject of a statement about everyone: grounded over all individuals before it is solved."""
MAX_CLAUSES = 2000
MAX_COUNTED = 24


class Op(StrEnum):
    ATOM = "atom"
    NOT = "not"
    AND = "and"
    OR = "or"
    IF = "if"
    IFF = "iff"
    ONE = "exactly one"
    LEAST = "at least one"
    MOST = "at most one"
    EVERY = "every"


class TooLarge(ValueError):
    """More clauses than are solved."""


@dataclass(frozen=True, slots=True)
class Formula:
    """An operation over formulas, or (ATOM) a statement: `subject` is `name`, or just `name` when it has no parts."""

    op: Op
    parts: tuple[Formula, ...] = ()
    name: str = ""
    subject: str = ""


def atom(name: str, subject: str = "") -> Formula:
    return Formula(Op.ATOM, (), name, subject)


def no(part: Formula) -> Formula:
    """Return the negation, of a negation what it negates."""
    return part.parts[0] if part.op is Op.NOT else Formula(Op.NOT, (part,))


def join(op: Op, parts: Iterable[Formula]) -> Formula:
    """Return the parts joined; one part stands for itself unless it is counted."""
    found = tuple(parts)
    if len(found) == 1 and op in (Op.AND, Op.OR, Op.LEAST, Op.ONE):
        return found[0]
    return Formula(op, found)


def atoms(formula: Formula) -> Iterator[Formula]:
    """Yield the statements of a formula, repeated as they stand."""
    if formula.op is Op.ATOM:
        yield formula
    for part in formula.parts:
        yield from atoms(part)


def instance(formula: Formula, individual: str) -> Formula:
    """Return what a formula about anyone says of one individual."""
    if formula.op is Op.ATOM:
        return atom(formula.name, individual) if formula.subject == ANYONE else formula
    return Formula(formula.op, tuple(instance(part, individual) for part in formula.parts))


def ground(formula: Formula, individuals: tuple[str, ...]) -> Formula:
    """Return the formula with every statement about everyone said of each individual."""
    if formula.op is Op.EVERY:
        return Formula(Op.AND, tuple(instance(formula.parts[0], each) for each in individuals))
    if formula.op is Op.ATOM:
        return formula
    return Formula(formula.op, tuple(ground(part, individuals) for part in formula.parts))


@dataclass(slots=True)
class Clauses:
    """Clauses in the making; a statement or formula that came before keeps its number.

    `add` asserts a formula, `literal` gives a number that is true exactly when the formula is. TooLarge past the bound.
    """

    numbers: dict[Formula, int] = field(default_factory=dict)
    clauses: list[list[int]] = field(default_factory=list)
    top: int = 0

    def fresh(self) -> int:
        self.top += 1
        return self.top

    def put(self, *literals: int) -> None:
        if len(self.clauses) >= MAX_CLAUSES:
            raise TooLarge(f"more than {MAX_CLAUSES:,} clauses")
        self.clauses.append(list(literals))

    def add(self, formula: Formula) -> None:
        self.put(self.literal(formula))

    def literal(self, formula: Formula) -> int:
        if formula.op is Op.NOT:
            return -self.literal(formula.parts[0])
        known = self.numbers.get(formula)
        if known is None:
            parts = [self.literal(part) for part in formula.parts]
            known = self.numbers[formula] = self.fresh()
            self._define(formula.op, known, parts)
        return known

    def _define(self, op: Op, name: int, parts: list[int]) -> None:
        if op is Op.AND:
            self._all(name, parts)
        elif op in (Op.OR, Op.LEAST):
            self._all(-name, [-part for part in parts])
        elif op is Op.IF:
            self._all(-name, [parts[0], -parts[1]])
        elif op is Op.IFF:
            self._same(name, *parts)
        elif op in (Op.ONE, Op.MOST):
            self._counted(op, name, parts)

    def _all(self, name: int, parts: list[int]) -> None:
        """Define: name exactly when all parts."""
        for part in parts:
            self.put(-name, part)
        self.put(name, *(-part for part in parts))

    def _same(self, name: int, left: int, right: int) -> None:
        self.put(-name, -left, right)
        self.put(-name, left, -right)
        self.put(name, left, right)
        self.put(name, -left, -right)

    def _counted(self, op: Op, name: int, parts: list[int]) -> None:
        """Define: name exactly when at most one of the parts (and, for ONE, at least one) is true."""
        if len(parts) > MAX_COUNTED:
            raise TooLarge(f"more than {MAX_COUNTED} statements to count")
        pairs = []
        for left, right in combinations(parts, 2):
            both = self.fresh()
            self._all(both, [left, right])
            pairs.append(-both)
        if op is Op.ONE:
            some = self.fresh()
            self._all(-some, [-part for part in parts])
            pairs.append(some)
        self._all(name, pairs)
