"""The tree page: outline, map, path and evidence; what is open stands in the address; no query a node."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from annotations.labelling import Judgement, save_label
from annotations.models import Node, Tree
from annotations.selectors.layout import tidy
from tests.factories import Cast, cast, check, imported_rating, problem, score, tree
from tests.pages.asking import PART, RESTORE

pytestmark = pytest.mark.django_db


@pytest.fixture
def team(client: Client) -> Cast:
    made = cast()
    client.force_login(made.ada)
    return made


@pytest.fixture
def grown(team: Cast) -> Tree:
    return tree(team.project, problem(team.project))


def at(grown: Tree, query: str = "") -> str:
    return f"/p/words/trees/{grown.pk}/{query}"


def node(grown: Tree, seq: int) -> Node:
    return Node.objects.get(tree=grown, seq=seq)


def outlined(page: str) -> list[int]:
    """Return the steps of the outline, in order."""
    return [int(seq) for seq in re.findall(r'data-seq="(\d+)" class="o', page)]


def test_the_outline_holds_every_step_as_a_plain_link(client: Client, grown: Tree) -> None:
    page = client.get(at(grown)).content.decode()
    assert outlined(page) == [1, 2, 3, 4]
    nav = page[page.index('aria-label="Outline"') : page.index("map-head")]
    assert " hx-" not in nav
    assert f'href="{at(grown)}?node=3"' in nav
    assert "</a><details open><summary " in nav


def test_the_path_reads_from_the_first_step_to_the_selected_one(client: Client, grown: Tree) -> None:
    page = client.get(at(grown, "?node=2")).content.decode()
    path = page[page.index('class="path"') : page.index('class="onward"') if "onward" in page else None]
    assert path.index("5 + 4 = 9") < path.index("the reference answer")
    assert "5 - 4 = 2" not in path


def test_a_way_that_leads_nowhere_keeps_its_place(client: Client, grown: Tree) -> None:
    page = client.get(at(grown, "?node=1")).content.decode()
    walk = page[page.index('class="walk"') :]
    assert '<span class="button" aria-disabled="true">Back <kbd>h</kbd></span>' in walk
    assert 'data-key="l"' in walk


def test_a_refutation_stands_under_its_step_with_its_evidence(client: Client, grown: Tree) -> None:
    check(node(grown, 1))
    page = client.get(at(grown, "?node=2")).content.decode()
    assert "refuted: 5 + 4 = 9, not 8" in page
    page = client.get(at(grown, "?node=1")).content.decode()
    assert "<code>5 + 4 = 8</code>" in page


def test_the_newest_prm_score_is_shown(client: Client, grown: Tree) -> None:
    score(node(grown, 1), 0.21)
    score(node(grown, 1), 0.83, version="2")
    page = client.get(at(grown, "?node=1")).content.decode()
    assert "0.83" in page
    assert "0.21" not in page


def test_filters_keep_the_steps_and_what_leads_to_them(client: Client, team: Cast, grown: Tree) -> None:
    check(node(grown, 3))
    imported_rating(node(grown, 3), "correct", "row-1")
    assert outlined(client.get(at(grown, "?filter=refuted")).content.decode()) == [3]
    assert outlined(client.get(at(grown, "?filter=disagreement")).content.decode()) == [3]
    assert outlined(client.get(at(grown, "?filter=wrong")).content.decode()) == [3, 4]
    assert outlined(client.get(at(grown, "?filter=right")).content.decode()) == [1, 2]
    assert outlined(client.get(at(grown, "?filter=unlabelled")).content.decode()) == [1, 2, 3, 4]
    links = client.get(at(grown, "?filter=wrong&measure=visits&node=4")).content.decode()
    assert f'href="{at(grown)}?node=3&amp;filter=wrong&amp;measure=visits"' in links


@pytest.mark.parametrize("measure", ["value", "prm", "verdict", "label", "visits"])
def test_the_map_is_coloured_by_the_chosen_measure(client: Client, team: Cast, grown: Tree, measure: str) -> None:
    check(node(grown, 1), "refuted")
    score(node(grown, 1), 0.95)
    imported_rating(node(grown, 1), "incorrect", "row-1")
    page = client.get(at(grown, f"?measure={measure}")).content.decode()
    shape = re.search(r'class="dot[^>]*data-seq="1"|data-seq="1" data-parent="0".*?class="g (\w+)"', page)
    assert shape is not None
    wanted = {"value": "r2", "prm": "r4", "verdict": "incorrect", "label": "incorrect", "visits": "r0"}
    assert shape[1] == wanted[measure]


def test_a_part_is_path_and_step_and_pushes_a_clean_address(client: Client, grown: Tree) -> None:
    part = client.get(at(grown, "?node=3&map=1&filter="), headers=PART)
    text = part.content.decode()
    assert "<html" not in text
    assert "5 - 4 = 2" in text
    assert outlined(text) == []
    assert 'id="map" hx-swap-oob' in text
    assert part["HX-Push-Url"] == at(grown, "?node=3")
    restored = client.get(at(grown, "?node=3"), headers=RESTORE).content.decode()
    assert "<html" in restored
    assert outlined(restored) == [1, 2, 3, 4]


def test_a_link_to_a_step_that_is_not_there_opens_the_first(client: Client, grown: Tree) -> None:
    assert 'aria-label="Label step 1"' in client.get(at(grown, "?node=99&filter=x&measure=y")).content.decode()


def test_an_empty_tree_says_so(client: Client, team: Cast) -> None:
    empty = Tree.objects.create(project=team.project, problem=problem(team.project), state="growing")
    assert "No step yet" in client.get(at(empty)).content.decode()
    assert client.get(at(empty, "formats/")).status_code == 404


def test_a_viewer_sees_no_form(client: Client, team: Cast, grown: Tree) -> None:
    client.force_login(team.vi)
    assert 'id="label"' not in client.get(at(grown)).content.decode()


def test_a_blind_annotator_sees_only_his_own_labels(client: Client, team: Cast, grown: Tree) -> None:
    team.project.settings = {"blind": True}
    team.project.save(update_fields=["settings"])
    said = Judgement("incorrect", note="Bo thinks so")
    save_label(access=team.access(team.bo), node_id=node(grown, 1).pk, judgement=said, seen_version=None, key=None)
    page = client.get(at(grown, "?node=1")).content.decode()
    assert "Bo thinks so" not in page
    assert 'aria-label="incorrect"' not in page
    client.force_login(team.bo)
    assert "Bo thinks so" in client.get(at(grown, "?node=1")).content.decode()


def big(team: Cast, count: int) -> Tree:
    asked = problem(team.project, "A large one?")
    made = Tree.objects.create(project=team.project, problem=asked, state="done", node_count=count)
    rows = [
        Node(project=team.project, tree=made, seq=seq, parent_seq=seq // 3 or None, text=f"Step {seq}")
        for seq in range(1, count + 1)
    ]
    Node.objects.bulk_create(rows)
    return made


def test_a_thousand_steps_cost_as_many_queries_as_four(
    client: Client, team: Cast, grown: Tree, django_assert_num_queries
) -> None:
    for shown in (grown, big(team, 1000)):
        with django_assert_num_queries(12):
            page = client.get(at(shown)).content.decode()
    assert len(outlined(page)) == 1000


def test_a_large_tree_is_folded_with_counts_and_unfolds_along_the_path(client: Client, team: Cast) -> None:
    made = big(team, 1000)
    page = client.get(at(made, "?node=1000")).content.decode()
    drawn = re.findall(r'data-seq="(\d+)" data-parent', page)
    assert len(drawn) <= 420
    assert "1000" in drawn
    assert re.search(r">\+\d+</text>", page)


def test_the_layout_puts_parents_midway_and_folds_what_does_not_fit() -> None:
    places = tidy([1], {1: [2, 3], 2: [4, 5]}, [], 100)
    assert places[2].y == 0.5
    assert places[1].y == 1.25
    folded = tidy([1], {1: [2, 3], 2: [4, 5]}, [1], 3)
    assert folded[2].folded
    assert 4 not in folded


def test_the_list_of_trees_as_page_part_and_restore(client: Client, grown: Tree) -> None:
    Tree.objects.update(correct_paths=1, wrong_paths=1)
    assert at(grown) in client.get("/p/words/trees/").content.decode()
    assert at(grown) in client.get("/p/words/trees/?show=both").content.decode()
    assert "Nothing fits" in client.get("/p/words/trees/?show=growing").content.decode()
    assert "<html" not in client.get("/p/words/trees/", headers=PART).content.decode()
    assert "<html" in client.get("/p/words/trees/", headers=RESTORE).content.decode()


def test_a_path_stands_side_by_side_in_every_format(client: Client, team: Cast, grown: Tree) -> None:
    check(node(grown, 3))
    imported_rating(node(grown, 3), "incorrect", "row-1")
    page = client.get(at(grown, "formats/?node=4")).content.decode()
    assert "Step 1: Lena has 5 - 4 = 2 pens." in page
    assert "Answer: 2" in page
    assert "\\boxed{-}" in page
    assert "5 + 4 = 9, not 8" in page
    assert "<html" not in client.get(at(grown, "formats/?node=4"), headers=PART).content.decode()
    assert "<html" in client.get(at(grown, "formats/?node=4"), headers=RESTORE).content.decode()


def test_a_page_that_watches_a_growing_tree_gets_what_came_since(client: Client, team: Cast, grown: Tree) -> None:
    Tree.objects.filter(pk=grown.pk).update(state="growing", node_count=4)
    address = f"/p/words/trees/{grown.pk}/"
    assert "growing-4" in client.get(address).text
    assert client.get(f"{address}?live=growing-4", headers=PART).status_code == 204
    fresh = client.get(f"{address}?live=growing-3", headers=PART).text
    assert 'id="outline" hx-swap-oob' in fresh
    assert "<html" not in fresh
    Tree.objects.filter(pk=grown.pk).update(state="done")
    assert "every 3s" not in client.get(f"{address}?live=growing-4", headers=PART).text


def test_a_watched_tree_without_steps_is_drawn_anew_with_its_first(client: Client, team: Cast, grown: Tree) -> None:
    Tree.objects.filter(pk=grown.pk).update(state="growing", node_count=4)
    answer = client.get(f"/p/words/trees/{grown.pk}/?live=growing-0", headers=PART)
    assert answer["HX-Refresh"] == "true"


def test_the_list_says_which_trees_of_how_many_it_shows_and_asks_as_often_as_before(
    client: Client, grown: Tree, django_assert_num_queries: Any
) -> None:
    assert "1–1 of 1<" in client.get("/p/words/trees/").text
    Tree.objects.bulk_create(
        Tree(project=grown.project, problem=grown.problem, state="done", external_key=f"k{at}", correct_paths=at % 2)
        for at in range(85)
    )
    assert "1–40 of 86<" in client.get("/p/words/trees/").text
    with django_assert_num_queries(4):
        assert "41–80 of 86<" in client.get("/p/words/trees/?page=2").text
    assert "81–86 of 86<" in client.get("/p/words/trees/?page=3").text
    assert "41–42 of 42<" in client.get("/p/words/trees/?show=right&page=2").text
