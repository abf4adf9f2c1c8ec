"""The solver's answers are those of trying every assignment: what follows, the least that decides, the best values."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from random import Random

import pytest

from inference.verifiers.logic.formulas import ANYONE, Clauses, Formula, Op, TooLarge, atom, no
from inference.verifiers.logic.solve import Premises, Said, best

ATOMS = [atom(f"p{number}") for number in range(7)]
WORLDS = [dict(zip(ATOMS, values, strict=True)) for values in product((False, True), repeat=len(ATOMS))]
OPS = (Op.AND, Op.OR, Op.IF, Op.IFF, Op.ONE, Op.LEAST, Op.MOST, Op.NOT)


def true(formula: Formula, world: Mapping[Formula, bool]) -> bool:
    if formula.op is Op.ATOM:
        return world[formula]
    parts = [true(part, world) for part in formula.parts]
    return {
        Op.NOT: not parts[0],
        Op.AND: all(parts),
        Op.OR: any(parts),
        Op.LEAST: any(parts),
        Op.IF: not parts[0] or parts[-1],
        Op.IFF: parts[0] == parts[-1],
        Op.ONE: sum(parts) == 1,
        Op.MOST: sum(parts) <= 1,
    }[formula.op]


def drawn(rng: Random, depth: int = 2) -> Formula:
    if depth == 0 or rng.random() < 0.2:
        one = rng.choice(ATOMS)
        return one if rng.random() < 0.5 else no(one)
    op = rng.choice(OPS)
    count = {Op.NOT: 1, Op.IF: 2, Op.IFF: 2}.get(op, rng.choice((2, 3)))
    return Formula(op, tuple(drawn(rng, depth - 1) for _ in range(count)))


@pytest.mark.parametrize("seed", range(40))
def test_what_premises_exclude_and_the_least_of_them_that_does(seed: int) -> None:
    rng = Random(seed)  # noqa: S311
    premises = [Said(f"premise {number}", drawn(rng)) for number in range(rng.randint(1, 6))]
    asked = drawn(rng)
    given, world = Premises(premises).why(asked), Premises(premises).world(asked)
    holds = [one for one in WORLDS if true(asked, one)]
    assert (given is None) == any(all(true(each.formula, one) for each in premises) for one in holds)
    assert (world is None) == (given is not None)
    for dropped in (None, *(given or ())):
        rest = [each for each in given or () if each is not dropped]
        possible = any(all(true(each.formula, one) for each in rest) for one in holds)
        assert given is None or possible == (dropped is not None)


@pytest.mark.parametrize("seed", range(40))
def test_the_best_truth_values_break_as_little_as_any(seed: int) -> None:
    rng = Random(1000 + seed)  # noqa: S311
    hard = [Said(f"premise {number}", drawn(rng)) for number in range(rng.randint(0, 3))]
    soft = [Said(f"belief {number}", drawn(rng), rng.choice((0.5, 1.0, 2.0, 3.25))) for number in range(6)]
    must = drawn(rng)
    found = best([*hard, *soft], must)
    costs = [
        sum(each.weight or 0.0 for each in soft if not true(each.formula, one))
        for one in WORLDS
        if true(must, one) and all(true(each.formula, one) for each in hard)
    ]
    assert (found is None) == (not costs)
    if found is not None:
        assert found.cost == pytest.approx(min(costs)) == sum(each.weight or 0.0 for each in found.broken)


def test_what_is_said_of_everyone_holds_of_each_and_of_one_more() -> None:
    all_cats = Formula(Op.EVERY, (Formula(Op.IF, (atom("cat", ANYONE), atom("animal", ANYONE))),))
    premises = Premises([Said("all cats", all_cats), Said("tom", atom("cat", "tom"))])
    assert premises.why(no(atom("animal", "tom"))) is not None
    assert premises.why(all_cats) is None
    assert premises.why(no(all_cats)) is not None
    other = Premises([Said("tom", atom("cat", "tom")), Said("so is he", atom("animal", "tom"))], [all_cats])
    assert other.why(no(all_cats)) is None


def test_more_clauses_than_are_solved_are_refused() -> None:
    clauses = Clauses()
    with pytest.raises(TooLarge, match="more than 2,000 clauses"):
        for number in range(2001):
            clauses.add(atom(f"q{number}"))
    with pytest.raises(TooLarge, match="more than 24 statements"):
        Clauses().literal(Formula(Op.ONE, tuple(atom(f"q{number}") for number in range(25))))
