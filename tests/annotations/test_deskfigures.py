"""The desk's figures, by hand: what counts as a rating, whose it is, how long it took, what aids change."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.core.cache import cache

from annotations.access import Access
from annotations.errors import NotAllowed, NotFound
from annotations.labelling import Judgement, save_label
from annotations.models import Node
from annotations.reviewing.fold import fold
from annotations.selectors.deskfigures import Asked, Figures, figures
from annotations.selectors.desktally import Aids, Sums, Tally, Whose, compared
from annotations.selectors.desktoday import Today, today
from annotations.trust import Share
from tests import factories
from tests.factories import Cast
from tests.progresscast import FIRST, SECOND, item, labelled, submit

pytestmark = pytest.mark.django_db


@pytest.fixture
def team() -> Cast:
    cache.clear()
    return factories.cast()


def seen_by(access: Access, **asked: object) -> Figures:
    return figures(access, Asked(**asked))  # type: ignore[arg-type]


def test_a_step_counts_once_with_all_seconds_that_went_into_it(team: Cast) -> None:
    labelled(team)
    found = seen_by(team.access(team.odo)).sums.by(lambda whose: whose.user)
    ada, bo = found[team.ada.pk], found[team.bo.pk]

    assert (ada.items, ada.ratings, ada.seconds) == (2, 4, 15)
    assert (ada.median, ada.slow) == (3.5, pytest.approx(5.4))
    assert (bo.items, bo.ratings, bo.seconds) == (2, 3, 39)
    assert (bo.median, bo.mean.value if bo.mean else None) == (10, 13)


def test_days_are_those_of_utc_and_gaps_are_shown(team: Cast) -> None:
    labelled(team)
    days = seen_by(team.access(team.bo)).days

    assert [(day.day, day.items, day.ratings) for day in days] == [
        (date(2026, 3, 2), 1, 2),
        (date(2026, 3, 3), 0, 0),
        (date(2026, 3, 4), 3, 5),
    ]


def test_a_queue_says_what_is_done_held_and_left_and_how_fast_it_goes(team: Cast) -> None:
    labelled(team)
    (queue,) = seen_by(team.access(team.odo)).queues

    assert (queue.items, queue.done, queue.left, queue.held) == (4, 2, 3, {team.ada.pk: 1})
    assert queue.due == 4
    assert queue.days_left is None
    assert queue.agree == Share(1, 2)

    work = item(factories.label_queue(team.project, "Fresh"), 9, places=2)
    submit(work, team.bo, datetime.now(UTC), [(1, "correct", "", 2)])
    fresh = seen_by(team.access(team.odo)).queues[1]
    assert (fresh.pace, fresh.days_left) == (1, 2)


def test_categories_are_those_of_the_words_that_stand(team: Cast) -> None:
    labelled(team)
    found = seen_by(team.access(team.odo))

    assert found.categories == [("", 1), ("arithmetic", 1), ("set_up", 1)]
    assert found.finishes == {"found_error": 3, "solution": 1}
    assert found.skips == [("=1+1, no problem", 1)]


def test_ratings_outside_the_desk_count_beside_it(team: Cast) -> None:
    labelled(team)
    node = Node.objects.filter(project=team.project, seq=3)[0]
    for rating in ("correct", "incorrect"):
        save_label(
            access=team.access(team.ada), node_id=node.pk, judgement=Judgement(rating), seen_version=None, key=None
        )
    found = seen_by(team.access(team.odo))

    assert found.elsewhere == {team.ada.pk: 1}
    assert found.sums.all().ratings == 7
    assert seen_by(team.access(team.odo), queue=found.queues[0].id).elsewhere == {}
    outside = seen_by(team.access(team.odo), elsewhere=True)
    assert (outside.sums.all().ratings, outside.elsewhere, outside.shown) == (0, {team.ada.pk: 1}, [])


def test_filters_narrow_to_a_person_and_to_days(team: Cast) -> None:
    labelled(team)
    odo = team.access(team.odo)

    assert seen_by(odo, person=team.bo.pk).sums.all().ratings == 3
    assert seen_by(odo, until=FIRST.date()).sums.all().ratings == 2
    assert seen_by(odo, since=SECOND.date(), person=team.ada.pk).sums.all().ratings == 2
    assert seen_by(odo, since=SECOND.date()).categories == [("", 1), ("set_up", 1)]
    with pytest.raises(NotFound, match="queue"):
        seen_by(odo, queue=999_999)
    with pytest.raises(NotFound, match="nobody"):
        seen_by(odo, person=team.cy.pk)


def test_an_annotator_gets_himself_and_the_queues_that_are_his(team: Cast) -> None:
    labelled(team)
    factories.label_queue(team.project, "For others", settings={"everyone": False})
    known = item(factories.label_queue(team.project, "Gold", settings={"feedback": True}), 7, role="gold")
    submit(known, team.ada, SECOND, [(1, "correct", "", 2)], gold_right=1, gold_known=2)
    hidden = item(factories.label_queue(team.project, "Gold untold"), 8, role="gold")
    submit(hidden, team.ada, SECOND, [(1, "correct", "", 2)], gold_right=0, gold_known=2)
    ada = seen_by(team.access(team.ada))

    assert [queue.name for queue in ada.queues] == ["First look", "Gold", "Gold untold"]
    assert (ada.people, ada.everybody) == ({team.ada.pk: "ada"}, False)
    assert ada.sums.all().ratings == 6
    assert ada.sums.all().gold == Share(1, 2)
    assert ada.queues[0].agree == Share(0, 0)
    assert seen_by(team.access(team.bo)).sums.all().gold == Share(1, 4)
    with pytest.raises(NotFound):
        seen_by(team.access(team.ada), person=team.bo.pk)
    with pytest.raises(NotAllowed):
        seen_by(team.access(team.vi))


def test_anchoring_counts_first_words_by_what_was_shown_before(team: Cast) -> None:
    queue = factories.label_queue(team.project)
    for number, (shown, rating) in enumerate(
        [({"prm": 0.2}, "incorrect"), ({"prm": 0.2}, "correct"), ({"prm": None}, "incorrect"), ({}, "incorrect")]
    ):
        of = item(queue, number)
        node = of.tree.nodes.get(seq=1)
        factories.score(node, 0.3)
        factories.check(node, "supported")
        aids = {"prelabels": "after" if not shown.get("prm") else "always"}
        submit(of, team.ada, SECOND, [(1, rating, "", 2), (1, "correct", "", 1)], aids=aids, shown=shown)
    fold(team.project.pk)

    assert seen_by(team.access(team.odo)).anchors == [
        ("prm", True, Share(1, 2)),
        ("prm", False, Share(2, 2)),
        ("tool", False, Share(1, 4)),
    ]


def test_today_is_one_question(team: Cast, django_assert_num_queries: pytest.FixtureRequest) -> None:
    queue = labelled(team)
    submit(item(queue, 5), team.ada, datetime.now(UTC), [(1, "correct", "", 3), (2, "correct", "", 4)])
    ada, bo = team.access(team.ada), team.access(team.bo)
    assert today(ada, queue.pk) == Today(1, 2, 3.5)

    with django_assert_num_queries(1):  # type: ignore[operator]
        assert today(bo, queue.pk) == Today(0, 0, None)


def work_of(users: int, arms: tuple[bool, ...] = (True, False)) -> Sums:
    """Each person has eight parts of 100 ratings with aids (7 to 9 s) and without (11 or 12 s), 9 of 10 known right."""
    found = {}
    for user in range(users):
        for aided in arms:
            spent = 7 + user % 3 if aided else 11 + user % 2
            tally = Tally(items=80)
            for part in range(8):
                tally.blocks[user, part] = [100.0 * spent, 100.0]
                tally.known[user, part] = [9.0, 10.0]
            found[Whose(user, 1, Aids("key" if aided else "hidden", aided=aided))] = tally
    return Sums(found)


def test_aids_are_compared_by_people_where_there_are_enough() -> None:
    six = compared(work_of(6))
    assert six is not None
    assert (six.people, six.by_people) == (6, True)
    assert six.seconds is not None
    assert six.seconds.value == pytest.approx(8 - 11.5)
    assert six.seconds.low < -3.5 < six.seconds.high < 0
    assert six.accuracy is not None
    assert (six.accuracy.value, six.accuracy.low, six.accuracy.high) == pytest.approx((0, 0, 0))

    two = compared(work_of(2))
    assert two is not None
    assert (two.people, two.by_people) == (2, False)
    assert compared(work_of(6, (True,))) is None
