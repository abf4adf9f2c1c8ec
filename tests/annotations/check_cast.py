"""Workers that check, with children that several tests share; other verifiers than the studio's own for a while."""

from __future__ import annotations

import atexit
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from unittest.mock import patch

from annotations.tasks.loop import WorkLoop
from inference.types import Queue
from inference.verifiers import VERIFIERS, verifier
from inference.verifiers.params import TOOLS, Tool
from inference.verifiers.service import Checking

HERE = "tests.inference.again_cast"


@contextmanager
def second_version() -> Iterator[None]:
    """Let claims be its second version."""
    with _verifiers({"claims": f"{HERE}:ClaimsTwo"}, {"claims": replace(TOOLS["claims"], path=f"{HERE}:ClaimsTwo")}):
        yield


@contextmanager
def oracles() -> Iterator[None]:
    """Let there be a tool that asks a model, and one that asks it last."""
    tool = Tool(f"{HERE}:Oracle", "Oracle", "Asks.", asks=True)
    with _verifiers({"oracle": tool.path}, {"oracle": tool}):
        yield


@contextmanager
def _verifiers(paths: dict[str, str], tools: dict[str, Tool]) -> Iterator[None]:
    verifier.cache_clear()
    with patch.dict(VERIFIERS, paths), patch.dict(TOOLS, tools):
        yield
    verifier.cache_clear()


@cache
def _children(verifiers: frozenset[tuple[str, str]]) -> Checking:
    """Return children that know these verifiers; starting them takes longer than what they check."""
    checking = Checking()
    atexit.register(checking.close)
    return checking


def worker(queue: Queue = Queue.TOOLS) -> WorkLoop:
    loop = WorkLoop(queue)
    loop.resident._checking = _children(frozenset(VERIFIERS.items()))
    return loop


def work(queue: Queue = Queue.TOOLS) -> None:
    """Do all that waits for a worker of this queue."""
    loop = worker(queue)
    while loop.run_once():
        pass
    loop.resident.free_engine()
