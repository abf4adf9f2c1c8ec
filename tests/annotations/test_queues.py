"""Labelling queues: what fills them, how many people an item waits for, who sees which queue."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from annotations import samples
from annotations.desk.filling import add_items, fill
from annotations.desk.managing import bring_back, free_lease, withdraw
from annotations.desk.nothing import Nothing
from annotations.desk.paths import holding
from annotations.desk.queues import assign, change_queue, create_queue, set_state
from annotations.desk.sources import Source
from annotations.desk.taking import Taken, take
from annotations.errors import BadInput, Conflict, NotAllowed, NotFound
from annotations.labelling import Judgement, save_label
from annotations.models import LabelItem, LabelQueue, LabelSession, LabelSlice, Node, SessionEvent, Tree, User
from annotations.selectors.queues import find_queue, queue_list
from tests.factories import Cast, cast, label_queue, problem, run, tree

pytestmark = pytest.mark.django_db


@pytest.fixture
def team() -> Cast:
    return cast()


@pytest.fixture
def lena(team: Cast) -> Tree:
    """The tree with a right path (steps 1, 2) and a wrong one (3, 4)."""
    return tree(team.project, problem(team.project))


def made(team: Cast, **asked: Any) -> LabelQueue:
    return create_queue(access=team.access(team.bo), **{"name": "First look", "source": {"kind": "trees"}, **asked})


def leaves(queue: LabelQueue) -> list[int | None]:
    """Return the numbers in their trees of the items' last steps, in order."""
    return list(queue.items.order_by("number").values_list("leaf__seq", flat=True))


def change(team: Cast, queue: LabelQueue, **asked: Any) -> LabelQueue:
    stands = {name: getattr(queue, name) for name in ("name", "strategy", "overlap", "agree", "most", "settings")}
    return change_queue(access=team.access(team.bo), queue_id=queue.pk, **{**stands, **asked})


def taken(item: LabelItem, user: User, state: str = "leased") -> LabelSession:
    """Let somebody have an item, or have submitted it."""
    LabelItem.objects.filter(pk=item.pk).update(places=item.places - 1, takers=item.takers + 1)
    item.refresh_from_db()
    now = timezone.now()
    submitted = now if state == "submitted" else None
    return LabelSession.objects.create(
        project_id=item.project_id, item=item, queue_id=item.queue_id, user=user, state=state,
        lease_until=now + timezone.timedelta(minutes=20), submitted_at=submitted,
    )  # fmt: skip


def places(queue: LabelQueue) -> list[tuple[int, int, int]]:
    return list(queue.items.order_by("number").values_list("wanted", "places", "takers"))


def test_a_queue_holds_the_complete_paths_of_finished_trees(team: Cast, lena: Tree) -> None:
    Tree.objects.create(project=team.project, problem=lena.problem, state="growing", external_key="g")

    assert leaves(made(team)) == [2, 4]
    assert leaves(made(team, source={"kind": "trees", "outcome": "wrong"})) == [4]
    assert leaves(made(team, source={"kind": "trees", "per_tree": 1})) == [2]


def test_in_tree_mode_an_item_is_a_tree(team: Cast, lena: Tree) -> None:
    queue = made(team, mode="tree")

    assert list(queue.items.values_list("tree", "leaf")) == [(lena.pk, None)]
    assert holding(team.access(team.bo), Source(kind="trees"), "tree").steps == 4


def test_a_slice_gives_the_path_through_each_step_down_to_the_most_visited_answer(team: Cast, lena: Tree) -> None:
    steps = (
        (0, "5 + 4 = 9"), (1, "So 9."), (1, "That is 8."), (2, "Answer: 9"), (3, "Answer: 8"), (0, "A way without end"),
    )  # fmt: skip
    other = tree(team.project, problem(team.project, "5 and 4?"), steps)
    node = {each.seq: each for each in Node.objects.filter(tree=other)}
    Node.objects.filter(pk=node[3].pk).update(visits=7)
    asked = [node[6].pk, node[2].pk, node[1].pk, node[5].pk]
    part = LabelSlice.objects.create(project=team.project, name="Doubtful", nodes=asked)

    queue = made(team, source={"kind": "slice", "slice": part.pk})
    trees = made(team, mode="tree", source={"kind": "slice", "slice": part.pk})

    assert leaves(queue) == [6, 4, 5]
    assert trees.items.get().tree_id == other.pk


def test_filters_keep_a_run_a_kind_a_level_and_what_nobody_has_rated(team: Cast, lena: Tree) -> None:
    other = tree(team.project, problem(team.project, "1 + 1?", "2"), ((0, "1 + 1 = 2"), (1, "Answer: 2")))
    grown = run(team.project, state="done")
    Tree.objects.filter(pk=other.pk).update(run=grown)
    first = Node.objects.get(tree=lena, seq=1)
    said = Judgement("correct")
    save_label(access=team.access(team.ada), node_id=first.pk, judgement=said, seen_version=None, key=None)

    def trees_of(**source: Any) -> set[int]:
        return set(made(team, source={"kind": "trees", **source}).items.values_list("tree", flat=True))

    assert trees_of(kind="run", run=grown.pk) == {other.pk}
    assert trees_of(unlabelled=True) == {other.pk}
    assert trees_of(problem_kind="maths", levels=[1]) == {lena.pk, other.pk}
    with pytest.raises(BadInput, match="Nothing fits"):
        trees_of(levels=[9])


def test_filling_twice_adds_nothing_twice_and_numbers_go_on(team: Cast, lena: Tree) -> None:
    bo, queue = team.access(team.bo), made(team, source={"kind": "trees", "outcome": "right"})

    assert fill(access=bo, queue=queue, source=Source(kind="trees")) == 1
    assert fill(access=bo, queue=queue, source=Source(kind="trees")) == 0
    assert list(queue.items.order_by("number").values_list("number", "leaf__seq")) == [(1, 2), (2, 4)]


def test_a_script_adds_paths_and_learns_which_one_does_not_fit(team: Cast, lena: Tree) -> None:
    bo, queue, node = team.access(team.bo), made(team, source={}), Node.objects.get(tree=lena, seq=2).pk
    units = cast("units").project
    elsewhere = tree(units, problem(units))

    assert add_items(access=bo, queue=queue, paths=[(lena.pk, node), (lena.pk, node)]) == 1
    with pytest.raises(BadInput, match="Path 2: expected a tree and the path's last step"):
        add_items(access=bo, queue=queue, paths=[(lena.pk, node), (lena.pk, None)])
    with pytest.raises(BadInput, match=f"Path 1: there is no step {node} in a tree {elsewhere.pk}"):
        add_items(access=bo, queue=queue, paths=[(elsewhere.pk, node)])


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"name": " "}, "name"),
        ({"mode": "both"}, "mode"),
        ({"overlap": 0}, "overlap"),
        ({"agree": 3, "most": 2}, "most"),
        ({"agree": 1, "most": 2}, "agree"),
        ({"settings": {"gold_share": 0.9}}, "gold_share"),
        ({"source": {"kind": "slice", "slice": 10**9}}, "source.slice"),
        ({"source": {"kind": "run"}}, "source.run"),
        ({"source": {"kind": "trees", "colour": "red"}}, "source.colour"),
        ({"source": {"kind": "trees", "limit": "ten"}}, "source.limit"),
    ],
)
def test_what_does_not_fit_is_named(team: Cast, lena: Tree, asked: dict[str, Any], field: str) -> None:
    with pytest.raises(BadInput) as refused:
        made(team, **asked)
    assert refused.value.field == field
    assert not LabelQueue.objects.exists()


def test_more_overlap_opens_places_of_what_is_not_settled_and_less_takes_only_free_ones(team: Cast, lena: Tree) -> None:
    queue = made(team)
    first, second = queue.items.order_by("number")
    taken(first, team.ada, "submitted")
    LabelItem.objects.filter(pk=first.pk).update(state="agreed")

    change(team, queue, overlap=3)
    assert places(queue) == [(1, 0, 1), (3, 3, 0)]
    second.refresh_from_db()
    taken(second, team.ada, "submitted")
    taken(second, team.bo)
    queue.refresh_from_db()
    change(team, queue, overlap=1)

    assert places(queue) == [(1, 0, 1), (2, 0, 2)]
    assert LabelItem.objects.get(pk=second.pk).state == "open"


def test_an_item_that_less_overlap_completes_is_settled(team: Cast, lena: Tree) -> None:
    queue = made(team, overlap=2)
    taken(queue.items.get(number=1), team.ada, "submitted")

    change(team, queue, overlap=1)

    assert list(queue.items.order_by("number").values_list("state", flat=True)) == ["agreed", "open"]


def test_what_labels_mean_stays_once_somebody_has_begun(team: Cast, lena: Tree) -> None:
    queue = made(team)
    queue = change(team, queue, settings={"rate": "all"})
    taken(queue.items.get(number=1), team.ada)

    with pytest.raises(BadInput, match="stays as it is") as refused:
        change(team, queue, settings={**queue.settings, "rate": "first_error"})
    assert refused.value.field == "rate"
    with pytest.raises(BadInput, match="stays as it is"):
        change(team, queue, agree=2, most=3)
    assert change(team, queue, settings={**queue.settings, "reference": "hidden"}).settings["reference"] == "hidden"


def test_a_reviewer_frees_an_item_and_it_waits_for_somebody_else(team: Cast, lena: Tree) -> None:
    bo, queue = team.access(team.bo), made(team)
    session = taken(queue.items.get(number=1), team.ada)

    free_lease(access=bo, queue_id=queue.pk, session_id=session.pk)

    session.refresh_from_db()
    event = SessionEvent.objects.get(session=session)
    assert (session.state, session.lease_until, places(queue)[0]) == ("returned", None, (1, 1, 0))
    assert (event.kind, event.user_id, event.data) == ("returned", team.bo.pk, {"by": "reviewer"})
    with pytest.raises(Conflict):
        free_lease(access=bo, queue_id=queue.pk, session_id=session.pk)


def test_withdrawn_items_have_no_places_until_they_are_brought_back(team: Cast, lena: Tree) -> None:
    bo, queue = team.access(team.bo), made(team)
    ids = list(queue.items.order_by("number").values_list("pk", flat=True))
    session = taken(queue.items.get(pk=ids[0]), team.ada)

    assert withdraw(access=bo, queue_id=queue.pk, items=ids) == 2
    session.refresh_from_db()
    assert (session.state, places(queue)) == ("returned", [(1, 0, 0), (1, 0, 0)])
    assert bring_back(access=bo, queue_id=queue.pk, items=ids[:1]) == 1
    assert places(queue) == [(1, 1, 0), (1, 0, 0)]
    other = label_queue(team.project)
    assert withdraw(access=bo, queue_id=other.pk, items=ids) == 0


def test_a_queue_for_some_is_not_there_for_the_others(team: Cast, lena: Tree) -> None:
    ada, bo = team.access(team.ada), team.access(team.bo)
    queue = made(team, settings={"everyone": False})

    with pytest.raises(NotFound):
        find_queue(ada, queue.pk)
    assert queue_list(ada) == [] and find_queue(bo, queue.pk) == queue
    assign(access=bo, queue_id=queue.pk, users=[team.ada.pk])
    assert [head.left for head in queue_list(ada)] == [2]
    assert [head.left for head in queue_list(bo)] == [0]
    with pytest.raises(BadInput, match="members who may label"):
        assign(access=bo, queue_id=queue.pk, users=[team.vi.pk])
    assign(access=bo, queue_id=queue.pk, users=[])
    assert queue_list(ada) == []


def test_what_is_left_for_somebody_leaves_out_what_he_had_and_what_others_hold(team: Cast, lena: Tree) -> None:
    queue = made(team, overlap=2)
    first, second = queue.items.order_by("number")
    taken(first, team.ada, "submitted")

    (head,) = queue_list(team.access(team.ada))
    assert (head.left, head.done_by_me, head.done, head.items) == (1, 1, 0, 2)
    taken(second, team.odo)
    taken(second, team.bo)
    (head,) = queue_list(team.access(team.ada))
    assert (head.left, head.held, head.free) == (0, 2, 1)
    set_state(access=team.access(team.bo), queue_id=queue.pk, state="paused")
    assert queue_list(team.access(team.odo))[0].left == 0


def test_what_the_list_promises_is_what_is_handed_out(team: Cast, lena: Tree) -> None:
    ada, queue = team.access(team.ada), made(team, settings={"everyone": False})
    assign(access=team.access(team.bo), queue_id=queue.pk, users=[team.ada.pk])

    first = take(access=ada, queue_id=queue.pk)
    assert isinstance(first, Taken)
    assert isinstance(take(access=ada, queue_id=queue.pk, have=[first.session.pk]), Taken)
    (head,) = queue_list(ada)
    assert (head.left, head.mine, head.free) == (2, 2, 0)
    free_lease(access=team.access(team.bo), queue_id=queue.pk, session_id=first.session.pk)
    assert queue_list(ada)[0].left == 2
    assert isinstance(take(access=team.access(team.odo), queue_id=queue.pk), Nothing)


def test_annotators_make_and_change_no_queue(team: Cast, lena: Tree) -> None:
    queue, ada = made(team), team.access(team.ada)

    for act in (
        lambda: create_queue(access=ada, name="Mine"),
        lambda: set_state(access=ada, queue_id=queue.pk, state="closed"),
        lambda: withdraw(access=ada, queue_id=queue.pk, items=[]),
        lambda: assign(access=ada, queue_id=queue.pk, users=[]),
    ):
        with pytest.raises(NotAllowed):
            act()


def test_the_sample_project_has_a_desk_to_begin_at(team: Cast) -> None:
    project = samples.sample_project(owner=team.odo)
    again = samples.sample_project(owner=team.odo)

    first, walk = LabelQueue.objects.filter(project=project)
    assert again == project
    assert (first.name, first.mode, first.items.count()) == ("First look", "solution", 30)
    assert (walk.mode, walk.items.count()) == ("tree", 10)
    asked = samples.first_run(project=project, owner=team.odo)
    assert asked is not None and asked.trees.count() == 60
