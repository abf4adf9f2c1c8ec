"""A reviewer decides disagreements by keyboard: as somebody said, undone, step by step, and asks the annotators."""

from __future__ import annotations

from annotations.models import Comment, ItemDecision, LabelEvent, LabelItem
from tests.browser.acts import clean
from tests.browser.conftest import Opener
from tests.disputecast import Case, annotator, case
from tests.factories import cast, check, score

PHONE = {"viewport": {"width": 390, "height": 844}}


def at(case: Case) -> str:
    return f'#decide[action*="/{case.item.pk}/"]'


def test_a_reviewer_decides_as_somebody_said_and_takes_it_back(open_page: Opener, transactional_db: None) -> None:
    team = cast()
    first, second = case(team), case(team, "How many are red?")
    check(first.nodes[1])
    score(first.nodes[1], 0.2)
    page = open_page("/p/words/desk/disputes/", team.bo)
    clean(page)
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_selector(at(first))
    assert page.locator("tr.current .no").inner_text().startswith("2")
    page.keyboard.press("2")
    page.wait_for_selector(at(second))
    assert page.url.endswith(f"/disputes/{second.item.pk}/")
    assert ItemDecision.objects.get().session.user == annotator(team, "al")
    assert "Item 1 decided: no error, as al said." in page.locator("#decided").inner_text()
    clean(page)
    page.keyboard.press("u")
    page.wait_for_selector(at(first))
    assert LabelItem.objects.get(pk=first.item.pk).state == "disputed"
    page.keyboard.press("Shift+?")
    keys = page.locator("#keys .keys-list").inner_text()
    assert "Decide as ada said" in keys and "First error here" in keys


def test_a_reviewer_rates_by_keys_says_why_and_asks(open_page: Opener, transactional_db: None) -> None:
    team = cast()
    first, second = case(team), case(team, "How many are red?")
    page = open_page(f"/p/words/desk/disputes/{first.item.pk}/", team.bo)
    # On the second step: neutral, then the first error on the third; what is before it stays as rated.
    for key in "n", "e":
        page.keyboard.press(key)
    assert page.locator("#outcome").inner_text() == "First error: step 3"
    page.keyboard.press("w")
    page.keyboard.type("1, 2 and 9 are only letters here.")
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")
    page.wait_for_selector(at(second))
    made = ItemDecision.objects.latest("id")
    assert (made.first_error, made.why) == (first.nodes[2], "1, 2 and 9 are only letters here.")
    events = LabelEvent.objects.filter(source="decision", data__decision=made.pk).order_by("id")
    assert [event.rating for event in events] == ["correct", "neutral", "incorrect"]

    page.keyboard.press("q")
    page.keyboard.type("Which step is it?")
    page.get_by_role("button", name="Ask the annotators").click()
    page.wait_for_selector(".topic li.open")
    question = Comment.objects.get()
    assert (question.asks, question.item, question.node) == (True, second.item, second.nodes[1])


def test_who_labelled_answers_and_a_thumb_decides(open_page: Opener, transactional_db: None) -> None:
    team = cast()
    pens = case(team)
    Comment.objects.create(project=team.project, item=pens.item, author=team.bo, text="Is it 6?", asks=True)
    page = open_page("/p/words/desk/mine/", team.ada, **PHONE)
    page.locator("a[data-line]").click()
    page.wait_for_selector(".topic li.open")
    clean(page)
    page.locator("#text").fill("It is 6.")
    page.get_by_role("button", name="Answer").click()
    page.wait_for_selector("text=It is 6.")
    assert page.locator("li.open").count() == 0

    phone = open_page(f"/p/words/desk/disputes/{pens.item.pk}/", team.bo, **PHONE)
    clean(phone)
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    phone.get_by_role("button", name="Decide as ada said").click()
    phone.wait_for_selector("text=That was the last one of this list.")
    assert LabelItem.objects.get(pk=pens.item.pk).state == "decided"
