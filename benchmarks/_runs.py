"""A run of trees on the scripted engine, asked for as a page would; needs a studio (benchmarks/_studio.py)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def asked_for(problems: int, limits: Mapping[str, Any], params: Mapping[str, Any], *, name: str = "bench") -> Any:
    """Make an owner, a project with so many problems and a scripted engine; ask for a tree of each problem."""
    from annotations import jobs, teams
    from annotations.models import Engine, EngineGrant, Problem, User
    from annotations.selectors.projects import access

    owner = User.objects.create_user(name, password="bench-bench-1")  # noqa: S106 a studio of its own
    project = teams.create_project(actor=owner, name=name)
    Problem.objects.bulk_create(
        [
            Problem(
                project=project, text=f"A farm has {n} hens and buys {n + 7} more. How many hens?",
                answer=str(2 * n + 7), content_hash=f"{n:064d}",
            )
            for n in range(problems)
        ]
    )  # fmt: skip
    engine = Engine.objects.create(name=name, kind="scripted", limits=dict(limits))
    EngineGrant.objects.create(project=project, engine=engine)
    return jobs.request_generation(access=access(owner, project.slug), engine_id=engine.pk, params=params, seed=5)
