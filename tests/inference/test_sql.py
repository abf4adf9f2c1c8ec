"""What the sql verifier makes of queries and of what a step says of their rows, and what it must leave open."""

from __future__ import annotations

from typing import Any, cast

import pytest

from inference.types import Problem, Verdict, VerdictKind
from inference.verifiers import verifier
from inference.verifiers.base import AnswerTool
from inference.verifiers.sql.comparing import Expected, fits
from inference.verifiers.sql.databases import databases

SUPPORTED, REFUTED, UNDECIDED = VerdictKind.SUPPORTED, VerdictKind.REFUTED, VerdictKind.UNDECIDED
SCHEMA = [
    "CREATE TABLE teams (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)",
    "CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT NOT NULL, team_id INTEGER REFERENCES teams(id),"
    " pay INTEGER)",
]
ROWS: dict[str, Any] = {
    "teams": [[1, "Sales"], [2, "Lab"]],
    "people": [[1, "Ada", 1, 3500], [2, "Bo", 2, 4200], [3, "Cy", 2, 2900], [4, "Di", None, 3100]],
}
GOLD = "SELECT name FROM people WHERE pay > 3000 ORDER BY pay DESC"
PEOPLE = "`SELECT name FROM people WHERE pay > 3000`"


def problem(answer: str = GOLD, **data: Any) -> Problem:
    return Problem("1", "", answer=answer, kind="sql", data={"schema": SCHEMA, "rows": ROWS, **data})


def checked(step: str, *prefix: str) -> Verdict:
    return verifier("sql").check(problem(), prefix, step)


def answered(given: str, answer: str = GOLD, **data: Any) -> Verdict:
    return cast(AnswerTool, verifier("sql")).check_answer(problem(answer, **data), given)


HOLDS = [
    f"{PEOPLE} returns 3 rows.",
    f"We start with {PEOPLE}.",
    "```sql\nSELECT name\nFROM people\nWHERE team_id = 2;\n```\nThis gives two rows.",
    "SELECT AVG(pay) FROM people returns 3425.",
    "SELECT COUNT(*) FROM people; The count is 4.",
    "`SELECT SUM(pay) FROM people`: the total pay is 13,700.",
    "`SELECT AVG(pay) / 1000.0 FROM people` gives 3.4.",
    "`SELECT name FROM people WHERE pay = (SELECT MAX(pay) FROM people)` returns 'Bo'.",
    "The people table has columns id, name and pay.",
    "table people has no column wage",
    "The table people has 4 rows.",
    "`WITH rich AS (SELECT * FROM people WHERE pay > 3000) SELECT COUNT(*) FROM rich` yields 3.",
    f"Final query: `{GOLD}`",
    "`SELECT name FROM people WHERE pay > 9000` returns no rows.",
]


@pytest.mark.parametrize("step", HOLDS)
def test_what_the_rows_say_is_supported(step: str) -> None:
    verdict = checked(step)
    assert verdict.kind is SUPPORTED, verdict


FALSE = {
    f"{PEOPLE} returns 2 rows.": "the query gives 3 rows, not 2",
    "`SELECT nme FROM people`": "there is no column nme; there is name",
    "`SELECT name FROM persons`": "there is no table persons",
    "`SELECT name FORM people`": "it is no SQL: near people",
    "`SELECT p.id FROM people p JOIN teams t ON t.id = p.team_id WHERE id = 1`": "ambiguous column name: id",
    "`SELECT COUNT(*) FROM people` gives 5.": "the query gives 4, not 5",
    "Answer: SELECT nme FROM people": "there is no column nme; there is name",
    "SELECT AVG(pay) FROM people; The average pay is 3500.": "the query gives 3425, not 3500",
    "`SELECT name FROM people WHERE pay = (SELECT MAX(pay) FROM people)` returns 'Ada'.": "the query gives Bo, not Ada",
    "The people table has a column wage.": "table people has the columns id, name, team_id, pay",
    "The table teams has three rows.": "table teams has 2 rows, not 3",
    "Final query: `SELECT name FROM people WHERE pay > 3000`": (
        "it gives the same rows in another order on the rows shown"
    ),
    "Final query: `SELECT name, pay FROM people WHERE pay > 3000 ORDER BY pay DESC`": (
        "it gives 2 columns instead of 1 on the rows shown"
    ),
}


@pytest.mark.parametrize(("step", "evidence"), FALSE.items())
def test_what_the_rows_contradict_is_refuted_with_the_reason(step: str, evidence: str) -> None:
    verdict = checked(step)
    assert (verdict.kind, verdict.message) == (REFUTED, evidence)


OPEN = {
    "no query": "Let us look at the tables first.",
    "a fragment": "Begin with `SELECT nme`.",
    "a sketch": "The form is `SELECT ... FROM persons`.",
    "a form": "It looks like `SELECT columns FROM table WHERE condition`.",
    "it says that it fails": "The query `SELECT nme FROM people` would fail.",
    "a function of another database": "`SELECT YEAR(name) FROM people`",
    "a statement that writes": "`DROP TABLE people`",
    "two statements": "`SELECT 1 FROM people; SELECT 2 FROM people`",
    "the schema's own tables": "`SELECT name FROM sqlite_master`",
    "prose that goes on": "SELECT name FROM people WHERE pay > 3000 and this gives the names",
    "a word of a sentence": "We then SELECT everyone from people.",
    "a value of several rows": "The result is 42.",
    "a claim without a query": "This returns 3 rows.",
    "a condition": "If it returned 9 rows, it would be wrong.",
    "a column of an unknown table": "The table `totals` has a column `sum`.",
    "loading code": "`SELECT load_extension('x') FROM people`",
    "an endless query": "`WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t) SELECT COUNT(*) FROM t`",
}


@pytest.mark.parametrize("step", OPEN.values(), ids=OPEN.keys())
def test_what_is_not_sure_is_left_open(step: str) -> None:
    verdict = checked(step)
    assert verdict.kind is UNDECIDED, verdict
    assert verdict.message


def test_a_claim_without_a_query_means_the_last_query_before() -> None:
    assert checked("This returns 2 rows.", f"First {PEOPLE}.").kind is REFUTED
    assert checked("This returns 3 rows.", f"First {PEOPLE}.").kind is SUPPORTED


def test_a_name_that_was_given_before_is_no_unknown_one() -> None:
    earlier = "Define `rich AS (SELECT * FROM people WHERE pay > 3000)`."
    assert checked("`SELECT COUNT(*) FROM rich`", earlier).kind is UNDECIDED


RIGHT = [
    GOLD,
    f"```sql\n{GOLD};\n```",
    "SELECT p.name FROM people AS p WHERE 3000 < p.pay ORDER BY p.pay DESC",
    "SELECT n FROM (SELECT name AS n, pay FROM people) WHERE pay > 3000 ORDER BY pay DESC",
]
WRONG = {
    "SELECT name FROM people WHERE pay >= 3000 ORDER BY pay DESC": "made rows",
    "SELECT name FROM people WHERE pay > 3000 ORDER BY pay": "another order",
    "SELECT DISTINCT name FROM people WHERE pay > 3000 ORDER BY pay DESC": "made rows",
    "SELECT name FROM people WHERE pay > 3100 ORDER BY pay DESC": "2 rows instead of 3",
    "SELECT p.name FROM people p JOIN teams t ON t.id = p.team_id WHERE pay > 3000 ORDER BY pay DESC": "2 rows",
    "SELECT wage FROM people": "no column wage",
    "DELETE FROM people": "reads",
    "Ada, Bo and Di": "no query",
}


@pytest.mark.parametrize("given", RIGHT)
def test_a_query_with_the_same_rows_everywhere_is_right(given: str) -> None:
    verdict = answered(given)
    assert verdict.kind is SUPPORTED, verdict


@pytest.mark.parametrize(("given", "why"), WRONG.items())
def test_a_query_that_differs_on_one_database_is_wrong(given: str, why: str) -> None:
    verdict = answered(given)
    assert verdict.kind is REFUTED
    assert why in verdict.message


def test_the_evidence_holds_both_results_and_the_tables_that_were_read() -> None:
    output = answered("SELECT name FROM people WHERE pay > 3100 ORDER BY pay DESC").output
    assert output is not None
    assert (output["ours"], output["theirs"]) == ([["Bo"], ["Ada"]], [["Bo"], ["Ada"], ["Di"]])
    assert [(each["name"], each["count"]) for each in output["tables"]] == [("people", 4)]


def test_a_reference_that_fails_or_is_no_query_decides_nothing_by_rows() -> None:
    assert answered(GOLD, "SELECT wage FROM people").kind is UNDECIDED
    assert answered("42", "42").kind is SUPPORTED


@pytest.mark.parametrize(
    "data",
    [
        {"schema": "no SQL at all ("},
        {"schema": ["ATTACH 'x' AS y"]},
        {"schema": []},
        {"rows": {"people": [[1]]}},
        {"rows": ["DELETE FROM people"]},
        {"rows": 5},
    ],
)
def test_tables_that_cannot_be_made_are_said_and_not_raised(data: dict[str, Any]) -> None:
    verdict = verifier("sql").check(problem(**data), (), PEOPLE)
    assert verdict.kind is UNDECIDED
    assert "problem's" in verdict.message or "row" in verdict.message


def test_made_rows_are_the_same_every_time_and_respect_keys() -> None:
    made = [list(databases(problem(seeds=3, again=again)).made()) for again in (1, 2)]
    for (seed, one), (_, two) in zip(*made, strict=True):
        assert one.run("SELECT * FROM people") == two.run("SELECT * FROM people"), seed
        assert one.run("SELECT count(*) FROM people WHERE team_id NOT IN (SELECT id FROM teams)").rows == ((0,),)  # type: ignore[union-attr]
        assert one.run("SELECT count(*) - count(DISTINCT name) FROM teams").rows == ((0,),)  # type: ignore[union-attr]
        assert one.run("SELECT count(*) FROM people WHERE pay = 3000").rows != ((0,),)  # type: ignore[union-attr]


TIED = Expected((((1,),), ((2,), (3,)), ((4,),)), 1)


@pytest.mark.parametrize(
    ("rows", "stop", "right"),
    [
        ([(1,), (3,), (2,), (4,)], None, True),
        ([(1,), (2,), (4,), (3,)], None, False),
        ([(1,), (3,)], 2, True),
        ([(1,), (4,)], 2, False),
        ([(1.0,), (2 + 1e-12,)], 2, True),
    ],
)
def test_ties_may_come_in_any_order_and_a_limit_may_keep_any(rows: list[Any], stop: int | None, right: bool) -> None:
    assert fits(rows, Expected(TIED.groups, 1, 0, stop)) is right


HOSTILE = {
    "empty": "",
    "digits": "`SELECT " + "9" * 3000 + " FROM people`",
    "a long sum": "SELECT " + "1 + " * 1500 + "1 FROM people;",
    "a tower": "SELECT 10**10**10 FROM people; it gives 10**10**10",
    "brackets": "SELECT " + "(" * 3000 + "1 FROM people;",
    "braces": "`SELECT " + "{" * 3000 + "`",
    "a cross join": "`SELECT count(*) FROM " + ", ".join(f"people {letter}" for letter in "abcdefghijklmnop") + "`",  # noqa: S608 it is meant to be hostile
    "a huge text": "`SELECT printf('%1000000000d', 1) FROM people`",
    "a huge blob": "`SELECT zeroblob(1000000000) FROM people`",
    "backticks": "`" * 9000,
    "selects": "SELECT a FROM " * 900,
    "mixed scripts": "`ＳＥＬＥＣＴ имя FROM 人 \ud800 \x00`",
    "a hundred thousand characters": "This returns 3 rows. " * 5000,
    "comments": "`SELECT /* " + "* " * 1500 + "FROM people`",
}


@pytest.mark.parametrize("step", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_text_ends_by_itself(step: str) -> None:
    assert checked(step, step).message
    assert answered(step).kind in (UNDECIDED, REFUTED)
