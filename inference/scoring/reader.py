"""Who reads paths and gives features: the protocol, and the reader that keeps the model in a child process.

The child holds torch and ends with its work, so that memory comes back; it has no database and gives up its
privileges before it sees model text. Paths go in and numbers come out through pipes.
"""

from __future__ import annotations

import io
import json
import os
import select
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Protocol, Self, cast

import numpy as np
from numpy.typing import NDArray

from inference.scoring.frames import read_frame, write_json
from inference.scoring.paths import TextPath
from inference.scoring.spec import FeatureError, FeatureSpec

Tick = Callable[[], None]
SILENCE_SECONDS = 600.0
# What a child needs from the environment: no database address, no keys.
_KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "TMPDIR", "OMP_NUM_THREADS", "CUDA_VISIBLE_DEVICES")
_PACKAGE_ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Block:
    """Features of some steps: `places` maps (path index, step index) to a row of `rows` (n, size), float16.

    `tokens` were read for it; `cut` steps, counted once, did not fit into the model's context.
    """

    places: dict[tuple[int, int], int]
    rows: NDArray[np.float16]
    tokens: int = 0
    cut: int = 0


class Reader(Protocol):
    """Something that turns paths into features. Close it after use."""

    def read(self, paths: Sequence[TextPath], tick: Tick) -> Iterator[Block]:
        """Yield blocks that together hold every step that fits; `tick` is called at least every second or so."""

    def close(self) -> None:
        """Give everything back."""


class ChildReader:
    """The frozen model of a spec in a child process (inference.scoring.child)."""

    def __init__(self, spec: FeatureSpec, folder: Path) -> None:
        self._said: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 lives as long as the child
        environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
        environment |= {name: value for name, value in os.environ.items() if name.startswith("STUDIO_CHILD")}
        environment |= {"PYTHONPATH": str(_PACKAGE_ROOT), "HF_HUB_OFFLINE": "1", "PYTHONDONTWRITEBYTECODE": "1"}
        self._child = subprocess.Popen(
            [sys.executable, "-m", "inference.scoring.child", str(folder), json.dumps(spec.as_dict())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._said,
            env=environment,
            # What a buffer held already, select would not see.
            bufsize=0,
        )
        self._to_child = io.BufferedWriter(cast(io.RawIOBase, self._child.stdin))
        self._ready = False

    @property
    def pid(self) -> int:
        return self._child.pid

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def read(self, paths: Sequence[TextPath], tick: Tick) -> Iterator[Block]:
        """Yield the child's blocks as they come; FeatureError when it dies, refuses or falls silent."""
        if not self._ready:
            self._next(tick)
            self._ready = True
        try:
            write_json(self._to_child, [[path.problem, list(path.steps)] for path in paths])
        except BrokenPipeError:
            raise FeatureError(self._last_words()) from None
        while True:
            head, body = self._next(tick)
            if head["type"] == "end":
                return
            rows = np.frombuffer(body, dtype="<f2").reshape(-1, head["size"])
            places = {(path, step): row for path, step, row in head["places"]}
            yield Block(places, rows, head["tokens"], head["cut"])

    def close(self) -> None:
        """End the child, at once if it is at work."""
        self._child.kill()
        self._child.wait()
        for pipe in (self._to_child, self._child.stdout, self._said):
            if pipe is not None:
                _close(pipe)

    def _next(self, tick: Tick) -> tuple[dict[str, Any], bytes]:
        out = _pipe(self._child.stdout)
        deadline = time.monotonic() + SILENCE_SECONDS
        while not select.select([out], [], [], 1.0)[0]:
            tick()
            if time.monotonic() > deadline:
                raise FeatureError(f"The model said nothing for {SILENCE_SECONDS:.0f} s.")
        try:
            head, body = read_frame(out)
        except EOFError:
            raise FeatureError(self._last_words()) from None
        tick()
        if head["type"] == "error":
            raise FeatureError(str(head["message"]))
        return head, body

    def _last_words(self) -> str:
        code = self._child.wait()
        self._said.seek(0)
        lines = self._said.read().decode(errors="replace").strip().splitlines()
        return f"The process that reads steps ended ({code}): {lines[-1] if lines else 'it said nothing'}"


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise FeatureError("the child has no pipe")
    return pipe


def _close(pipe: IO[bytes]) -> None:
    try:
        pipe.close()
    except BrokenPipeError:
        return
