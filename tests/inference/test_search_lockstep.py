"""Batches, settings, prompts and labels of the search."""

from __future__ import annotations

import pytest

from inference.engines.fields import SettingError
from inference.engines.scripted import ScriptedEngine
from inference.prompts import few_shot_prefix, parse_completion, parse_line, problem_prompt, reply_so_far
from inference.search import SearchParams, finished, new_tree, run_round
from inference.search.labels import Reason, count_labels, label_steps
from inference.types import Fault, Node, NodeRole, Rating, VerdictKind
from tests.inference.search_cast import HENS, Parrot, check, grove, hens, verdict

STEP, ANSWER = NodeRole.STEP, NodeRole.ANSWER


def test_all_trees_share_one_batch_a_phase() -> None:
    engine = Parrot({"": ["Step 1: so"] * 12, "Step 1: so\n": ["Answer: 7"] * 4})
    params = SearchParams(verifier="")
    stats = run_round([new_tree(hens(n), params, 1) for n in range(4)], engine, check, params)
    assert [len(wave) for wave in engine.waves] == [12, 4]
    assert (stats.trees, stats.nodes, stats.requests, stats.merged, stats.checks) == (4, 8, 16, 8, 4)
    assert (stats.tokens, stats.kept_tokens) == (64, 32)
    assert {request.prefix for wave in engine.waves for request in wave} == {few_shot_prefix()}


def test_counts_of_a_run_add_up() -> None:
    params = SearchParams(rounds=6, early_stop=False)
    trees = grove(8, params)
    rounds = [run_round(trees, ScriptedEngine(), check, params) for _ in range(7)]
    assert sum(stats.nodes for stats in rounds) == sum(len(tree.nodes) for tree in trees)
    assert sum(stats.tokens for stats in rounds) == sum(tree.counts.tokens for tree in trees)
    assert sum(stats.malformed for stats in rounds) == sum(tree.counts.malformed for tree in trees) > 0
    assert sum(stats.merged for stats in rounds) > 0 and rounds[-1].trees == 0
    assert any(tree.correct and tree.wrong for tree in trees)
    assert all(finished(tree, params) and max(node.depth for node in tree.nodes) <= 6 for tree in trees)


def test_one_key_twice_in_a_batch_is_refused() -> None:
    params = SearchParams()
    with pytest.raises(ValueError, match="same key"):
        run_round([new_tree(HENS, params, 1), new_tree(HENS, params, 2)], ScriptedEngine(), check, params)


def test_a_checker_that_loses_a_verdict_is_an_error() -> None:
    with pytest.raises(ValueError, match="0 answers came for"):
        run_round(grove(1, SearchParams()), ScriptedEngine(), lambda jobs: [], SearchParams())


def test_harder_problems_get_the_larger_budget() -> None:
    params = SearchParams()
    assert params.budget(None) == params.budget(3) == (8, 5)
    assert params.budget(4) == (12, 9)


def test_a_completion_gets_room_for_the_steps_that_are_left() -> None:
    params = SearchParams(step_tokens=60, rollout_tokens=200)
    assert [params.rollout_room(left) for left in (0, 1, 4, 9)] == [30, 60, 150, 200]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"children": "0"}, "children: expected at least 1, got 0"),
        ({"children": "few"}, "children: expected a whole number, got 'few'"),
        ({"decay": 1.5}, "decay: expected at most 1, got 1.5"),
        ({"c": float("nan")}, "c: expected a finite number, got nan"),
        ({"policy": "kind"}, "policy: expected one of veto, paper, got 'kind'"),
        ({"early_stop": "maybe"}, "early_stop: expected true or false, got 'maybe'"),
        ({"roundz": 3}, "roundz: no such setting; known are method, children"),
    ],
)
def test_a_bad_setting_is_named(values: dict[str, object], message: str) -> None:
    with pytest.raises(SettingError, match=message.split(",")[0]) as caught:
        SearchParams.from_mapping(values)
    assert str(caught.value).startswith(message)
    assert caught.value.field == next(iter(values))


def test_settings_come_from_text_as_forms_send_it() -> None:
    params = SearchParams.from_mapping({"children": "4", "c": "2", "early_stop": "off", "policy": "paper"})
    assert (params.children, params.c, params.early_stop, params.policy) == (4, 2.0, False, "paper")


def test_the_prompt_only_grows_at_its_end() -> None:
    first, second = reply_so_far(["4 + 3 = 7"]), reply_so_far(["4 + 3 = 7", "so 7"])
    assert second.startswith(first) and second == "Step 1: 4 + 3 = 7\nStep 2: so 7\n"
    assert problem_prompt("How\nmany? ") == "Problem: How many?\n"


def test_the_worked_examples_parse_by_their_own_rules() -> None:
    for example in few_shot_prefix().strip().split("\n\n"):
        parsed = parse_completion(example.split("\n", 1)[1], cut=False)
        assert not parsed.malformed and parsed.lines[-1].role is ANSWER and 2 <= len(parsed.lines) <= 4


@pytest.mark.parametrize("line", ["", "Step 1", "Step one: x", "Step 2:  ", "Answer:", "Problem: x", "Step 1: \x00"])
def test_what_is_neither_step_nor_answer_does_not_parse(line: str) -> None:
    assert parse_line(line) is None


def test_a_completion_is_read_to_its_answer_or_to_the_first_bad_line() -> None:
    assert [line.text for line in parse_completion("Step 1: a\nAnswer: 7\nStep 2: b", cut=False).lines] == ["a", "7"]
    assert parse_completion("Step 1: a\nhm\nAnswer: 7", cut=False) == ([(STEP, "a")], Fault.FORM, "hm\nAnswer: 7")
    assert parse_completion("Step 1: a\nAnswer: 1", cut=True) == ([(STEP, "a")], Fault.ENDLESS, "Answer: 1")


def stored(seq: int, parent: int, role: NodeRole, kind: VerdictKind, value: float = 0.0) -> Node:
    answer = role is ANSWER
    outcome = {VerdictKind.SUPPORTED: 1, VerdictKind.REFUTED: -1}.get(kind) if answer else None
    return Node(seq, parent, f"n{seq}", role, 1, value, terminal=answer, outcome=outcome, verdicts=(verdict(kind),))


NODES = (
    stored(1, 0, STEP, VerdictKind.SUPPORTED, 0.5),
    stored(2, 0, STEP, VerdictKind.SUPPORTED, -0.5),
    stored(3, 0, STEP, VerdictKind.REFUTED, -1.0),
    stored(4, 0, STEP, VerdictKind.UNDECIDED, 0.2),
    stored(5, 1, ANSWER, VerdictKind.SUPPORTED),
    stored(6, 1, ANSWER, VerdictKind.REFUTED),
    stored(7, 2, ANSWER, VerdictKind.REFUTED),
    stored(8, 2, ANSWER, VerdictKind.REFUTED),
    stored(9, 3, ANSWER, VerdictKind.SUPPORTED),
    stored(10, 4, ANSWER, VerdictKind.UNDECIDED),
)


def test_labels_under_veto() -> None:
    labels = label_steps(NODES, SearchParams(min_rollouts=2))
    assert [(label.seq, label.rating, label.reason) for label in labels] == [
        (1, Rating.CORRECT, Reason.SUCCEEDS),
        (2, Rating.INCORRECT, Reason.NEVER_SUCCEEDS),
        (3, Rating.INCORRECT, Reason.REFUTED),
        (4, None, Reason.TOO_FEW),
    ]
    counts = count_labels(labels)
    assert sum(counts.kept.values()) == 3 and counts.dropped == {Reason.TOO_FEW.value: 1}


def test_labels_under_paper_keep_only_agreement() -> None:
    labels = label_steps(NODES, SearchParams(policy="paper"))
    assert [(label.rating, label.reason) for label in labels] == [
        (Rating.CORRECT, Reason.AGREES),
        (None, Reason.DISAGREES),
        (Rating.INCORRECT, Reason.AGREES),
        (None, Reason.UNDECIDED),
    ]
