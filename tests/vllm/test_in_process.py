"""The vLLM engine on the small model, without a GPU."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from inference.engines import Engine, EngineError, EngineSpec, make_engine
from inference.engines.guard import descendants
from tests.vllm import cast

pytest.importorskip("vllm")
pytestmark = [pytest.mark.vllm, pytest.mark.model]


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    """One engine for all; it ends with every process that it started."""
    model = str(settings.MODELS_DIR / settings.DEFAULT_MODEL)
    before = set(descendants(os.getpid()))
    made = make_engine(EngineSpec(kind="vllm", model=model, structured=True, max_context=1024, **cast.CORES))
    assert vllm_processes(before)
    yield made
    made.close()
    for _ in range(100):
        if not vllm_processes(before):
            return
        time.sleep(0.1)
    raise AssertionError(f"these go on after close: {vllm_processes(before)}")


def vllm_processes(before: set[int]) -> list[str]:
    """Return the names of vLLM's processes among those that came since."""
    names = []
    for pid in set(descendants(os.getpid())) - before:
        try:
            names.append(Path(f"/proc/{pid}/cmdline").read_text().split("\0")[0])
        except OSError:
            continue
    return [name for name in names if name.startswith("VLLM")]


def test_it_tells_what_it_is(engine: Engine) -> None:
    assert engine.id == f"vllm:SmolLM2-135M-Instruct:{engine.info.dtype}"
    assert (engine.info.max_batch, engine.info.max_context, engine.info.continuous) == (16, 1024, True)


def test_it_draws_what_was_asked(engine: Engine) -> None:
    cast.draws_what_was_asked(engine)


def test_requests_join_the_running_batch(engine: Engine) -> None:
    cast.takes_more_on_the_way(engine)


def test_lines_are_held_to_their_openings(engine: Engine) -> None:
    cast.holds_lines_to_their_openings(engine)


def test_it_goes_on_after_an_exception(engine: Engine) -> None:
    cast.goes_on_after_an_exception(engine)


def test_what_does_not_fit_ends_by_length(engine: Engine) -> None:
    cast.ends_what_does_not_fit(engine)


def test_three_trees_grow(engine: Engine) -> None:
    cast.grows_three_trees(engine)


def test_a_gpu_that_is_not_there_is_named() -> None:
    with pytest.raises(EngineError, match="this vLLM runs on cpu"):
        make_engine(EngineSpec(kind="vllm", model="any", device="cuda"))


def test_choices_are_weighed(engine: Engine) -> None:
    cast.weighs_choices(engine)
