"""The HTTP engine on a real vLLM server, on loopback and without a GPU."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from inference.engines import Engine, EngineError, EngineSpec, make_engine
from tests.vllm import cast

pytest.importorskip("vllm")
pytestmark = [pytest.mark.vllm, pytest.mark.model]

KEY = "sk-loopback"
START_SECONDS = 300


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A vLLM server with the small model, under the name `small`."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = tmp_path_factory.mktemp("vllm") / "server.log"
    # `vllm serve` by its module: the program asks for the version of a package that vLLM's CPU build does not have.
    command = [
        sys.executable, "-m", "vllm.entrypoints.openai.api_server",
        "--model", settings.MODELS_DIR / settings.DEFAULT_MODEL,
        "--served-model-name", "small", "--host", "127.0.0.1", "--port", str(port), "--api-key", KEY,
        "--max-model-len", "1024", "--dtype", "float32", "--enforce-eager",
        "--max-num-seqs", "16", "--gpu-memory-utilization", "0.1",
        "--generation-config", "vllm", "--enable-prompt-tokens-details",
    ]  # fmt: skip
    quiet = {
        "VLLM_NO_USAGE_STATS": "1",
        "VLLM_CPU_OMP_THREADS_BIND": "nobind",
        "OMP_NUM_THREADS": "1",
        "OMP_WAIT_POLICY": "passive",
    }
    with log.open("w") as output:
        server = subprocess.Popen(
            list(map(str, command)), env=os.environ | quiet, stdout=output, stderr=output, start_new_session=True
        )
        try:
            await_health(server, port, log)
            yield f"http://127.0.0.1:{port}/v1"
        finally:
            if server.poll() is None:
                os.killpg(server.pid, signal.SIGTERM)
                server.wait(60)


def await_health(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    for _ in range(START_SECONDS):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5):
                return
        except OSError:
            assert server.poll() is None, log.read_text()[-2000:]
            time.sleep(1)
    raise AssertionError(log.read_text()[-2000:])


@pytest.fixture(scope="module")
def engine(address: str) -> Iterator[Engine]:
    os.environ["LOOPBACK_KEY"] = KEY
    spec = EngineSpec(
        kind="openai_http", address=address, secret_env="LOOPBACK_KEY", seeds="engine", structured=True, max_batch=16
    )
    made = make_engine(spec)
    yield made
    made.close()


def test_it_draws_what_was_asked(engine: Engine) -> None:
    cast.draws_what_was_asked(engine)
    assert (engine.info.model, engine.info.max_context) == ("small", 1024), "as the server says"


def test_requests_join_those_in_flight(engine: Engine) -> None:
    cast.takes_more_on_the_way(engine)


def test_lines_are_held_to_their_openings(engine: Engine) -> None:
    cast.holds_lines_to_their_openings(engine)


def test_it_goes_on_after_an_exception(engine: Engine) -> None:
    cast.goes_on_after_an_exception(engine)


def test_what_does_not_fit_ends_by_length(engine: Engine) -> None:
    cast.ends_what_does_not_fit(engine)


def test_three_trees_grow(engine: Engine) -> None:
    cast.grows_three_trees(engine)


def test_a_wrong_key_is_told_at_once(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOOPBACK_KEY", "sk-wrong")
    engine = make_engine(EngineSpec(kind="openai_http", address=address, secret_env="LOOPBACK_KEY"))
    with pytest.raises(EngineError, match="answered 401"):
        engine.generate(cast.asked(1))
    engine.close()


def test_choices_are_weighed(engine: Engine) -> None:
    cast.weighs_choices(engine)
