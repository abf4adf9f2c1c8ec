"""Ending an item: how it may end, what it comes to, and what taking it back undoes."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from annotations.models import LabelItem, LabelSession, QueueMember
from tests.deskcast import Desk, desk

pytestmark = pytest.mark.django_db


def expecting(bench: Desk, role: str, first_error: int | None = 1, **ratings: str) -> LabelItem:
    known = {str(bench.nodes[int(seq[1:])].pk): rating for seq, rating in ratings.items()}
    wrong = bench.nodes[first_error].pk if first_error else None
    LabelItem.objects.filter(pk=bench.item.pk).update(
        role=role, wanted=30_000, places=30_000, expected={"ratings": known, "first_error": wrong}
    )
    bench.item.refresh_from_db()
    return bench.item


@pytest.mark.parametrize(
    ("ratings", "finish", "said"),
    [
        (("correct", "incorrect"), "found_error", ""),
        (("correct", "neutral", "correct"), "solution", ""),
        (("correct",), "found_error", "No step is rated incorrect"),
        (("correct", "correct"), "solution", "Step 3 has no rating yet."),
        (("correct", "incorrect", "correct"), "solution", "A step is rated incorrect"),
        ((), "bad_problem", ""),
        (("correct",), "give_up", ""),
        (("correct",), "tired", "'tired' is no way to end an item"),
    ],
)
def test_an_item_ends_as_its_ratings_say(ratings: tuple[str, ...], finish: str, said: str) -> None:
    outcome = desk().work("ada", *ratings, finish=finish)
    if said:
        assert (outcome.state, outcome.more["field"]) == ("refused", "finish")
        assert said in outcome.more["message"]
    else:
        assert (outcome.state, outcome.more["session_state"]) == ("saved", "submitted")


def test_a_session_says_what_the_work_came_to() -> None:
    bench = desk()
    session = bench.session()
    acts = [bench.rate(1, "correct", seconds=3.0), bench.rate(2, "incorrect", seconds=5.5), bench.rate(4, "correct")]
    bench.act(session, *acts, {"kind": "submit", "finish": "found_error", "seconds": 8.0})
    session.refresh_from_db()
    assert (session.first_error_id, session.ratings, session.seconds) == (bench.nodes[2].pk, 3, 8.0)
    assert session.lease_until is None
    assert session.submitted_at is not None
    event = session.events.get(kind="submitted")
    assert event.data == {"session_state": "submitted", "finish": "found_error", "gold": None}


def test_active_seconds_are_at_most_those_of_the_ratings() -> None:
    bench = desk()
    session = bench.session()
    bench.act(
        session, bench.rate(1, "incorrect", seconds=5), {"kind": "submit", "finish": "found_error", "seconds": 90}
    )
    assert LabelSession.objects.get().seconds == 5.0


def test_a_submission_sent_again_answers_the_same() -> None:
    bench = desk()
    session, key = bench.session(), str(uuid4())
    submit = {"kind": "submit", "finish": "bad_problem", "key": key}
    first = bench.act(session, submit)
    assert bench.act(session, submit) == first
    assert bench.act(session, submit | {"key": str(uuid4())})[0].more["message"] == "This item is submitted already."


def test_a_tree_ends_where_its_chosen_steps_end() -> None:
    bench = desk("tree")
    session = bench.session()
    submit = {"kind": "submit", "finish": "solution"}
    bench.act(session, bench.rate(1, "incorrect"), bench.rate(4, "correct", chosen=True))
    assert "not walked to its end" in bench.act(session, submit)[0].more["message"]
    bench.act(session, bench.rate(5, "correct"))
    assert bench.act(session, submit)[0].state == "saved"
    assert LabelSession.objects.get().first_error is None


def test_a_tree_whose_next_steps_are_all_wrong_ends_at_the_first_of_them_or_with_a_step_of_ones_own() -> None:
    bench = desk("tree")
    bench.work("ada", "correct", "correct", "incorrect", finish="found_error")
    assert LabelSession.objects.get().first_error_id == bench.nodes[3].pk
    other = desk_of("tree", bench)
    bench.act(other, {"kind": "own", "parent": 0, "text": "Add them."}, {"kind": "submit", "finish": "found_error"})
    other.refresh_from_db()
    assert (other.state, other.first_error) == ("surplus", None)


def desk_of(mode: str, bench: Desk) -> LabelSession:
    """Give Bo a session of the same item whose place somebody else has taken."""
    return bench.session("bo", state="expired")


def test_what_comes_too_late_is_kept_as_surplus() -> None:
    bench = desk()
    late = bench.session("bo", state="expired")
    bench.work("ada", "correct", "correct", "correct")
    acts = [bench.rate(1, "incorrect"), {"kind": "submit", "finish": "found_error"}]
    assert bench.act(late, *acts)[-1].more["session_state"] == "surplus"
    bench.item.refresh_from_db()
    assert (bench.item.state, bench.item.takers) == ("agreed", 1)


def test_taking_back_opens_the_item_and_keeps_its_place() -> None:
    bench = desk()
    bench.work("ada", "correct", "correct", "correct")
    session = LabelSession.objects.get()
    bench.act(session, {"kind": "reopen"})
    session.refresh_from_db()
    bench.item.refresh_from_db()
    assert (session.state, session.submitted_at) == ("leased", None)
    assert session.lease_until is not None
    assert (bench.item.state, bench.item.settled_at, bench.item.places, bench.item.takers) == ("open", None, 0, 1)
    bench.act(session, {"kind": "submit", "finish": "solution"})
    bench.item.refresh_from_db()
    assert bench.item.state == "agreed"


def test_what_a_reviewer_decided_is_not_taken_back() -> None:
    bench = desk()
    bench.work("ada", "correct", "correct", "correct")
    LabelItem.objects.update(state="decided")
    assert "decided" in bench.act(LabelSession.objects.get(), {"kind": "reopen"})[0].more["message"]


@pytest.mark.parametrize(("reveal", "state"), [("submitted", "refused"), ("decided", "saved")])
def test_who_may_see_how_others_labelled_an_item_does_not_take_it_back(reveal: str, state: str) -> None:
    bench = desk(wanted=2, settings={"reveal": reveal})
    bench.work("bo", "correct", "correct", "correct")
    bench.work("ada", "incorrect", finish="found_error")
    session = LabelSession.objects.get(user=bench.team.ada)
    assert bench.act(session, {"kind": "reopen"})[0].state == state


@pytest.mark.parametrize(
    ("ratings", "finish", "rate", "right"),
    [
        (("correct", "incorrect"), "found_error", "first_error", (2, 2)),
        (("incorrect",), "found_error", "first_error", (0, 1)),
        (("correct", "correct", "correct"), "solution", "first_error", (2, 4 - 1)),
        ((), "give_up", "first_error", (0, 2)),
        (("correct", "incorrect"), "found_error", "all", (2, 3)),
    ],
)
def test_gold_counts_the_ratings_that_were_asked_for(
    ratings: tuple[str, ...], finish: str, rate: str, right: tuple[int, int]
) -> None:
    bench = desk(settings={"rate": rate})
    item = expecting(bench, "gold", 2, n1="correct", n2="incorrect", n3="correct")
    outcome = bench.work("ada", *ratings, finish=finish, item=item)
    session = LabelSession.objects.get()
    assert outcome.more["gold"] is None
    assert (session.gold_right, session.gold_known) == right


def test_of_gold_that_names_no_ratings_the_first_error_counts() -> None:
    bench = desk(settings={"feedback": True})
    item = expecting(bench, "gold", 1)
    outcome = bench.work("ada", "incorrect", finish="found_error", item=item)
    assert outcome.more["gold"] == {"right": 1, "known": 1, "ratings": {}, "first_error": bench.nodes[1].pk}
    assert "seen what is right" in bench.act(LabelSession.objects.get(), {"kind": "reopen"})[0].more["message"]


@pytest.mark.parametrize(("second", "passed"), [("incorrect", True), ("correct", False)])
def test_the_last_screening_item_says_who_passed(second: str, passed: bool) -> None:
    bench = desk(settings={"screening": 2, "pass_mark": 0.9})
    first = expecting(bench, "screening", 1, n1="incorrect")
    values: dict[str, Any] = {"queue": bench.queue, "tree": bench.tree, "leaf": bench.nodes[5], "number": 2}
    expected = {"ratings": {str(bench.nodes[4].pk): "incorrect"}, "first_error": bench.nodes[4].pk}
    other = LabelItem.objects.create(
        project=bench.team.project, role="screening", wanted=9, places=9, expected=expected, **values
    )
    bench.work("ada", "incorrect", finish="found_error", item=first)
    assert not QueueMember.objects.filter(passed__isnull=False).exists()
    session = bench.session(item=other)
    finish = "found_error" if second == "incorrect" else "give_up"
    bench.act(session, bench.rate(4, second), {"kind": "submit", "finish": finish})
    assert QueueMember.objects.get().passed is passed
    assert "screening is over" in bench.act(session, {"kind": "reopen"})[0].more["message"]
