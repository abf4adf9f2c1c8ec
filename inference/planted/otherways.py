"""Whether a value can be on another right way: does arithmetic lead from it to a value of the right solution?

Asked as an identity, not of the numbers as they are: in a problem of few and small numbers something or other always
comes to the answer. So each number is exchanged for a random one wherever it stands (Schwartz 1980, Zippel 1979), the
right solution and the value are worked out anew, and only what leads there then counts. Ways back over a number that
was known before are left out: they undo the value and use it for nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import product
from random import Random

from inference.planted.worked import GIVEN, Equation, Number, Unfit, Worked, WorkedStep
from inference.verifiers.claims.evaluate import NoValue, evaluate
from inference.verifiers.claims.parser import Unreadable, parse
from inference.verifiers.claims.trees import Expr

PRIME = 2**61 - 1
SMALL = 10
"""Numbers up to this may stand for themselves: a third that is eaten leaves two thirds."""


def other_way(worked: Worked, steps: Sequence[WorkedStep], at: int, equation: Equation) -> bool:
    """Return whether the value of `equation`, in the first of `steps`, may lead to a later right value.

    `steps` stand in place of the right solution's from index `at` on. Up to three operations with numbers of the
    problem, constants and earlier results are tried. Unfit where an expression cannot be worked out anew.
    """
    for world in (_World(worked, steps[0], keep) for keep in (False, True)):
        later, known = world.later(at, equation.index), world.known(at)
        if _leads(world.value(equation.index), later, known, world.made_of(equation)):
            return True
    return False


class _World:
    """The numbers of a problem exchanged; with `keep` small ones and constants stand for themselves.

    `right` and `path` hold the values of equations by index, `needs` the given numbers that they are made of.
    """

    def __init__(self, worked: Worked, first: WorkedStep, keep: bool) -> None:
        self.worked, self.first, self.keep = worked, first, keep
        self.random = Random(worked.problem)  # noqa: S311 no secret
        self.values: dict[Fraction, Fraction] = {}
        self.right: dict[int, Fraction] = {}
        self.needs: dict[int, set[Fraction]] = {}
        for step in worked.steps:
            self._work_out(step, self.right, self.needs)
        start = first.equations[0].index
        self.path = {index: value for index, value in self.right.items() if index < start}
        self.path_needs = {index: needs for index, needs in self.needs.items() if index < start}
        self._work_out(first, self.path, self.path_needs)

    def value(self, index: int) -> int:
        """Return the value of an equation of the path."""
        return _residue(self.path[index])

    def made_of(self, equation: Equation) -> set[int]:
        """Return the numbers that an equation of the path is made of."""
        return {_residue(value) for value in self._operands(self.first, equation, self.path)}

    def later(self, at: int, index: int) -> list[int]:
        """Return the right values from step `at` on that are made of all the given numbers that equation `index` is.

        Another right value can be reached only by undoing what the equation did.
        """
        later = (each.index for step in self.worked.steps[at:] for each in step.equations)
        return [_residue(self.right[one]) for one in later if self.path_needs[index] <= self.needs[one]]

    def known(self, at: int) -> frozenset[int]:
        """Return the numbers of the problem, the constants, and the results before step `at`."""
        steps = (*self.worked.steps, self.first)
        constants = {number.value for step in steps for number in step.numbers if number.source < 0}
        written = {self._world(value) for value in {*self.worked.givens, *constants}}
        before = {self.right[each.index] for step in self.worked.steps[:at] for each in step.equations}
        return frozenset(map(_residue, written | before | ({Fraction(1)} if self.keep else set())))

    def _world(self, value: Fraction) -> Fraction:
        """Return what a number of the problem, or a constant, is in this world."""
        if self.keep and (value <= SMALL or value not in self.worked.givens):
            return value
        return self.values.setdefault(value, Fraction(self.random.randrange(10**6, 10**9)))

    def _work_out(self, step: WorkedStep, results: dict[int, Fraction], needs: dict[int, set[Fraction]]) -> None:
        for each in step.equations:
            numbers = _numbers(step, each)
            if _evaluated(each, [number.value for number in numbers]) != each.value:
                raise Unfit("an expression cannot be worked out anew")
            results[each.index] = _evaluated(each, self._operands(step, each, results))
            needs[each.index] = {value for number in numbers for value in self._needed(number, needs)}

    def _operands(self, step: WorkedStep, equation: Equation, results: Mapping[int, Fraction]) -> list[Fraction]:
        numbers = _numbers(step, equation)
        return [results[one.source] if one.source in results else self._world(one.value) for one in numbers]

    def _needed(self, number: Number, needs: Mapping[int, set[Fraction]]) -> set[Fraction]:
        if number.source in needs:
            return needs[number.source]
        stands_for_itself = number.source != GIVEN or (self.keep and number.value <= SMALL)
        return set() if stands_for_itself else {number.value}


def _numbers(step: WorkedStep, equation: Equation) -> list[Number]:
    """Return the numbers of the equation's expression in the order written."""
    places = {number.start: number for number in step.numbers}
    return [places[token.start] for token in equation.left if token.kind == "num" and token.start in places]


def _leads(value: int, later: Collection[int], known: Collection[int], own: Collection[int]) -> bool:
    """Whether up to three operations with known numbers lead from `value` to a later right value.

    The numbers that `value` was made of (`own`) are not used again, which would undo it, but for a product that shares
    a factor with it: 3 * 4 is on a way to 3 * (4 + 5).
    """
    free = set(known) - set(own)
    once = {made for other in free for made in _operated(value, other)}
    twice = {made for one in once for other in free for made in _operated(one, other)}
    twice |= {made for one, two in product(known, free) for pair in _products(one, two) for made in _sums(value, pair)}
    twice |= {made for one, two in product(free, free) for pair in _sums(one, two) for made in _products(value, pair)}
    back = {made for target in later for other in free for made in _operated(target, other)}
    return not ({value} | once | twice).isdisjoint(back | set(later))


def _operated(one: int, two: int) -> Iterator[int]:
    yield from _sums(one, two)
    yield from _products(one, two)


def _sums(one: int, two: int) -> Iterator[int]:
    yield (one + two) % PRIME
    yield (one - two) % PRIME
    yield (two - one) % PRIME


def _products(one: int, two: int) -> Iterator[int]:
    yield one * two % PRIME
    if two:
        yield one * pow(two, -1, PRIME) % PRIME
    if one:
        yield two * pow(one, -1, PRIME) % PRIME


def _residue(value: Fraction) -> int:
    if value.denominator % PRIME == 0:
        raise Unfit("a number has no residue")
    return value.numerator * pow(value.denominator, -1, PRIME) % PRIME


def _evaluated(equation: Equation, values: Sequence[Fraction]) -> Fraction:
    """Return the value of the equation's expression with these in place of its numbers."""
    left = iter(range(len(values)))
    try:
        tree = _named(parse(equation.left), left)
        known: Mapping[str, Fraction] = {f"n{at}": value for at, value in enumerate(values)}
        value = evaluate(tree, known)
    except (Unreadable, NoValue, RecursionError, StopIteration) as error:
        raise Unfit("an expression cannot be worked out anew") from error
    if not isinstance(value, int | Fraction) or next(left, None) is not None:
        raise Unfit("an expression cannot be worked out anew")
    return Fraction(value)


def _named(tree: Expr, places: Iterator[int]) -> Expr:
    """Return the tree with a variable in place of each number, in the order written."""
    if tree.op == "num":
        return Expr("name", (), f"n{next(places)}")
    return Expr(tree.op, tuple(_named(arg, places) for arg in tree.args), tree.text)
