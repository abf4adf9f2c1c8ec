"""The process that trains a policy: `python -m inference.trainers.policy.child`. One recipe in, JSON lines out.

Each line is {"said": …} while it goes on; the last one is {"report": …} or {"error": sentence}. The process ends with
its work, so that the memory of model and optimiser comes back, and with its parent.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from inference.confine import die_with_parent
from inference.engines import EngineError, EngineSpec
from inference.sources import Sourced
from inference.trainers.policy.params import PolicyParams
from inference.trainers.policy.recipe import Recipe, train_policy
from inference.types import Problem


def packed(recipe: Recipe) -> dict[str, Any]:
    """Return a recipe as JSON values."""
    paths = [[one.problem.text, one.problem.answer, list(one.steps)] for one in recipe.paths]
    return {**asdict(recipe), "out": str(recipe.out), "paths": paths}


def unpacked(values: Mapping[str, Any]) -> Recipe:
    paths = (Sourced(Problem("", text, answer), tuple(steps), "") for text, answer, steps in values["paths"])
    return Recipe(
        engine=EngineSpec(**values["engine"]),
        params=PolicyParams(**values["params"]),
        out=Path(values["out"]),
        paths=tuple(paths),
        own=values["own"],
        measured=values["measured"],
    )


def main() -> None:
    # Libraries print; what they say must not fall between the lines.
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    die_with_parent(os.getppid())

    def tell(what: dict[str, Any]) -> None:
        out.write(json.dumps(what) + "\n")
        out.flush()

    try:
        tell({"report": train_policy(unpacked(json.load(sys.stdin)), lambda said: tell({"said": said}))})
    except (EngineError, ValueError) as error:
        tell({"error": str(error)})


if __name__ == "__main__":
    main()
