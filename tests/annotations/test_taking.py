"""Which item a person gets, whose it is meanwhile, where it goes when he leaves it, and why there is none."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from annotations.desk.leasing import sweep
from annotations.desk.taking import Taken, give_back, renew, skip, take
from annotations.errors import BadInput, Conflict, NotAllowed, NotFound
from annotations.models import LabelItem, LabelQueue, LabelSession, QueueMember, SessionEvent, User
from tests.annotations.takecast import add, given, labelled, queue_of, refused, submit
from tests.factories import Cast, cast, label_queue

pytestmark = pytest.mark.django_db


@pytest.fixture
def team() -> Cast:
    return cast()


def counts(number: int, queue: LabelQueue) -> tuple[int, int]:
    item = LabelItem.objects.get(queue=queue, number=number)
    return item.places, item.takers


def told(session: LabelSession) -> list[str]:
    return list(SessionEvent.objects.filter(session=session).order_by("id").values_list("kind", flat=True))


def let_lie(session: LabelSession) -> None:
    LabelSession.objects.filter(pk=session.pk).update(lease_until=timezone.now() - timedelta(minutes=1))


def test_an_item_is_leased_counted_and_noted(team: Cast) -> None:
    queue = queue_of(team.project, 3, settings={"lease_minutes": 5, "evidence": "key"})

    session = given(team, team.ada, queue)

    assert (session.item.number, session.queue.name, session.state) == (1, queue.name, "leased")
    assert session.aids == {"reference": "key", "evidence": "key", "prelabels": "hidden"}
    assert timedelta(minutes=4) < session.lease_until - timezone.now() < timedelta(minutes=6)
    assert (session.item.places, session.item.takers) == counts(1, queue) == (0, 1)
    assert QueueMember.objects.get(queue=queue, user=team.ada).taken == 1
    assert told(session) == ["taken"]


def test_one_message_takes_an_item(team: Cast, django_assert_num_queries: object) -> None:
    queue, access = queue_of(team.project, 3), team.access(team.ada)
    first = given(team, team.ada, queue)

    with django_assert_num_queries(1):  # type: ignore[operator]
        take(access=access, queue_id=queue.pk, have=[first.pk])


def test_what_the_page_does_not_hold_is_resumed_before_something_new(team: Cast) -> None:
    queue = queue_of(team.project, 3)
    first = given(team, team.ada, queue)
    ahead = given(team, team.ada, queue, first.pk)

    assert ahead.item.number == 2
    assert given(team, team.ada, queue, ahead.pk) == first
    assert given(team, team.ada, queue) == first
    assert given(team, team.ada, queue, first.pk, ahead.pk).item.number == 3
    assert QueueMember.objects.get(queue=queue, user=team.ada).taken == 3
    assert told(first) == ["taken"]


def test_half_done_items_go_before_fresh_ones_and_nobody_gets_one_twice(team: Cast) -> None:
    queue = queue_of(team.project, 4, overlap=2)

    assert labelled(team, team.ada, queue, 2) == [1, 2]
    assert labelled(team, team.bo, queue, 3) == [1, 2, 3]
    assert labelled(team, team.ada, queue, 2) == [3, 4]
    assert (
        refused(team, team.ada, queue).reason == "You have labelled all that you can: 1 item waits for somebody else."
    )


def test_priority_decides_then_the_number(team: Cast) -> None:
    queue = queue_of(team.project, 4)
    LabelItem.objects.filter(queue=queue, number__in=(3, 4)).update(priority=0.5)

    assert labelled(team, team.ada, queue, 4) == [3, 4, 1, 2]


def test_returned_and_skipped_items_go_to_others_at_once_and_to_oneself_at_the_end(team: Cast) -> None:
    queue = queue_of(team.project, 4)
    ada = team.access(team.ada)
    skipped, returned = given(team, team.ada, queue), None
    skip(ada, skipped.pk, " It is in French. ")
    returned = given(team, team.ada, queue)
    assert give_back(ada, [returned.pk, skipped.pk]) == [returned.pk]

    assert counts(1, queue) == counts(2, queue) == (1, 0)
    assert labelled(team, team.ada, queue, 1) == [3]
    assert labelled(team, team.bo, queue, 1) == [1]
    assert labelled(team, team.ada, queue, 1) == [4]
    again = given(team, team.ada, queue)

    assert (again.pk, again.reason, QueueMember.objects.get(user=team.ada).taken) == (returned.pk, "", 4)
    assert told(returned) == ["taken", "returned", "taken"]
    assert told(skipped) == ["taken", "skipped"]
    assert SessionEvent.objects.get(session=skipped, kind="skipped").data == {"reason": "It is in French."}


def test_skipped_items_come_after_returned_ones(team: Cast) -> None:
    queue, ada = queue_of(team.project, 2), team.access(team.ada)
    skip(ada, given(team, team.ada, queue).pk, "Later.")
    give_back(ada, [given(team, team.ada, queue).pk])

    assert labelled(team, team.ada, queue, 2) == [2, 1]


def test_an_item_that_is_asked_for_comes_while_it_has_a_place_and_is_ones_own(team: Cast) -> None:
    queue, ada = queue_of(team.project, 4), team.access(team.ada)
    first = given(team, team.ada, queue)
    second = given(team, team.ada, queue, first.pk)
    skip(ada, first.pk, "Later.")

    assert wanted(team, team.ada, queue, second) == (2, "leased")
    assert wanted(team, team.ada, queue, first) == (1, "leased")
    assert SessionEvent.objects.filter(session=first).order_by("-id")[0].data == {"again": True}
    assert wanted(team, team.bo, queue, first) == (3, "leased")
    skip(ada, first.pk, "No.")
    assert labelled(team, team.bo, queue, 2) == [3, 1]
    assert wanted(team, team.ada, queue, first) == (2, "leased")


def test_a_known_item_that_was_given_back_can_be_asked_for(team: Cast) -> None:
    queue = queue_of(team.project, 2)
    session = given(team, team.ada, queue)
    LabelItem.objects.filter(pk=session.item_id).update(role="gold")
    give_back(team.access(team.ada), [session.pk])

    assert wanted(team, team.ada, queue, session) == (1, "leased")


def wanted(team: Cast, user: User, queue: LabelQueue, session: LabelSession) -> tuple[int, str]:
    """Return number and state of what comes when a session's item is asked for."""
    found = take(access=team.access(user), queue_id=queue.pk, want=session.pk)
    assert isinstance(found, Taken)
    return found.session.item.number, found.session.state


def test_a_skip_needs_a_reason_and_an_open_item_of_ones_own(team: Cast) -> None:
    queue = queue_of(team.project, 2)
    ada, session = team.access(team.ada), given(team, team.ada, queue)

    for reason in ("", "  ", "x" * 501, "a\x00"):
        with pytest.raises(BadInput, match="1 to 500 characters"):
            skip(ada, session.pk, reason)
    with pytest.raises(NotFound):
        skip(team.access(team.bo), session.pk, "Not mine.")
    submit(session)
    with pytest.raises(Conflict, match="it is submitted"):
        skip(ada, session.pk, "Too late.")


def test_a_lease_without_a_sign_of_life_goes_to_the_next_who_asks(team: Cast) -> None:
    queue = queue_of(team.project, 1)
    left = given(team, team.ada, queue)
    with_her = refused(team, team.bo, queue)
    assert (with_her.reason, with_her.until) == ("1 item that is left is with others.", left.lease_until)

    let_lie(left)

    assert given(team, team.bo, queue).item == left.item
    assert told(left) == ["taken", "expired"]
    assert SessionEvent.objects.get(session=left, kind="expired").user is None
    assert counts(1, queue) == (0, 1)
    assert renew(team.access(team.ada), [left.pk]) == {}


def test_idle_workers_sweep_and_whoever_comes_back_first_has_the_item(team: Cast) -> None:
    queue = queue_of(team.project, 2)
    mine, other = given(team, team.ada, queue), given(team, team.bo, queue)
    let_lie(mine)

    assert (sweep(), sweep()) == (1, 0)
    assert LabelSession.objects.get(pk=mine.pk).state == "expired"
    assert list(renew(team.access(team.ada), [mine.pk, other.pk])) == [mine.pk]
    assert refused(team, team.bo, queue, other.pk).reason == ("1 item that is left is with others.")
    assert told(mine) == ["taken", "expired", "taken"]


def test_a_sign_of_life_moves_the_lease(team: Cast) -> None:
    queue = queue_of(team.project, 1)
    session = given(team, team.ada, queue)
    near = timezone.now() + timedelta(minutes=1)
    LabelSession.objects.filter(pk=session.pk).update(lease_until=near)

    until = renew(team.access(team.ada), [session.pk])[session.pk]

    assert until > near + timedelta(minutes=18)
    assert renew(team.access(team.ada), [session.pk]) == {session.pk: until}
    assert told(session) == ["taken"]


def test_gold_items_are_mixed_in_by_their_share_at_places_that_differ_by_person(team: Cast) -> None:
    queue = queue_of(team.project, 20, settings={"gold_share": 0.25}, seed=7, overlap=3)
    gold = {item.number for item in add(queue, 6, role="gold")}
    places = {}
    for user in (team.ada, team.bo, team.odo):
        numbers = labelled(team, user, queue, 20)
        places[user] = [at for at, number in enumerate(numbers) if number in gold]
        assert len(set(numbers)) == 20
        assert [at // 4 for at in places[user]] == list(range(5))

    assert len({tuple(each) for each in places.values()}) == 3


def test_screening_comes_first_and_who_does_not_pass_gets_no_work(team: Cast) -> None:
    queue = queue_of(team.project, 5, settings={"screening": 2})
    add(queue, 3, role="screening")
    assert labelled(team, team.ada, queue, 1) == [6]
    last = given(team, team.ada, queue)
    assert last.item.number == 7
    assert refused(team, team.ada, queue, last.pk).reason.startswith("You have all 2 items of the screening")
    submit(last)

    QueueMember.objects.filter(queue=queue).update(passed=False)
    LabelSession.objects.filter(queue=queue).update(gold_right=3, gold_known=5)
    assert "6 of 10 ratings were right, 80% are needed" in refused(team, team.ada, queue).reason
    QueueMember.objects.filter(queue=queue).update(passed=True)
    assert labelled(team, team.ada, queue, 1) == [1]


def test_aids_differ_from_item_to_item_where_they_are_compared(team: Cast) -> None:
    queue = queue_of(team.project, 16, settings={"compare_aids": True, "reference": "always"}, overlap=2)
    aided = {}
    for user in (team.ada, team.bo):
        for _ in range(16):
            session = given(team, user, queue)
            submit(session)
            aided[user, session.item_id] = session.aids["aided"]
            shown = ("always", "always") if session.aids["aided"] else ("hidden", "hidden")
            assert (session.aids["reference"], session.aids["evidence"]) == shown

    assert 8 <= sum(aided.values()) <= 24


def test_nobody_holds_more_than_five(team: Cast) -> None:
    queue = queue_of(team.project, 9)
    have: list[int] = []
    for _ in range(5):
        have.append(given(team, team.ada, queue, *have).pk)

    assert refused(team, team.ada, queue, *have).reason.startswith("You hold 5 items, as many as one may")


def test_nothing_says_why(team: Cast) -> None:
    queue, bo = queue_of(team.project, 1, settings={"everyone": False}), team.bo
    assert refused(team, bo, queue).reason == "This queue is not assigned to you."
    QueueMember.objects.create(project=team.project, queue=queue, user=bo, assigned=True)
    session = given(team, bo, queue)
    assert refused(team, bo, queue, session.pk).reason == "You have the last of this queue in hand."
    submit(session)
    assert refused(team, bo, queue).reason == "All items of this queue are labelled (1)."
    for state in ("paused", "closed"):
        LabelQueue.objects.filter(pk=queue.pk).update(state=state)
        assert refused(team, bo, queue).reason == f"This queue is {state}: nothing is handed out."
    assert refused(team, bo, label_queue(team.project)).reason == "This queue has no items."


def test_only_who_may_label_takes_and_only_from_queues_of_the_project(team: Cast) -> None:
    queue = queue_of(cast("elsewhere").project, 1)

    with pytest.raises(NotAllowed):
        take(access=team.access(team.vi), queue_id=queue.pk)
    with pytest.raises(NotFound):
        take(access=team.access(team.ada), queue_id=queue.pk)
