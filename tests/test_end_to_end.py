"""The main job with nothing faked: PostgreSQL, Valkey, a Celery worker process and the small language model."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client

from annotations import imports, jobs, samples
from annotations.models import DatasetSnapshot, Node, Problem, Run, ToolCheck, Tree
from tests.factories import PASSWORD, cast
from tests.workers import StartWorker, start_worker, until

__all__ = ["start_worker"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.model]


def test_real_trees_grow_are_checked_browsed_labelled_and_exported(
    start_worker: StartWorker, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (settings.MODELS_DIR / settings.DEFAULT_MODEL / "model.safetensors").exists(), "make setup fetches the model"
    people = cast("words")
    imports.import_file(
        project=people.project, path=samples.SAMPLE / "problems.jsonl", name="problems.jsonl", format="plain"
    )
    engine = samples.default_engine()
    people.project.engine_grants.create(engine=engine)
    six = list(Problem.objects.filter(project=people.project).order_by("id").values_list("pk", flat=True)[:6])
    run = jobs.request_generation(
        access=people.access(people.bo), engine_id=engine.pk, params={"rounds": 2}, problem_ids=six, seed=1
    )
    start_worker()
    until(lambda: Run.objects.filter(pk=run.pk, state__in=["done", "failed"]).exists(), 240, "the end of the run")
    run.refresh_from_db()
    assert run.state == "done", run.error

    assert Tree.objects.filter(run=run, state="done").count() == 6
    assert ToolCheck.objects.filter(run=run, verifier="claims").exclude(verdict="undecided").exists()
    call_command("run_report", str(run.pk))
    assert "trees finished: 6" in capsys.readouterr().out

    client = Client()
    assert client.login(username="ada", password=PASSWORD)
    step = Node.objects.filter(run=run, terminal=False).select_related("tree").order_by("id")[0]
    page = client.get(f"/p/words/trees/{step.tree_id}/?node={step.seq}")
    assert (page.status_code, step.text.split()[0] in page.text) == (200, True)
    form = {"rating": "correct", "version": "0", "key": str(uuid4())}
    saved = client.post(f"/p/words/nodes/{step.pk}/label/", form, follow=True)
    assert saved.status_code == 200
    assert step.labels.get().author == people.ada

    export = jobs.request_export(access=people.access(people.bo), recipe="full", options={})
    start_worker("light")
    until(lambda: Run.objects.filter(pk=export.pk, state="done").exists(), 60, "the end of the export")
    snapshot = DatasetSnapshot.objects.get(run=export)
    assert snapshot.sha256
    assert "ada" in (settings.MEDIA_ROOT / snapshot.path).read_text()
