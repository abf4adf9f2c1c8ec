"""Sources of problems: seeded, different, graded, and each answer such that the answer verifier can tell it."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from inference.engines.fields import SettingError
from inference.sources import SourceParams, generated
from inference.sources.params import GENERATORS, REASONING_GYM
from inference.sources.reasoning_gym import MODULES, GymSource
from inference.types import VerdictKind
from inference.verifiers.answer import check_answer

GYM = [each for each in GENERATORS.values() if each.source == REASONING_GYM]


def changed(answer: str) -> str:
    """Return the answer with its first digit replaced by the next one."""
    return re.sub(r"\d", lambda digit: str((int(digit[0]) + 1) % 10 or 5), answer, count=1)


def made(generator: str, count: int, seed: int = 1, difficulty: str = "mixed") -> list[str]:
    params = SourceParams(generator=generator, count=count, seed=seed, difficulty=difficulty)
    return [each.problem.text for each in generated(params)]


@pytest.mark.parametrize("generator", [each.id for each in GYM])
def test_the_verifier_takes_the_reference_answer_and_refuses_a_changed_one(generator: str) -> None:
    found = list(generated(SourceParams(generator=generator, count=60, seed=11)))
    assert len({each.problem.text for each in found}) == 60
    for each in found:
        answer = each.problem.answer
        assert check_answer(f"The answer is {answer}.", answer).kind is VerdictKind.SUPPORTED
        assert check_answer(changed(answer), answer).kind is VerdictKind.REFUTED
        assert each.problem.level is not None


@pytest.mark.parametrize("generator", ["reasoning_gym/leg_counting", "reasoning_gym/gsm_symbolic", "templates/stories"])
def test_a_seed_makes_the_same_problems_however_many_are_asked_for(generator: str) -> None:
    assert made(generator, 30) == made(generator, 50)[:30]
    assert len(set(made(generator, 30)) & set(made(generator, 30, seed=2))) <= 3


def test_the_problems_of_one_difficulty_are_those_that_a_mixture_takes_in_turn() -> None:
    mixed = list(generated(SourceParams(generator="reasoning_gym/chain_sum", count=10)))
    assert [each.problem.level for each in mixed] == [1, 2, 3, 4, 5, 1, 2, 3, 4, 5]
    hardest = made("reasoning_gym/chain_sum", 2, seed=0, difficulty="5")
    assert hardest == [mixed[4].problem.text, mixed[9].problem.text]


def test_stories_with_small_numbers_end_where_there_are_no_more() -> None:
    small = list(generated(SourceParams(generator="templates/stories", count=8, difficulty="1", largest=20)))
    numbers = [int(number) for one in small for step in one.steps for number in re.findall(r"\d+", step)]
    assert len(small) == 8
    assert max(numbers) <= 20
    with pytest.raises(SettingError, match="at least 20"):
        SourceParams(generator="templates/stories", largest=5)
    with pytest.raises(SettingError, match="knows no largest number"):
        SourceParams(generator="reasoning_gym/gcd", largest=50)


def test_stories_of_a_difficulty_have_its_number_of_steps() -> None:
    found = generated(SourceParams(generator="templates/stories", count=8, difficulty="3"))
    assert {each.problem.level for each in found} == {4}


def test_a_generator_that_knows_no_more_ends() -> None:
    assert len(made("reasoning_gym/products", 5000, difficulty="1")) == 100


def test_the_list_of_the_form_names_what_can_be_made() -> None:
    assert {each.name for each in GYM} == set(MODULES)
    for each in GYM:
        assert each.graded == (len(GymSource(each.name).knobs) == 5)
    with pytest.raises(SettingError, match="knows no difficulty"):
        SourceParams.from_mapping({"generator": "reasoning_gym/aiw", "difficulty": 2})
    with pytest.raises(SettingError, match="generator: expected one of"):
        SourceParams.from_mapping({"generator": "reasoning_gym/sudoku"})


def test_listing_the_generators_imports_none_of_them() -> None:
    code = "import sys, inference.sources; sys.exit('reasoning_gym' in sys.modules or 'sympy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
