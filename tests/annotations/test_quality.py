"""Quality: what people said in sessions that they submitted, against gold and against one another, by hand."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from annotations.desk import gold, measuring
from annotations.desk.measuring import Quality
from annotations.errors import NotAllowed
from annotations.models import LabelQueue, LabelSession, Node, User
from annotations.selectors.quality import ALL, KNOWN, Asked, cell_steps, said
from inference.agreement import OutcomeKind
from tests.factories import Cast, cast, label_queue
from tests.qualitycast import annotator, label_all, paths, say, submitted

pytestmark = pytest.mark.django_db


@pytest.fixture
def team() -> Cast:
    return cast()


@pytest.fixture
def queue(team: Cast) -> LabelQueue:
    return label_queue(team.project, overlap=2)


@pytest.fixture
def zoe(team: Cast) -> User:
    return annotator(team.project, "zoe")


def measured(team: Cast, items: str = "work", **asked: object) -> Quality:
    wish = Asked(items=items, **asked)  # type: ignore[arg-type]
    return Quality(said(team.access(team.bo), wish), items)


def test_agreement_by_hand(team: Cast, queue: LabelQueue, zoe: User) -> None:
    # Steps that both rated: (c,c) (c,c) (c,c) | (c,c) (i,c) | (c,c) (n,c) (c,c): 8, of which 6 equal.
    label_all(paths(team.project, queue, 3), [team.ada, zoe], [["ccc", "ci", "cnc"], ["ccc", "ccc", "ccc"]])

    found = measured(team)
    agreement = found.agreement(3, 5)

    assert (agreement.equal.value, agreement.equal.units) == (pytest.approx(6 / 8), 8)
    # Alpha: 16 words, 14 correct, 1 neutral, 1 incorrect. Do = 4/16; De = (256 - 198) / (16 * 15).
    assert agreement.steps.value == pytest.approx(1 - (4 / 16) / ((256 - 14**2 - 1 - 1) / (16 * 15)))
    # Zoe only ever says correct, so agreement by chance is what they have: 6/8.
    [pair] = found.pairs()
    assert pair.kappa.value == pytest.approx(0)
    assert found.confusion(team.ada.pk, zoe.pk) == [[6, 0, 0], [1, 0, 0], [1, 0, 0]]
    # First errors: (0, 0), (2, 0), (0, 0).
    assert (agreement.unanimous.value, agreement.unanimous.units) == (pytest.approx(2 / 3), 3)
    assert agreement.outcomes == {(OutcomeKind.OPEN, 2): 3}


def test_only_the_newest_word_in_submitted_sessions_counts(team: Cast, queue: LabelQueue, zoe: User) -> None:
    one, other = paths(team.project, queue, 2)
    first, second, third = Node.objects.filter(tree=one.tree).order_by("seq")
    session = submitted(one, team.ada, "iii")
    say(session, {first: "correct", second: "correct"}, seconds=2)
    say(session, {third: None})
    # What is said elsewhere, where others' labels are seen, and what is not submitted.
    say(None, {first: "neutral"}, author=team.ada, voter=f"u{team.ada.pk}")
    open_still = submitted(other, team.ada, "iii")
    LabelSession.objects.filter(pk=open_still.pk).update(state="leased")

    found = measured(team)

    assert sorted(found.words.code.tolist()) == [0, 0]
    # 6 s for the first word on a step and 2 s for the next.
    assert found.persons()[0].seconds == pytest.approx(8)


def test_first_errors_of_bad_problems_and_of_trees_are_not_compared(team: Cast, queue: LabelQueue, zoe: User) -> None:
    item, bad = paths(team.project, queue, 2)
    for user in (team.ada, zoe):
        submitted(item, user, "ccc")
        given_up = submitted(bad, user, "c")
        LabelSession.objects.filter(pk=given_up.pk).update(finish="bad_problem")

    assert measured(team).agreement(3, 5).unanimous.units == 1


def test_accuracy_on_gold_is_by_item_and_by_rating(team: Cast, queue: LabelQueue, zoe: User) -> None:
    items = paths(team.project, queue, 3)
    for item in items[:2]:
        say(None, dict.fromkeys(Node.objects.filter(tree=item.tree), "correct"), source="planted", voter="plant")
    gold.mark(access=team.access(team.bo), queue_id=queue.pk, role="gold", source="labels", items=[i.pk for i in items])
    for item, words in zip(items, ("ccc", "ci", "cci"), strict=True):
        item.refresh_from_db()
        submitted(item, team.ada, words, scored=item.role == "gold")
        submitted(item, zoe, "ccc", scored=item.role == "gold")

    ada, other = measured(team).persons()

    assert (ada.name, ada.items, ada.ratings) == ("ada", 3, 8)
    assert (ada.gold_items.hits, ada.gold_items.of) == (1, 2)
    assert (ada.gold_ratings.hits, ada.gold_ratings.of) == (4, 5)
    assert (other.gold_items.hits, other.gold_items.of) == (2, 2)
    # Agreement on work leaves the gold items out.
    assert [measured(team, items).agreement(3, 5).unanimous.units for items in ("work", KNOWN, ALL)] == [1, 2, 3]


def test_until_three_agree_counts_people_in_the_order_in_which_they_submitted(team: Cast, queue: LabelQueue) -> None:
    people = [annotator(team.project, f"p{n}") for n in range(5)]
    words = [["ccc", "ccc", "ccc", "i"], ["ccc", "ci", "ci", "ci"], ["ccc", "ccc", "cci", "cci"],
             ["", "ccc", "i", "ccc"], ["", "", "i", ""]]  # fmt: skip
    label_all(paths(team.project, queue, 4), people, words)

    outcomes = measured(team).agreement(3, 5).outcomes

    assert outcomes == {
        (OutcomeKind.AGREED, 3): 1, (OutcomeKind.AGREED, 4): 1, (OutcomeKind.DROPPED, 5): 1, (OutcomeKind.OPEN, 4): 1,
    }  # fmt: skip


def test_drift_goes_by_week_or_by_so_many_items(team: Cast, queue: LabelQueue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measuring, "ITEMS_A_STRETCH", 10)
    for number, item in enumerate(paths(team.project, queue, 12, steps=1)):
        submitted(item, team.ada, "c", at=number * 16, seconds=10 if number < 10 else 4)

    found = measured(team)
    weeks = found.drift(team.ada.pk, "week")
    parts = found.drift(None, "items")

    # The first item is of Monday 2 March, 9:00; the eleventh comes 160 hours later, on Monday.
    assert [(each.name, each.items) for each in weeks] == [("2026-03-02", 10), ("2026-03-09", 2)]
    assert [(each.name, each.items, each.seconds) for each in parts] == [("1 to 10", 10, 10), ("11 to 12", 2, 4)]


def test_filters_and_cells(team: Cast, queue: LabelQueue, zoe: User) -> None:
    items = paths(team.project, queue, 2)
    label_all(items, [team.ada, zoe, team.bo], [["ccc", "ci"], ["cic", "ccc"], ["ccc", ""]])
    other = label_queue(team.project, "Other")
    bo = team.access(team.bo)

    assert measured(team, people=(team.ada.pk, zoe.pk)).names == {team.ada.pk: "ada", zoe.pk: "zoe"}
    assert measured(team, queue=other.pk).sessions == []
    assert len(measured(team, since=date(2026, 3, 2), until=date(2026, 3, 2)).sessions) == 5
    assert measured(team, since=date(2026, 3, 3)).sessions == []
    [step] = cell_steps(bo, Asked(), (team.ada.pk, zoe.pk), ("incorrect", "correct"), 1)
    assert (step.item, step.depth) == (2, 2)
    assert cell_steps(bo, Asked(queue=other.pk), (team.ada.pk, zoe.pk), ("incorrect", "correct"), 1) == []


def test_who_may_see_it_and_what_it_asks(team: Cast, queue: LabelQueue, zoe: User) -> None:
    label_all(paths(team.project, queue, 3), [team.ada, zoe], [["ccc", "ci", "cnc"], ["ccc", "ccc", "ccc"]])
    stranger = cast("elsewhere")
    for user in (team.ada, team.vi):
        with pytest.raises(NotAllowed):
            said(team.access(user), Asked())
    assert said(stranger.access(stranger.bo), Asked()).sessions == []

    bo = team.access(team.bo)
    with CaptureQueriesContext(connection) as asked:
        found = Quality(said(bo, Asked()))
        found.agreement(3, 5), found.persons(), found.pairs()
    assert len(asked) == 1
