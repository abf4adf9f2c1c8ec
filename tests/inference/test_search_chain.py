"""Chains of verifiers in the search: who is asked about which step, in what order, and what their support counts."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from inference.engines.scripted import ScriptedEngine
from inference.search import SearchParams, SearchTree, finished, resume_tree, run_round
from inference.search.checks import Chain, chain_for, is_open
from inference.search.labels import label_steps
from inference.search.tree import SearchNode
from inference.search.wants import CheckJob
from inference.types import Rating, Verdict, VerdictKind
from inference.verifiers.params import TOOLS, Tool
from tests.inference.asking_cast import LAST, ORACLE, checked, know, say
from tests.inference.search_cast import OneByOne, grove, verdict

S, R, U = VerdictKind.SUPPORTED, VerdictKind.REFUTED, VerdictKind.UNDECIDED
PARAMS = SearchParams(rounds=5, depth=4, early_stop=False)


@pytest.fixture(autouse=True)
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    know(monkeypatch)


def chained(**values: object) -> SearchParams:
    return SearchParams.from_mapping(
        {"rounds": 5, "depth": 4, "early_stop": False, "verifier": f"auto, {ORACLE}, {LAST}", **values}
    )


def grown(params: SearchParams, engine: ScriptedEngine | None = None, count: int = 6) -> list[SearchTree]:
    trees = grove(count, params)
    while not all(finished(tree, params) for tree in trees):
        run_round(trees, engine or ScriptedEngine(say=say), checked, params)
    return trees


def test_a_chain_knows_who_asks_who_comes_last_and_who_knows_the_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(TOOLS, "maze", Tool("x:Maze", "Maze", "Ways out.", kinds=("maze",)))
    chain_for.cache_clear()
    assert chain_for("auto", "maths") == Chain(("claims",), (), ())
    assert chain_for(f"{LAST},{ORACLE}, claims,claims", "maths") == Chain(("claims",), (ORACLE,), (LAST,))
    assert chain_for(f"auto, {LAST}", "maze") == Chain(("maze",), (), (LAST,))
    assert chain_for("claims", "maze") == chain_for("", "maths") == Chain((), (), ())


@pytest.mark.parametrize(
    ("verdicts", "trusted", "still"),
    [
        ([], (), True),
        ([U], (), True),
        ([S], (), True),
        ([S], ("table",), False),
        ([U, R], (), False),
        ([S, R], (), False),
        ([S], ("other",), True),
    ],
)
def test_the_last_is_asked_only_about_what_the_others_left_open(
    verdicts: list[VerdictKind], trusted: Sequence[str], still: bool
) -> None:
    assert is_open([verdict(kind) for kind in verdicts], trusted) is still


def test_support_that_informs_closes_a_step(monkeypatch: pytest.MonkeyPatch) -> None:
    assert is_open([verdict(S, ORACLE)])
    know(monkeypatch, informs=True)
    assert not is_open([verdict(S, ORACLE)]) and is_open([verdict(U, ORACLE)])


def test_every_step_has_the_verdicts_of_those_that_were_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    know(monkeypatch, informs=True)
    met: set[tuple[str, ...]] = set()
    for tree in grown(chained()):
        for node in tree.nodes:
            by = {one.verifier: one.kind for one in node.verdicts}
            if node.terminal:
                assert list(by) == ["answer"]
                continue
            met.add(tuple(by))
            assert (ORACLE in by) == (by["claims"] is not R)
            assert (LAST in by) == (ORACLE in by and by[ORACLE] is U)
            assert (node.support < 0) == (R in by.values())
    assert met == {("claims",), ("claims", ORACLE), ("claims", ORACLE, LAST)}


def test_what_verifiers_ask_is_numbered_seeded_and_counted_like_all_that_is_drawn() -> None:
    asked = []
    params = chained(programs=2)
    engine = ScriptedEngine(say=lambda request: asked.append(request) or say(request))  # type: ignore[func-returns-value]
    trees = grove(3, params)
    stats = run_round(trees, engine, checked, params)
    assert len({request.key for request in asked}) == len(asked) == sum(tree.counts.requests_done for tree in trees)
    assert len({request.seed for request in asked}) == len(asked) == stats.requests
    of_oracle = [request for request in asked if request.max_tokens == 8]
    weighed = [request for request in asked if request.choices]
    assert stats.asked == len(of_oracle) + len(weighed) and of_oracle and weighed
    steps = [node for tree in trees for node in tree.nodes if not node.terminal and node.verdicts[0].kind is not R]
    assert len(of_oracle) == 2 * len(steps)


def test_without_a_verifier_that_asks_the_trees_are_those_of_the_claims_alone() -> None:
    plain = SearchParams(rounds=5, depth=4, early_stop=False, verifier="claims")
    assert [tree.frozen() for tree in grown(PARAMS)] == [tree.frozen() for tree in grown(plain)]


def test_a_chained_tree_is_the_same_whatever_is_batched_and_wherever_it_is_resumed() -> None:
    params = chained()
    calm = [tree.frozen() for tree in grown(params)]
    assert [tree.frozen() for tree in grown(params, OneByOne(say=say))] == calm
    trees = grove(6, params)
    while not all(finished(tree, params) for tree in trees):
        trees = [resume_tree(tree.frozen(), params) for tree in trees]
        run_round(trees, ScriptedEngine(say=say), checked, params)
    assert [tree.frozen() for tree in trees] == calm


def test_only_the_support_of_the_trusted_counts_and_every_refutation_does(monkeypatch: pytest.MonkeyPatch) -> None:
    know(monkeypatch, informs=True)
    every, some = chained(policy="paper"), chained(policy="paper", trusted=LAST)
    assert any(node.support > 0 and _by(node.verdicts, LAST) is not S for node in _steps(grown(every)))
    trees = grown(some)
    for node in _steps(trees):
        refuted = R in [one.kind for one in node.verdicts]
        assert node.support == (-1 if refuted else 1 if _by(node.verdicts, LAST) is S else 0)
    again = [resume_tree(tree.frozen(), some) for tree in trees]
    assert [node.support for node in _steps(again)] == [node.support for node in _steps(trees)]
    assert any(node.outcome == 1 for tree in again for node in tree.nodes), "answers are judged whoever is trusted"
    labels = {label.seq: label.rating for label in label_steps(trees[0].frozen().nodes, some)}
    right = [node for node in _steps(trees[:1]) if labels[node.seq] is Rating.CORRECT]
    assert all(_by(node.verdicts, LAST) is S for node in right)


def test_drafts_that_are_nonsense_never_break_a_tree() -> None:
    def mute(jobs: Sequence[CheckJob]) -> list[Verdict]:
        return [
            verdict(U, job.verifier) if job.drafts else one for job, one in zip(jobs, checked(plain(jobs)), strict=True)
        ]

    def plain(jobs: Sequence[CheckJob]) -> list[CheckJob]:
        return [job if not job.drafts else CheckJob("claims", job.problem, (), job.step) for job in jobs]

    params = chained()
    trees = grove(3, params)
    while not all(finished(tree, params) for tree in trees):
        run_round(trees, ScriptedEngine(), mute, params)
    assert all(_by(node.verdicts, LAST) in (None, U) for node in _steps(trees))


def _steps(trees: Sequence[SearchTree]) -> list[SearchNode]:
    return [node for tree in trees for node in tree.nodes if not node.terminal]


def _by(verdicts: Sequence[Verdict], name: str) -> VerdictKind | None:
    return next((one.kind for one in verdicts if one.verifier == name), None)
