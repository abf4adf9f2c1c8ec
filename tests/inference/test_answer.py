"""Final answers against references: equal, different, or beyond telling."""

from __future__ import annotations

import pytest

from inference.types import Problem, VerdictKind
from inference.verifiers import verifier
from inference.verifiers.answer import check_answer

EQUAL = [
    ("18", "18"),
    ("$18", "18 dollars"),
    ("18.00", "18"),
    ("1,000,000", "50,000 * 20"),
    ("-1", "i^2"),
    (r"\cos 60^\circ", r"\frac12"),
    ("0.25", "25%"),
    ("25", r"25\%"),
    (r"\boxed{\frac{3}{4}}", "0.75"),
    ("The answer is 18 apples.", "18"),
    ("x = 5", "5"),
    ("5 + 4 = 9", "9"),
    ("1 1/2", "1.5"),
    (r"60^\circ", "60"),
    ("two", "2"),
    (r"16\text{ cm}^2", "16"),
    ("Evelyn", r"\text{Evelyn}"),
    (r"2\sqrt{2}", r"\sqrt{8}"),
    ("x^2+2x+1", "(x+1)^2"),
    (r"(3, \frac{\pi}{2})", r"\left(3,\frac{\pi}{2}\right)"),
    ("1,-2", "-2,1"),
    (r"1\pm\sqrt5", r"1+\sqrt5, 1-\sqrt5"),
    (r"\begin{pmatrix} 1 \\ 2 \end{pmatrix}", r"\begin{pmatrix} 1 \\ \frac{4}{2} \end{pmatrix}"),
]
DIFFERENT = [
    ("4", "5"),
    ("3.33", r"\frac{10}{3}"),
    ("(3,4)", "(4,3)"),
    (r"(-\infty, 3]", r"(-\infty,3)"),
    ("Bob", "Evelyn"),
    ("no idea", "5"),
    ("1, 2, 3", "1, 2"),
    ("x + 1", "x + 2"),
    ("12 apples", "13 apples"),
    ("-5", "5"),
]
BEYOND_TELLING = [
    ("", "5"), ("   ", "3"), ("$$$", "7"), (r"\boxed{}", "4"), ("The answer is", "12"), ("####", "8"),
    ("5", ""), ("3", "   "), ("9" * 3000, "5"), ("5", "9" * 3000), ("1 + " * 600, "5"),
]  # fmt: skip


@pytest.mark.parametrize(("given", "reference"), EQUAL)
def test_equal_answers_are_supported_however_they_are_written(given: str, reference: str) -> None:
    verdict = check_answer(given, reference)
    assert verdict.kind is VerdictKind.SUPPORTED, verdict


@pytest.mark.parametrize(("given", "reference"), DIFFERENT)
def test_different_answers_are_refuted(given: str, reference: str) -> None:
    assert check_answer(given, reference).kind is VerdictKind.REFUTED


@pytest.mark.parametrize(("given", "reference"), BEYOND_TELLING)
def test_what_cannot_be_compared_is_undecided_and_says_why(given: str, reference: str) -> None:
    verdict = check_answer(given, reference)
    assert verdict.kind is VerdictKind.UNDECIDED
    assert verdict.message


def test_as_a_verifier_it_compares_the_step_with_the_problems_answer() -> None:
    tool = verifier("answer")
    assert tool.check(Problem("1", "", answer="12"), (), r"\boxed{12}").kind is VerdictKind.SUPPORTED
    assert not tool.applies(Problem("1", "", answer=" "))
