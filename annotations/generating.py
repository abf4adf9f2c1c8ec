"""Generated problems as rows: a generator's problems come in through the import of plain rows.

Importing knows a problem by its text, so generating the same twice changes nothing.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from django.db import transaction

from annotations import jobs, rules
from annotations.access import Access
from annotations.errors import BadInput
from annotations.imports import import_file
from annotations.models import Project, Run, User
from annotations.params import read
from annotations.rules import Act
from inference.sources import NotInstalled, Sourced, SourceParams, generated
from inference.sources.params import LICENCE
from inference.types import RunKind

Progress = Callable[[dict[str, object]], None]
TOLD_EVERY = 200


@transaction.atomic
def request_problems(*, access: Access, params: Mapping[str, Any]) -> Run:
    """Ask for generated problems. BadInput names the setting that does not fit."""
    rules.check(access, Act.IMPORT)
    source = read(SourceParams, params)
    return jobs.run_of_one(
        access,
        RunKind.PROBLEMS,
        name=f"Generate {source.count:,} problems: {source.made_by.name}",
        plugin=source.generator,
        params=source.as_dict(),
        seed=source.seed,
    )


def generate_into(
    *,
    project: Project,
    params: SourceParams,
    actor: User | None = None,
    run: Run | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Generate problems into a project and report what came in, as an import does.

    BadInput where the package of the generator is not installed; it says what to do.
    """
    tell = progress or (lambda said: None)
    with tempfile.TemporaryDirectory(prefix="studio-problems-") as folder:
        path = Path(folder) / "problems.jsonl"
        try:
            made = _write(path, params, tell)
        except NotInstalled as error:
            raise BadInput(str(error), "generator") from None
        tell({"stage": "storing", "problems_done": made, "problems_total": params.count})
        name = f"{params.generator}, seed {params.seed}"
        report = import_file(project=project, path=path, name=name, format="plain", actor=actor, run=run)
    found = {**report.to_json(), "generated": made}
    if made < params.count:
        difficulty = f" of difficulty {params.difficulty}" if params.made_by.graded else ""
        found["notes"] = [
            *found["notes"], f"{params.generator} knows {made:,} different problems{difficulty}; asked were "
            f"{params.count:,}.",
        ]  # fmt: skip
    return found


def _write(path: Path, params: SourceParams, tell: Progress) -> int:
    number = 0
    with path.open("w", encoding="utf-8") as file:
        for number, made in enumerate(generated(params), 1):
            file.write(json.dumps(_row(made, params), ensure_ascii=False) + "\n")
            if number % TOLD_EVERY == 0:
                tell({"stage": "generating", "problems_done": number, "problems_total": params.count})
    return number


def _row(made: Sourced, params: SourceParams) -> dict[str, Any]:
    """Return a plain row; its id names generator, seed and number, from which the problem can be made again."""
    problem = made.problem
    return {
        "problem": problem.text,
        "answer": problem.answer,
        "solution": problem.solution,
        "level": problem.level,
        "source": params.made_by.source,
        "licence": LICENCE,
        "id": f"{made.template} {problem.key}",
    }
