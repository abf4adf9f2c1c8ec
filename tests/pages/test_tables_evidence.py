"""The evidence on queries, quantities and chemistry as a page shows it: escaped, and in the tool's own terms."""

from __future__ import annotations

import re
from dataclasses import asdict

import pytest
from django.template import loader

from annotations.models import ToolCheck
from inference.types import Problem
from inference.verifiers import verifier

TABLES = {"schema": ["CREATE TABLE t (name TEXT)"], "rows": {"t": [["<b>Ada</b>"], ["Bo"]]}, "seeds": 1}


def shown(name: str, step: str, problem: Problem | None = None) -> str:
    """The evidence as text with its tags, each run of spaces one space."""
    verdict = verifier(name).check(problem or Problem("1", "", kind=name), (), step)
    check = ToolCheck(
        verifier=name, verdict=verdict.kind, message=verdict.message, input=verdict.input, output=verdict.output,
        claims=[asdict(each) for each in verdict.claims],
    )  # fmt: skip
    page = loader.get_template(f"evidence/{name}.html").render({"check": check})
    return re.sub(r"\s+", " ", page)


def test_a_query_shows_its_rows_beside_the_references() -> None:
    problem = Problem("1", "", "SELECT name FROM t", kind="sql", data=TABLES)
    page = shown("sql", "Final query: `SELECT name FROM t WHERE name <> 'Bo'`", problem)
    assert "it gives 1 row instead of 2 on the rows shown" in page
    assert "The reference gives <span" in page
    assert page.count("&lt;b&gt;Ada&lt;/b&gt;") == 3
    assert "<b>" not in page


@pytest.mark.parametrize(
    ("name", "step", "parts"),
    [
        ("units", "v = 36 km/h = 12 m/s", ["36 km/h = 10 m/s, not 12 m/s", '<td class="mono">10 m/s</td>']),
        ("chemistry", "2 H2 + O2 -> 3 H2O", ['<th scope="row">O</th><td class="num">2</td><td class="num">3']),
        ("chemistry", "M(CO2) = 28.01 g/mol", ["44.009", "28.01"]),
        ("chemistry", "C6H12O6 has 8 oxygen atoms.", ["C6H12O6 has 6 O atoms"]),
        ("units", "Nothing to see.", ["no quantities to compare"]),
    ],
)
def test_a_refutation_shows_both_sides(name: str, step: str, parts: list[str]) -> None:
    page = shown(name, step)
    for part in parts:
        assert part in page
