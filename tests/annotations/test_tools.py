"""What labels say of tools: the figures of a small project worked out by hand, and what is not counted."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from annotations.access import Access
from annotations.errors import BadInput
from annotations.models import Node, Project
from annotations.selectors.tools import Measured, Tools, tools
from annotations.selectors.toolsteps import Cell, closely, steps_of
from annotations.trust import Share, Trust, can_trust, check_trusted, percent, trusted
from inference.verifiers.calibration import calibration
from tests import factories
from tests.factories import Cast, imported_rating
from tests.toolcast import checked, said, steps

pytestmark = pytest.mark.django_db


@pytest.fixture
def team() -> Cast:
    """Twelve steps that claims looked at, and who says what of them.

    step    1 2 3 4        5 6 7 8 9    10 11 12
    claims  refuted        supported    undecided
    label   - - + ~        - + + +      -  +          (- incorrect, + correct, ~ neutral)
    who     a a a a        i i p p      i  p          (Ada, imported, planted)

    Step 1 is also planted as incorrect and imported as correct: Ada's word stands.
    """
    team = factories.cast()
    made = steps(team.project, factories.problem(team.project), 12)
    checked(made[:4], "refuted")
    checked(made[4:9], "supported")
    checked(made[9:11], "undecided", ending="timeout", message="took too long")
    checked(made[11:], "undecided")
    said(made[:1], "incorrect", author=team.ada, category="arithmetic")
    said(made[1:2], "incorrect", author=team.ada, category="unit")
    said(made[2:3], "correct", author=team.ada)
    said(made[3:4], "neutral", author=team.ada)
    said(made[4:5], "incorrect", "import", category="set_up")
    said(made[5:6], "correct", "import")
    said(made[6:8], "correct", "planted")
    said(made[9:10], "incorrect", "import")
    said(made[10:11], "correct", "planted")
    said(made[:1], "incorrect", "planted")
    imported_rating(made[0], "correct", "a corpus")
    return team


def node(seq: int) -> Node:
    return Node.objects.get(seq=seq)


def measured(access: Access, version: str = "1") -> Measured:
    return next(each for each in tools(access).measured if each.version == version)


def test_the_shares_of_a_small_project_are_those_worked_out_by_hand(team: Cast) -> None:
    found = measured(team.access(team.bo))

    assert (found.verifier, found.endings) == ("claims", {"timeout": 2})
    trust = found.trust
    assert (trust.said(), trust.labelled(), trust.wrong()) == (12, 10, 4)
    assert trust.precision == Share(2, 4)
    assert trust.recall == Share(2, 4)
    assert trust.support == Share(1, 4)
    assert trust.base == Share(4, 10)
    assert (round(trust.base.low, 3), round(trust.base.high, 3)) == (0.168, 0.687)
    assert found.by_category == {
        **{"": Share(0, 1), "arithmetic": Share(1, 1), "set_up": Share(0, 1), "unit": Share(1, 1)},
    }


def test_each_source_of_labels_is_also_held_against_the_verdicts_alone(team: Cast) -> None:
    found = closely(team.access(team.bo), "claims", "1").by_source

    assert list(found) == ["person", "import", "planted"]
    assert found["person"].precision == Share(2, 4)
    assert (found["import"].precision, found["import"].recall) == (Share(0, 1), Share(0, 2))
    assert (found["planted"].precision, found["planted"].base) == (Share(1, 1), Share(1, 4))


def test_the_first_verdict_of_a_version_counts_and_another_version_stands_apart(team: Cast) -> None:
    checked([node(1)], "supported", params_hash="later")
    checked([node(1)], "undecided", version="2")
    found = tools(team.access(team.bo))

    assert [each.version for each in found.measured] == ["2", "1"]
    assert found.newest()["claims"].trust.counts == {("undecided", "incorrect"): 1}
    assert measured(team.access(team.bo)).trust.precision == Share(2, 4)


def test_a_label_that_changes_is_counted_at_once_and_a_removed_step_not_at_all(team: Cast) -> None:
    bo = team.access(team.bo)
    assert measured(bo).trust.wrong() == 4

    said([node(2)], "correct", author=team.ada)
    Node.objects.filter(pk=node(5).pk).update(removed=True)
    said([node(5)], "incorrect", author=team.bo)

    assert (measured(bo).trust.wrong(), measured(bo).trust.labelled()) == (2, 9)


def test_a_blind_annotator_gets_the_figures_of_his_own_labels(team: Cast) -> None:
    Project.objects.filter(pk=team.project.pk).update(settings={"blind": True})
    team.project.refresh_from_db()
    ada, vi = team.access(team.ada), team.access(team.vi)

    assert measured(ada).trust.base == Share(2, 4)
    assert set(measured(ada).by_category) == {"arithmetic", "unit"}
    assert list(closely(ada, "claims", "1").by_source) == ["person"]
    assert len(steps_of(ada, "claims", "1", Cell("supported", ""))) == 5
    assert measured(vi).trust.labelled() == 0
    assert measured(team.access(team.bo)).trust.base == Share(4, 10)


def test_the_steps_behind_a_count_are_listed(team: Cast) -> None:
    bo = team.access(team.bo)
    tools(bo)

    assert [step.seq for step in steps_of(bo, "claims", "1", Cell("refuted", "incorrect"))] == [1, 2]
    assert [step.seq for step in steps_of(bo, "claims", "1", Cell("supported", ""))] == [9]
    assert [step.ending for step in steps_of(bo, "claims", "1", Cell("undecided", "correct"))] == ["timeout"]
    assert steps_of(bo, "claims", "1", Cell("refuted", "incorrect"), page=2) == []


def test_a_judge_is_held_against_how_sure_it_was(team: Cast) -> None:
    checked([node(1)], "undecided", "judge", output={"p": 0.0})
    checked([node(3), node(4)], "undecided", "judge", output=[{"p": 0.85}, {"p": 0.95}])
    checked([node(2)], "supported", "judge", output={"p": 1})
    checked([node(9)], "supported", "judge", output={"p": 0.99})
    checked([node(5), node(6), node(7)], "undecided", "judge", output=[None, {"p": "nan"}, {"p": 7.5}])
    tools(team.access(team.bo))
    found = closely(team.access(team.bo), "judge", "1").calibration

    assert found is not None
    assert [(each.low, each.n, each.right) for each in found.bins] == [(0.0, 1, 0), (0.8, 1, 1), (0.9, 2, 1)]
    assert found.n == 4
    assert found.brier == pytest.approx((0 + 0.15**2 + 0.05**2 + 1) / 4)
    assert found.ece == pytest.approx((0 + 0.15 + 0.95) / 4)
    library = calibration([(0.0, False), (0.85, True), (0.95, True), (1.0, False)])
    assert (found.ece, found.brier, found.always) == pytest.approx((library.ece, library.brier, library.always))
    assert closely(team.access(team.bo), "claims", "1").calibration is None


def test_nothing_of_another_project_is_counted(team: Cast) -> None:
    other = factories.cast("elsewhere")
    made = steps(other.project, factories.problem(other.project), 3)
    checked(made, "supported")
    said(made, "incorrect")

    assert measured(team.access(team.bo)).trust.said() == 12
    assert measured(other.access(other.bo)).trust.counts == {("supported", "incorrect"): 3}


def test_all_is_asked_in_few_messages(team: Cast) -> None:
    bo = team.access(team.bo)
    tools(bo)

    with CaptureQueriesContext(
        connection,
    ) as asked:
        tools(bo)
        closely(bo, "claims", "1")
        steps_of(bo, "claims", "1", Cell("refuted", "incorrect"))
    assert len(asked) == 4


def told(wrong: int, supported: int, base: tuple[int, int]) -> Trust:
    """Return supported steps, `wrong` of them, and undecided ones up to a base rate of so many wrong of so many."""
    more_wrong, more = base[0] - wrong, base[1] - supported
    return Trust({
        ("supported", "incorrect"): wrong, ("supported", "correct"): supported - wrong,
        ("undecided", "incorrect"): more_wrong, ("undecided", "correct"): more - more_wrong,
    })  # fmt: skip


def test_support_counts_where_it_halves_the_share_of_wrong_steps() -> None:
    assert can_trust("judge", told(5, 50, (100, 400)))
    assert not can_trust("judge", told(4, 49, (100, 400)))
    assert not can_trust("judge", told(25, 200, (100, 400)))
    assert can_trust("judge", told(24, 200, (100, 400)))
    assert not can_trust("judge", told(0, 60, (0, 60)))
    assert not can_trust("judge", Trust())
    assert trusted([("claims", told(24, 100, (100, 400))), ("judge", told(5, 50, (100, 400)))]) == ("judge",)


def test_a_refusal_says_the_figure_that_stands_against_it() -> None:
    with pytest.raises(
        BadInput, match=r"claims: 24 % of supported steps are wrong \(17 to 33\), half the base rate is"
    ):
        check_trusted("claims", told(24, 100, (100, 400)))
    with pytest.raises(BadInput, match="claims: 1 supported step has a label, 50 are needed"):
        check_trusted("claims", told(0, 1, (0, 1)))


@pytest.mark.parametrize(
    ("share", "said"),
    [
        (0.0, "0"),
        (0.0042, "0.4"),
        (0.09949, "9.9"),
        (0.0996, "10"),
        (0.24, "24"),
        (0.9971, "99.7"),
        (1.0, "100"),
        (None, ""),
    ],
)
def test_shares_keep_two_digits(share: float | None, said: str) -> None:
    assert percent(share) == said


def test_only_tools_that_know_a_kind_of_the_problems_fit() -> None:
    assert "claims" in Tools([], {"maths": 3}, 0).fitting()
    assert "claims" not in Tools([], {"riddle": 3}, 0).fitting()
    assert "answer" in Tools([], {"riddle": 3}, 0).fitting()


def test_the_words_of_a_cell_are_read() -> None:
    assert Cell.read("refuted.none") == Cell("refuted", "")
    assert str(Cell("refuted", "")) == "refuted.none"
    for odd in ("", "refuted", "refuted.", ".correct", "refuted.correct.x", "refuted.maybe", "odd.none"):
        assert Cell.read(odd) is None
