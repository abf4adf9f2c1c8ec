"""Work over HTTP: runs are asked for and cancelled, files go in, data sets come out."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from annotations import files
from annotations.models import DatasetSnapshot, Run, Score, Tree
from annotations.tasks.loop import WorkLoop
from inference.types import Queue
from tests.factories import Cast, cast, engine, fill, problem

pytestmark = pytest.mark.django_db
WORDS = "/api/v1/projects/words/"


@pytest.fixture
def team() -> Cast:
    return cast()


@pytest.fixture
def bo(team: Cast) -> APIClient:
    client = APIClient()
    client.force_authenticate(team.bo)
    return client


def test_a_run_grows_a_tree_of_each_chosen_problem(team: Cast, bo: APIClient) -> None:
    chosen = [problem(team.project, text=f"Problem {number}").pk for number in range(3)][:2]
    body = {"engine": engine(project=team.project).pk, "problems": [*chosen, chosen[0]], "seed": 7, "name": "Two"}
    answer = bo.post(WORDS + "runs/", body)
    assert answer.status_code == 202
    run = Run.objects.get(pk=answer.json()["id"])
    assert (run.kind, run.seed, run.name, run.requested_by) == ("generate", 7, "Two", team.bo)
    assert sorted(Tree.objects.filter(run=run).values_list("problem_id", flat=True)) == chosen
    assert answer.json()["progress"]["trees_total"] == 2


def test_a_run_names_what_does_not_fit(team: Cast, bo: APIClient) -> None:
    here, closed = engine(project=team.project).pk, engine("closed").pk
    asked = problem(team.project).pk
    there = problem(cast("elsewhere").project).pk
    for body, field in (
        ({}, "engine"),
        ({"engine": closed}, "engine"),
        ({"engine": here, "problems": [asked, there]}, "problems"),
        ({"engine": here, "problems": ["x"]}, "problems.0"),
        ({"engine": here, "params": {"children": "many"}}, "children"),
        ({"engine": here, "seed": 2**63}, "seed"),
        ({"kind": "dance"}, "kind"),
        ({"kind": "check", "params": {"verifier": "answer"}}, "verifier"),
        ({"kind": "check", "params": {"kind": "sql"}}, "kind"),
        ({"kind": "check", "engine": here}, "engine"),
        ({"kind": "check", "parent_run": 1}, "parent_run"),
        ({"kind": "check", "band": [0, 1]}, "band"),
        ({"kind": "score"}, "model"),
        ({"kind": "score", "seed": 1}, "seed"),
        ({"kind": "train", "params": {"bogus": 1}}, "bogus"),
    ):
        answer = bo.post(WORDS + "runs/", body)
        assert (answer.status_code, answer.json().get("field")) == (400, field), (body, answer.json())
    assert not Run.objects.exists()


def test_a_run_is_cancelled(team: Cast, bo: APIClient) -> None:
    body = {"engine": engine(project=team.project).pk, "problems": [problem(team.project).pk]}
    started = bo.post(WORDS + "runs/", body).json()["id"]
    assert bo.post(f"{WORDS}runs/{started}/cancel/").json()["state"] == "cancelled"
    assert bo.post(f"{WORDS}runs/{started}/cancel/").json()["state"] == "cancelled"


def kept(run: Run) -> bytes:
    path = Path(run.input["path"])
    assert settings.STUDIO_HOME in path.parents
    return path.read_bytes()


def test_an_uploaded_file_becomes_an_import_run(team: Cast, bo: APIClient) -> None:
    rows = b'{"question": "1 + 1?", "answer": "#### 2"}\n'
    file = SimpleUploadedFile("../../sums.jsonl", rows)
    answer = bo.post(WORDS + "imports/?format=gsm8k", {"file": file}, format="multipart")
    assert answer.status_code == 202
    run = Run.objects.get(pk=answer.json()["id"])
    assert (run.kind, run.input["name"], run.input["format"]) == ("import", "sums.jsonl", "gsm8k")
    assert kept(run) == rows


@pytest.mark.parametrize("how", ["address", "form"])
def test_scores_of_rows_without_a_scorer_are_of_the_one_that_is_named(team: Cast, bo: APIClient, how: str) -> None:
    file = SimpleUploadedFile("s.jsonl", b'{"problem": "1 + 1?", "steps": ["1 + 1 = 3"], "scores": [0.4]}\n')
    place, form = ("?scorer=mine", {}) if how == "address" else ("", {"scorer": " mine "})
    assert bo.post(f"{WORDS}imports/{place}", {"file": file, **form}, format="multipart").status_code == 202
    assert WorkLoop(Queue.LIGHT).run_once()
    assert list(Score.objects.values_list("scorer", "value")) == [("mine", 0.4)]
    long = bo.generic("POST", f"{WORDS}imports/?scorer={'x' * 61}", b"{}", content_type="application/x-ndjson")
    assert (long.status_code, long.json()["field"]) == (400, "scorer")


def test_a_body_of_json_lines_becomes_an_import_run(team: Cast, bo: APIClient) -> None:
    rows = b'{"problem": "1 + 1?", "answer": "2"}\n' * 50_000
    answer = bo.generic("POST", WORDS + "imports/?name=sums.jsonl", rows, content_type="application/x-ndjson")
    assert answer.status_code == 202
    run = Run.objects.get(pk=answer.json()["id"])
    assert (run.input["name"], run.input["format"]) == ("sums.jsonl", None)
    assert kept(run) == rows


def test_an_upload_that_does_not_fit_leaves_nothing(team: Cast, bo: APIClient) -> None:
    before = set(files.folder(team.project.pk, files.UPLOADS).iterdir())
    for answer in (
        bo.generic("POST", WORDS + "imports/", b"", content_type="application/x-ndjson"),
        bo.post(WORDS + "imports/", {}, format="multipart"),
    ):
        assert (answer.status_code, answer.json()["field"]) == (400, "file")
    unknown = bo.generic("POST", WORDS + "imports/?format=bogus", b"{}", content_type="application/x-ndjson")
    assert (unknown.status_code, unknown.json()["field"]) == (400, "format")
    assert set(files.folder(team.project.pk, files.UPLOADS).iterdir()) == before
    assert not Run.objects.exists()


def test_an_upload_over_the_bound_is_refused_unread(team: Cast, bo: APIClient) -> None:
    header = {"HTTP_CONTENT_LENGTH": str(settings.UPLOAD_LIMIT_BYTES + 1)}
    answer = bo.generic("POST", WORDS + "imports/", b"{}", content_type="application/x-ndjson", **header)
    assert answer.status_code == 413


def test_an_export_run_is_asked_for(team: Cast, bo: APIClient) -> None:
    answer = bo.post(WORDS + "exports/", {"recipe": "full"})
    assert (answer.status_code, answer.json()["kind"]) == (202, "export")
    assert bo.post(WORDS + "exports/", {"recipe": "bogus"}).json()["field"] == "recipe"


def test_a_data_set_is_listed_and_downloaded(team: Cast, bo: APIClient) -> None:
    snapshot = fill(team.project, team.ada).snapshot
    path = files.folder(team.project.pk, files.DATASETS) / "words.jsonl"
    path.write_bytes(b"{}\n")
    DatasetSnapshot.objects.filter(pk=snapshot.pk).update(path=files.stored(path), rows=1)
    assert [row["rows"] for row in bo.get(WORDS + "exports/").json()["results"]] == [1]
    assert bo.get(f"{WORDS}runs/{snapshot.run_id}/").json()["snapshots"] == [snapshot.pk]
    answer = bo.get(f"{WORDS}exports/{snapshot.pk}/download/")
    assert b"".join(answer.streaming_content) == b"{}\n"
    assert answer["Content-Disposition"] == 'attachment; filename="words-full-' + f'{snapshot.pk}.jsonl"'


@pytest.mark.parametrize("path", ["", "exports/gone.jsonl", "../secret_key", "/etc/passwd"])
def test_a_data_set_without_its_file_is_not_found(team: Cast, bo: APIClient, path: str) -> None:
    snapshot = fill(team.project, team.ada).snapshot
    DatasetSnapshot.objects.filter(pk=snapshot.pk).update(path=path)
    assert bo.get(f"{WORDS}exports/{snapshot.pk}/download/").status_code == 404
