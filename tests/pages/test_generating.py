"""Generating problems from page, API and command: one function, seeded problems, nothing twice."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from rest_framework.test import APIClient

from annotations.models import Problem, Run
from annotations.tasks.problems import run_problems
from inference.sources import reasoning_gym
from tests.factories import Cast, cast
from tests.pages.asking import PART, sign_in, three_ways

pytestmark = pytest.mark.django_db
DATA = "/p/words/data/"
LEGS = {"p-generator": "reasoning_gym/leg_counting", "p-count": "7", "p-seed": "3", "p-difficulty": "2"}


@pytest.fixture
def team() -> Cast:
    return cast()


def command(*args: str) -> str:
    out = StringIO()
    call_command("generate_problems", *args, stdout=out)
    return out.getvalue()


def test_a_reviewer_generates_problems_and_reads_what_came_in(team: Cast) -> None:
    bo = sign_in(team.bo)
    assert "How many legs so many animals have" in three_ways(bo, DATA)

    answer = bo.post(f"{DATA}generate/", LEGS)

    run = Run.objects.get()
    assert answer.headers["Location"] == f"/p/words/runs/{run.pk}/"
    assert (run.kind, run.shards.get().queue, run.seed) == ("problems", "light", 3)
    Run.objects.filter(pk=run.pk).update(report=run_problems(run=run, progress=lambda said: None), state="done")
    page = three_ways(bo, f"/p/words/runs/{run.pk}/")
    assert "Generated problems in" in page
    assert "What came in" in page
    made = Problem.objects.order_by("id")
    assert len(made) == 7
    first = made[0]
    assert (first.source, first.licence, first.level) == ("reasoning_gym", "Apache-2.0", 2)
    assert first.source_ref == "leg_counting/2 s3-0"
    assert int(first.answer) > 0


def test_page_api_and_command_make_the_same_problems_and_only_once(team: Cast) -> None:
    report = json.loads(command(
        "--project", "words", "--generator", "reasoning_gym/leg_counting", "--count", "7", "--seed", "3",
        "--difficulty", "2", "--json",
    ))  # fmt: skip
    assert (report["generated"], report["problems_new"]) == (7, 7)
    sign_in(team.bo).post(f"{DATA}generate/", LEGS)
    api = APIClient()
    api.force_authenticate(team.bo)
    params = {name.removeprefix("p-"): int(value) if value.isdigit() else value for name, value in LEGS.items()}
    assert api.post("/api/v1/projects/words/runs/", {"kind": "problems", "params": params}, "json").status_code == 202
    for run in Run.objects.all():
        assert run_problems(run=run, progress=lambda said: None)["problems_new"] == 0
    assert Problem.objects.count() == 7


def test_a_generator_that_ran_dry_is_told(team: Cast) -> None:
    said = command("--project", "words", "--generator", "reasoning_gym/products", "--count", "120", "--difficulty", "1")
    assert "knows 100 different problems of difficulty 1; asked were 120." in said


@pytest.mark.parametrize("headers", [{}, PART])
def test_a_difficulty_that_the_generator_does_not_know_is_refused_beside_it(
    team: Cast, headers: dict[str, str]
) -> None:
    form = {**LEGS, "p-generator": "reasoning_gym/aiw", "p-count": "none"}
    page = sign_in(team.bo).post(f"{DATA}generate/", form, headers=headers)

    assert page.status_code == 400
    assert "Reasoning_gym/aiw knows no difficulty" in page.text
    assert "Expected a whole number, got &#x27;none&#x27;" in page.text
    assert '<option value="reasoning_gym/aiw" selected>' in page.text
    assert ("<html" in page.text) == (headers == {})
    assert not Run.objects.exists()


def test_without_the_package_page_and_command_say_what_to_install(team: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reasoning_gym, "PACKAGE", "not_here")
    monkeypatch.setattr("annotations.pages.sources.installed", reasoning_gym.installed)

    page = sign_in(team.bo).get(DATA).text

    assert "pip install --no-deps reasoning-gym" in page
    assert '<optgroup label="Reasoning Gym" disabled>' in page
    with pytest.raises(CommandError, match="reasoning-gym is not installed here: run `make setup`"):
        command("--project", "words")
    assert "Generated 5 problems" in command("--project", "words", "--generator", "templates/stories", "--count", "5")
