"""What goes wrong in one step, and how it is carried on exactly. Knows nothing about the kinds of errors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from inference.planted.numerals import written
from inference.planted.worked import GIVEN, Unfit, Worked, WorkedStep, read_step, value_of
from inference.verifiers.claims.tokens import Token


@dataclass(frozen=True, slots=True)
class Slip:
    """A change to step `step` (from 0), after which everything is recomputed.

    `edits` are (start, end, text) in the step's text; `forced` is a result written in place of the true one of the
    step's equation `equation`; `misread` maps a given's value to another, there and in all later steps; with `left_out`
    the step is missing, and what used its result uses that value instead. `note` says it in a few words.
    """

    step: int
    note: str
    edits: tuple[tuple[int, int, str], ...] = ()
    equation: int = 0
    forced: Fraction | None = None
    misread: Mapping[Fraction, Fraction] = field(default_factory=dict)
    left_out: Fraction | None = None


@dataclass(frozen=True, slots=True)
class Carried:
    """The wrong solution: its steps, the index of its first wrong step, its answer, and the results that changed."""

    steps: tuple[str, ...]
    first_error: int
    answer: str
    changed: Mapping[int, Fraction]


def carry(worked: Worked, slip: Slip) -> Carried | None:
    """Return the solution with the slip made and carried on, None where it does not lead to another answer.

    Refused too: results that are negative, too large or not short decimals, or not whole where the right solution is
    whole, and errors that pass through a number whose source is not sure.
    """
    changed: dict[int, Fraction] = {}
    steps = list(worked.steps)
    try:
        if slip.left_out is not None:
            changed[worked.steps[slip.step].equations[-1].index] = slip.left_out
        elif slip.edits:
            steps[slip.step] = edited(worked, slip)
    except Unfit:
        return None
    texts = [step.text for step in steps[: slip.step]]
    for at in range(slip.step + (slip.left_out is not None), len(steps)):
        forced = {slip.equation: slip.forced} if at == slip.step and slip.forced is not None else {}
        text = _recomputed(steps[at], changed, slip.misread, forced)
        if text is None or not worked.shared.isdisjoint(changed):
            return None
        if at == slip.step + (slip.left_out is not None) and not _differs(steps[at], changed):
            return None
        texts.append(text)
    value = changed.get(worked.answered, worked.answer)
    answer = written(value, "")
    if answer is None or value == worked.answer:
        return None
    return Carried(tuple(texts), slip.step, answer.replace(",", ""), changed)


def edited(worked: Worked, slip: Slip) -> WorkedStep:
    """Return the step with the slip's edits in its text, read again; Unfit when it is no longer read alike."""
    before = worked.steps[slip.step]
    text = before.text
    for start, end, new in sorted(slip.edits, reverse=True):
        text = text[:start] + new + text[end:]
    after = read_step(text, worked.givens, worked.known_before(slip.step), before.equations[0].index)
    if len(after.equations) != len(before.equations):
        raise Unfit("the edit makes another number of equations")
    return after


def _differs(step: WorkedStep, changed: Mapping[int, Fraction]) -> bool:
    return any(each.index in changed for each in step.equations)


def _recomputed(
    step: WorkedStep,
    changed: dict[int, Fraction],
    misread: Mapping[Fraction, Fraction],
    forced: Mapping[int, Fraction],
) -> str | None:
    """Return the step's text with all that follows from `changed`, which takes up its own new results."""
    texts = [number.text for number in step.numbers]
    done: set[int] = set()
    for order, each in enumerate(step.equations):
        if not _substitute(step, texts, done, changed, misread, until=each.result):
            return None
        value = forced.get(order, value_of(_with_texts(each.left, step, texts)))
        if value is None or (each.value.denominator == 1 != value.denominator):
            return None
        if value != each.value:
            changed[each.index] = value
            shown = written(value, step.numbers[each.result].text)
            if shown is None:
                return None
            texts[each.result] = shown
        done.add(each.result)
    return step.rendered(texts) if _substitute(step, texts, done, changed, misread, until=len(texts)) else None


def _substitute(
    step: WorkedStep,
    texts: list[str],
    done: set[int],
    changed: Mapping[int, Fraction],
    misread: Mapping[Fraction, Fraction],
    *,
    until: int,
) -> bool:
    """Write the changed values of the numbers before `until` once each; return whether all could be written."""
    results = {each.result for each in step.equations}
    for at, number in enumerate(step.numbers[:until]):
        if at in done or at in results:
            continue
        done.add(at)
        value = changed.get(number.source)
        if number.source == GIVEN:
            value = misread.get(number.value)
        if value is not None and value != number.value:
            shown = written(value, number.text)
            if shown is None:
                return False
            texts[at] = shown
    return True


def _with_texts(left: Sequence[Token], step: WorkedStep, texts: Sequence[str]) -> list[Token]:
    now = {number.start: text for number, text in zip(step.numbers, texts, strict=True)}
    return [
        token._replace(text=now[token.start].replace(",", "")) if token.kind == "num" and token.start in now else token
        for token in left
    ]
