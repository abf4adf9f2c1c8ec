"""The desk's front page, the forms of a queue and its items: what each viewer sees, how many messages it takes."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from annotations.desk.queues import assign, create_queue, set_state
from annotations.models import LabelItem, LabelQueue, LabelSession, LabelSlice, Node, QueueMember
from tests.factories import Cast, cast, label_queue, problem, tree
from tests.pages.asking import PART, sign_in, three_ways

pytestmark = pytest.mark.django_db
DESK = "/p/words/desk/"


@pytest.fixture
def team() -> Cast:
    return cast()


@pytest.fixture
def queue(team: Cast) -> LabelQueue:
    tree(team.project, problem(team.project))
    return made(team)


def made(team: Cast, **asked: Any) -> LabelQueue:
    return create_queue(access=team.access(team.bo), **{"name": "First look", "source": {"kind": "trees"}, **asked})


def leased(queue: LabelQueue, user: Any, number: int = 1) -> LabelSession:
    item = queue.items.get(number=number)
    LabelItem.objects.filter(pk=item.pk).update(places=0, takers=1)
    until = timezone.now() + timezone.timedelta(minutes=20)
    return LabelSession.objects.create(project=queue.project, item=item, queue=queue, user=user, lease_until=until)


def test_without_a_queue_the_desk_says_what_to_do(team: Cast) -> None:
    assert "Make a queue" in three_ways(sign_in(team.bo), DESK)
    assert "Nothing is assigned to you" in sign_in(team.ada).get(DESK).text


def test_a_queue_says_what_is_left_for_whom(team: Cast, queue: LabelQueue) -> None:
    leased(queue, team.odo)

    page = three_ways(sign_in(team.ada), DESK)

    assert '<strong class="num">1</strong> left for you' in page
    assert "Solutions, up to the first error; 1 person each" in page
    assert "with others" not in page and "Settings of" not in page
    assert "1</span> with others" in sign_in(team.bo).get(DESK).text


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("paused", "The queue is paused: nothing is handed out."),
        ("labelled", "All 2 items are labelled."),
        ("taken", "The 2 left are taken, the first until"),
        ("mine", "You have labelled all that is left: others do the rest."),
        ("screening", "The screening was not passed"),
    ],
)
def test_nothing_left_says_why(team: Cast, queue: LabelQueue, state: str, words: str) -> None:
    ada, items = team.ada, LabelItem.objects.filter(queue=queue)
    if state == "paused":
        set_state(access=team.access(team.bo), queue_id=queue.pk, state="paused")
    elif state == "labelled":
        items.update(state="agreed", places=0)
    elif state == "taken":
        leased(queue, team.odo, 1), leased(queue, team.bo, 2)
    elif state == "mine":
        for item in items:
            said = {"state": "submitted", "submitted_at": timezone.now()}
            LabelSession.objects.create(project=team.project, item=item, queue=queue, user=ada, **said)
    else:
        QueueMember.objects.create(project=team.project, queue=queue, user=ada, passed=False)

    assert words in sign_in(ada).get(DESK).text


def test_the_list_takes_as_many_messages_for_many_queues_as_for_one(team: Cast, queue: LabelQueue) -> None:
    ada = sign_in(team.ada)
    assert messages(ada, DESK) == (few := messages(ada, DESK))
    for number in range(5):
        made(team, name=f"More {number}")

    assert messages(ada, DESK) == few


def messages(client: Any, url: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert client.get(url).status_code == 200
    return len(asked)


@pytest.mark.parametrize("headers", [{}, PART])
def test_a_queue_is_made_by_its_form(team: Cast, headers: dict[str, str]) -> None:
    tree(team.project, problem(team.project))
    asked = {
        "name": "Doubtful", "mode": "solution", "strategy": "random", "many": "agree", "agree": "3", "most": "5",
        "source": "trees", "outcome": "wrong", "p-rate": "all", "p-reference": "hidden", "p-everyone": "on",
    }  # fmt: skip

    answer = sign_in(team.bo).post(f"{DESK}new/", asked, headers=headers)

    assert answer.status_code in (204, 302)
    queue = LabelQueue.objects.get()
    assert (queue.strategy, queue.overlap, queue.agree, queue.most) == ("random", 3, 3, 5)
    assert (queue.settings["rate"], queue.settings["everyone"], queue.settings["feedback"]) == ("all", True, False)
    assert queue.source == {"kind": "trees", "outcome": "wrong"} and queue.items.count() == 1


@pytest.mark.parametrize("headers", [{}, PART])
def test_a_refusal_stands_beside_its_field_and_the_rest_stays_typed(team: Cast, headers: dict[str, str]) -> None:
    tree(team.project, problem(team.project))
    asked = {"name": "Doubtful", "source": "trees", "overlap": "many", "p-gold_share": "0.1", "p-pass_mark": "0.5"}
    bo = sign_in(team.bo)

    number = bo.post(f"{DESK}new/", asked, headers=headers)
    setting = bo.post(f"{DESK}new/", {**asked, "overlap": "1", "p-gold_share": "2"}, headers=headers)
    source = bo.post(f"{DESK}new/", {**asked, "overlap": "1", "source": "slice"}, headers=headers)

    assert {number.status_code, setting.status_code, source.status_code} == {400}
    assert "Expected a whole number, got &#x27;many&#x27;." in number.text and 'value="Doubtful"' in number.text
    assert "Expected at most 0.5" in setting.text and 'value="2"' in setting.text
    assert not LabelQueue.objects.exists()


def test_what_the_source_holds_is_counted_while_it_is_chosen(team: Cast) -> None:
    tree(team.project, problem(team.project))
    bo = sign_in(team.bo)

    def count(**asked: str) -> str:
        posted = {"act": "count", "source": "trees", "mode": "solution", **asked}
        return str(bo.post(f"{DESK}new/", posted, headers=PART).text)

    assert 'Holds <strong class="num">2</strong> items of 1 tree, 4 steps in all.' in count()
    assert 'Holds <strong class="num">1</strong> item, 4 steps in all.' in count(mode="tree")
    assert "Nothing fits" in count(level="9")
    assert "Choose a slice." in count(source="slice")
    assert not LabelQueue.objects.exists()


def test_a_slice_of_the_review_offers_a_queue_of_it(team: Cast) -> None:
    made_tree = tree(team.project, problem(team.project))
    nodes = list(Node.objects.filter(tree=made_tree, seq__lte=2).values_list("pk", flat=True))
    part = LabelSlice.objects.create(project=team.project, name="Doubtful steps", nodes=nodes)
    bo = sign_in(team.bo)

    assert f"{DESK}new/?slice={part.pk}" in bo.get(f"/p/words/review/?slice={part.pk}").text
    form = three_ways(bo, f"{DESK}new/?slice={part.pk}")
    assert 'value="Doubtful steps"' in form and f'<option value="{part.pk}" selected>' in form
    assert "desk/new" not in sign_in(team.ada).get(f"/p/words/review/?slice={part.pk}").text
    other = LabelSlice.objects.create(project=cast("units").project, name="Theirs", nodes=[])
    assert bo.get(f"{DESK}new/?slice={other.pk}").status_code == 404


def test_settings_are_changed_and_what_must_stay_is_shown_as_it_is(team: Cast, queue: LabelQueue) -> None:
    bo, here = sign_in(team.bo), f"{DESK}{queue.pk}/settings/"
    assert 'name="many" value="agree"' in three_ways(bo, here)
    leased(queue, team.ada)

    page = bo.get(here).text
    assert "People have begun" in page and '<input type="hidden" name="p-rate" value="first_error">' in page
    asked = {"name": "Second look", "many": "overlap", "overlap": "2", "strategy": "order", "p-rate": "first_error"}
    assert bo.post(here, {**asked, "act": "save"}).status_code == 302
    refused = bo.post(here, {**asked, "p-rate": "all"}, headers=PART)

    queue.refresh_from_db()
    assert (queue.name, queue.overlap, queue.settings["everyone"]) == ("Second look", 2, False)
    assert refused.status_code == 400 and "stays as it is" in refused.text


def test_a_queue_is_paused_assigned_and_closed(team: Cast, queue: LabelQueue) -> None:
    bo, here = sign_in(team.bo), f"{DESK}{queue.pk}/settings/"

    bo.post(here, {"act": "assign", "member": [str(team.ada.pk)]})
    assert QueueMember.objects.get(queue=queue).user == team.ada
    assert "is paused" in bo.post(here, {"act": "paused"}, follow=True).text
    assert "Open again" in bo.post(here, {"act": "closed"}, follow=True).text
    assert bo.post(here, {"act": "assign", "member": [str(team.vi.pk)]}).status_code == 400


def test_items_show_who_has_them_and_until_when(team: Cast, queue: LabelQueue) -> None:
    bo, here, session = sign_in(team.bo), f"{DESK}{queue.pk}/items/", leased(queue, team.ada)

    page = three_ways(bo, here)
    assert "Free item 1 from ada" in page and "until <time" in page
    assert "Item 2" not in bo.get(f"{here}?held=yes").text
    freed = bo.post(here, {"free": session.pk}, follow=True)
    assert "The item is free for somebody else." in freed.text and "Free item 1" not in freed.text
    assert bo.post(here, {"free": session.pk}).status_code == 409
    gone = bo.post(here, {"act": "withdraw", "item": [queue.items.get(number=2).pk]}, headers=PART, follow=True)
    assert "1 item withdrawn" in gone.text
    assert "withdrawn (1)" in bo.get(here).text
    assert bo.post(here, {"act": "withdraw"}).status_code == 400


def test_a_page_of_items_takes_few_messages_however_many_there_are(team: Cast, queue: LabelQueue) -> None:
    first, bo = queue.items.get(number=1), sign_in(team.bo)
    url = f"{DESK}{queue.pk}/items/?state=open&role=work&sort=priority"
    messages(bo, url)
    few = messages(bo, url)
    nodes = Node.objects.bulk_create(
        Node(project=team.project, tree_id=first.tree_id, seq=n, text="x", depth=1) for n in range(10, 130)
    )
    LabelItem.objects.bulk_create(
        LabelItem(project=team.project, queue=queue, tree_id=first.tree_id, leaf=node, number=node.seq)
        for node in nodes
    )

    assert messages(bo, url) == few <= 8
    assert "51–100 of 122" in bo.get(f"{url}&page=2").text


def test_a_queue_of_others_or_of_another_project_is_not_there(team: Cast, queue: LabelQueue) -> None:
    other = label_queue(cast("units").project)
    bo, ada = sign_in(team.bo), sign_in(team.ada)

    for page in ("settings", "items"):
        assert bo.get(f"{DESK}{other.pk}/{page}/").status_code == 404
        assert ada.get(f"{DESK}{queue.pk}/{page}/").status_code == 403
    hidden = made(team, name="For Odo", settings={"everyone": False})
    assign(access=team.access(team.bo), queue_id=hidden.pk, users=[team.odo.pk])
    assert "For Odo" not in ada.get(DESK).text
    assert "For Odo" in bo.get(DESK).text
