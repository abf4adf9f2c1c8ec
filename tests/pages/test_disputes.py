"""Disagreements side by side, decided with one button; my work, as far as its queue reveals it. All without scripts."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from annotations.desk.deciding import comment, decide_as
from annotations.models import Comment, ItemDecision, LabelEvent, LabelItem
from annotations.selectors.disputes import dispute
from tests.disputecast import Case, annotator, case
from tests.factories import Cast, cast, check, score
from tests.pages.asking import PART, sign_in, three_ways

pytestmark = pytest.mark.django_db
LIST = "/p/words/desk/disputes/"


@pytest.fixture
def team() -> Cast:
    return cast()


@pytest.fixture
def pens(team: Cast) -> Case:
    return case(team)


def form(pens: Case, **fields: Any) -> dict[str, Any]:
    seen = dispute(pens.team.access(pens.team.bo), pens.item.pk).version
    return {"key": str(uuid4()), "seen": seen, "query": "", **fields}


def at(pens: Case, act: str = "") -> str:
    return f"{LIST}{pens.item.pk}/{act}"


def test_the_list_says_who_found_what_and_in_what_they_differ(pens: Case) -> None:
    page = three_ways(sign_in(pens.team.bo), LIST)
    words = re.sub(r"<[^>]+>", " ", page)
    assert "How many pens does Lena have?" in words
    for name, said in (("ada", "first error: step 2"), ("al", "no error"), ("ann", "first error: step 3")):
        assert re.search(rf"{name}\s+{said}", words)
    assert [kind for kind in ("first error", "ratings", "finish") if re.search(rf"</span> {kind}</span>", page)] == [
        "first error", "ratings", "finish",
    ]  # fmt: skip


def test_filters_find_items_by_queue_person_and_kind_and_open_questions_come_first(pens: Case) -> None:
    team = pens.team
    flat = case(team, "How many are red?", {"ada": "cccc", "al": "ccnc"})
    client = sign_in(team.bo)

    def found(query: str) -> list[int]:
        return [int(key) for key in re.findall(r"disputes/(\d+)/[^>]*data-line", client.get(f"{LIST}?{query}").text)]

    assert found("") == [pens.item.pk, flat.item.pk]
    assert found("kind=first") == found("kind=finish") == [pens.item.pk]
    assert found("kind=ratings") == [pens.item.pk, flat.item.pk]
    assert found(f"person={annotator(team, 'ann').pk}") == [pens.item.pk]
    assert found("queue=0") == found("state=agreed") == []
    comment(access=team.access(team.bo), item_id=flat.item.pk, text="Red or blue?", asks=True)
    assert found("") == [flat.item.pk, pens.item.pk]


def test_an_item_shows_people_side_by_side_with_evidence_and_who_found_the_first_error(pens: Case) -> None:
    check(pens.nodes[1], "refuted")
    score(pens.nodes[1], 0.12)
    page = three_ways(sign_in(pens.team.bo), at(pens))
    rows = re.findall(r'<tr class="([^"]*)" tabindex.*?</tr>', page, re.DOTALL)
    assert [("differs" in row) for row in rows] == [False, True, True, False]
    second = re.findall(r"<tr class=.*?</tr>", page, re.DOTALL)[1]
    assert re.findall(r'<span class="mark (\w+)">\1', second) == ["incorrect", "correct", "neutral"]
    assert second.count('<span class="first">') == 1
    assert "5 + 4 = 9, not 8" in second and "0.12" in second


def test_one_button_decides_as_somebody_said_and_goes_to_the_next_item(pens: Case) -> None:
    other = case(pens.team, "How many are red?")
    client = sign_in(pens.team.bo)
    answer = client.post(at(pens, "decide/"), form(pens, **{"as": pens.session(pens.team.ada).pk, "why": "9 - 3 = 6"}))
    assert answer["Location"] == f"{at(other)}?done={pens.item.pk}"
    page = client.get(answer["Location"], headers=PART)
    assert "Item 1 decided: first error: step 2, as ada said." in page.text
    assert page["HX-Push-Url"] == at(other)

    shown = client.get(f"{at(pens)}?state=decided").text
    assert "First error: step 2, as ada said." in shown and "9 - 3 = 6" in shown
    back = client.post(at(pens, "back/"), {"query": ""})
    assert back["Location"] == at(pens)
    assert LabelItem.objects.get(pk=pens.item.pk).state == "disputed"


def test_the_last_item_leads_back_to_the_list(pens: Case) -> None:
    client = sign_in(pens.team.bo)
    rated = {f"rating-{node.pk}": "correct" for node in pens.nodes}
    answer = client.post(at(pens, "decide/"), form(pens, **rated), follow=True)
    assert "That was the last one of this list." in answer.text and "Nothing to decide" in answer.text
    made = ItemDecision.objects.get()
    assert (made.finish, made.session, LabelEvent.objects.filter(source="decision").count()) == ("solution", None, 4)


def test_own_ratings_and_a_category_count_and_only_incorrect_steps_have_one(pens: Case) -> None:
    first, second = pens.nodes[:2]
    said = {f"rating-{first.pk}": "correct", f"category-{first.pk}": "unit"}
    said |= {f"rating-{second.pk}": "incorrect", f"category-{second.pk}": "arithmetic"}
    sign_in(pens.team.bo).post(at(pens, "decide/"), form(pens, **said))
    events = LabelEvent.objects.filter(source="decision").order_by("id")
    assert [(event.rating, event.category) for event in events] == [("correct", ""), ("incorrect", "arithmetic")]
    assert ItemDecision.objects.get().first_error == second


def test_a_stale_decision_shows_what_stands_and_keeps_what_was_chosen(pens: Case) -> None:
    said = form(pens, **{f"rating-{pens.nodes[0].pk}": "neutral", "why": "Because."})
    decide_as(access=pens.team.access(pens.team.odo), item_id=pens.item.pk, session_id=pens.session(pens.team.ada).pk)
    answer = sign_in(pens.team.bo).post(at(pens, "decide/"), said, headers=PART)
    assert answer.status_code == 409
    assert "This item changed since you opened it." in answer.text and "Decided by odo" in answer.text
    assert f'name="rating-{pens.nodes[0].pk}" value="neutral" checked' in answer.text and "Because." in answer.text
    assert ItemDecision.objects.count() == 1


def test_a_question_reaches_those_who_labelled_and_their_answer_the_reviewer(pens: Case) -> None:
    team, step = pens.team, pens.nodes[1]
    sign_in(team.bo).post(at(pens, "comments/"), {"text": "Is it 6?", "node": str(step.pk), "asks": "1"})
    ada = sign_in(team.ada)
    mine = three_ways(ada, "/p/words/desk/mine/?show=asked")
    assert "1 question" in mine and 'title="Questions to you">1<' in ada.get("/p/words/desk/mine/").text
    page = three_ways(ada, f"/p/words/desk/mine/{pens.item.pk}/")
    assert "Is it 6?" in page and "open question" in page
    assert f'<option value="{step.pk}" selected' in page
    answer = ada.post(at(pens, "comments/"), {"text": "Yes.", "node": str(step.pk), "mine": "1"})
    assert answer["Location"] == f"/p/words/desk/mine/{pens.item.pk}/"
    assert "open question" not in sign_in(team.bo).get(at(pens)).text
    assert list(Comment.objects.order_by("id").values_list("text", "asks")) == [("Is it 6?", True), ("Yes.", False)]


def test_my_work_shows_the_others_and_the_decision_only_when_the_queue_reveals_them(pens: Case) -> None:
    ada, place = sign_in(pens.team.ada), f"/p/words/desk/mine/{pens.item.pk}/"
    page = three_ways(ada, place)
    assert "shown once it is settled" in page and "ann" not in re.sub("annot", "", page)
    al = pens.session(annotator(pens.team, "al"))
    decide_as(access=pens.team.access(pens.team.bo), item_id=pens.item.pk, session_id=al.pk, why="It is 6 pens.")
    page = ada.get(place).text
    assert "No error, as al said." in page and "It is 6 pens." in page and "Decided by bo" in page
    row = ada.get("/p/words/desk/mine/").text
    assert "otherwise" in row and "first error: step 2" in row


def test_gold_is_told_only_where_the_queue_gives_feedback(team: Cast) -> None:
    told, untold = case(team, "Told?", {"ada": "ci.."}, feedback=True), case(team, "Untold?", {"ada": "ci.."})
    for each in (told, untold):
        session = each.session(team.ada)
        session.__class__.objects.filter(pk=session.pk).update(gold_right=1, gold_known=2)
    page = sign_in(team.ada).get("/p/words/desk/mine/").text
    assert page.count("1 of 2") == 1


def test_the_tree_says_what_was_decided_and_by_whom(pens: Case) -> None:
    al = pens.session(annotator(pens.team, "al"))
    decide_as(access=pens.team.access(pens.team.bo), item_id=pens.item.pk, session_id=al.pk)
    page = sign_in(pens.team.odo).get(f"/p/words/trees/{pens.item.tree_id}/?node=2").text
    assert re.search(r'<span class="mark correct">decided: correct</span> <span class="small">bo', page)


def test_the_pages_ask_a_fixed_number_of_questions(pens: Case) -> None:
    client = sign_in(pens.team.bo)

    def asked(url: str) -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(url).status_code == 200
        return len(queries)

    asked(LIST)
    before = [asked(LIST), asked(at(pens))]
    for number in range(3):
        case(pens.team, f"More {number}?")
    pens.submit(annotator(pens.team, "nils"), "cccc")
    assert [asked(LIST), asked(at(pens))] == before
    assert before[0] <= 8 and before[1] <= 16
