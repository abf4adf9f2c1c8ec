"""Engines on a GPU give their memory back, so that a training on the same card has it: `pytest -m gpu tests/gpu`."""

from __future__ import annotations

import os
from typing import Any

import pytest

from inference.engines import EngineSpec, Request, make_engine
from inference.engines.guard import descendants
from tests.gpu.cast import half_billion, used_bytes

torch = pytest.importorskip("torch")
pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device"),
]

SLACK = 256 * 2**20
"""What a CUDA context and its libraries keep for as long as this process lives."""


def asked(count: int) -> list[Request]:
    return [Request(f"r{n}", "Two and two are four.\n", f"How many {n}?", 100 + n, 48, 1.0, 0.9) for n in range(count)]


def spec(kind: str, **settings: Any) -> EngineSpec:
    return EngineSpec(kind=kind, model=str(half_billion()), dtype="bf16", max_context=1024, memory=0.3, **settings)


@pytest.mark.parametrize("kind", ["hf", "vllm"])
def test_what_an_engine_took_is_free_after_close(kind: str) -> None:
    if kind == "vllm":
        pytest.importorskip("vllm")
    half_billion()
    torch.cuda.synchronize()
    before, children = used_bytes(), set(descendants(os.getpid()))
    engine = make_engine(spec(kind))
    engine.generate(asked(64))
    assert used_bytes() - before > 512 * 2**20, "the weights alone are 1 GB"
    engine.close()
    assert used_bytes() - before < SLACK
    assert not set(descendants(os.getpid())) - children
    tensor = torch.empty(int(torch.cuda.mem_get_info()[0] * 0.8), dtype=torch.uint8, device="cuda")
    del tensor
    torch.cuda.empty_cache()


def test_a_batch_of_128_and_more_is_kept_full() -> None:
    engine = make_engine(spec("hf"))
    before = engine.usage
    engine.generate(asked(1024))
    used = engine.usage.since(before)
    assert engine.info.max_batch >= 128 and engine.info.detail["out_of_memory"] == 0
    assert used.row_seconds / used.busy_seconds >= 128
    engine.close()
