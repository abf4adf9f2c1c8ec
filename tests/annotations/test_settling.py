"""What several people's work makes of an item: agreement, a dispute, one more place, or nothing."""

from __future__ import annotations

from threading import Thread

import pytest
from django.db import connection

from annotations.desk.settling import Rules, outcome
from annotations.models import LabelItem, LabelSession
from tests.deskcast import Desk, desk

A, B, NONE = ("found_error", 1), ("found_error", 2), ("solution", None)
GIVEN_UP, BAD = ("give_up", None), ("bad_problem", None)


@pytest.mark.parametrize(
    ("verdicts", "wanted", "at_work", "expected"),
    [
        ([A], 3, 2, "open"),
        ([A, A, A], 3, 0, "agreed"),
        ([A, A, B], 3, 0, "more"),
        ([A, A, B, A], 4, 0, "agreed"),
        ([A, B, NONE, A], 4, 0, "more"),
        ([A, B, NONE, A, A], 5, 0, "agreed"),
        ([A, B, NONE, A, B], 5, 0, "dropped"),
        ([NONE, NONE, NONE], 3, 0, "agreed"),
        ([GIVEN_UP, GIVEN_UP, GIVEN_UP], 3, 0, "more"),
        ([BAD, BAD, BAD], 3, 0, "agreed"),
        # Three agree while a place that was opened is free: nobody is asked for more. Somebody at work may end first.
        ([A, A, A], 4, 0, "agreed"),
        ([A, A, A], 4, 1, "open"),
    ],
)
def test_until_three_agree_of_at_most_five(
    verdicts: list[tuple[str, int | None]], wanted: int, at_work: int, expected: str
) -> None:
    state, more = outcome(Rules(3, 3, 5), verdicts, wanted, at_work)
    assert ("more" if more else state) == expected


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        ([A], "agreed"), ([GIVEN_UP], "disputed"), ([A, A], "agreed"), ([A, B], "disputed"),
        ([NONE, A], "disputed"), ([NONE, NONE], "agreed"), ([NONE, BAD], "disputed"), ([GIVEN_UP, NONE], "disputed"),
    ],
)  # fmt: skip
def test_a_fixed_number_of_people_agrees_or_not(verdicts: list[tuple[str, int | None]], expected: str) -> None:
    assert outcome(Rules(len(verdicts), 0, 0), verdicts, len(verdicts), 0) == (expected, False)


def states(bench: Desk) -> tuple[str, int, int, int]:
    item = LabelItem.objects.get(pk=bench.item.pk)
    return item.state, item.wanted, item.places, item.takers


@pytest.mark.django_db
def test_a_missing_vote_opens_one_more_place() -> None:
    bench = desk(wanted=2, agree=2, most=3)
    bench.work("ada", "incorrect", finish="found_error")
    assert states(bench) == ("open", 2, 1, 1)
    bench.work("bo", "correct", "correct", "correct")
    assert states(bench) == ("open", 3, 1, 2)
    bench.work("odo", "correct", "incorrect", finish="found_error")
    assert states(bench) == ("dropped", 3, 0, 3)
    assert LabelItem.objects.get().settled_at is not None


@pytest.mark.django_db
def test_a_vote_taken_back_and_given_otherwise_needs_the_place_no_more() -> None:
    bench = desk(wanted=2, agree=2, most=3)
    bench.work("ada", "correct", "correct", "correct")
    bench.work("bo", "incorrect", finish="found_error")
    session = LabelSession.objects.get(user=bench.team.bo)
    seen = session.labels.get().pk
    again = [bench.rate(1, "correct", seen=seen), bench.rate(2, "correct"), bench.rate(3, "correct")]
    bench.act(session, {"kind": "reopen"}, *again, {"kind": "submit", "finish": "solution"})
    assert states(bench) == ("agreed", 2, 0, 2)


@pytest.mark.django_db
@pytest.mark.parametrize(("rate", "state"), [("all", "disputed"), ("first_error", "agreed")])
def test_with_all_steps_rated_opposite_ratings_are_a_dispute(rate: str, state: str) -> None:
    bench = desk(wanted=2, settings={"rate": rate})
    bench.work("ada", "incorrect", "correct", finish="found_error")
    bench.work("bo", "incorrect", "incorrect", finish="found_error")
    assert states(bench)[0] == state


@pytest.mark.django_db(transaction=True)
def test_two_who_submit_at_once_settle_the_item_together() -> None:
    bench = desk(wanted=2)
    threads = [Thread(target=submit, args=(bench, who)) for who in ("ada", "bo")]
    for who in ("ada", "bo"):
        bench.session(who)
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert states(bench) == ("agreed", 2, 0, 2)


def submit(bench: Desk, who: str) -> None:
    session = LabelSession.objects.get(user=bench.user(who))
    ratings = [bench.rate(seq, "correct") for seq in (1, 2, 3)]
    bench.act(session, *ratings, {"kind": "submit", "finish": "solution"})
    connection.close()
