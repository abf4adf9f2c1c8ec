"""Data in and out: a file is kept and its import asked for; a data set is asked for and fetched by who may."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from annotations import files, uploads
from annotations.models import DatasetSnapshot, Run
from tests.factories import Cast, cast
from tests.pages.asking import PART, sign_in, three_ways

pytestmark = pytest.mark.django_db
DATA = "/p/words/data/"


@pytest.fixture
def team() -> Cast:
    return cast()


def file(body: bytes = b'{"problem": "1+1", "answer": "2"}\n', name: str = "sums.jsonl") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, body)


def kept(team: Cast) -> set[Path]:
    return set(files.folder(team.project.pk, files.UPLOADS).iterdir())


def snapshot(team: Cast, path: Path | str, **fields: object) -> DatasetSnapshot:
    return DatasetSnapshot.objects.create(
        project=team.project, recipe="trl_stepwise", recipe_version="1", path=str(path), created_by=team.bo, **fields
    )


def test_the_page_offers_every_format_and_recipe(team: Cast) -> None:
    page = three_ways(sign_in(team.bo), DATA)

    for words in ("Detect it from the first rows", "ProcessBench", "TRL stepwise", "None yet."):
        assert words in page


@pytest.mark.parametrize("headers", [{}, PART])
def test_a_reviewer_uploads_a_file_and_is_taken_to_its_run(team: Cast, headers: dict[str, str]) -> None:
    answer = sign_in(team.bo).post(f"{DATA}import/", {"file": file(name="../../my sums.jsonl")}, headers=headers)

    run = Run.objects.get()
    path = Path(run.input["path"])
    assert path.read_bytes() == file().read()
    assert path.parent == files.folder(team.project.pk, files.UPLOADS)
    assert (path.suffix, run.input["format"]) == (".jsonl", None)
    assert path.parent.stat().st_mode & 0o077 == 0
    assert f"/p/words/runs/{run.pk}/" in (answer.headers.get("HX-Redirect"), answer.headers.get("Location"))


def test_a_chosen_format_goes_to_the_run(team: Cast) -> None:
    sign_in(team.bo).post(f"{DATA}import/", {"file": file(), "format": "gsm8k", "scorer": "mine"})

    given = Run.objects.get().input
    assert (given["format"], given["scorer"]) == ("gsm8k", "mine")


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({}, "Choose a file."),
        ({"file": b""}, "The file is empty."),
        ({"file": b"1", "format": "word"}, "Unknown format"),
        ({"file": b"1", "scorer": "x" * 61}, "at most 60 characters"),
    ],
)
@pytest.mark.parametrize("headers", [{}, PART])
def test_a_refused_import_says_why_and_keeps_no_file(
    team: Cast, form: dict[str, object], says: str, headers: dict[str, str]
) -> None:
    before = kept(team)
    sent = {name: file(value) if isinstance(value, bytes) else value for name, value in form.items()}

    page = sign_in(team.bo).post(f"{DATA}import/", sent, headers=headers)

    assert page.status_code == 400
    assert says in page.text
    assert ("<form" in page.text) == (headers == {})
    assert kept(team) == before
    assert not Run.objects.exists()


def test_a_file_over_the_limit_is_refused_while_it_is_written(team: Cast, settings: Any) -> None:
    before = kept(team)
    settings.UPLOAD_LIMIT_BYTES = 100

    with pytest.raises(uploads.BadInput, match="larger than"):
        uploads.keep(1, iter([b"x" * 60, b"x" * 60]), "big.jsonl")

    assert kept(team) == before


def test_annotators_neither_import_nor_export(team: Cast) -> None:
    ada = sign_in(team.ada)

    assert "Reviewers and owners import data." in three_ways(ada, DATA)
    assert ada.post(f"{DATA}import/", {"file": file()}).status_code == 403
    assert ada.post(f"{DATA}export/", {"recipe": "full"}).status_code == 403
    assert ada.get(f"{DATA}{snapshot(team, 'x').pk}/download/").status_code == 403
    assert not Run.objects.exists()


@pytest.mark.parametrize("headers", [{}, PART])
def test_a_data_set_is_asked_for_with_its_options(team: Cast, headers: dict[str, str]) -> None:
    form = {"recipe": "trl_stepwise", "p-neutral": "drop", "p-machine": "veto", "p-min_paths": "5"}

    sign_in(team.bo).post(f"{DATA}export/", form, headers=headers)

    run = Run.objects.get()
    assert run.params["recipe"] == "trl_stepwise"
    assert run.params["options"].items() >= {"neutral": "drop", "machine": "veto", "min_paths": 5}.items()


@pytest.mark.parametrize("headers", [{}, PART])
def test_a_refused_option_is_said_beside_it_and_kept(team: Cast, headers: dict[str, str]) -> None:
    form = {"recipe": "trl_stepwise", "p-neutral": "drop", "p-min_paths": "none"}

    page = sign_in(team.bo).post(f"{DATA}export/", form, headers=headers)

    assert page.status_code == 400
    assert "expected a whole number" in page.text
    assert "<option selected>drop</option>" in page.text
    assert 'value="none"' in page.text


def test_an_unknown_recipe_is_refused(team: Cast) -> None:
    assert sign_in(team.bo).post(f"{DATA}export/", {"recipe": "magic"}).status_code == 400


def test_a_data_set_is_listed_with_its_manifest_and_streamed(team: Cast) -> None:
    path = files.folder(team.project.pk, files.DATASETS) / "set.jsonl"
    path.write_text('{"prompt": "x"}\n')
    row = snapshot(team, path, rows=1, sha256="ab" * 32, manifest={"counts": {"trees": 12}, "rows": 1})
    bo = sign_in(team.bo)

    assert "Counts trees" in bo.get(DATA).text
    answer = bo.get(f"{DATA}{row.pk}/download/")
    assert answer.streaming
    assert b"".join(answer.streaming_content) == b'{"prompt": "x"}\n'
    assert f'filename="words-trl_stepwise-{row.pk}.jsonl"' in answer.headers["Content-Disposition"]


@pytest.mark.parametrize("path", ["/etc/passwd", "../../../../etc/passwd", "gone.jsonl", ""])
def test_no_file_outside_the_data_folder_is_sent(team: Cast, path: str) -> None:
    assert sign_in(team.bo).get(f"{DATA}{snapshot(team, path).pk}/download/").status_code == 404


def test_a_data_set_of_another_project_does_not_exist_here(team: Cast) -> None:
    row = snapshot(cast("units"), "x")

    assert sign_in(team.bo).get(f"{DATA}{row.pk}/download/").status_code == 404
