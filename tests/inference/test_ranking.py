"""Pairs of a right and a wrong step, and a head that ranks them."""

from __future__ import annotations

import numpy as np
import pytest

from inference.engines.fields import SettingError
from inference.planted import KINDS, Worked, plant_some, read
from inference.planted.pairs import ELSEWHERE, StepPair, step_pairs
from inference.scoring.spec import FeatureSpec
from inference.sources.templates import TemplateSource
from inference.trainers.head import NotEnoughLabels
from inference.trainers.params import DEDUCIBILITY, HeadParams
from inference.trainers.ranking import PairRows, accuracy, fit_ranking, pair_rows, paths_of, ranked
from inference.types import Problem, VerdictKind
from inference.verifiers.claims import ClaimsVerifier
from tests.inference.test_planted import PROBLEM, STEPS

SPEC = FeatureSpec("words", "words", "")
PARAMS = HeadParams(objective=DEDUCIBILITY, l2="1,10")


def solutions(count: int = 6) -> list[Worked]:
    made = TemplateSource().problems(seed=1, count=count)
    return [read(each.problem.text, each.steps, each.problem.answer) for each in made]


def pairs_of(found: list[Worked], planted: int = 2, elsewhere: int = 1) -> list[StepPair]:
    made = step_pairs(found, seed=4, planted=planted, elsewhere=elsewhere)
    return [pair for several in made for pair in several]


def rows(count: int = 200, shift: float = 2.0) -> PairRows:
    """Pairs whose right step is `shift` more of the first feature, in noise that both share or do not."""
    random = np.random.default_rng(3)
    shared = random.normal(0, 5, (count, 12))
    right, wrong = (shared + random.normal(0, 1, (count, 12)) for _ in range(2))
    right[:, 0] += shift
    pairs = [StepPair(f"p{at // 4}", (), "right", "wrong", "operand") for at in range(count)]
    return PairRows(pairs, right.astype(np.float32), wrong.astype(np.float32))


def test_every_pair_parts_after_the_same_right_steps() -> None:
    found = solutions()
    by_problem = {worked.problem: worked for worked in found}
    foreign = {text for worked in found for text in worked.texts}
    verifier = ClaimsVerifier()
    made = pairs_of(found)
    assert {pair.kind == ELSEWHERE for pair in made} == {True, False}
    for pair in made:
        texts, at = by_problem[pair.problem].texts, len(pair.premises)
        assert pair.premises == texts[:at]
        assert pair.right == texts[at] != pair.wrong
        assert (pair.wrong in foreign) == (pair.kind == ELSEWHERE)
        if pair.kind != ELSEWHERE and KINDS[pair.kind].breaks:
            assert verifier.check(Problem("p", pair.problem), pair.premises, pair.wrong).kind is VerdictKind.REFUTED
    assert made == pairs_of(found), "the same seed makes the same pairs"


def test_one_solution_alone_has_no_foreign_step() -> None:
    assert all(pair.kind != ELSEWHERE for pair in pairs_of(solutions(1)))


def test_a_result_of_zero_can_be_planted_around() -> None:
    steps = (*STEPS, "After he spends all of it 358 - 358 = 0 dollars are left.")
    worked = read(PROBLEM.replace("have left", "have in the end"), steps, "0")
    assert len(plant_some(worked, list(KINDS.values()), seed=1, many=6)) == 6


def test_a_head_learns_to_rank_and_its_scores_lie_around_one_half() -> None:
    train, held = rows(), rows(120)
    head = fit_ranking(train, SPEC, PARAMS)
    assert ranked(head, held).mean() > 0.85
    assert head.score(train.right).mean() > 0.5 > head.score(train.wrong).mean()
    assert np.array_equal(head.weights, fit_ranking(train, SPEC, PARAMS).weights)
    assert head.config["params"]["objective"] == "deducibility"


def test_the_fit_is_the_least_margin_loss() -> None:
    train = rows(60)
    head = fit_ranking(train, SPEC, HeadParams(objective=DEDUCIBILITY, l2="5"))
    differences = (train.right.astype(np.float64) - train.wrong) / head.scale

    def loss(weights):  # type: ignore[no-untyped-def]
        return np.maximum(0, 1 - differences @ weights).sum() + 2.5 * weights @ weights

    least, random = loss(head.weights), np.random.default_rng(0)
    assert all(loss(head.weights + random.normal(0, 0.02, 12)) > least for _ in range(200))


def test_noise_is_told_as_noise() -> None:
    head = fit_ranking(rows(shift=0.0), SPEC, PARAMS)
    held = rows(400, shift=0.0)
    held = PairRows(held.pairs, held.wrong[:, ::-1].copy(), held.right)
    found = accuracy(ranked(head, held), held.pairs)
    assert found["accuracy_low"] < 0.5 < found["accuracy_high"]
    assert "of 400 held-out pairs rightly" in found["sentence"]


def test_a_pair_without_features_is_left_out_and_too_few_are_named() -> None:
    made = pairs_of(solutions(2))
    keys = [path.keys()[-1] for path in paths_of(made)]
    kept = pair_rows(made, dict.fromkeys(keys[1:], np.zeros(3, dtype=np.float16)))
    assert 0 < len(kept.pairs) < len(made)
    with pytest.raises(NotEnoughLabels, match="at least 8 are needed"):
        fit_ranking(pair_rows([], {}), SPEC, PARAMS)
    assert accuracy(np.zeros(0, dtype=bool), [])["accuracy"] is None


def test_a_scorer_needs_some_kind_of_pairs() -> None:
    with pytest.raises(SettingError, match="planted: expected at least 1 pair"):
        HeadParams(objective=DEDUCIBILITY, planted=0, elsewhere=0)
