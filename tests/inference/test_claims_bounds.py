"""Hostile and broken text costs the claims verifier nothing but an undecided verdict."""

from __future__ import annotations

import pytest

from inference.types import Ending, Problem, VerdictKind
from inference.verifiers import verifier
from inference.verifiers.claims.extract import MAX_CHARS, MAX_LINKS, links
from inference.verifiers.pool import CheckJob, Pool, PoolParams

HOSTILE = {
    "a tower": "9**9**9**9 = 1",
    "a huge power": "$9^{999999999} = 1$",
    "a huge base": "(" + "9" * 3000 + ")^99 = 1",
    "a long literal": "9" * 5900 + " = 1 + 1",
    "factorials": "$500! \\cdot 500! \\cdot 500! \\cdot 500! \\cdot 500! = 1$",
    "a factorial of a factorial": "$((5!)!)! = 1$",
    "open brackets": "(" * 3000 + "1 = 2",
    "nested roots": "\\(" + "\\sqrt{" * 300 + "2" + "}" * 300 + " = 3\\)",
    "nested roots without braces": "\\(" + "\\sqrt " * 900 + "2 = 3\\)",
    "signs": "$" + "-" * 3000 + "5 = 5$",
    "a long sum": "$" + "+".join(["1/7"] * 190) + " = 2$",
    "words": "3 apples " * 600 + "= 5",
    "words in brackets": "3 (" + "word " * 1000 + "= 5",
    "dollars": "$ " * 3000 + "= 5",
    "begins": r"\begin{align}" * 400 + "1=2",
    "equals": "=" * 6000,
    "commas": "1,111" * 1200 + "=2",
    "spaces": "3 +" + " " * 5900 + "4 = 8",
    "letters": "a" * 5990 + " = 2",
    "hyphens": "a-" * 2990 + " = 2",
    "subscripts": "x_" * 2900 + " = 2",
    "text commands": r"$\text{" * 1000 + "= 5$",
    "floats": "$e^{e^{e^{100}}} = \\exp(10000)$",
    "no value": "1/0 = 5 and \\(\\log 0 = 1\\) and $0^{-1} = 3$",
    "too large for a float": "$" + "9" * 900 + " = \\pi$ and $x^{2} + " + "9" * 900 + " = \\pi x$",
    "surrogates and nulls": "3 \x00 4 = 12 \ud800",
}


@pytest.fixture(scope="module")
def outcomes() -> dict[str, tuple[VerdictKind, Ending]]:
    jobs = [CheckJob("claims", Problem("1", ""), (), text) for text in HOSTILE.values()]
    with Pool(PoolParams(children=2)) as pool:
        verdicts = pool.check_many(jobs, 20)
    return {name: (each.kind, each.ending) for name, each in zip(HOSTILE, verdicts, strict=True)}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_ends_by_itself_and_refutes_nothing(
    name: str, outcomes: dict[str, tuple[VerdictKind, Ending]]
) -> None:
    kind, ending = outcomes[name]
    assert ending is Ending.OK
    assert kind is not VerdictKind.REFUTED or name in ("a long sum", "spaces")


def test_only_so_many_characters_and_claims_of_a_step_are_read() -> None:
    assert len(links("1 + 1 = 2. " * 500)) == MAX_LINKS
    verdict = verifier("claims").check(Problem("1", ""), (), "x" + " " * MAX_CHARS + "1 + 1 = 3")
    assert (verdict.claims, verdict.message) == (
        (),
        f"nothing to check; only the first {MAX_CHARS} characters were read",
    )
