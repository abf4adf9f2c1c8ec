"""The sample project: sixty graded word problems, an engine, and a first run. Safe to call again."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.db import transaction

from annotations import imports, jobs, teams
from annotations.access import Access
from annotations.models import Engine, EngineGrant, Project, Run, User
from inference.types import Role

SAMPLE = Path(__file__).parent / "sample"
SLUG = "word-problems"
# Twenty trees ask for sixty texts at a time: a batch that two cores draw in about twenty seconds.
DEMO_LIMITS = {"shard": 20, "max_batch": 64, "open": True}
# The adapter that comes with the studio and the model it was trained for (docs/policy.md).
ADAPTER, ADAPTED = "smollm2-words", "SmolLM2-135M-Instruct"


@transaction.atomic
def default_engine() -> Engine:
    """Return the engine row of the model that set-up fetched, made if need be, with the adapter that fits it."""
    model = settings.DEFAULT_MODEL
    limits = {**DEMO_LIMITS, **({"adapter": ADAPTER} if model == ADAPTED else {})}
    engine, _ = Engine.objects.get_or_create(name=model, defaults={"kind": "hf", "model": model, "limits": limits})
    return engine


def sample_project(*, owner: User) -> Project:
    """Return the sample project with its problems, made if need be."""
    project = Project.objects.filter(slug=SLUG).first()
    if project is None:
        guidelines = (SAMPLE / "guidelines.md").read_text()
        project = teams.create_project(actor=owner, name="Word problems", slug=SLUG, guidelines=guidelines)
    problems = SAMPLE / "problems.jsonl"
    imports.import_file(project=project, path=problems, name=problems.name, format="plain", actor=owner)
    EngineGrant.objects.get_or_create(project=project, engine=default_engine())
    return project


def first_run(*, project: Project, owner: User) -> Run | None:
    """Ask for the first trees of the sample project; None if there was a run already."""
    if Run.objects.filter(project=project, kind="generate").exists():
        return None
    access = Access(user=owner, project=project, role=Role.OWNER)
    return jobs.request_generation(
        access=access, engine_id=default_engine().pk, params={}, name="First trees of the sample problems", seed=1
    )
