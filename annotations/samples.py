"""The sample project: graded word problems, problems for every tool, two labelling queues, an engine, a first run.

Safe to call again.

sample/tools holds, for each verifier of another kind of problem, NAME.problems.jsonl and NAME.rationales.jsonl: worked
solutions, right and wrong ones, that its tool checks when the project is made.
"""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.db import transaction

from annotations import checking, imports, jobs, teams
from annotations.access import Access
from annotations.desk import gold
from annotations.desk.queues import create_queue
from annotations.models import Engine, EngineGrant, Problem, Project, Run, User
from annotations.planting import plant_into
from inference.planted.params import PlantParams
from inference.sources.templates import TemplateSource
from inference.types import Role

SAMPLE = Path(__file__).parent / "sample"
SLUG = "word-problems"
# Twenty trees ask for sixty texts at a time: a batch that two cores draw in about twenty seconds.
DEMO_LIMITS = {"shard": 20, "max_batch": 64, "open": True}
# The adapter that comes with the studio and the model it was trained for (docs/policy.md).
ADAPTER, ADAPTED = "smollm2-words", "SmolLM2-135M-Instruct"
# Ten problems, each with its worked solution and two wrong ones.
PLANTED = PlantParams(problems=10, per_problem=2, seed=3)
KNOWN_ITEMS = 6


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
    fresh = project is None
    if project is None:
        guidelines = (SAMPLE / "guidelines.md").read_text()
        project = teams.create_project(actor=owner, name="Word problems", slug=SLUG, guidelines=guidelines)
    _bring_in(project, SAMPLE / "problems.jsonl", "plain", owner)
    for problems in sorted((SAMPLE / "tools").glob("*.problems.jsonl")):
        _bring_in(project, problems, "plain", owner)
        _bring_in(project, problems.with_name(problems.name.replace("problems", "rationales")), "predictions", owner)
    EngineGrant.objects.get_or_create(project=project, engine=default_engine())
    if fresh:
        desk_queues(project=project, owner=owner)
    return project


def desk_queues(*, project: Project, owner: User) -> None:
    """Plant errors in solutions and make two queues of them: solutions, some of which are gold, and whole trees."""
    plant_into(project=project, params=PLANTED, actor=owner)
    access = Access(user=owner, project=project, role=Role.OWNER)
    planted = {"kind": "imported", "problem_kind": "maths"}
    first = create_queue(
        access=access, name="First look", strategy="random", seed=1, source=planted,
        settings={"gold_share": 0.2, "feedback": True},
    )  # fmt: skip
    gold.mark(access=access, queue_id=first.pk, role="gold", source="labels", most=KNOWN_ITEMS)
    create_queue(access=access, name="Tree by tree", mode="tree", source=planted)


def _bring_in(project: Project, path: Path, form: str, owner: User) -> None:
    imports.import_file(project=project, path=path, name=path.name, format=form, actor=owner)


def first_run(*, project: Project, owner: User) -> Run | None:
    """Ask for the first trees of the word problems and for checks of the worked solutions; None if asked before.

    The problems that errors are planted in have their trees already.
    """
    if Run.objects.filter(project=project, kind="generate").exists():
        return None
    access = Access(user=owner, project=project, role=Role.OWNER)
    checking.check_unchecked(access)
    asked = Problem.objects.filter(project=project, kind="maths").exclude(source=TemplateSource.id)
    return jobs.request_generation(
        access=access, engine_id=default_engine().pk, params={}, name="First trees of the sample problems", seed=1,
        problem_ids=list(asked.values_list("pk", flat=True)),
    )  # fmt: skip
