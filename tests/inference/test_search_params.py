"""The settings of every method: named, bounded, told apart, and the old ones still read."""

from __future__ import annotations

from typing import Any

import pytest

from inference.engines.fields import SettingError, describe
from inference.search import SearchParams
from inference.search.labels import Consistency, consistency, count_labels, label_steps
from inference.search.methods import METHODS
from inference.search.params import METHODS as NAMES
from inference.types import Node, VerdictKind
from tests.inference.search_cast import verdict

OLD = {
    "method": "mcts", "children": 3, "rounds": 8, "depth": 5, "hard_rounds": 12, "hard_depth": 9, "hard_level": 4,
    "c": 1.414, "uct_value": "mean", "decay": 0.9, "early_stop": True, "max_correct": 3, "max_wrong": 3,
    "policy": "veto", "min_rollouts": 4, "verifier": "claims", "temperature": 0.7, "top_p": 0.95, "step_tokens": 64,
    "rollout_tokens": 240,
}  # fmt: skip
"""What a run stored before there was more than one method."""


def test_the_methods_that_can_be_chosen_are_those_that_there_are() -> None:
    assert tuple(METHODS) == NAMES


def test_every_setting_that_belongs_to_some_methods_names_ones_that_there_are() -> None:
    specs = {spec.name: spec for spec in describe(SearchParams)}
    assert all(set(spec.only) <= set(NAMES) for spec in specs.values())
    assert specs["width"].only == ("beam",) and specs["temperature"].only == ()
    assert all(spec.help and (spec.minimum is not None or spec.kind in ("str", "bool")) for spec in specs.values())


def test_the_settings_of_an_old_run_are_the_defaults_of_today() -> None:
    assert SearchParams.from_mapping(OLD) == SearchParams(verifier="claims")


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"method": "chance"}, "method: expected one of mcts, omega, beam, best_of_n, vote, got 'chance'"),
        ({"reward_fidelity": 0}, "reward_fidelity: expected a weight above 0 here or in reward_outcome and reward_prm"),
        ({"reward_prm": -1}, "reward_prm: expected at least 0, got -1.0"),
        ({"select": "random"}, "select: expected one of uct, puct, got 'random'"),
        ({"widen_power": 2}, "widen_power: expected at most 1, got 2.0"),
        ({"verifier": "auto, oracle"}, "verifier: expected auto, claims"),
        ({"verifier": "answer"}, "verifier: expected auto, claims"),
        ({"trusted": "oracle"}, "trusted: expected auto, claims"),
        ({"trusted": "claims, auto"}, "trusted: expected verifiers by their names, got 'auto'"),
        ({"programs": 0}, "programs: expected at least 1, got 0"),
        ({"draws": 1}, "draws: expected at least 2, got 1"),
        ({"guide": "oracle"}, "guide: expected one of likelihood, prm, deducibility, got 'oracle'"),
        (
            {"method": "vote", "temperature": 0},
            "temperature: expected more than 0 for vote, else all its draws are alike",
        ),
    ],
)
def test_what_does_not_fit_is_named(values: dict[str, Any], message: str) -> None:
    with pytest.raises(SettingError) as caught:
        SearchParams.from_mapping(values)
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    ("values", "scorer"),
    [
        ({}, ""),
        ({"reward_prm": 1}, "prm"),
        ({"method": "omega", "reward_prm": 1}, ""),
        ({"method": "beam"}, ""),
        ({"method": "beam", "guide": "deducibility"}, "deducibility"),
        ({"method": "best_of_n", "guide": "prm"}, "prm"),
        ({"method": "vote", "guide": "prm"}, ""),
    ],
)
def test_settings_tell_which_scorer_a_worker_has_to_load(values: dict[str, Any], scorer: str) -> None:
    assert SearchParams.from_mapping(values).scorer == scorer


@pytest.mark.parametrize("policy", ["veto", "paper"])
def test_whether_value_and_verdict_agree_is_counted_under_every_policy(policy: str) -> None:
    nodes = [
        Node(seq, 0, "s", visits=visits, value_sum=value, verdicts=(verdict(kind),))
        for seq, (visits, value, kind) in enumerate(
            [
                (2, 0.5, VerdictKind.SUPPORTED),
                (2, -0.5, VerdictKind.REFUTED),
                (2, 0.5, VerdictKind.REFUTED),
                (2, 0.5, VerdictKind.UNDECIDED),
                (0, 0.0, VerdictKind.SUPPORTED),
            ],
            start=1,
        )
    ]
    assert [consistency(node).value for node in nodes] == ["agree", "agree", "disagree", "undecided", "undecided"]
    counts = count_labels(label_steps(nodes, SearchParams(policy=policy)))
    assert counts.consistency == {Consistency.AGREE: 2, Consistency.DISAGREE: 1, Consistency.UNDECIDED: 2}
