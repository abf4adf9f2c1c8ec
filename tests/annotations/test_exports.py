"""An export holds what the recipe says, counts what it leaves out, and names its file by a sum."""

from __future__ import annotations

import json
from hashlib import sha256
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from annotations import files
from annotations.errors import BadInput, NotFound
from annotations.exports import export
from annotations.labelling import Judgement, save_label
from annotations.models import DatasetSnapshot, Node, Project, Run, Tree, User
from annotations.tasks.exports import run_export
from annotations.tasks.imports import run_import
from tests.factories import Cast, cast, problem, tree

pytestmark = pytest.mark.django_db


def label(cast: Cast, user: User, made: Tree, ratings: dict[int, str]) -> None:
    for seq, rating in ratings.items():
        node = Node.objects.get(tree=made, seq=seq)
        save_label(access=cast.access(user), node_id=node.pk, judgement=Judgement(rating), seen_version=None, key=None)


@pytest.fixture
def words() -> Cast:
    """Ada and Bo labelled one tree; another one has no label."""
    found = cast()
    first = tree(found.project, problem(found.project))
    tree(found.project, problem(found.project, "What is 1 + 1?", "2"))
    label(found, found.ada, first, {1: "correct", 2: "correct", 3: "incorrect"})
    label(found, found.bo, first, {3: "correct"})
    return found


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_labels_of_several_people_become_one_and_the_latest_breaks_a_tie(words: Cast, tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    manifest = export(project=words.project, recipe="trl_stepwise", options={}, path=path)
    assert [row["labels"] for row in rows(path)] == [[True, True], [True]]
    assert manifest["dropped"] == {"trees without a label": 1}


def test_the_manifest_is_kept_and_stands_beside_the_file(words: Cast, tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    manifest = export(project=words.project, recipe="grounded", options={"neutral": "drop"}, path=path, actor=words.odo)
    kept = DatasetSnapshot.objects.get(pk=manifest["snapshot"])
    assert manifest["sha256"] == kept.sha256 == sha256(path.read_bytes()).hexdigest()
    assert (kept.rows, kept.options["neutral"], kept.created_by) == (2, "drop", words.odo)
    assert json.loads((tmp_path / "out.jsonl.manifest.json").read_text()) == manifest
    assert [entry.name for entry in sorted(tmp_path.iterdir())] == ["out.jsonl", "out.jsonl.manifest.json"]


def test_a_removed_step_takes_what_stands_below_it_out_of_the_export(words: Cast, tmp_path: Path) -> None:
    Node.objects.filter(project=words.project, seq=1).update(removed=True)
    path = tmp_path / "out.jsonl"
    export(project=words.project, recipe="trl_stepwise", options={}, path=path)
    assert [row["completions"] for row in rows(path)] == [["Lena has 5 - 4 = 2 pens."]]


def test_a_viewer_who_sees_only_his_own_labels_exports_only_those(words: Cast, tmp_path: Path) -> None:
    Project.objects.filter(pk=words.project.pk).update(settings={"blind": True})
    words.project.refresh_from_db()
    path = tmp_path / "out.jsonl"
    export(project=words.project, recipe="trl_stepwise", options={}, path=path, viewer=words.access(words.ada))
    assert [row["labels"] for row in rows(path)] == [[True, True], [False]]


@pytest.mark.parametrize(
    ("recipe", "options", "said"),
    [("none", {}, "no recipe"), ("grounded", {"neutral": "x"}, "neutral is 'x'"), ("full", {"a": 1}, "a is no option")],
)
def test_an_unknown_recipe_or_option_is_named(
    words: Cast, tmp_path: Path, recipe: str, options: dict[str, Any], said: str
) -> None:
    with pytest.raises(BadInput, match=said):
        export(project=words.project, recipe=recipe, options=options, path=tmp_path / "out.jsonl")
    assert list(tmp_path.iterdir()) == []


def test_the_commands_import_and_export(tmp_path: Path) -> None:
    words, said = cast(), StringIO()
    source = tmp_path / "rows.jsonl"
    source.write_text('{"problem": "One?", "answer": "1"}\n{"problem": 2}\n{"answer": 2}\n')
    call_command("import_data", str(source), "--project", "words", stdout=said)
    assert "problems: 2 new, 0 already there" in said.getvalue()
    assert "line 3, problem: expected a text" in said.getvalue()
    call_command("export_data", "--project", "words", "--recipe", "full", "--out", str(tmp_path / "o"), stdout=said)
    assert "2 of type problem" in said.getvalue()
    with pytest.raises(CommandError, match="There is no project 'elsewhere'"):
        call_command("import_data", str(source), "--project", "elsewhere")
    assert words.project.slug == "words"


def test_runs_import_an_upload_and_export_what_their_owner_sees(words: Cast, tmp_path: Path, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    upload = files.folder(words.project.pk, files.UPLOADS) / "a1"
    upload.write_text('{"problem": "New?"}')
    fields = {"project": words.project, "requested_by": words.bo}
    incoming = Run.objects.create(kind="import", input={"path": files.stored(upload), "name": "mine.jsonl"}, **fields)
    assert run_import(run=incoming, progress=lambda state: None)["problems_new"] == 1
    outgoing = Run.objects.create(kind="export", params={"recipe": "trl_stepwise", "options": {}}, **fields)
    manifest = run_export(run=outgoing, progress=lambda state: None)
    kept = DatasetSnapshot.objects.get(pk=manifest["snapshot"])
    assert files.found(kept.path, words.project.pk).name == manifest["file"]
    outside = Run.objects.create(kind="import", input={"path": "../secret_key"}, **fields)
    with pytest.raises(NotFound, match="no longer on the server"):
        run_import(run=outside, progress=lambda state: None)
