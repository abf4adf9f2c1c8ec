"""Acts of the labelling page: each stands for itself, a repeated one is harmless, nothing that was said is lost."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from annotations.desk.acting import leases, save_acts
from annotations.errors import BadInput, NotAllowed
from annotations.labelling import Judgement, save_label
from annotations.models import LabelEvent, LabelItem, LabelSession, SessionEvent
from tests.deskcast import Desk, desk
from tests.factories import cast, problem, tree

pytestmark = pytest.mark.django_db


@pytest.fixture
def bench() -> Desk:
    return desk()


def test_a_rating_keeps_all_that_the_page_says_of_it(bench: Desk) -> None:
    session = bench.session()
    shown = {"prm": 0.31, "verdict": "refuted", "reference": True, "evidence": True, "prelabels": "after"}
    sent = bench.rate(
        1, "incorrect", category="arithmetic", note="9, not 8", rewrite="5 + 4 = 9", seconds=4.5, shown=shown,
        flagged=True, chosen=False,
    )  # fmt: skip
    (outcome,) = bench.act(session, sent)
    event = LabelEvent.objects.get()
    assert outcome.as_dict() == {
        "key": str(event.idempotency_key), "state": "saved", "version": event.pk,
        "at": event.created_at.isoformat(timespec="seconds"),
    }  # fmt: skip
    assert (event.rating, event.category, event.note, event.rewrite) == (
        "incorrect", "arithmetic", "9, not 8", "5 + 4 = 9",
    )  # fmt: skip
    assert (event.shown, event.seconds, event.client, event.data) == (shown, 4.5, "desk", {"flagged": True})
    assert (event.session, event.author, event.voter) == (session, bench.team.ada, f"u{bench.team.ada.pk}")


def test_ten_ratings_are_one_message(bench: Desk) -> None:
    session = bench.session()
    bench.act(session, {"kind": "keep"}, bench.rate(4, "correct"))
    access = bench.team.access(bench.team.ada)
    acts = [bench.rate(seq, "correct") | {"session": session.pk, "key": str(uuid4())} for seq in (1, 2, 3, 6)]
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert [outcome.state for outcome in save_acts(access=access, acts=acts)] == ["saved"] * 4
    assert len(asked) == 1


def test_every_act_renews_the_lease(bench: Desk) -> None:
    session = bench.session()
    held = leases(bench.act(session, bench.rate(1, "correct")))
    before = session.lease_until
    session.refresh_from_db()
    assert held == {session.pk: session.lease_until}
    assert session.lease_until > before
    assert session.seen_at is not None


def test_an_act_sent_again_answers_what_it_answered_first(bench: Desk) -> None:
    session, key = bench.session(), str(uuid4())
    first = bench.act(session, bench.rate(1, "correct", key=key))
    bench.act(session, bench.rate(1, "incorrect", seen=first[0].more["version"]))
    assert bench.act(session, bench.rate(1, "correct", key=key)) == first
    assert LabelEvent.objects.count() == 2


def test_acts_on_one_step_that_were_queued_offline_follow_one_another(bench: Desk) -> None:
    session, key = bench.session(), str(uuid4())
    sent = [bench.rate(1, "correct", key=key), bench.rate(1, "correct", note="sure"), bench.rate(1, "neutral")]
    assert [outcome.state for outcome in bench.act(session, *sent)] == ["saved"] * 3
    again = [bench.rate(1, "correct", key=key), bench.rate(2, "correct")]
    assert [outcome.state for outcome in bench.act(session, *again)] == ["saved"] * 2
    assert LabelEvent.objects.filter(node=bench.nodes[1]).latest("id").rating == "neutral"


def test_another_tab_was_first_so_both_words_are_shown_and_nothing_is_written(bench: Desk) -> None:
    session = bench.session()
    judgement = Judgement("incorrect", note="from the phone", client="tree")
    access = bench.team.access(bench.team.ada)
    stood = save_label(access=access, node_id=bench.nodes[1].pk, judgement=judgement, seen_version=None, key=None)
    met, other = bench.act(session, bench.rate(1, "correct"), bench.rate(2, "correct"))
    assert (met.state, other.state) == ("conflict", "saved")
    stands = met.more["stands"]
    assert (stands["rating"], stands["note"], stands["version"], stands["client"]) == (
        "incorrect", "from the phone", stood.pk, "tree",
    )  # fmt: skip
    assert bench.act(session, bench.rate(1, "correct", seen=stood.pk))[0].state == "saved"


def test_others_words_are_no_conflict(bench: Desk) -> None:
    save_label(
        access=bench.team.access(bench.team.bo), node_id=bench.nodes[1].pk, judgement=Judgement("incorrect"),
        seen_version=None, key=None,
    )  # fmt: skip
    assert bench.act(bench.session(), bench.rate(1, "correct"))[0].state == "saved"


def test_an_undo_names_what_it_takes_back(bench: Desk) -> None:
    session, key = bench.session(), str(uuid4())
    (first,) = bench.act(session, bench.rate(1, "correct", key=key))
    back = bench.rate(1, None, seen=first.more["version"], undo_of=key)
    assert bench.act(session, back)[0].state == "saved"
    event = LabelEvent.objects.latest("id")
    assert (event.kind, event.rating, event.supersedes_id) == ("retract", None, first.more["version"])
    (wrong,) = bench.act(session, bench.rate(2, None, undo_of=key))
    assert (wrong.state, wrong.more["field"]) == ("refused", "undo_of")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"kind": "judge"}, "kind"),
        ({"key": "no-key"}, "key"),
        ({"session": 0}, "session"),
        ({"session": 2**40}, "session"),
        ({"node": "x"}, "node"),
        ({"seen": -1}, "seen"),
        ({"rating": "superb"}, "rating"),
        ({"rating": 5}, "rating"),
        ({"category": "no_such"}, "category"),
        ({"note": "n" * 10_001}, "note"),
        ({"note": "\x00"}, "note"),
        ({"rewrite": "\ud800"}, "rewrite"),
        ({"seconds": float("nan")}, "seconds"),
        ({"seconds": 90_000}, "seconds"),
        ({"shown": ["prm"]}, "shown"),
        ({"shown": {"prm": "\x00"}}, "shown"),
        ({"flagged": "yes"}, "flagged"),
        ({"undo_of": "?"}, "undo_of"),
    ],
)
def test_what_does_not_fit_is_refused_by_field_and_costs_no_other_act(
    bench: Desk, change: dict[str, object], field: str
) -> None:
    session = bench.session()
    bad, good = bench.act(session, bench.rate(1, "correct") | change, bench.rate(2, "correct"))
    assert (bad.state, bad.more["field"], good.state) == ("refused", field, "saved")
    assert bad.more["message"].endswith(".")


def test_only_steps_of_the_item_are_rated(bench: Desk) -> None:
    session = bench.session()
    beside, below, elsewhere = bench.act(
        session,
        bench.rate(4, "correct"),
        bench.rate(5, "correct"),
        bench.rate(1, "correct")
        | {"node": tree(bench.team.project, problem(bench.team.project, "Else?")).nodes.all()[0].pk},
    )
    assert (beside.state, below.more["field"], elsewhere.more["field"]) == ("saved", "node", "node")


def test_in_a_tree_every_step_is_rated() -> None:
    bench = desk("tree")
    outcomes = bench.act(bench.session(), *(bench.rate(seq, "correct") for seq in range(1, 7)))
    assert [outcome.state for outcome in outcomes] == ["saved"] * 6


def test_somebody_elses_session_takes_nothing(bench: Desk) -> None:
    others = bench.session("bo")
    (refused,) = bench.act(bench.session("ada", state="expired"), bench.rate(1, "correct") | {"session": others.pk})
    assert (refused.state, refused.more["field"]) == ("refused", "session")
    foreign = cast("elsewhere")
    access = foreign.access(foreign.ada)
    acts = [bench.rate(1, "correct") | {"session": others.pk, "key": str(uuid4())}]
    assert save_acts(access=access, acts=acts)[0].state == "refused"
    assert not LabelEvent.objects.exists()


def test_labels_of_a_lease_that_ran_out_are_kept_and_the_place_is_had_again(bench: Desk) -> None:
    session = bench.session(state="expired")
    held = leases(bench.act(session, bench.rate(1, "correct")))
    session.refresh_from_db()
    bench.item.refresh_from_db()
    assert (session.state, bench.item.places, bench.item.takers) == ("leased", 0, 1)
    assert session.pk in held


def test_labels_are_kept_though_somebody_else_has_the_place_now(bench: Desk) -> None:
    session = bench.session(state="expired")
    bench.session("bo")
    (outcome,) = bench.act(session, bench.rate(1, "correct"))
    session.refresh_from_db()
    assert (outcome.state, outcome.lease, session.state) == ("saved", None, "expired")


def test_a_submitted_item_is_labelled_again_only_when_it_is_taken_back(bench: Desk) -> None:
    session = bench.session(state="submitted")
    assert bench.act(session, bench.rate(1, "correct"))[0].more["field"] == "session"
    reopened, rated = bench.act(session, {"kind": "reopen"}, bench.rate(1, "correct"))
    assert (reopened.more["session_state"], rated.state) == ("leased", "saved")


def test_own_steps_and_flags_are_kept_and_their_history_too(bench: Desk) -> None:
    session = bench.session()
    own = {"kind": "own", "parent": bench.nodes[2].pk, "text": "She has 9.", "flagged": True}
    bench.act(session, own, {"kind": "own", "parent": 0, "text": "Start."}, {"kind": "flag", "flagged": True})
    bench.act(session, {"kind": "own", "parent": 0, "text": ""})
    session.refresh_from_db()
    assert (session.own, session.flagged) == ({str(bench.nodes[2].pk): {"text": "She has 9.", "flagged": True}}, True)
    assert list(SessionEvent.objects.order_by("id").values_list("kind", flat=True)) == [
        "own_step", "own_step", "flagged", "own_step",
    ]  # fmt: skip
    assert bench.act(session, own | {"parent": bench.nodes[5].pk})[0].more["field"] == "parent"


def test_skipped_and_returned_items_give_their_place_back(bench: Desk) -> None:
    session = bench.session()
    assert bench.act(session, {"kind": "skip", "reason": " "})[0].more["field"] == "reason"
    skip = {"kind": "skip", "reason": "A picture is missing", "key": str(uuid4())}
    assert [bench.act(session, skip)[0].more["session_state"] for _ in range(2)] == ["skipped", "skipped"]
    item = LabelItem.objects.get()
    assert (item.places, item.takers, LabelSession.objects.get().reason) == (1, 0, "A picture is missing")
    again = bench.session("bo")
    bench.act(again, {"kind": "return"}, {"kind": "return"})
    item.refresh_from_db()
    assert (item.places, item.takers) == (1, 0)


def test_too_many_acts_and_whoever_may_not_label_are_refused_whole(bench: Desk) -> None:
    with pytest.raises(BadInput, match="at most 200"):
        save_acts(access=bench.team.access(bench.team.ada), acts=[{}] * 201)
    with pytest.raises(NotAllowed):
        save_acts(access=bench.team.access(bench.team.vi), acts=[])
