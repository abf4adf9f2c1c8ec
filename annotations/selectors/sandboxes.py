"""Where the code that models write runs: what the living workers say of their sandbox."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from annotations.selectors.runs import ALIVE_SECONDS
from annotations.selectors.together import answers

SANDBOXES = """
    SELECT name, queue, sandbox FROM annotations_worker
    WHERE stopped_at IS NULL AND seen_at > now() - %(seconds)s * interval '1 second' AND queue = ANY(%(queues)s)
    ORDER BY queue DESC, name
"""
# Light workers check nothing.
CHECKING = ["gpu", "tools"]


@dataclass(frozen=True, slots=True)
class WorkerSandbox:
    """A living worker and what it says; an empty `said` is not known yet."""

    worker: str
    queue: str
    said: Mapping[str, Any] = field(default_factory=dict)


def sandboxes() -> list[WorkerSandbox]:
    """Return what the living workers that check steps say of their sandbox."""
    (rows,) = answers((SANDBOXES, {"seconds": ALIVE_SECONDS, "queues": CHECKING}))
    return [WorkerSandbox(name, queue, _read(said)) for name, queue, said in rows]


def _read(said: str) -> Mapping[str, Any]:
    found = json.loads(said)
    return found if isinstance(found, dict) else {}
