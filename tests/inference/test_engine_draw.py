"""Noise keyed by row, the settings of an engine, and the scripted engine."""

from __future__ import annotations

import subprocess
import sys

import pytest

from inference.engines import EngineSpec, Request, make_engine
from inference.engines.fields import SettingError
from inference.prompts import END_STOPS, STEP_STOPS, parse_completion, problem_prompt, reply_so_far


def drawn(rows: int, *, temperature: float = 1.0, top_p: float = 1.0, vocabulary: int = 300) -> list[int]:
    torch = pytest.importorskip("torch")
    from inference.engines.draw import draw

    logits = torch.linspace(3, -3, vocabulary).repeat(rows, 1)
    tokens, _ = draw(
        logits,
        torch.arange(rows) * 7919,
        torch.full((rows,), 3),
        torch.full((rows,), temperature),
        torch.full((rows,), top_p),
    )
    return list(tokens.tolist())


def test_tokens_follow_the_distribution() -> None:
    torch = pytest.importorskip("torch")
    tokens = torch.tensor(drawn(40_000, vocabulary=10))
    shares = torch.bincount(tokens, minlength=10) / len(tokens)
    assert torch.allclose(shares, torch.linspace(3, -3, 10).softmax(0), atol=0.01)


@pytest.mark.parametrize("vocabulary", [100, 3000])
def test_top_p_keeps_the_smallest_likely_set(vocabulary: int) -> None:
    torch = pytest.importorskip("torch")
    shares = torch.linspace(3, -3, vocabulary).softmax(0)
    inside = int((shares.cumsum(0) - shares < 0.5).sum())
    tokens = drawn(3000, top_p=0.5, vocabulary=vocabulary)
    assert max(tokens) < inside and len(set(tokens)) > inside / 2


def test_temperature_nought_takes_the_likeliest() -> None:
    assert set(drawn(50, temperature=0.0)) == {0}


def test_a_row_draws_the_same_in_any_batch() -> None:
    assert drawn(64, top_p=0.8)[:8] == drawn(8, top_p=0.8)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"kind": "hf"}, "model: expected a folder or a hub id for the hf engine, got nothing"),
        ({"kind": "magic"}, "kind: expected one of scripted, hf, vllm, openai_http, got 'magic'"),
        ({"kind": "scripted", "max_batch": "many"}, "max_batch: expected a whole number, got 'many'"),
        ({"kind": "scripted", "secret_env": "hf_abc123"}, "secret_env: expected the name of an environment variable"),
    ],
)
def test_a_bad_engine_setting_is_named(values: dict[str, str], message: str) -> None:
    with pytest.raises(SettingError) as caught:
        EngineSpec.from_mapping(values)
    assert str(caught.value).startswith(message)


def scripted(seed: int, *, steps: tuple[str, ...] = (), stop: tuple[str, ...] = END_STOPS) -> str:
    request = Request("k", "", problem_prompt("4 hens and 3 more"), seed, 240, stop=stop, reply=reply_so_far(steps))
    return make_engine(EngineSpec(kind="scripted")).generate([request])[0].text


def test_scripted_text_depends_on_question_reply_and_seed_alone() -> None:
    assert scripted(1) == scripted(1) and len({scripted(seed) for seed in range(20)}) > 10


def test_scripted_paths_are_right_wrong_and_now_and_then_malformed() -> None:
    parsed = [parse_completion(scripted(seed), cut=False) for seed in range(300)]
    answers = [one.lines[-1].text for one in parsed if not one.malformed and one.lines[-1].role == "answer"]
    assert 0.3 < sum(answer == "7" for answer in answers) / len(answers) < 0.7
    assert 0 < sum(one.malformed for one in parsed) < 60


def test_scripted_steps_are_one_line_of_natural_length() -> None:
    lines = [scripted(seed, steps=("so",), stop=STEP_STOPS) for seed in range(100)]
    steps = [line for line in lines if line.startswith("Step 2: ")]
    assert len(steps) > 50 and all("\n" not in line and 80 <= len(line) <= 150 for line in steps)


def test_importing_engines_and_search_loads_no_model_code() -> None:
    code = (
        "import sys, inference.engines.hf, inference.engines.load, inference.engines.gguf, inference.search.labels;"
        "print({'torch', 'transformers', 'django', 'celery'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603
    assert done.stdout.strip() == "set()"
