"""A worked solution as numbers that know where they come from. Knows nothing about errors.

Every number of a step is a given of the problem, the result of an earlier equation, or a constant of the step's own.
Equations are found and read by the claims verifier's parser, so that nothing is computed from text in another way.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from inference.planted.numerals import exact, spelt
from inference.verifiers.claims.chains import Link
from inference.verifiers.claims.evaluate import NoValue, evaluate
from inference.verifiers.claims.extract import links
from inference.verifiers.claims.parser import Unreadable, parse
from inference.verifiers.claims.tokens import Token, tokenise
from inference.verifiers.claims.trees import literal

GIVEN, CONSTANT = -1, -2


class Unfit(ValueError):
    """The solution cannot carry a known error; the message says what in it cannot be followed."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number in a step: text[start:end], its value, and where it is from.

    `source` is the index of the equation whose result it repeats, else GIVEN or CONSTANT.
    """

    start: int
    end: int
    text: str
    value: Fraction
    source: int


@dataclass(frozen=True, slots=True)
class Equation:
    """`left` = a bare number. `index` counts through the solution; `result` is the number's place in its step."""

    index: int
    left: tuple[Token, ...]
    result: int
    value: Fraction


@dataclass(frozen=True, slots=True)
class WorkedStep:
    """A step's text with its numbers and equations in order."""

    text: str
    numbers: tuple[Number, ...]
    equations: tuple[Equation, ...]

    def operands(self, equation: Equation) -> list[int]:
        """Return the places (in `numbers`) of the numbers that stand left of an equation's sign."""
        starts = {token.start for token in equation.left if token.kind == "num"}
        return [at for at, number in enumerate(self.numbers) if number.start in starts]

    def rendered(self, texts: Sequence[str]) -> str:
        """Return the step with these texts in place of its numbers."""
        parts, at = [], 0
        for number, text in zip(self.numbers, texts, strict=True):
            parts += [self.text[at : number.start], text]
            at = number.end
        return "".join([*parts, self.text[at:]])


@dataclass(frozen=True, slots=True)
class Worked:
    """A solution that can be followed: `answer` is the result of equation `answered`.

    `shared` names the equations whose value stands in the problem or is another's result too: a number of that value
    could be either, so no error may pass through them.
    """

    problem: str
    steps: tuple[WorkedStep, ...]
    answer: Fraction
    answered: int
    givens: Mapping[Fraction, str]
    shared: frozenset[int]

    @property
    def texts(self) -> tuple[str, ...]:
        return tuple(step.text for step in self.steps)

    @property
    def equations(self) -> Iterator[Equation]:
        return (equation for step in self.steps for equation in step.equations)

    def known_before(self, step: int) -> dict[Fraction, int]:
        """Return the results that stand before a step, by value; later ones replace earlier ones."""
        return {each.value: each.index for part in self.steps[:step] for each in part.equations}


def read(problem: str, steps: Sequence[str], answer: str) -> Worked:
    """Return the solution with the source of every number; Unfit where a number or equation cannot be followed.

    Equations must be exact and of the form expression = number; `answer` must be the result of the last one.
    """
    givens = givens_of(problem)
    results: dict[Fraction, int] = {}
    worked: list[WorkedStep] = []
    values: list[Fraction] = []
    for text in steps:
        step = read_step(text, givens, results, first=len(values))
        check_exact(step)
        worked.append(step)
        values += [each.value for each in step.equations]
        results |= {each.value: each.index for each in step.equations}
    wanted = exact(answer)
    if wanted is None:
        raise Unfit(f"the answer {answer[:40]!r} is no plain number")
    if not values or values[-1] != wanted:
        raise Unfit("the last equation does not give the answer")
    shared = frozenset(at for at, value in enumerate(values) if value in givens or values.count(value) > 1)
    return Worked(problem, tuple(worked), wanted, len(values) - 1, givens, shared)


def givens_of(problem: str) -> dict[Fraction, str]:
    """Return the numbers of a problem by value, in digits or in words ("twice", "a dozen"), as they are written."""
    found = dict(spelt(problem))
    for token in tokenise(problem, 0, len(problem), prose=True):
        if token.kind == "num" and (value := exact(token.text)) is not None:
            found[value] = problem[token.start : token.end]
    return found


def read_step(text: str, givens: Mapping[Fraction, str], results: Mapping[Fraction, int], first: int) -> WorkedStep:
    """Return one step; `results` are those before it, `first` is the index of its first equation."""
    sides = [_sides(link) for link in links(text)]
    tokens = [token for token in tokenise(text, 0, len(text), prose=True) if token.kind == "num"]
    place = {token.start: at for at, token in enumerate(tokens)}
    shown = {right.start: first + at for at, (_, right) in enumerate(sides)}
    known, numbers = dict(results), []
    for token in tokens:
        value = exact(token.text)
        if value is None:
            raise Unfit(f"the number {token.text[:20]!r} is too long")
        source = known.get(value, GIVEN if value in givens else CONSTANT)
        if token.start in shown:
            source = known[value] = shown[token.start]
        numbers.append(Number(token.start, token.end, text[token.start : token.end], value, source))
    if any(right.start not in place for _, right in sides):
        raise Unfit(f"an equation of {text[:60]!r} was not found among its numbers")
    equations = [
        Equation(first + at, left, place[right.start], numbers[place[right.start]].value)
        for at, (left, right) in enumerate(sides)
    ]
    step = WorkedStep(text, tuple(numbers), tuple(equations))
    _check_sources(step)
    return step


def value_of(left: Sequence[Token]) -> Fraction | None:
    """Return the exact value of an expression, None where it has none."""
    try:
        value = evaluate(parse(left))
    except (Unreadable, NoValue, RecursionError):
        return None
    return Fraction(value) if isinstance(value, int | Fraction) else None


def check_exact(step: WorkedStep) -> None:
    """Raise Unfit unless every equation of the step is exactly true."""
    for each in step.equations:
        if value_of(each.left) != each.value:
            raise Unfit(f"an equation of {step.text[:60]!r} is not exact")


def _sides(link: Link) -> tuple[tuple[Token, ...], Token]:
    """Return the expression and the number of an equation that is one; anything else cannot be followed."""
    if link.relation != "=" or link.open or link.asked or not (link.first and link.last):
        raise Unfit("a relation is not a plain equation")
    right = link.right.tokens
    if len(right) != 1 or right[0].kind != "num" or len(link.left.tokens) < 3:
        raise Unfit("an equation is not an expression and a number")
    if any(token.kind == "id" for token in link.left.tokens) or literal_only(link.left.tokens):
        raise Unfit("an equation holds letters")
    return link.left.tokens, right[0]


def literal_only(tokens: Sequence[Token]) -> bool:
    """Whether the tokens are one number with signs, which computes nothing."""
    try:
        return literal(parse(tokens)) is not None
    except (Unreadable, RecursionError):
        return True


def _check_sources(step: WorkedStep) -> None:
    """Refuse a number outside the equations that comes from nowhere: it may have been worked out unseen."""
    inside = {at for each in step.equations for at in [*step.operands(each), each.result]}
    for at, number in enumerate(step.numbers):
        if number.source == CONSTANT and at not in inside:
            raise Unfit(f"nothing says where {number.text} in {step.text[:60]!r} is from")
