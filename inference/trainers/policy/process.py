"""Training a policy in a child process that ends, watched by its parent. Loads no model code."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

from inference.engines.base import EngineError
from inference.trainers.policy.child import packed
from inference.trainers.policy.recipe import Recipe, Say

SILENCE_SECONDS = 1800.0
LOOK_SECONDS = 1.0
_PACKAGE_ROOT = Path(__file__).resolve().parents[3]
# What a child needs from the environment: no database address, no keys.
_KEPT = (
    *("PATH", "HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "TMPDIR", "OMP_NUM_THREADS", "CUDA_VISIBLE_DEVICES"),
    *("HF_HOME", "HF_HUB_CACHE", "XDG_CACHE_HOME"),
)


def train_in_child(recipe: Recipe, say: Say, tick: Callable[[], None]) -> dict[str, Any]:
    """Train (see `train_policy`) in a process of its own and return the figures.

    `tick` is called every second or so; it and `say` may raise, which ends the child at once. Weights come from this
    machine, never from a hub. EngineError when the child refuses, dies, or says nothing for half an hour.
    """
    recipe = replace(recipe, engine=replace(recipe.engine, secret_env=""))
    with tempfile.TemporaryFile() as words:
        child = subprocess.Popen(
            [sys.executable, "-m", "inference.trainers.policy.child"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=words, env=_environment(), bufsize=0,
        )  # fmt: skip
        try:
            _hand_over(child, recipe)
            for line in _lines(child.stdout, tick):
                if "said" in line:
                    say(line["said"])
                elif "error" in line:
                    raise EngineError(str(line["error"]))
                else:
                    return dict(line["report"])
            raise EngineError(_last_words(child, words))
        finally:
            child.kill()
            child.wait()
            if child.stdout is not None:
                child.stdout.close()


def _environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return {**kept, "PYTHONPATH": str(_PACKAGE_ROOT), "HF_HUB_OFFLINE": "1", "PYTHONDONTWRITEBYTECODE": "1"}


def _hand_over(child: subprocess.Popen[bytes], recipe: Recipe) -> None:
    if child.stdin is None:
        raise EngineError("the child has no pipe")
    try:
        with child.stdin as pipe:
            left = memoryview(json.dumps(packed(recipe)).encode())
            while left:
                left = left[pipe.write(left) :]
    except BrokenPipeError:
        return  # It ended before it read: its last words say why.


def _lines(pipe: IO[bytes] | None, tick: Callable[[], None]) -> Iterator[dict[str, Any]]:
    """Yield what the child says, line by line, until it ends."""
    if pipe is None:
        return
    held = b""
    heard = time.monotonic()
    while True:
        if not select.select([pipe], [], [], LOOK_SECONDS)[0]:
            tick()
            if time.monotonic() - heard > SILENCE_SECONDS:
                raise EngineError(f"The training said nothing for {SILENCE_SECONDS / 60:.0f} minutes.")
            continue
        read = os.read(pipe.fileno(), 65536)
        if not read:
            return
        heard = time.monotonic()
        *whole, held = (held + read).split(b"\n")
        yield from map(json.loads, whole)


def _last_words(child: subprocess.Popen[bytes], words: IO[bytes]) -> str:
    code = child.wait()
    words.seek(0)
    lines = words.read().decode(errors="replace").strip().splitlines()
    return f"The process that trains ended ({code}): {lines[-1] if lines else 'it said nothing'}"
