"""Tree rows of openr (OmegaPRM): {"question", "final_answer", "reasoning_steps": {"text", "mc_value", "children": []}}.

    STUDIO_TOKEN=… python examples/openr.py PROJECT ROWS.jsonl

The root of a row repeats its question; `mc_value`, the share of rollouts that end right, is each step's score.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from rationale_client import TreeLogger


def log_steps(log: TreeLogger, root: dict[str, Any]) -> int:
    waiting: list[tuple[int | None, dict[str, Any]]] = [(None, child) for child in root.get("children", [])]
    count = 0
    while waiting:
        parent, step = waiting.pop(0)
        value = step.get("mc_value")
        number = log.node(parent, step["text"], score=value, value=value)
        waiting += [(number, child) for child in step.get("children", [])]
        count += 1
    return count


def main() -> None:
    if len(sys.argv) != 3:
        raise SystemExit("expected a project and a file: python examples/openr.py PROJECT ROWS.jsonl")
    project, path = sys.argv[1], Path(sys.argv[2])
    steps, arrived = 0, True
    for line in path.read_text().splitlines():
        row = json.loads(line)
        log = TreeLogger(project, problem=row["question"], answer=str(row["final_answer"]), scorer="mc_value")
        steps += log_steps(log, row["reasoning_steps"])
        arrived = log.done()
    print(f"{steps} steps:", "the studio has them" if arrived else "they wait in the spool")


if __name__ == "__main__":
    main()
