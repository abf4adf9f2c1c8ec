"""What k programs gave against what a step says: a verdict with its evidence. Knows nothing about models or sandboxes.

1. Each draft is read again; those that are programs have their runs, in order.
2. A run counts when it gave as many numbers as were asked for, or one, which is then the step's last.
3. More than half of all drafts must agree (of three: two), else nothing is decided.
4. The values agreed on are compared with the step's. One that differs refutes it; all equal support it.
A single value that is another of the step's values decides nothing: the program answered another question.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from inference.sandbox.base import Outcome, RunEnding
from inference.types import Claim, VerdictKind
from inference.verifiers.claims.judge import show
from inference.verifiers.program.compare import Comparison, NoNumber, Value, alike, compare, difference, value_of
from inference.verifiers.program.numbers import PERCENT
from inference.verifiers.program.objective import Objective
from inference.verifiers.program.read import Unread, Written
from inference.verifiers.program.said import Said
from inference.verifiers.program.units import unit_in

MAX_CODE, MAX_PROGRAMS = 4200, 12


@dataclass(frozen=True, slots=True)
class Attempt:
    """One draft: the program (or why there is none) and the values that it gave (or why there are none)."""

    program: Written | None
    values: tuple[Value, ...] = ()
    failure: str = ""


@dataclass(frozen=True, slots=True)
class Weighed:
    """A verdict before it is named: what it is, the sentence, the claims, the evidence."""

    kind: VerdictKind
    message: str
    claims: tuple[Claim, ...] = ()
    output: Mapping[str, Any] | None = None


def attempts(drafts: Sequence[Written | Unread], runs: Sequence[Outcome], wanted: int) -> list[Attempt]:
    """Return what came of each draft; `wanted` is how many values were asked for."""
    found, left = [], iter(runs)
    for draft in drafts:
        if isinstance(draft, Unread):
            found.append(Attempt(None, (), f"not read: {draft}"))
            continue
        outcome = next(left, None)
        found.append(_attempt(draft, outcome, wanted))
    return found


def _attempt(program: Written, outcome: Outcome | None, wanted: int) -> Attempt:
    if outcome is None:
        return Attempt(program, (), "not run")
    if outcome.ending is not RunEnding.OK:
        return Attempt(program, (), f"{outcome.ending.value}: {outcome.error}"[:200])
    try:
        several = outcome.value if isinstance(outcome.value, list) else [outcome.value]
        values = tuple(value_of(each) for each in several[: wanted + 1])
    except NoNumber as error:
        return Attempt(program, (), f"its result: {error}")
    if len(values) not in (1, wanted):
        return Attempt(program, (), f"its result has {len(several)} values, not {wanted}")
    return Attempt(program, values)


def weigh(objective: Objective, tried: Sequence[Attempt]) -> Weighed:
    """Return the verdict on a step whose objective is clear."""
    agreeing = _agreeing(tried)
    if 2 * len(agreeing) <= len(tried):
        return Weighed(VerdictKind.UNDECIDED, _disagreement(tried), (), _output(objective, tried, []))
    first = agreeing[0]
    said = objective.said[-len(first.values) :]
    unit = unit_in(first.program.remark) if first.program is not None else ""
    compared = [_compared(objective, first, each, value, unit) for each, value in zip(said, first.values, strict=True)]
    claims = tuple(
        Claim(each.text, _kind(how), _detail(_computed(first, value), each, how), each.start, each.end)
        for each, value, how in zip(said, first.values, compared, strict=True)
    )
    kinds = [each.verdict for each in claims]
    kind = next((each for each in (VerdictKind.REFUTED, VerdictKind.UNDECIDED) if each in kinds), VerdictKind.SUPPORTED)
    decisive = next(at for at in reversed(range(len(kinds))) if kinds[at] is kind)
    message = _message(first, said[decisive], first.values[decisive], compared[decisive], len(agreeing), len(tried))
    return Weighed(kind, message, claims, _output(objective, tried, agreeing))


def _agreeing(tried: Sequence[Attempt]) -> list[Attempt]:
    """Return the largest group of attempts that gave the same values."""
    groups: list[list[Attempt]] = []
    for attempt in tried:
        if not attempt.values:
            continue
        home = next((group for group in groups if _same(group[0].values, attempt.values)), None)
        if home is None:
            groups.append([attempt])
        else:
            home.append(attempt)
    return max(groups, key=len, default=[])


def _same(ours: Sequence[Value], theirs: Sequence[Value]) -> bool:
    return len(ours) == len(theirs) and all(alike(one, other) for one, other in zip(ours, theirs, strict=True))


def _compared(objective: Objective, attempt: Attempt, said: Said, value: Value, unit: str) -> Comparison:
    found = compare(said, value, unit)
    others = objective.said[:-1] if len(attempt.values) < len(objective.said) else ()
    if found.equal is False and any(compare(each, value, unit).equal for each in others):
        return Comparison(None, f"{show(value)} is another value of the step")
    return found


def _kind(how: Comparison) -> VerdictKind:
    if how.equal is None:
        return VerdictKind.UNDECIDED
    return VerdictKind.SUPPORTED if how.equal else VerdictKind.REFUTED


def _detail(computed: str, said: Said, how: Comparison) -> str:
    if how.equal is None:
        return f"{computed}; {how.why}"
    return f"{computed}{f', {how.why}' if how.why else ''}" if how.equal else f"{computed}, not {said.text}"


def _computed(attempt: Attempt, value: Value) -> str:
    """Return what a program did in one line where it is short, "48 / 2 = 24", else what it gave."""
    inlined = attempt.program.inlined if attempt.program is not None and len(attempt.values) == 1 else ""
    return f"{inlined} = {show(value)}" if inlined and len(inlined) <= 80 else f"a program gives {show(value)}"


def _message(attempt: Attempt, said: Said, value: Value, how: Comparison, agreeing: int, count: int) -> str:
    votes = f" ({agreeing} of {count} programs)" if count > 1 else ""
    computed = f"{_computed(attempt, value)}{votes}"
    if how.equal is None:
        return f"{computed}, the step says {said.text}: {how.why}"
    return f"{computed}, {'as the step says' if how.equal else f'the step says {said.text}{_bare(said)}'}"


def _bare(said: Said) -> str:
    shown = said.unit and said.unit != PERCENT and "$" not in said.text
    return f" {said.unit}" if shown else ""


def _disagreement(tried: Sequence[Attempt]) -> str:
    gave = [each for each in tried if each.values]
    if not tried:
        return "no model was asked for a program"
    if not gave:
        many = f"none of {len(tried)} programs gave" if len(tried) > 1 else "the program did not give"
        return f"{many} a value: {tried[0].failure}"
    if len({_shown(each) for each in gave}) > 1:
        return f"the programs disagree: {', '.join(dict.fromkeys(_shown(each) for each in gave))}"[:300]
    return f"only {len(gave)} of {len(tried)} programs gave a value, {_shown(gave[0])}"


def _shown(attempt: Attempt) -> str:
    return ", ".join(show(each) for each in attempt.values) if attempt.values else attempt.failure


def _output(objective: Objective, tried: Sequence[Attempt], agreeing: Sequence[Attempt]) -> dict[str, Any]:
    """Return the evidence: what each program gave, what they agree on, what the step says, the difference."""
    output: dict[str, Any] = {
        "values": [_shown(each)[:200] for each in tried[:MAX_PROGRAMS]],
        "said": ", ".join(each.text for each in objective.said),
        "agreed": _shown(agreeing[0]) if agreeing else "",
        "votes": f"{len(agreeing)} of {len(tried)}" if agreeing else "",
    }
    if agreeing:
        last, value = objective.said[-1], agreeing[0].values[-1]
        output["difference"] = show(difference(value, last.value))
        program = agreeing[0].program
        output["units"] = [unit_in(program.remark) if program is not None else "", last.unit]
    return output


def shown_programs(tried: Sequence[Attempt], texts: Sequence[str]) -> list[str]:
    """Return the programs for people, and drafts that are none as they were written, all of them within MAX_CODE."""
    most = max(200, MAX_CODE // max(1, len(tried[:MAX_PROGRAMS])))
    codes = [each.program.code if each.program is not None else text for each, text in zip(tried, texts, strict=True)]
    return [code if len(code) <= most else code[: most - 1] + "…" for code in codes[:MAX_PROGRAMS]]
