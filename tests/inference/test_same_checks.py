"""Which checks are the same check, how a model is asked again, and what the figures of many checks come to."""

from __future__ import annotations

from dataclasses import replace

import pytest

from inference.engines.base import Request
from inference.engines.fields import SettingError
from inference.timings import band_of, median
from inference.types import Claim, Ending, Problem, Verdict, VerdictKind
from inference.verifiers.again import addressed, asked_hash, cache_key, mark_of, normalised, placed
from inference.verifiers.figures import Figures, added, note_all, since, snapshot
from inference.verifiers.params import CheckParams

ASKED = Problem("1", "How many pens?", "9", data={"tables": [1]})


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("5 + 4 = 9", "  5 +  4 = 9 ", False),
        ("5 + 4 = 9", "5 +  4\t = 9  \r\n", True),
        ("5 + 4 = 9", "5+4 = 9", False),
        ("x = 1", "X = 1", False),
        ("say 'a  b'", "say 'a b'", False),
        ("if a:\n    b = 1", "if a:\n  b = 1", False),
        ("a = 1\nb = 2", "a = 1 b = 2", False),
    ],
)
def test_only_blanks_that_say_nothing_are_left_out(one: str, other: str, same: bool) -> None:
    assert (normalised(one) == normalised(other)) is same


def test_equal_checks_have_one_key_and_no_others() -> None:
    mark = mark_of(ASKED)
    key = cache_key(mark, ("a", "b"), "c", looks_back=True)
    assert key == cache_key(mark_of(replace(ASKED, key="7", level=3)), ("a", "b"), "c", looks_back=True)
    others = [
        cache_key(mark, ("a b",), "c", looks_back=True),
        cache_key(mark, ("ab",), "c", looks_back=True),
        cache_key(mark, ("a",), "bc", looks_back=True),
        cache_key(mark, ("a", "b"), "c", looks_back=False),
        *(
            cache_key(mark_of(other), ("a", "b"), "c", looks_back=True)
            for other in (replace(ASKED, answer="8"), replace(ASKED, data={}), replace(ASKED, kind="sql"))
        ),
    ]
    assert len({key, *others}) == len(others) + 1
    assert cache_key(mark, ("a",), "c", looks_back=False) == cache_key(mark, (), "c", looks_back=False)


def test_a_model_is_asked_with_noise_of_the_step_alone() -> None:
    asked = [Request("", "", "Is it so?", 0, 8)] * 2
    first, second = addressed(asked, seed=7, verifier="oracle", node="5")
    assert (first.key, second.key) == ("oracle:5:1", "oracle:5:2")
    assert [first, second] == addressed(asked, seed=7, verifier="oracle", node="5")
    others = [
        addressed(asked, seed=8, verifier="oracle", node="5"),
        addressed(asked, seed=7, verifier="oracle", node="6"),
    ]
    assert len({first.seed, second.seed, *(one.seed for some in others for one in some)}) == 6
    assert asked_hash({"model": "a"}, 3) != asked_hash({"model": "a"}, 4) != asked_hash({"model": "b"}, 4)


def test_a_claim_taken_over_stands_where_the_other_step_has_it() -> None:
    claim = Claim("5 + 4 = 8", VerdictKind.REFUTED, "9", 9, 18)
    assert placed([claim], "Lena has 5 + 4 = 8 pens")[0] == claim
    assert (placed([claim], "Lena has  5 + 4 = 8 pens")[0].start, placed([claim], "gone")[0].end) == (10, 0)


def test_figures_add_up_over_processes_and_give_a_median() -> None:
    verdict = Verdict(VerdictKind.SUPPORTED, "claims", "1", millis=1.0)
    slow = replace(verdict, kind=VerdictKind.UNDECIDED, ending=Ending.TIMEOUT, millis=2000.0)
    figures: Figures = {}
    note_all(figures, [verdict] * 3)
    before = snapshot(figures)
    note_all(figures, [verdict, slow])
    told = added(added({}, before), since(figures, before))["claims"]
    assert {name: told[name] for name in ("jobs", "undecided", "timeouts", "taken")} == {
        "jobs": 5, "undecided": 1, "timeouts": 1, "taken": 0,
    }  # fmt: skip
    assert told["seconds"] == pytest.approx(2.004)
    found = median({int(band): count for band, count in told["times"].items()})
    assert found == pytest.approx(1.0, rel=0.2)
    assert median({}) is None and band_of(0.0) == 0


@pytest.mark.parametrize("field", ["verifier", "trusted"])
def test_settings_name_the_field_that_does_not_fit(field: str) -> None:
    for text in ("answer", "nobody", "auto" if field == "trusted" else ""):
        with pytest.raises(SettingError) as refused:
            CheckParams.from_mapping({field: text})
        assert refused.value.field == field
