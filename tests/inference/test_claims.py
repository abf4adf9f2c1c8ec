"""What the claims verifier makes of single steps, and what it must not hold against one."""

from __future__ import annotations

import pytest

from inference.types import Problem, Verdict, VerdictKind
from inference.verifiers import VERIFIERS, verifier

SUPPORTED, REFUTED, UNDECIDED = VerdictKind.SUPPORTED, VerdictKind.REFUTED, VerdictKind.UNDECIDED


def checked(step: str, *prefix: str, problem: str = "") -> Verdict:
    return verifier("claims").check(Problem("1", problem), prefix, step)


TRUE = [
    "3*4 = 12",
    "Step 1: Lena has 5 + 4 = 9 pens.",
    "$5 x 3 = $15",
    "She pays $18 + $5 = $23.",
    "20% of 50 is 10",
    "3 * 4 = 12 apples",
    "7995 (total cookies) - 2595 (rainbow cookies) = 5400.",
    "5 miles/hour * 3 hours = 15 miles",
    "So 5 + 4 = 9 (3 boxes of 3).",
    "12 ÷ 4 = 3",
    "2 + 3 is equal to 5.",
    "5 times 3 is 15, so",
    "half of 30 is 15.",
    "120 / 3 = 40 times",
    "1,000 * 3 = 3,000",
    "25 / 1/3 = 75",
    "- 5 + 4 = 9",
    "**5 + 4 = 9**",
    "42 has (1+1)(1+1)(1+1) = 8 divisors.",
    "<<3*4=12>>",
    r"\(\frac{1}{2}+\frac{1}{3}=\frac{5}{6}\)",
    r"$2\frac{1}{3} = \frac{7}{3}$",
    r"$\cos 60^\circ = \frac12$",
    r"$194 \equiv 7 \pmod{11}$",
    r"$\binom{5}{2} = 10$ and $4! = 24$",
    r"\[\sqrt{16} + 3 \text{ cm} = 7 \text{ cm}\]",
    r"$(x+1)^2 = x^2+2x+1$",
    r"$2^{10} > 1000$",
    r"\begin{align*} 3 + 4 &= 7 \\ &= 2 + 5 \end{align*}",
]


@pytest.mark.parametrize("step", TRUE)
def test_true_arithmetic_is_supported(step: str) -> None:
    verdict = checked(step)
    assert verdict.kind is SUPPORTED, verdict


FALSE = {
    "9 - 3 = 5": "9 - 3 = 6, not 5",
    "She pays $18 + $5 = $24.": "$18 + $5 = 23, not $24",
    "20% of 50 is 11.": "20% of 50 = 10, not 11",
    "3 boxes * 4 pens = 13 pens": "3 boxes * 4 pens = 12, not 13 pens",
    r"$\frac12+\frac13=\frac{4}{6}$": r"\frac12+\frac13 = 5/6, but \frac{4}{6} = 2/3",
    r"$2^{10} < 1000$": "1024 < 1000 is false",
    r"$3$ + $4$ = $8$": "$3$ + $4$ = 7, not $8$",
    r"$11 \equiv 1 \pmod{3}$": "11 leaves 2 modulo 3, 1 leaves 1",
}


@pytest.mark.parametrize(("step", "evidence"), FALSE.items())
def test_a_false_equation_is_refuted_with_its_evidence(step: str, evidence: str) -> None:
    verdict = checked(step)
    assert (verdict.kind, verdict.message) == (REFUTED, evidence)


OPEN = {
    "a unit may be converted": "2 hours = 120 minutes",
    "pounds and ounces": "4 pounds - 6 ounces = 58 ounces",
    "a question": "So is 6*9 = 15?",
    "a denial": "But 5 + 4 = 10 is a contradiction.",
    "the expression goes on before it": "x + 3 + 4 = 9",
    "the words before it change it": "twice 3 + 4 = 14",
    "a numbered day": "On day 1 * 2 = 20 pages",
    "a mixed number in words": "1/4 cup + 1 and 1/4 cup = 1.5 cups",
    "a rounded whole": "100 / 3 = 33",
    "a rest": "50 / 3 = 16 boxes, with 2 left over",
    "a proportion": "Since 3/4 is equal to $15, then",
    "a position": "So the $2^{11}$ digit is $1$.",
    "a malformed number": "16,0000 / 10 = 1600",
    "a base": "$101_2 = 5$",
    "an unknown command": r"$3 \oplus 4 = 8$",
    "a matrix": r"$\begin{pmatrix} 1 & 2 \end{pmatrix} = 5$",
    "a new equation": "$2x + 3 = 17$",
    "no equation": "Let us think about the apples.",
    "a repetition": "5 = 5",
}


@pytest.mark.parametrize("step", OPEN.values(), ids=OPEN.keys())
def test_what_may_be_meant_otherwise_is_undecided(step: str) -> None:
    assert checked(step).kind is UNDECIDED


@pytest.mark.parametrize("step", ["5 + 4 = 9 - 2 = 7", "1!+2!=3"])
def test_a_running_calculation_and_a_sum_of_factorials_hold(step: str) -> None:
    assert checked(step).kind is SUPPORTED


@pytest.mark.parametrize(
    "step", ["10/3 = 3.33", "10/3 = 3.34", "2/3 ≈ 0.67", r"$\sqrt{2} \approx 1.41$", "50 + 20% = 60"]
)
def test_a_sensible_rounding_is_supported(step: str) -> None:
    assert checked(step).kind is SUPPORTED


def test_a_rounding_that_is_off_is_refuted() -> None:
    assert checked("10/3 = 3.5").kind is REFUTED


def test_a_chain_is_checked_link_by_link_and_one_false_link_refutes_the_step() -> None:
    verdict = checked(r"We get $(2+3) \cdot 4 = 5 \cdot 4 = 21$.")
    assert [claim.verdict for claim in verdict.claims] == [SUPPORTED, REFUTED]
    assert verdict.kind is REFUTED


def test_claims_lie_where_their_offsets_say_also_behind_characters_outside_the_basic_plane() -> None:
    step = r"😀 First 3 + 4 = 7, then \(2 \cdot 7 = 15\)."
    verdict = checked(step)
    assert [step[claim.start : claim.end] for claim in verdict.claims] == ["3 + 4 = 7", r"2 \cdot 7 = 15"]
    assert all(claim.text == step[claim.start : claim.end] for claim in verdict.claims)


def test_a_value_that_solves_an_earlier_equation_is_supported() -> None:
    verdict = checked("so x = 7", problem="Solve $2x+3=17$.")
    assert (verdict.kind, verdict.claims[0].detail) == (SUPPORTED, "x = 7 satisfies 2x+3=17 from earlier")


def test_a_contradiction_with_an_earlier_equation_is_a_hint_and_no_refutation() -> None:
    verdict = checked("$a+b=8$", "$a=3$ and $b=4$")
    assert verdict.kind is UNDECIDED
    assert "hint: does not hold with a = 3, b = 4 from earlier" in verdict.message


def test_money_is_no_delimiter_and_mathematics_between_dollars_is() -> None:
    verdict = checked("It costs $5 for x pens, so $3 \\cdot 5 = 16$ is the price.")
    assert [claim.text for claim in verdict.claims] == [r"3 \cdot 5 = 16"]


def test_every_registered_verifier_can_be_made_and_an_unknown_name_lists_them() -> None:
    assert all(verifier(name).id == name for name in VERIFIERS)
    with pytest.raises(ValueError, match="no verifier is called 'oracle'; there are: answer, .*claims"):
        verifier("oracle")
