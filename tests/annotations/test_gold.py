"""Items with known labels: where the labels come from, who is scored, what taking the mark off leaves."""

from __future__ import annotations

import pytest

from annotations.desk import gold
from annotations.desk.submitting import submit
from annotations.desk.taking import Taken, take
from annotations.errors import BadInput, NotAllowed, NotFound
from annotations.models import AuditEvent, LabelItem, LabelQueue, LabelSession, Node, QueueMember, SessionEvent
from annotations.selectors.known import candidates, known_items
from tests.factories import Cast, cast, label_queue
from tests.qualitycast import annotator, paths, say, submitted

pytestmark = pytest.mark.django_db


@pytest.fixture
def team() -> Cast:
    return cast()


@pytest.fixture
def queue(team: Cast) -> LabelQueue:
    return label_queue(team.project, overlap=2)


def mark(team: Cast, queue: LabelQueue, source: str, **more: object) -> int:
    values = {"role": "gold", **more}
    return gold.mark(access=team.access(team.bo), queue_id=queue.pk, source=source, **values)  # type: ignore[arg-type]


def steps(item: LabelItem) -> list[Node]:
    return list(Node.objects.filter(tree=item.tree).order_by("seq"))


def test_a_reviewers_own_session_says_what_is_right(team: Cast, queue: LabelQueue) -> None:
    mine, hers = paths(team.project, queue, 2)
    submitted(mine, team.bo, "ci")
    submitted(hers, team.ada, "ccc")

    assert mark(team, queue, "session") == 1

    mine.refresh_from_db()
    one, two, _ = steps(mine)
    assert mine.expected["ratings"] == {str(one.pk): "correct", str(two.pk): "incorrect"}
    assert mine.expected["first_error"] == two.pk
    assert (mine.role, mine.state, mine.wanted, mine.places) == ("gold", "open", 30_000, 29_999)
    # He who said it is not scored by it.
    assert LabelSession.objects.get(item=mine).gold_known is None
    assert AuditEvent.objects.get(action="items marked").data["items"] == 1


def test_agreed_items_are_those_that_two_or_more_ended_alike(team: Cast, queue: LabelQueue) -> None:
    zoe = annotator(team.project, "zoe")
    alike, apart, alone = paths(team.project, queue, 3)
    for item, words in ((alike, "ccc"), (apart, "ccc"), (alone, "ccc")):
        submitted(item, team.ada, words)
    submitted(alike, zoe, "cnc")
    submitted(apart, zoe, "ci")

    found = candidates(team.access(team.bo), queue, gold.KnownFrom.AGREED)

    # A step of which they say different things is not known, so the path is not; nor is what one person said.
    assert found == []
    for item in (alone,):
        submitted(item, zoe, "ccc")
    assert [each.number for each in candidates(team.access(team.bo), queue, gold.KnownFrom.AGREED)] == [3]
    assert mark(team, queue, "agreed") == 1


def test_labels_of_a_corpus_must_reach_the_first_error(team: Cast, queue: LabelQueue) -> None:
    known, gap, doubted = paths(team.project, queue, 3)
    for item, ratings in ((known, ["correct", "incorrect"]), (gap, [None, "incorrect"])):
        say(None, dict(zip(steps(item), ratings, strict=False)), source="import", voter="corpus")
    say(None, {steps(doubted)[0]: "incorrect"}, source="planted", voter="plant")
    say(None, {steps(doubted)[0]: "correct"}, source="import", voter="corpus")

    [found] = candidates(team.access(team.bo), queue, gold.KnownFrom.LABELS)

    assert (found.number, found.first_error, found.ratings) == (1, 2, 2)


def test_a_decision_can_be_gold_and_stays_a_decision(team: Cast, queue: LabelQueue) -> None:
    [item] = paths(team.project, queue, 1)
    submitted(item, team.ada, "ccc")
    say(None, dict.fromkeys(steps(item), "correct"), source="decision", voter="decision", author=team.bo)
    LabelItem.objects.filter(pk=item.pk).update(state="decided")

    assert mark(team, queue, "decision", role="screening", items=[item.pk]) == 1
    gold.unmark(access=team.access(team.bo), queue_id=queue.pk, items=[item.pk])

    item.refresh_from_db()
    assert (item.role, item.state, item.expected) == ("work", "decided", None)


def test_what_is_not_gold_any_more_scores_nobody_and_is_work_again(team: Cast, queue: LabelQueue) -> None:
    begun, fresh = paths(team.project, queue, 2)
    for item in (begun, fresh):
        say(None, dict.fromkeys(steps(item), "correct"), source="planted", voter="plant")
    assert mark(team, queue, "labels") == 2
    begun.refresh_from_db()
    submitted(begun, team.ada, "ccc", scored=True)
    submitted(begun, annotator(team.project, "zoe"), "ccc", scored=True)

    assert gold.unmark(access=team.access(team.bo), queue_id=queue.pk, items=[begun.pk, fresh.pk]) == 2

    begun.refresh_from_db()
    fresh.refresh_from_db()
    assert [session.gold_known for session in begun.sessions.all()] == [None, None]
    assert (begun.state, begun.places) == ("agreed", 0)
    assert (fresh.state, fresh.wanted, fresh.places) == ("open", 2, 2)


def test_gold_that_was_wrong_is_changed_and_everybody_scored_again(team: Cast, queue: LabelQueue) -> None:
    [item] = paths(team.project, queue, 1)
    say(None, dict.fromkeys(steps(item), "correct"), source="import", voter="corpus")
    mark(team, queue, "labels")
    item.refresh_from_db()
    right = submitted(item, team.ada, "cci", scored=True)
    assert (right.gold_right, right.gold_known) == (2, 3)
    submitted(item, team.bo, "cci")

    done = gold.expect_anew(access=team.access(team.bo), queue_id=queue.pk, source="session", items=[item.pk])

    right.refresh_from_db()
    assert (done, right.gold_right, right.gold_known) == (1, 3, 3)


def test_what_most_people_fail_is_shown_first(team: Cast, queue: LabelQueue) -> None:
    good, bad = paths(team.project, queue, 2)
    for item in (good, bad):
        say(None, dict.fromkeys(steps(item), "correct"), source="import", voter="corpus")
    mark(team, queue, "labels")
    for name in ("u", "v", "w"):
        user = annotator(team.project, name)
        for item, words in ((good, "ccc"), (bad, "ci")):
            item.refresh_from_db()
            submitted(item, user, words, scored=True)

    items, _ = known_items(team.access(team.bo), queue)

    assert [(each.number, each.right.hits, each.right.of, each.suspect) for each in items] == [
        (2, 0, 3, True),
        (1, 3, 3, False),
    ]
    assert (items[0].right_ratings.hits, items[0].right_ratings.of) == (3, 6)


def test_a_reviewer_lets_somebody_pass_or_asks_again(team: Cast, queue: LabelQueue) -> None:
    [item] = paths(team.project, queue, 1)
    say(None, dict.fromkeys(steps(item), "correct"), source="import", voter="corpus")
    mark(team, queue, "labels", role="screening")
    item.refresh_from_db()
    session = submitted(item, team.ada, "ci", scored=True)
    QueueMember.objects.create(project=team.project, queue=queue, user=team.ada, passed=False)
    bo = team.access(team.bo)

    gold.let_pass(access=bo, queue_id=queue.pk, user_id=team.ada.pk)
    _, [ada] = known_items(bo, queue)
    assert (ada.passed, ada.passed_by, ada.done, ada.right.hits, ada.right.of) == (True, "bo", 1, 1, 2)
    assert gold.ask_again(access=bo, queue_id=queue.pk, user_id=team.ada.pk) == 1

    session.refresh_from_db()
    assert (session.state, session.gold_known) == ("returned", None)
    assert SessionEvent.objects.get(session=session).data["right"] == 1
    _, [ada] = known_items(bo, queue)
    assert (ada.passed, ada.passed_by, ada.done) == (None, "", 0)
    assert set(AuditEvent.objects.values_list("action", flat=True)) >= {"screening passed", "screening asked again"}


def test_who_may_mark_and_what_is_refused(team: Cast, queue: LabelQueue) -> None:
    other = label_queue(cast("elsewhere").project)
    with pytest.raises(NotAllowed):
        gold.mark(access=team.access(team.ada), queue_id=queue.pk, role="gold", source="labels")
    with pytest.raises(NotAllowed):
        gold.let_pass(access=team.access(team.ada), queue_id=queue.pk, user_id=team.ada.pk)
    with pytest.raises(NotFound):
        mark(team, other, "labels")
    with pytest.raises(BadInput, match="no source"):
        mark(team, queue, "hearsay")
    with pytest.raises(BadInput, match="no role"):
        mark(team, queue, "labels", role="work")
    with pytest.raises(NotFound):
        gold.let_pass(access=team.access(team.bo), queue_id=queue.pk, user_id=team.cy.pk)


def test_whoever_takes_gold_is_scored_when_he_submits_it(team: Cast, queue: LabelQueue) -> None:
    """Marking meets taking and submitting; asking again hands the same screening item out once more."""
    [item] = paths(team.project, queue, 1)
    first, second, _ = steps(item)
    say(None, {first: "correct", second: "incorrect"}, source="planted", voter="plant")
    LabelQueue.objects.filter(pk=queue.pk).update(settings={"screening": 1, "pass_mark": 0.8})
    mark(team, queue, "labels", role="screening")
    ada = team.access(team.ada)

    for ratings, passed in ((("correct", "correct", "incorrect"), False), (("correct", "incorrect", None), True)):
        taken = take(access=ada, queue_id=queue.pk)
        assert isinstance(taken, Taken)
        assert taken.session.item_id == item.pk
        say(taken.session, dict(zip(steps(item), ratings, strict=True)))
        submit(access=ada, session_id=taken.session.pk, finish="found_error")
        member = QueueMember.objects.get(queue=queue, user=team.ada)
        assert member.passed is passed
        if not passed:
            gold.ask_again(access=team.access(team.bo), queue_id=queue.pk, user_id=team.ada.pk)

    [known], [person] = known_items(team.access(team.bo), queue)
    assert (known.right.hits, known.right.of, person.done, person.passed) == (1, 1, 1, True)
    item.refresh_from_db()
    assert (item.takers, item.places) == (1, 29_999)
