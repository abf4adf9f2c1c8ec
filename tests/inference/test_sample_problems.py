"""The problems of the sample project are right, distinct and graded."""

from __future__ import annotations

import json
import operator
import re
from collections import Counter
from fractions import Fraction
from pathlib import Path
from typing import Any

SAMPLE = Path(__file__).resolve().parents[2] / "annotations" / "sample" / "problems.jsonl"
ROWS: list[dict[str, Any]] = [json.loads(line) for line in SAMPLE.read_text(encoding="utf-8").splitlines()]

NUMBER = r"\d+(?:\.\d+)?(?:/\d+)?"
EQUATION = re.compile(rf"({NUMBER}) ([-+*/]) ({NUMBER}) = ({NUMBER})")
OPERATIONS = {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv}


def plain(text: str) -> str:
    """Write LaTeX fractions as 1/2 and every product sign as *."""
    text = re.sub(r"\\frac\{(\d+)\}\{(\d+)\}", r"\1/\2", text)
    return text.replace(r"\times", "*").replace("×", "*").replace("$", "")


def steps(row: dict[str, Any]) -> list[str]:
    return plain(row["solution"]).split("\n")


def test_there_are_sixty_problems_with_their_own_ids_and_texts() -> None:
    assert len(ROWS) == 60
    assert len({row["id"] for row in ROWS}) == 60
    assert len({row["problem"] for row in ROWS}) == 60
    assert {frozenset(row) for row in ROWS} == {frozenset({"id", "problem", "solution", "answer", "level"})}


def test_the_problems_rise_from_one_step_to_five() -> None:
    levels = [row["level"] for row in ROWS]
    assert levels == sorted(levels)
    assert Counter(levels) == {1: 30, 2: 18, 3: 8, 4: 4}
    for row in ROWS:
        assert len(steps(row)) in ({4, 5} if row["level"] == 4 else {row["level"]}), row["id"]


def test_every_step_of_a_solution_is_one_true_equation() -> None:
    for row in ROWS:
        for step in steps(row):
            [(left, sign, right, result)] = EQUATION.findall(step)
            assert step.count("=") == 1, row["id"]
            assert OPERATIONS[sign](Fraction(left), Fraction(right)) == Fraction(result), f"{row['id']}: {step}"


def test_a_solution_ends_in_its_answer() -> None:
    for row in ROWS:
        assert Fraction(re.findall(NUMBER, steps(row)[-1])[-1]) == Fraction(row["answer"]), row["id"]


def test_a_step_uses_only_numbers_it_was_given_or_has_worked_out() -> None:
    in_words = {"2", "4", "7", "10", "0.25"}  # half and twice, four friends, a week, one tenth, 25 percent
    for row in ROWS:
        known = set(re.findall(NUMBER, plain(row["problem"]))) | in_words
        for step in steps(row):
            [(left, _, right, result)] = EQUATION.findall(step)
            assert {left, right} <= known, f"{row['id']}: {step}"
            known.add(result)


def test_some_problems_show_latex_in_text_and_solution() -> None:
    with_latex = [row for row in ROWS if "$" in row["problem"]]
    assert len(with_latex) >= 6
    for row in ROWS:
        for text in (row["problem"], *row["solution"].split("\n")):
            assert text.count("$") % 2 == 0, row["id"]
            assert ("$" in text) == (row in with_latex), row["id"]


def test_no_problem_is_a_worked_example_of_the_prompt() -> None:
    from inference.prompts import few_shot_prefix

    prefix = few_shot_prefix()
    assert [row["id"] for row in ROWS if row["problem"] in prefix] == []
