"""The quality page and that of gold and screening: tables, links, files, questions before what cannot be taken back."""

from __future__ import annotations

import csv
import io
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from annotations.models import LabelItem, LabelQueue, LabelSession, Node, QueueMember
from annotations.pages.qualityfiles import FILES
from tests.factories import Cast, cast, label_queue
from tests.pages.asking import sign_in, three_ways
from tests.qualitycast import annotator, label_all, paths, say

pytestmark = pytest.mark.django_db
QUALITY, GOLD = "/p/words/desk/quality/", "/p/words/desk/quality/gold/"


@pytest.fixture
def team() -> Cast:
    return cast()


@pytest.fixture
def queue(team: Cast) -> LabelQueue:
    """Three items: on the first Ada and Zoe agree, on the second Ada sees an error, the third Zoe left out."""
    made = label_queue(team.project, overlap=2)
    zoe = annotator(team.project, "=zoe")
    label_all(paths(team.project, made, 3), [team.ada, zoe], [["ccc", "ci", "cnc"], ["ccc", "ccc", ""]])
    return made


@pytest.fixture
def bo(team: Cast) -> Client:
    return sign_in(team.bo)


def plant(queue: LabelQueue, number: int) -> LabelItem:
    item = LabelItem.objects.get(queue=queue, number=number)
    say(None, dict.fromkeys(Node.objects.filter(tree=item.tree), "correct"), source="planted", voter="plant")
    return item


def test_the_page_says_first_what_a_reviewer_would_say(bo: Client, queue: LabelQueue) -> None:
    page = three_ways(bo, QUALITY)

    assert "2 people labelled 3 items with 14 ratings." in page
    assert "Where two rated the same step they agree 80 % of the time" in page
    assert "on the first error they agree in 50 % of the items" in page


def test_a_cell_opens_its_steps(bo: Client, queue: LabelQueue, team: Cast) -> None:
    page = bo.get(QUALITY).text
    [cell] = [url for url in re.findall(r'href="([^"]+)"', page) if "cell=correct.incorrect" in url]

    opened = bo.get(cell.replace("&amp;", "&")).text

    assert "=zoe says correct, ada says incorrect" in opened
    assert "Step 2 of problem 2" in opened
    assert f"/p/words/trees/{LabelItem.objects.get(number=2).tree_id}/?node=2" in opened


def test_filters_are_in_the_address_and_what_is_unknown_is_not_given(bo: Client, queue: LabelQueue, team: Cast) -> None:
    alone = bo.get(QUALITY, {"who": team.ada.pk, "queue": queue.pk}).text
    nobody = bo.get(QUALITY, {"since": "2030-01-01"}).text
    odd = bo.get(QUALITY, {"who": "x", "pair": "1", "cell": "so.what", "since": "soon", "page": "-1", "queue": "all"})

    assert "One person labelled 3 items" in alone
    assert "Nothing fits these filters" in nobody
    assert (odd.status_code, "2 people" in odd.text) == (200, True)


def test_each_table_is_a_file(bo: Client, queue: LabelQueue) -> None:
    for name in FILES:
        answer = bo.get(QUALITY, {"csv": name})
        rows = list(csv.reader(io.StringIO(answer.text)))
        assert answer["Content-Disposition"] == f'attachment; filename="words-{name}.csv"'
        assert len(rows) > 1
        assert {len(row) for row in rows} == {len(rows[0])}
    people = bo.get(QUALITY, {"csv": "people"}).text
    # A name that begins like a formula does not become one.
    assert "'=zoe,2,6" in people
    assert bo.get(QUALITY, {"csv": "secrets"}).status_code == 404


def test_it_asks_little_whatever_it_shows(bo: Client, queue: LabelQueue, team: Cast) -> None:
    for url, most in ((QUALITY, 5), (f"{QUALITY}?cell=correct.incorrect&person={team.ada.pk}", 6), (GOLD, 5)):
        bo.get(url)
        with CaptureQueriesContext(connection) as asked:
            bo.get(url)
        assert len(asked) <= most, [each["sql"][:80] for each in asked]


def test_before_anybody_labels_it_says_what_to_do(bo: Client, team: Cast) -> None:
    assert "Nobody has submitted an item yet" in three_ways(bo, QUALITY)
    assert "There is no labelling queue yet" in three_ways(bo, GOLD)


def test_marking_asks_first_and_says_what_it_will_do(bo: Client, queue: LabelQueue) -> None:
    for number in (1, 2):
        plant(queue, number)
    page = three_ways(bo, f"{GOLD}?queue={queue.pk}&from=labels")
    assert "of the 2 items that fit" in page
    wish = {"act": "mark", "queue": queue.pk, "source": "labels", "role": "gold", "which": "drawn", "most": "1"}

    asked = bo.post(GOLD, wish)
    assert LabelItem.objects.filter(role="gold").count() == 0
    assert "Mark 1 item of First look as gold?" in asked.text
    assert "1 of them was taken before" in asked.text
    sent = bo.post(GOLD, hidden(asked.text), follow=True)

    assert "1 item marked as gold." in sent.text
    assert LabelItem.objects.filter(role="gold").count() == 1


def test_what_most_people_fail_stands_first_and_the_mark_comes_off(bo: Client, queue: LabelQueue, team: Cast) -> None:
    items = [plant(queue, number) for number in (1, 2)]
    bo.post(GOLD, {"act": "mark", "queue": queue.pk, "source": "labels", "role": "gold", "sure": "yes",
                   "item": [item.pk for item in items]})  # fmt: skip
    LabelSession.objects.filter(user=team.ada).update(gold_right=1, gold_known=2)

    page = bo.get(GOLD, {"queue": queue.pk}).text
    numbers = re.findall(r'aria-label="Item (\d+)"', page)
    asked = bo.post(GOLD, {"act": "unmark", "queue": queue.pk, "item": [items[1].pk]}).text
    done = bo.post(GOLD, hidden(asked), follow=True).text

    assert numbers == ["2", "1"]
    assert "1 submission will no longer count" in asked
    assert "1 item made ordinary work again." in done


def test_screening_is_passed_by_word_or_asked_again(bo: Client, queue: LabelQueue, team: Cast) -> None:
    LabelQueue.objects.filter(pk=queue.pk).update(settings={"screening": 1})
    LabelItem.objects.filter(queue=queue, number=1).update(role="screening", expected={"ratings": {}})
    member = QueueMember.objects.create(project=team.project, queue=queue, user=team.ada, passed=False)
    assert "not passed" in bo.get(GOLD).text

    passed = bo.post(GOLD, {"act": "pass", "queue": queue.pk, "user": team.ada.pk}, follow=True).text
    asked = bo.post(GOLD, {"act": "ask", "queue": queue.pk, "user": team.ada.pk}).text
    bo.post(GOLD, hidden(asked))

    assert "by bo" in passed
    assert "Ask ada to do the screening again?" in asked
    member.refresh_from_db()
    assert member.passed is None


@pytest.mark.parametrize(
    ("wish", "says"),
    [
        ({"act": "burn"}, "no act of this page"),
        ({"act": "unmark"}, "Choose items first"),
        ({"act": "mark", "which": "drawn", "source": "hearsay", "role": "gold"}, "is no source"),
        ({"act": "mark", "which": "drawn", "source": "decision", "role": "gold"}, "too little is known"),
        ({"act": "mark", "which": "drawn", "most": "many"}, "most: expected a whole number"),
        ({"act": "unmark", "item": "7"}, "gold or screening any more"),
    ],
)
def test_what_does_not_fit_is_refused_with_a_reason(
    wish: dict[str, str], says: str, bo: Client, queue: LabelQueue
) -> None:
    answer = bo.post(GOLD, {"queue": queue.pk, **wish})

    assert (answer.status_code, says in answer.text) == (400, True), answer.text


def test_annotators_and_strangers_see_none_of_it(team: Cast, queue: LabelQueue) -> None:
    for user, status in ((team.ada, 403), (team.vi, 403), (team.cy, 404)):
        client = sign_in(user)
        assert [client.get(url).status_code for url in (QUALITY, GOLD, f"{QUALITY}?csv=people")] == [status] * 3
    other = label_queue(cast("elsewhere").project)
    assert sign_in(team.bo).post(GOLD, {"act": "pass", "queue": other.pk, "user": team.ada.pk}).status_code == 404


def hidden(page: str) -> dict[str, list[str]]:
    """Return what the form of a question sends when its button is pressed."""
    form = page[page.index('class="sure"') :]
    sent: dict[str, list[str]] = {}
    for name, value in re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form):
        sent.setdefault(name, []).append(value)
    return sent
