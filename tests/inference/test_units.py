"""What the units verifier makes of statements with quantities, and what it must leave open."""

from __future__ import annotations

from typing import cast

import pytest

from inference.types import Problem, Verdict, VerdictKind
from inference.verifiers import verifier
from inference.verifiers.base import AnswerTool

SUPPORTED, REFUTED, UNDECIDED = VerdictKind.SUPPORTED, VerdictKind.REFUTED, VerdictKind.UNDECIDED


def checked(step: str) -> Verdict:
    return verifier("units").check(Problem("1", "", kind="physics"), (), step)


HOLDS = [
    "36 km/h = 10 m/s",
    "F = 2 kg * 3 m/s^2 = 6 N",
    "speed = 120 km / 2 h = 60 km/h",
    "The car covers 120 km in 2 h, so its speed is 120 km / 2 h = 60 km/h.",
    r"$v = \frac{120 \text{ km}}{2 \text{ h}} = 60 \text{ km/h}$",
    "E = 1/2 * 2 kg * (3 m/s)^2 = 9 J",
    "100 km / 3 h = 33.3 km/h",
    "1/2 h = 30 min",
    "5 ft 6 in = 66 in",
    "E = 3.6 × 10^6 J = 1 kWh",
    "25 °C = 298 K",
    "80 °C - 20 °C = 60 °C",
    "Q = 100 g * 4.18 J/(g·°C) * 60 °C = 25080 J",
    "8.314 J/mol K * 300 K * 2 mol = 4988 J",
    "10 m/s · 5 s = 50 m",
    "36 g / 18 g/mol = 2 mol",
    "1 mile ≈ 1.6 km",
    "The room is 4 m × 5 m = 20 m² in size.",
    "250 mL is 0.25 L",
    "p = 12 N / 0.5 m^2 = 24 Pa",
    "2 kg times 3 metres per second squared equals 6 newtons",
    "v = 120 / 2 = 60 km/h",
    "R = 12 V / 4 A = 3 Ω",
    "1 year = 365 days",
    "The water warms by 50 °C - 20 °C = 30 °C.",
    "It has a speed of 120 km / 2 h = 60 km/h.",
    "It covers 80 miles/hour x 6 hours = 480 miles.",
]


@pytest.mark.parametrize("step", HOLDS)
def test_what_fits_is_supported(step: str) -> None:
    verdict = checked(step)
    assert verdict.kind is SUPPORTED, verdict


FALSE = {
    "36 km/h = 12 m/s": "36 km/h = 10 m/s, not 12 m/s",
    "5 m + 3 s": "m and s cannot be added",
    "The area is 12 m.": "area is measured in m², 12 m in m",
    "A = 3 m * 4 m = 12 m": "3 m * 4 m is in m², 12 m in m",
    "3 m + 4 m = 8 m": "3 m + 4 m = 7 m, not 8 m",
    "v = 120 km / 2 h = 70 km/h": "120 km / 2 h = 60 km/h, not 70 km/h",
    "v = 120 / 2 = 70 km/h": "120 / 2 = 60, not 70 km/h",
    "1.5 h = 150 min": "1.5 h = 90 min, not 150 min",
    "The force is 5 kg.": "force is measured in kg·m/s², 5 kg in kg",
    "25 °C = 248 K": "25 °C = 298.15 K, not 248 K",
    "80 °C - 20 °C = 70 °C": "80 °C - 20 °C = 60 °C, not 70 °C",
    "t = 100 m * 5 m/s = 20 s": "100 m * 5 m/s is in m²/s, 20 s in s",
    r"\(2 \text{ kg} \cdot 3 \text{ m/s}^2 = 5 \text{ N}\)": (
        r"\(2 \text{ kg} \cdot 3 \text{ m/s}^2\) = 6 N, not \(5 \text{ N}\)"
    ),
    "2.5 m² = 250 cm²": "2.5 m² = 25000 cm², not 250 cm²",
    "The volume is 2 m * 3 m * 4 m = 24 m^2": "2 m * 3 m * 4 m is in m³, 24 m^2 in m²",
    "100 m / 3 s = 35 m/s": "100 m / 3 s = 33.3333 m/s, not 35 m/s",
}


@pytest.mark.parametrize(("step", "evidence"), FALSE.items())
def test_what_does_not_fit_is_refuted_with_the_reason(step: str, evidence: str) -> None:
    verdict = checked(step)
    assert (verdict.kind, verdict.message) == (REFUTED, evidence)


OPEN = {
    "no quantity": "Let us find the speed first.",
    "a unit that nobody knows": "12 apples = 3 bags",
    "money": "It costs $5 per kg * 3 kg = $15.",
    "percent": "20 % of 50 kg = 10 kg",
    "people": "6 people * 2 h = 12 h",
    "a name without value": "d = v * t",
    "a unit may be left out": "F = 2 * 3 m/s^2 = 6 N",
    "a converted number without unit": "v = 36 / 1 = 10 m/s",
    "temperature with another zero in a product": "20 °C * 2 = 40 °C * 1 mol / 1 mol",
    "degrees of what": "T = 25° = 298 K",
    "a question": "Is 36 km/h = 12 m/s?",
    "the sentence speaks of an error": "Then 36 km/h = 12 m/s, which is impossible.",
    "a rounding of significant figures": "25 N * 13 m = 330 J",
    "each of several": "3 m and 5 m = 8 m",
    "half of it": "half of 6 m = 3 m",
    "divided by it": "6 m divided by 3 s = 3 s",
    "another sentence": "A box of 2 kg is 5 m above the floor.",
    "an inequality": "5 m < 3 s",
    "a density of something": "The charge density is 5 C/m^3.",
    "an energy density": "energy density is 5 J/m^3",
    "inches or a word": "There are 12 in total = 12 N",
    "an assignment": "m = 5 kg and t = 3 s",
    "a unit that a number converts": "The flight takes 10 hours * 60 minutes = 600 minutes.",
    "a running calculation": "7 min * 60 s/min = 420 s + 23 s",
    "two divisions in a row": "28 / 1/5 = 140",
    "a mixed number": "17/3 = 5 and 2/3",
    "a letter that is a name": "8S = 640 ft",
    "a condition": "if 100 miles = 1 hour then we are done",
    "a scale": "On the map 1 inch = 12 miles.",
    "a time of day": "6:00 + 48 = 6:48",
    "an exponent that is too large": "2 m^99 = 3 m",
}


@pytest.mark.parametrize("step", OPEN.values(), ids=OPEN.keys())
def test_what_is_not_sure_is_left_open(step: str) -> None:
    verdict = checked(step)
    assert verdict.kind is UNDECIDED, verdict
    assert verdict.message


def test_an_undecided_statement_says_why() -> None:
    assert checked("12 kg = 3 bags").message == "“bags” is no unit that is known here"
    assert checked("2 m + 3 = 5 m").message == "a number in the sum has no unit"


def test_a_claim_points_into_the_step_and_the_evidence_holds_both_sides() -> None:
    step = "First, the speed: 120 km / 2 h = 70 km/h, so it is fast."
    verdict = checked(step)
    (claim,) = verdict.claims
    assert step[claim.start : claim.end] == "120 km / 2 h = 70 km/h"
    assert verdict.output is not None
    assert verdict.output["statements"][0] == {
        "left": "120 km / 2 h", "right": "70 km/h", "left_size": "16.6667 m/s", "right_size": "19.4444 m/s",
        "verdict": "refuted", "detail": "120 km / 2 h = 60 km/h, not 70 km/h",
    }  # fmt: skip


ANSWERS = {
    ("10 m/s", "36 km/h"): SUPPORTED,
    ("v = 10.0 m/s", "36 km/h"): SUPPORTED,
    ("12 m/s", "36 km/h"): REFUTED,
    ("36 km", "36 km/h"): REFUTED,
    ("36", "36 km/h"): SUPPORTED,
    ("9.8 m/s^2", "9.81 m/s²"): SUPPORTED,
    (r"\(60 \text{ km/h}\)", "60 km/h"): SUPPORTED,
    ("10", "36 km/h"): UNDECIDED,
    ("fast", "60 km/h"): REFUTED,
}


@pytest.mark.parametrize(("answers", "kind"), ANSWERS.items(), ids=str)
def test_final_answers_are_compared_in_whatever_unit(answers: tuple[str, str], kind: VerdictKind) -> None:
    given, reference = answers
    tool = cast(AnswerTool, verifier("units"))
    assert tool.check_answer(Problem("1", "", answer=reference, kind="physics"), given).kind is kind


HOSTILE = {
    "empty": "",
    "digits": "9" * 50_000 + " m = 1 m",
    "a long sum": "1 + " * 1500 + "1 m = 5 m",
    "a tower": "10**10**10 m = 5 m",
    "braces": "{" * 5000 + "5 m" + "}" * 5000 + " = 3 s",
    "brackets": "(" * 3000 + "5 m = 3 s",
    "a huge power": "9^12 m^12 = (9e60 m)^12 = 1 m",
    "units in a row": "5 " + "m " * 3000 + "= 3 s",
    "relations": "5 m = " * 1000,
    "mixed scripts": "５ m = пять метров = ٥ m \ud800 \x00 = 5 м",
    "a hundred thousand characters": "the speed is 5 m/s and " * 5000,
    "fractions": r"\frac{" * 1500 + "5 m = 2 s",
    "signs": "-" * 5000 + "5 m = 5 s",
    "pluses": "5 m " + "+ 3 " * 1500,
}


@pytest.mark.parametrize("step", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_text_ends_by_itself_and_refutes_nothing(step: str) -> None:
    assert checked(step).kind is not REFUTED
