"""Fine-tuning a policy on a tiny model: what it learns from, what it writes, how it is measured."""

from __future__ import annotations

import json
import re
from collections import Counter
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from inference.planted.worked import read
from inference.prompts import parse_completion
from inference.trainers.policy.corpus import held_out, lines, packed, worked
from inference.trainers.policy.params import PolicyParams
from inference.types import NodeRole
from inference.verifiers.answer import check_answer


def test_a_solution_stands_as_it_does_in_a_prompt() -> None:
    one = worked(seed=1, count=1, most_steps=3)[0]
    problem, reply = lines(one)
    assert problem == f"Problem: {one.problem.text}\n"
    read = parse_completion(reply, cut=False)
    assert [line.role for line in read.lines] == [NodeRole.STEP] * len(one.steps) + [NodeRole.ANSWER]
    assert check_answer(read.lines[-1].text, one.problem.answer).kind == "supported"


def test_held_out_problems_are_none_of_those_learnt_from() -> None:
    seen = worked(seed=1, count=40, most_steps=3)
    kept = held_out(count=20, most_steps=3, seen=seen)
    assert len(kept) == 20
    assert not {one.problem.text for one in seen} & {one.problem.text for one in kept}


def test_packing_keeps_solutions_whole_and_fills_the_rest() -> None:
    rows = list(packed([([1], [2]), ([4, 4], [5]), ([6, 6, 6], [7, 8]), ([9], [9])], 4, 0))
    assert rows == [([1, 2, 0, 0], [0, 1, 0, 0]), ([4, 4, 5, 0], [0, 0, 1, 0]), ([9, 9, 0, 0], [0, 1, 0, 0])]


def test_solutions_come_from_three_generators_and_every_equation_is_exact() -> None:
    seen = worked(seed=1, count=40, most_steps=3, largest=50)
    kinds = Counter(one.template.partition("/")[0] for one in seen)
    assert kinds["gsm_symbolic"] == kinds["leg_counting"] == 10
    for one in seen:
        assert read(one.problem.text, one.steps, one.problem.answer).answer == Fraction(one.problem.answer)


def test_no_number_is_larger_than_asked_for() -> None:
    steps = " ".join(step for one in worked(seed=1, count=2, most_steps=3, largest=80) for step in one.steps)
    assert max(int(number) for number in re.findall(r"\d+", steps)) <= 80


@pytest.mark.long
@pytest.mark.model
def test_a_tiny_model_gets_an_adapter_that_its_engine_merges(tmp_path: Path) -> None:
    pytest.importorskip("trl")
    from inference.trainers.policy.lora import train_adapter
    from inference.trainers.policy.solved import solved_share
    from tests.inference.tiny_model import tiny_engine, tiny_folder

    params = PolicyParams(examples=10, length=64, batch=2, layers=1, rank=2, threads=1)
    seen = worked(seed=1, count=10, most_steps=3)
    told: list[dict[str, Any]] = []
    figures = train_adapter(tiny_folder(), [lines(one) for one in seen], params, tmp_path / "adapter", told.append)
    assert told[-1]["step"] == told[-1]["steps"] == figures["steps"]
    assert json.loads((tmp_path / "adapter" / "training.json").read_text())["params"]["rank"] == 2
    engine = tiny_engine(adapter=str(tmp_path / "adapter"), max_context=1024)
    found = solved_share(engine, held_out(count=2, most_steps=3))
    assert (found.asked, found.solved) == (2, 0)
