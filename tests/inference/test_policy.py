"""Fine-tuning a policy on a tiny model: what it learns from, what it writes, how it is measured."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from inference.engines.base import Completion, EngineError, Request
from inference.engines.params import EngineSpec
from inference.planted.worked import read
from inference.prompts import parse_completion
from inference.sources.base import Sourced
from inference.trainers.policy.corpus import held_out, lines, mark, packed, worked
from inference.trainers.policy.lineage import draw, seen, trainings, write
from inference.trainers.policy.own import kept, mixed
from inference.trainers.policy.params import PolicyParams
from inference.trainers.policy.sampling import sample
from inference.types import FinishReason, NodeRole, Problem
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
    kept = held_out(count=20, most_steps=3, seen={mark(one) for one in seen})
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


def test_bounds_that_nothing_fits_end_with_what_was_expected() -> None:
    with pytest.raises(ValueError, match="expected 5 problems of at most 3 steps, the generators gave 0"):
        worked(seed=1, count=5, most_steps=3, largest=2)


def test_a_policy_keeps_two_different_solutions_with_right_answers_that_no_tool_refutes() -> None:
    problem = Sourced(Problem("1", "There are 2 red and 3 blue cups. How many are there?", "5"), ("2 + 3 = 5.",), "")
    answers = [
        "Step 1: There are 2 + 3 = 6 cups.\nAnswer: 5",
        "Step 1: There are 3 + 2 = 5 cups.\nAnswer: 5",
        "Step 1: There are 3 + 2 = 5 cups.\nAnswer: 5",
        "Step 1: There are 2 + 2 = 4 cups.\nAnswer: 4",
        "Answer: 5",
        "Step 1: 2 + 3 = 5.\nAnswer: 5",
        "Step 1: So 5.\nAnswer: 5",
    ]
    attempts = sample(Saying(answers), [problem], many=len(answers))  # type: ignore[arg-type]
    assert [one.right for one in attempts] == [True, True, True, False, True, True, True]
    assert [one.steps for one in kept(attempts)] == [("There are 3 + 2 = 5 cups.",), ("2 + 3 = 5.",)]
    assert lines(kept(attempts)[0])[1] == "Step 1: There are 3 + 2 = 5 cups.\nAnswer: 5\n\n"


def test_what_a_policy_tries_is_nothing_that_its_adapter_has_seen(tmp_path: Path) -> None:
    params = PolicyParams(examples=10)
    first = draw(params, 4)
    write(tmp_path, {"params": params.as_dict(), "own": first.reach}, None)
    past = seen(trainings(tmp_path))
    assert past == {mark(one) for one in (*first.examples, *first.own)}
    again = draw(params, 4, past)
    assert again.examples == first.examples
    assert len(again.own) == 4
    assert not {mark(one) for one in again.own} & past
    assert again.reach == 8
    write(tmp_path, {"params": params.as_dict(), "own": again.reach}, tmp_path)
    assert [one.get("own") for one in trainings(tmp_path)] == [4, 8]
    write(tmp_path, {"params": params.as_dict(), "given": ["a mark"]}, None)
    assert "a mark" in seen(trainings(tmp_path))


def test_own_solutions_are_mixed_among_the_worked_ones_alike_every_time() -> None:
    examples, own = draw(PolicyParams(examples=10), 10)[:2]
    together = mixed(examples, own, 1)
    assert together == mixed(examples, own, 1) != [*examples, *own]
    assert sorted(map(repr, together)) == sorted(map(repr, [*examples, *own]))
    assert mixed(examples, [], 1) == examples


class Saying:
    """Gives one text after the other."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.texts = texts

    def generate(self, requests: Sequence[Request], **_: object) -> list[Completion]:
        assert len({one.seed for one in requests}) == len(requests)
        return [
            Completion(one.key, text, 9, -1.0, FinishReason.STOP)
            for one, text in zip(requests, self.texts, strict=True)
        ]


@pytest.mark.long
@pytest.mark.model
def test_the_command_trains_a_tiny_model_and_goes_on_from_what_it_trained(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("trl")
    from safetensors.torch import load_file

    from inference.trainers.policy.__main__ import main
    from tests.inference.tiny_model import tiny_folder

    def train(out: str, *more: str) -> list[dict[str, Any]]:
        small = {"examples": 10, "length": 512, "batch": 2, "layers": 1, "threads": 1, "measure": 2}
        where = {"base": tiny_folder(), "out": tmp_path / out}
        options = [f"--{name}={value}" for name, value in {**where, **small}.items()]
        monkeypatch.setattr("sys.argv", ["policy", *options, *more])
        assert main() == 0
        return [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    first = train("first", "--rank", "2")
    assert [one["policy"] for one in first if "policy" in one] == ["base", "adapter"]
    assert first[-1]["asked"] == 2
    told = train("second", "--rank", "4", "--start", str(tmp_path / "first"), "--own", "3")
    assert {"own_problems": 3, "samples": 12, "right": 0, "own_paths": 0} in told
    assert [one["policy"] for one in told if "policy" in one] == ["base", "start", "adapter"]
    steps = [one for one in told if "step" in one]
    assert steps[-1]["step"] == steps[-1]["steps"]
    before, after = (load_file(tmp_path / out / "adapter_model.safetensors") for out in ("first", "second"))
    assert {name: tensor.shape for name, tensor in before.items()} == {name: t.shape for name, t in after.items()}
    assert any((before[name] != after[name]).any() for name in before)
    assert (tmp_path / "second" / "adapter_config.json").read_text().count(str(tiny_folder().parent)) == 0
    written = json.loads((tmp_path / "second" / "training.json").read_text())
    assert [written["params"]["rank"], written["own"], len(written["before"])] == [2, 3, 1]


@pytest.mark.long
@pytest.mark.model
def test_an_adapter_that_is_not_there_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("trl")
    from inference.trainers.policy.__main__ import main

    monkeypatch.setattr("sys.argv", ["policy", "--base", "x", "--out", str(tmp_path), "--start", str(tmp_path / "no")])
    assert main() == 2
    assert f"there is no LoRA adapter in safetensors at {tmp_path / 'no'}" in capsys.readouterr().err


@pytest.mark.long
@pytest.mark.model
def test_a_child_trains_tells_and_ends_when_it_is_told_to(tmp_path: Path) -> None:
    pytest.importorskip("trl")
    from inference.trainers.policy.process import train_in_child
    from inference.trainers.policy.recipe import Recipe
    from tests.inference.tiny_model import tiny_folder

    params = PolicyParams(examples=10, length=512, batch=2, layers=1, rank=2, threads=1)
    own = Sourced(Problem("", "There are 2 red and 3 blue cups. How many?", "5"), ("2 + 3 = 5.",), "")
    engine = EngineSpec(model=str(tiny_folder()), device="cpu", dtype="float32")
    recipe = Recipe(engine, params, tmp_path / "a", paths=(own,), measured=1)
    said: list[dict[str, Any]] = []
    report = train_in_child(recipe, said.append, lambda: None)
    assert (report["texts"], report["examples"], report["own_paths"]) == (11, 10, 1)
    assert [(one["policy"], one["asked"]) for one in report["policies"]] == [("base", 1), ("adapter", 1)]
    assert any(one.get("step") == one.get("steps") == report["steps"] for one in said)
    with pytest.raises(EngineError, match="there is no LoRA adapter in safetensors at"):
        train_in_child(replace(recipe, engine=replace(engine, adapter="nowhere")), said.append, lambda: None)

    def stop(what: dict[str, Any]) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_in_child(replace(recipe, out=tmp_path / "b"), stop, lambda: None)
    assert not (tmp_path / "b" / "adapter_model.safetensors").exists()
