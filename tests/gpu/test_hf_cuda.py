"""The transformers engine on a GPU: run by hand with `pytest -m gpu tests/gpu` where there is one."""

from __future__ import annotations

import pytest

from inference.engines import EngineSpec, Request, make_engine
from tests.inference.tiny_model import tiny_folder

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.gpu


def asked(count: int) -> list[Request]:
    return [Request(f"r{n}", "Two and two are four.\n", f"How many {n}?", 100 + n, 24, 1.0, 0.9) for n in range(count)]


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_a_batch_is_drawn_on_the_device_and_repeats_itself() -> None:
    engine = make_engine(EngineSpec(model=str(tiny_folder()), device="cuda"))
    assert engine.info.device.startswith("cuda")
    first, second = engine.generate(asked(64)), engine.generate(asked(64))
    assert [c.text for c in first] == [c.text for c in second]
    assert all(c.tokens > 0 for c in first)
    engine.close()
