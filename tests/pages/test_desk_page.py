"""The labelling page: what it shows of an item, what it keeps from its annotator, and with how few questions."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from pytest_django import DjangoAssertNumQueries

from annotations.labelling import Judgement, save_label
from annotations.models import LabelQueue, LabelSession, Node, Problem, Tree
from tests.browser.deskcast import crates, queue_of
from tests.factories import Cast, cast, check, score
from tests.pages.asking import sign_in

pytestmark = pytest.mark.django_db
MOST_BYTES = 60_000


@pytest.fixture
def team() -> Cast:
    return cast()


@pytest.fixture
def grown(team: Cast) -> Tree:
    made = crates(team)
    Problem.objects.filter(pk=made.problem_id).update(solution="First count the crates.")
    second = made.nodes.get(seq=2)
    check(second)
    score(second, 0.31)
    return made


def page(team: Cast, queue: LabelQueue) -> str:
    return str(sign_in(team.ada).get(f"/p/words/desk/{queue.pk}/").text)


def following(team: Cast, queue: LabelQueue, **asked: Any) -> Any:
    client = sign_in(team.ada)
    return client.post(f"/p/words/desk/{queue.pk}/next/", json.dumps(asked), content_type="application/json")


def test_the_page_shows_problem_and_steps_with_ones_own_labels_and_nobody_elses(team: Cast, grown: Tree) -> None:
    for who, seq, note in ((team.ada, 1, "mine alone"), (team.bo, 2, "what Bo thinks")):
        said = Judgement("neutral", note=note)
        node = grown.nodes.get(seq=seq)
        save_label(access=team.access(who), node_id=node.pk, judgement=said, seen_version=None, key=None)
    shown = page(team, queue_of(team, [grown]))
    assert "12 crates with 35 apples" in shown
    assert shown.count('class="step"') == 10
    assert shown.count('data-rating="neutral"') == 1
    assert "mine alone" in shown
    assert "what Bo thinks" not in shown


@pytest.mark.parametrize(
    ("aids", "in_page", "hidden"),
    [
        ({"reference": "hidden", "evidence": "hidden", "prelabels": "hidden"}, (), ()),
        ({"reference": "key", "evidence": "key", "prelabels": "after"}, ("reference", "evidence", "pre"), "all"),
        ({"reference": "always", "evidence": "always", "prelabels": "always"}, ("reference", "evidence", "pre"), ()),
    ],
)
def test_aids_that_are_hidden_are_not_in_the_page_at_all(
    team: Cast, grown: Tree, aids: dict[str, str], in_page: tuple[str, ...], hidden: str
) -> None:
    shown = page(team, queue_of(team, [grown], settings=aids))
    blocks = re.findall(r'<(?:div|ul|p) class="(reference|evidence|pre)[^"]*"([^>]*)>', shown)
    assert sorted({name for name, _ in blocks}) == sorted(in_page)
    assert all(("hidden" in more) == (hidden == "all") for _, more in blocks)
    for words in ("First count the crates", "9, not 8", "PRM 0.31"):
        assert (words in shown) == bool(in_page)


def test_what_one_persons_session_hides_stays_hidden_whatever_the_queue_shows(team: Cast, grown: Tree) -> None:
    queue = queue_of(team, [grown], settings={"reference": "always", "evidence": "always"})
    page(team, queue)
    LabelSession.objects.update(aids={"reference": "hidden", "evidence": "hidden", "prelabels": "hidden"})
    shown = page(team, queue)
    assert "First count the crates" not in shown
    assert "9, not 8" not in shown


def test_alternatives_come_with_the_path_only_where_the_queue_asks_for_them(team: Cast, grown: Tree) -> None:
    Node.objects.create(project=team.project, tree=grown, seq=11, parent_seq=1, depth=2, text="A third of 420 is 150.")
    assert "A third of 420 is 150." not in page(team, queue_of(team, [grown]))
    shown = page(team, queue_of(team, [grown], settings={"alternatives": True}))
    assert "Step 2b" in shown
    assert shown.count('class="step"') == 11


def test_the_next_item_is_another_one_and_nothing_left_says_why(team: Cast, grown: Tree) -> None:
    queue = queue_of(team, [grown, crates(team, 2)])
    first = following(team, queue).json()
    second = following(team, queue, have=[first["session"]]).json()
    assert "(Item 1)" in first["html"]
    assert "(Item 2)" in second["html"]
    nothing = following(team, queue, have=[first["session"], second["session"]]).json()
    assert "html" not in nothing
    assert nothing["nothing"]
    assert following(team, queue, session=first["session"]).json() == first


def test_a_body_that_is_no_question_is_refused_with_what_was_expected(team: Cast, grown: Tree) -> None:
    queue = queue_of(team, [grown])
    for asked, said in (({"have": 3}, "list"), ({"have": ["x"]}, "number of a session"), ({"session": None}, "number")):
        refused = following(team, queue, **asked)
        assert refused.status_code == 400
        assert said in refused.text
    path = f"/p/words/desk/{queue.pk}/next/"
    assert sign_in(team.ada).post(path, "[", content_type="application/json").status_code == 400


def test_nobody_opens_the_session_of_another_and_viewers_do_not_label(team: Cast, grown: Tree) -> None:
    queue = queue_of(team, [grown])
    session = following(team, queue).json()["session"]
    path = f"/p/words/desk/{queue.pk}/next/"
    assert sign_in(team.bo).post(path, {"session": session}).status_code == 404
    assert sign_in(team.vi).post(path, {"session": session}).status_code == 403
    assert sign_in(team.vi).get(f"/p/words/desk/{queue.pk}/").status_code == 403
    assert sign_in(team.cy).get(f"/p/words/desk/{queue.pk}/").status_code == 404


def test_an_item_is_four_questions_however_long_it_is(
    team: Cast, grown: Tree, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    queue = queue_of(team, [grown, crates(team, 2)], settings={"prelabels": "always", "alternatives": True})
    client = sign_in(team.ada)
    client.get(f"/p/words/desk/{queue.pk}/")
    client.post(f"/p/words/desk/{queue.pk}/next/")
    with django_assert_max_num_queries(4):
        client.get(f"/p/words/desk/{queue.pk}/")
    with django_assert_max_num_queries(3):
        client.post(f"/p/words/desk/{queue.pk}/next/")


def test_scripts_and_style_of_the_page_are_light_and_none_is_inline(team: Cast, grown: Tree) -> None:
    shown = page(team, queue_of(team, [grown]))
    # What comes with KaTeX, its own files and those that place formulae, is not of the page alone.
    linked = re.findall(r'(?:src|href)="/static/((?:js|css)/(?!formulae)[^"]+)"', shown)
    static = Path(settings.BASE_DIR) / "static"
    assert len(linked) > 10
    assert sum((static / name).stat().st_size for name in linked) <= MOST_BYTES
    for inline in ("<style", " style=", " onclick=", "javascript:", "<script>"):
        assert inline not in shown
