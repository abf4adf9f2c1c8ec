"""Labels are appended: a repeated send is harmless, a stale form is told so, undo goes back step by step."""

# ruff: noqa: S608 (names of our own tables)

from __future__ import annotations

from uuid import uuid4

import pytest
from django.db import connection

from annotations import labelling, teams
from annotations.errors import BadInput, Conflict, NotAllowed, NotFound
from annotations.labelling import Judgement, save_label, step_version, undo_label
from annotations.models import LabelEvent, Node, Project
from annotations.selectors.labels import RESOLVED_SQL, current_by_node, label_params, node_history, resolve
from tests.factories import Cast, cast, imported_rating, problem, tree

pytestmark = pytest.mark.django_db


@pytest.fixture
def team() -> Cast:
    return cast()


@pytest.fixture
def step(team: Cast) -> Node:
    return tree(team.project, problem(team.project)).nodes.get(seq=1)


def say(team: Cast, step: Node, rating: str | None, who: str = "ada", **more: object) -> LabelEvent:
    access = team.access(getattr(team, who))
    judgement = Judgement(rating=rating, **more)
    return save_label(access=access, node_id=step.pk, judgement=judgement, seen_version=None, key=None)


def undo(team: Cast, step: Node, who: str = "ada") -> LabelEvent:
    return undo_label(access=team.access(getattr(team, who)), node_id=step.pk)


def blind(project: Project) -> None:
    project.settings = {"blind": True}
    project.save()


def test_a_label_has_author_scheme_and_time(team: Cast, step: Node) -> None:
    event = say(team, step, "incorrect", category="arithmetic", note="5 + 4 is 9", rewrite="5 + 4 = 9", seconds=2.5)
    event.refresh_from_db()
    assert (event.author, event.voter, event.source) == (team.ada, f"u{team.ada.pk}", "person")
    assert (event.category, event.note, event.rewrite, event.seconds) == ("arithmetic", "5 + 4 is 9", "5 + 4 = 9", 2.5)
    assert event.scheme.version == 1 and event.created_at is not None


def test_the_same_key_twice_writes_one_event(team: Cast, step: Node) -> None:
    key = uuid4()
    access = team.access(team.ada)
    sent = [
        save_label(access=access, node_id=step.pk, judgement=Judgement("correct"), seen_version=0, key=key)
        for _ in range(2)
    ]
    assert sent[0].pk == sent[1].pk
    assert LabelEvent.objects.count() == 1


def test_undo_with_the_same_key_twice_goes_back_once(team: Cast, step: Node) -> None:
    say(team, step, "correct")
    say(team, step, "incorrect")
    key = uuid4()
    access = team.access(team.ada)
    sent = [undo_label(access=access, node_id=step.pk, key=key) for _ in range(2)]
    assert sent[0].pk == sent[1].pk
    assert sent[0].rating == "correct"


def test_a_key_belongs_to_one_step(team: Cast, step: Node) -> None:
    key = uuid4()
    access = team.access(team.ada)
    other = step.tree.nodes.get(seq=2)
    save_label(access=access, node_id=step.pk, judgement=Judgement("correct"), seen_version=None, key=key)
    with pytest.raises(BadInput, match="another step"):
        save_label(access=access, node_id=other.pk, judgement=Judgement("correct"), seen_version=None, key=key)


def test_two_people_may_use_the_same_key(team: Cast, step: Node) -> None:
    key = uuid4()
    for user in (team.ada, team.bo):
        judgement = Judgement("correct")
        save_label(access=team.access(user), node_id=step.pk, judgement=judgement, seen_version=None, key=key)
    assert LabelEvent.objects.count() == 2


def test_a_stale_form_is_a_conflict_and_writes_nothing(team: Cast, step: Node) -> None:
    first = say(team, step, "incorrect", who="bo")
    with pytest.raises(Conflict) as caught:
        save_label(
            access=team.access(team.ada), node_id=step.pk, judgement=Judgement("correct"), seen_version=0, key=None
        )
    assert caught.value.fresh == first.pk
    assert LabelEvent.objects.count() == 1


def test_a_form_made_from_the_newest_event_is_saved(team: Cast, step: Node) -> None:
    say(team, step, "incorrect", who="bo")
    access = team.access(team.ada)
    seen = step_version(access, step.pk)
    event = save_label(access=access, node_id=step.pk, judgement=Judgement("correct"), seen_version=seen, key=None)
    assert event.pk == step_version(access, step.pk)


def test_two_undos_go_back_two(team: Cast, step: Node) -> None:
    for rating in ("correct", "neutral", "incorrect"):
        say(team, step, rating, note=f"said {rating}")
    assert [(undo(team, step).rating), (undo(team, step).rating)] == ["neutral", "correct"]
    assert LabelEvent.objects.latest("id").note == "said correct"
    assert undo(team, step).rating is None
    with pytest.raises(BadInput, match="nothing of yours to undo"):
        undo(team, step)


def test_a_judgement_after_undo_starts_a_new_top(team: Cast, step: Node) -> None:
    say(team, step, "correct")
    say(team, step, "incorrect")
    undo(team, step)
    say(team, step, "neutral")
    assert [undo(team, step).rating, undo(team, step).rating] == ["correct", None]


def test_undo_keeps_history_and_names_what_it_undid(team: Cast, step: Node) -> None:
    said = say(team, step, "correct")
    gone = undo(team, step)
    assert (gone.kind, gone.supersedes_id) == ("retract", said.pk)
    assert [event.pk for event in node_history(team.access(team.ada), step.pk)] == [gone.pk, said.pk]


def test_undo_takes_back_only_what_is_ones_own(team: Cast, step: Node) -> None:
    say(team, step, "correct", who="bo")
    with pytest.raises(BadInput, match="nothing of yours"):
        undo(team, step)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"rating": "right"}, "rating"),
        ({"rating": "incorrect", "category": "bogus"}, "category"),
        ({"rating": "correct", "note": "x" * 10_001}, "note"),
        ({"rating": "correct", "rewrite": "a\x00b"}, "rewrite"),
        ({"rating": "correct", "sureness": 1.5}, "sureness"),
        ({"rating": "correct", "sureness": float("nan")}, "sureness"),
    ],
)
def test_a_judgement_that_does_not_fit_names_its_field(
    team: Cast, step: Node, fields: dict[str, object], field: str
) -> None:
    with pytest.raises(BadInput) as caught:
        say(team, step, fields.pop("rating"), **fields)
    assert caught.value.field == field
    assert not LabelEvent.objects.exists()


def test_a_category_taken_out_of_the_scheme_is_refused_and_old_labels_keep_it(team: Cast, step: Node) -> None:
    old = say(team, step, "incorrect", category="unit")
    rows = [{"name": "Unit", "key": "unit", "active": False}, {"name": "Sign"}]
    teams.set_categories(access=team.access(team.odo), categories=rows)
    with pytest.raises(BadInput, match="expected one of sign"):
        say(team, step, "incorrect", category="unit")
    assert say(team, step, "incorrect", category="sign").scheme.version == 2
    old.refresh_from_db()
    assert (old.category, old.scheme.version) == ("unit", 1)


def test_nobody_labels_a_step_of_another_project(team: Cast, step: Node) -> None:
    elsewhere = cast("elsewhere")
    with pytest.raises(NotFound):
        say(elsewhere, step, "correct")


def test_a_viewer_does_not_label(team: Cast, step: Node) -> None:
    with pytest.raises(NotAllowed, match="viewer of Words may not label"):
        say(team, step, "correct", who="vi")


def test_in_blind_mode_an_annotator_sees_and_meets_only_his_own_labels(team: Cast, step: Node) -> None:
    blind(team.project)
    say(team, step, "incorrect", who="bo")
    access = team.access(team.ada)
    assert step_version(access, step.pk) == 0
    assert node_history(access, step.pk) == []
    assert current_by_node(access, [step.pk]) == {}
    event = save_label(access=access, node_id=step.pk, judgement=Judgement("correct"), seen_version=0, key=None)
    assert [seen.pk for seen in node_history(access, step.pk)] == [event.pk]


def test_in_blind_mode_a_reviewer_sees_all(team: Cast, step: Node) -> None:
    blind(team.project)
    say(team, step, "incorrect")
    assert len(node_history(team.access(team.bo), step.pk)) == 1


def test_people_come_before_corpora_and_the_latest_breaks_a_tie(team: Cast, step: Node) -> None:
    for number in range(3):
        imported_rating(step, "incorrect", f"row-{number}")
    access = team.access(team.bo)
    assert resolve(current_by_node(access, [step.pk])[step.pk]).rating == "incorrect"
    say(team, step, "correct")
    say(team, step, "neutral", who="bo")
    assert resolve(current_by_node(access, [step.pk])[step.pk]).rating == "neutral"
    undo(team, step, who="bo")
    assert resolve(current_by_node(access, [step.pk])[step.pk]).rating == "correct"


def test_sql_and_python_resolve_alike(team: Cast, step: Node) -> None:
    access = team.access(team.bo)
    for who, rating in (("ada", "correct"), ("bo", "incorrect"), ("odo", "correct"), ("ada", None)):
        say(team, step, rating, who=who)
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT node_id, rating FROM ({RESOLVED_SQL}) r", label_params(access))
            in_sql = dict(cursor.fetchall()).get(step.pk)
        resolved = resolve(current_by_node(access, [step.pk])[step.pk])
        assert in_sql == (resolved and resolved.rating)


def test_a_project_without_a_scheme_gets_the_default_one(team: Cast) -> None:
    bare = Project.objects.create(name="Bare", slug="bare")
    assert labelling.first_scheme(bare.pk).version == 1
    assert labelling.first_scheme(bare.pk).pk == labelling.first_scheme(bare.pk).pk
