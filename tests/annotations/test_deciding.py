"""A reviewer decides between people: what the decision counts for, how it is taken back, who may see what when."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from annotations.desk.deciding import comment, decide, decide_as, take_back
from annotations.errors import BadInput, Conflict, NotAllowed, NotFound
from annotations.exports.trees import RATINGS
from annotations.labelling import Judgement
from annotations.models import ItemDecision, LabelEvent, LabelItem, LabelSession, Node, ReviewCell, ReviewStep
from annotations.reviewing.fold import fold
from annotations.selectors.disputes import dispute
from annotations.selectors.labels import CORPUS_SQL, current_by_node, label_params, resolve
from annotations.selectors.mywork import my_sessions
from annotations.selectors.questions import asked_of
from annotations.selectors.toolsteps import closely
from annotations.selectors.trees import tree_map
from tests.disputecast import Case, annotator, case, on
from tests.factories import Cast, cast, check, imported_rating

pytestmark = pytest.mark.django_db


@pytest.fixture
def team() -> Cast:
    return cast()


@pytest.fixture
def pens(team: Cast) -> Case:
    return case(team)


def ratings(*said: tuple[Node, str]) -> dict[int, Judgement]:
    return {node.pk: Judgement(rating) for node, rating in said}


def as_al(pens: Case, **more: Any) -> ItemDecision:
    bo = pens.team.access(pens.team.bo)
    return decide_as(
        access=bo, item_id=pens.item.pk, session_id=pens.session(annotator(pens.team, "al")).pk, why="It is 6.", **more
    )


def resolved(pens: Case, node: Node) -> tuple[str, bool]:
    """Return rating and by_person as exports, training and the review read them."""
    with connection.cursor() as cursor:
        cursor.execute(RATINGS, {**label_params(pens.team.access(pens.team.bo)), "nodes": [node.pk]})
        return next((row[1], row[3]) for row in cursor.fetchall())


def test_a_decision_goes_before_any_number_of_people_in_every_resolved_rating(team: Cast) -> None:
    pens = case(team, words={"ada": "ci..", "ann": "ci..", "al": "cccc"})
    wrong = pens.nodes[1]
    imported_rating(wrong, "incorrect", "corpus:1")
    assert resolved(pens, wrong) == ("incorrect", True)
    as_al(pens)
    bo = team.access(team.bo)

    assert resolved(pens, wrong) == ("correct", True)
    standing = resolve(current_by_node(bo, [wrong.pk])[wrong.pk])
    assert standing is not None and (standing.rating, standing.source, standing.author) == (
        "correct", "decision", team.bo,
    )  # fmt: skip
    spot = tree_map(bo, wrong.tree_id).spots[wrong.seq]
    assert (spot.rating, spot.split) == ("correct", False)
    fold(team.project.pk)
    cell = ReviewStep.objects.get(node=wrong).cell
    assert ReviewCell.objects.get(project=team.project, key=cell).rating == "correct"


def test_a_decision_is_a_source_of_its_own_for_tools_and_no_corpus(pens: Case) -> None:
    check(pens.nodes[1], "refuted")
    as_al(pens)
    found = closely(pens.team.access(pens.team.bo), "claims", "1").by_source
    assert list(found) == ["person", "decision"]
    assert found["decision"].counts == {("refuted", "correct"): 1}
    with connection.cursor() as cursor:
        cursor.execute(CORPUS_SQL, {"project": pens.team.project.pk})
        assert cursor.fetchall() == []


def test_the_database_wants_an_author_of_every_decision(pens: Case) -> None:
    scheme = LabelEvent.objects.first().scheme  # type: ignore[union-attr]
    with pytest.raises(IntegrityError, match="person_has_author"), transaction.atomic():
        LabelEvent.objects.create(
            project=pens.team.project, node=pens.nodes[0], scheme=scheme, voter="decision", source="decision"
        )


def test_deciding_as_somebody_said_takes_his_ratings_and_first_error(pens: Case) -> None:
    ada = pens.session(pens.team.ada)
    made = decide_as(access=pens.team.access(pens.team.bo), item_id=pens.item.pk, session_id=ada.pk, why=" 9 - 3 = 6 ")
    events = LabelEvent.objects.filter(source="decision").order_by("id")

    assert (made.first_error, made.finish, made.why, made.session) == (pens.nodes[1], "found_error", "9 - 3 = 6", ada)
    assert [(event.node, event.rating) for event in events] == [
        (pens.nodes[0], "correct"), (pens.nodes[1], "incorrect"),
    ]  # fmt: skip
    assert {(event.voter, event.author_id, event.session_id) for event in events} == {
        ("decision", pens.team.bo.pk, None)
    }
    assert events[0].data == {"item": pens.item.pk, "decision": made.pk}
    pens.item.refresh_from_db()
    assert pens.item.state == "decided"


def test_a_reviewer_rates_the_steps_himself_and_a_later_decision_replaces_it(pens: Case) -> None:
    bo, first, second, third, _ = pens.team.access(pens.team.bo), *pens.nodes
    own = ratings((first, "correct"), (second, "correct"), (third, "incorrect"))
    decide(access=bo, item_id=pens.item.pk, ratings=own, first_error=third.pk)
    assert dispute(bo, pens.item.pk).decision.finish == "found_error"  # type: ignore[union-attr]
    ada = pens.session(pens.team.ada)
    decide_as(access=bo, item_id=pens.item.pk, session_id=ada.pk)

    assert resolved(pens, second) == ("incorrect", True)
    # Ada said nothing of the third step: it is people's again.
    assert [row.decided is not None for row in dispute(bo, pens.item.pk).rows] == [True, True, False, False]


@pytest.mark.parametrize(
    ("said", "error", "field"),
    [("ci", None, "first_error"), ("cc", 1, "first_error"), ("ci", 0, "first_error"), ("cx", None, "ratings")],
)
def test_ratings_that_do_not_fit_are_refused(pens: Case, said: str, error: int | None, field: str) -> None:
    words = {"c": "correct", "i": "incorrect"}
    given = ratings(*((node, words[word]) for node, word in zip(pens.nodes, said, strict=False) if word in words))
    if "x" in said:
        given[case(pens.team, "Another one?").nodes[0].pk] = Judgement("correct")
    first_error = None if error is None else pens.nodes[error].pk
    with pytest.raises(BadInput) as caught:
        decide(access=pens.team.access(pens.team.bo), item_id=pens.item.pk, ratings=given, first_error=first_error)
    assert caught.value.field == field
    assert not ItemDecision.objects.exists()


def test_of_a_walked_tree_the_path_is_what_people_chose(team: Cast) -> None:
    pens = case(team, words={"ada": "ci.."})
    LabelItem.objects.filter(pk=pens.item.pk).update(leaf=None)
    al = pens.submit(annotator(team, "al"), "cc..")
    LabelSession.objects.filter(pk=al.pk).update(own={str(pens.nodes[1].pk): {"text": "So 6 are left."}})
    bo = team.access(team.bo)
    found = dispute(bo, pens.item.pk)

    assert [(row.node, row.aside) for row in found.rows] == [(pens.nodes[0].pk, True), (pens.nodes[1].pk, False)]
    assert [cell.wrote for cell in found.rows[1].cells] == ["", "So 6 are left."]
    own = ratings((pens.nodes[0], "correct"), (pens.nodes[1], "incorrect"))
    assert decide(access=bo, item_id=pens.item.pk, ratings=own, first_error=pens.nodes[1].pk).finish == "found_error"


def test_taking_back_leaves_the_item_as_it_stood(pens: Case) -> None:
    before = [resolved(pens, node) for node in pens.nodes[:3]]
    as_al(pens)
    bo = pens.team.access(pens.team.bo)
    take_back(access=bo, item_id=pens.item.pk)

    assert [resolved(pens, node) for node in pens.nodes[:3]] == before
    found = dispute(bo, pens.item.pk)
    assert (found.item.state, found.decision, len(found.decisions)) == ("disputed", None, 2)
    with pytest.raises(Conflict, match="Nothing is decided"):
        take_back(access=bo, item_id=pens.item.pk)


def test_taking_back_leaves_what_another_item_decided_of_a_shared_step(pens: Case) -> None:
    bo = pens.team.access(pens.team.bo)
    other = on(pens.team, pens.queue.__class__.objects.create(project=pens.team.project, name="Two"), pens.item.tree)
    ada = other.session(pens.team.ada)
    decide_as(access=bo, item_id=other.item.pk, session_id=ada.pk)
    as_al(pens)
    assert resolved(pens, pens.nodes[1])[0] == "correct"
    take_back(access=bo, item_id=pens.item.pk)
    assert resolved(pens, pens.nodes[1])[0] == "incorrect"


def test_a_decision_on_what_has_changed_meanwhile_is_a_conflict_and_a_repeated_send_is_not(pens: Case) -> None:
    bo = pens.team.access(pens.team.bo)
    seen, key = dispute(bo, pens.item.pk).version, uuid4()
    made = as_al(pens, seen=seen, key=key)
    assert as_al(pens, seen=seen, key=key) == made
    with pytest.raises(Conflict, match="changed since"):
        as_al(pens, seen=seen, key=uuid4())
    take_back(access=bo, item_id=pens.item.pk)
    seen = dispute(bo, pens.item.pk).version
    LabelEvent.objects.create(
        project=pens.team.project, node=pens.nodes[1], author=pens.team.ada, voter=f"u{pens.team.ada.pk}",
        rating="correct", scheme=LabelEvent.objects.latest("id").scheme,
    )  # fmt: skip
    with pytest.raises(Conflict, match="changed since"):
        as_al(pens, seen=seen)


def test_an_item_that_is_still_labelled_cannot_be_decided(pens: Case) -> None:
    LabelItem.objects.filter(pk=pens.item.pk).update(state="open")
    with pytest.raises(Conflict, match="still being labelled"):
        as_al(pens)


@pytest.mark.parametrize("name", ["ada", "vi"])
def test_only_reviewers_decide_and_ask(pens: Case, name: str) -> None:
    who = pens.team.access(getattr(pens.team, name))
    session = pens.session(pens.team.ada)
    with pytest.raises(NotAllowed):
        decide_as(access=who, item_id=pens.item.pk, session_id=session.pk)
    with pytest.raises(NotAllowed):
        take_back(access=who, item_id=pens.item.pk)
    with pytest.raises(NotAllowed):
        comment(access=who, item_id=pens.item.pk, text="Why?", asks=True)


def test_a_question_is_open_to_who_labelled_until_one_of_them_answers(pens: Case) -> None:
    team, step = pens.team, pens.nodes[1]
    bo, ada, al = team.access(team.bo), team.access(team.ada), team.access(annotator(team, "al"))
    annotator(team, "nils")
    question = comment(access=bo, item_id=pens.item.pk, node_id=step.pk, text="Is 9 - 3 = 5 right?", asks=True)
    assert comment(access=bo, item_id=pens.item.pk, node_id=step.pk, text="Is 9 - 3 = 5 right?", asks=True) == question
    assert [asked_of(who) for who in (ada, al, bo, team.access(annotator(team, "nils")))] == [1, 1, 0, 0]

    comment(access=al, item_id=pens.item.pk, text="Of the whole: I read it twice.")
    assert asked_of(ada) == 1
    comment(access=al, item_id=pens.item.pk, node_id=step.pk, text="No, I overlooked it.")
    assert asked_of(ada) == 0
    comment(access=bo, item_id=pens.item.pk, text="And the last one?", asks=True)
    assert asked_of(ada) == 1
    as_al(pens)
    assert asked_of(ada) == 0


def test_nobody_talks_about_an_item_that_he_did_not_submit(pens: Case) -> None:
    nils = pens.team.access(annotator(pens.team, "nils"))
    for refused in (lambda: dispute(nils, pens.item.pk), lambda: comment(access=nils, item_id=pens.item.pk, text="Hm")):
        with pytest.raises(NotFound):
            refused()
    pens.submit(nils.user, "c...", state="leased")
    with pytest.raises(NotAllowed):
        comment(access=nils, item_id=pens.item.pk, text="Hm")


@pytest.mark.parametrize("blind", [False, True])
@pytest.mark.parametrize(
    ("reveal", "disputed", "decided"),
    [("never", False, False), ("submitted", True, True), ("decided", False, True)],
)
def test_who_labelled_sees_the_others_when_the_queue_reveals_them(
    team: Cast, reveal: str, disputed: bool, decided: bool, blind: bool
) -> None:
    team.project.settings = {"blind": blind}
    team.project.save(update_fields=["settings"])
    pens = case(team, reveal=reveal)
    nils = annotator(team, "nils")
    pens.submit(nils, "c...", state="leased")
    ada, bo = team.access(team.ada), team.access(team.bo)

    def names(who: Any) -> list[str]:
        return [str(session.user) for session in dispute(who, pens.item.pk).people]

    everybody = ["ada", "al", "ann"]
    assert names(bo) == everybody
    assert names(ada) == (everybody if disputed else ["ada"])
    as_al(pens)
    found = dispute(ada, pens.item.pk)
    assert names(ada) == (everybody if decided else ["ada"])
    assert (found.decision is not None) == decided
    assert ([row.decided is not None for row in found.rows] == [True] * 4) == decided
    # Whoever has not submitted sees his own words alone, whatever the queue reveals.
    for state in ("leased", "returned", "expired", "skipped"):
        LabelSession.objects.filter(item=pens.item, user=nils).update(state=state)
        unsent = dispute(team.access(nils), pens.item.pk)
        assert ([str(one.user) for one in unsent.people], unsent.decision, unsent.comments) == (["nils"], None, [])
        assert {cell.rating for row in unsent.rows for cell in row.cells} == {"correct", ""}
    with pytest.raises(NotFound):
        dispute(team.access(team.vi), pens.item.pk)


@pytest.mark.parametrize(("reveal", "same"), [("decided", [False]), ("never", [None])])
def test_my_work_says_whether_it_was_decided_as_he_said(team: Cast, reveal: str, same: list[bool | None]) -> None:
    pens = case(team, reveal=reveal)
    ada = team.access(team.ada)
    assert [row.same for row in my_sessions(ada).rows] == [None]
    as_al(pens)
    assert [row.same for row in my_sessions(ada).rows] == same
