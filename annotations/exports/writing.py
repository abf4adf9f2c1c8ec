"""An export: a file of rows, its manifest beside it, and a DatasetSnapshot."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import IO, Any

from django.db import connection, transaction
from django.utils import timezone

from annotations import files
from annotations.access import Access
from annotations.errors import BadInput
from annotations.exports.documents import document_lines
from annotations.exports.sessions import session_rows
from annotations.exports.trees import labelled_trees
from annotations.models import DatasetSnapshot, Project, Run, User
from annotations.selectors.labels import label_params
from annotations.teams import record
from inference.datasets import RECIPES, Dropped, Recipe
from inference.datasets.params import Options

Progress = Callable[[dict[str, object]], None]
TOLD_EVERY = 1_000
encoded = json.JSONEncoder(ensure_ascii=False, check_circular=False).encode
UNLABELLED = "trees without a label"


@dataclass(slots=True)
class Tally:
    """What went into the file so far."""

    rows: Counter[str] = field(default_factory=Counter)
    dropped: Counter[str] = field(default_factory=Counter)
    trees: int = 0


def export(
    *,
    project: Project,
    recipe: str,
    options: Mapping[str, Any],
    path: Path | str,
    actor: User | None = None,
    run: Run | None = None,
    viewer: Access | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Write the project's labelled trees with a recipe and return the manifest.

    All rows are of one moment (one repeatable-read transaction). `viewer` limits the labels to those he may see. The
    file appears whole or not at all; the manifest stands beside it as `<file>.manifest.json`. BadInput names an
    unknown recipe or option.
    """
    chosen, made = read_recipe(recipe, options)
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    labels: dict[str, object] = label_params(viewer) if viewer else {"project": project.pk, "voter": None}
    part = path.with_name(f"{path.name}.part")
    tell = progress or (lambda state: None)
    try:
        with one_moment(), part.open("wb") as file:
            tally, digest = write_rows(file, row_lines(project, chosen, made, labels), tell)
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)
    manifest = manifest_of(project, chosen, made, tally, path, digest)
    return keep(manifest, project, path, actor, run)


def read_recipe(name: str, options: Mapping[str, Any]) -> tuple[Recipe, Options]:
    """Return a recipe and its options; BadInput says what is wrong with either."""
    if name not in RECIPES:
        raise BadInput(f"{name!r} is no recipe; expected one of {', '.join(RECIPES)}.", "recipe")
    try:
        return RECIPES[name], RECIPES[name].options.read(options)
    except (TypeError, ValueError) as error:
        raise BadInput(f"{error}.", "options") from None


@contextmanager
def one_moment() -> Iterator[None]:
    """Read everything as of one moment; inside another transaction that one's rules hold."""
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if outermost:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


Line = tuple[str, str] | Dropped | None


def row_lines(project: Project, recipe: Recipe, options: Options, labels: dict[str, object]) -> Iterator[Line]:
    """Yield (type, JSON line) or what was dropped; None ends a tree."""
    if recipe.reads == "documents":
        yield from document_lines(project, labels)
        return
    if recipe.reads == "sessions":
        yield from (checked(recipe, row) for row in session_rows(project, labels, options))
        return
    all_trees = getattr(options, "machine", "off") != "off"
    for labelled in labelled_trees(recipe, labels, all_trees=all_trees):
        if labelled is None:
            yield Dropped(UNLABELLED)
            continue
        for row in recipe.rows(labelled, options):
            yield row if isinstance(row, Dropped) else checked(recipe, row)
        yield None


def checked(recipe: Recipe, row: dict[str, Any]) -> Line:
    wrong = recipe.check(row)
    return Dropped(f"not sound: {wrong[0]}") if wrong else ("row", encoded(row))


def write_rows(file: IO[bytes], lines: Iterator[Line], progress: Progress) -> tuple[Tally, str]:
    tally, digest, written = Tally(), sha256(), 0
    for line in lines:
        if line is None:
            tally.trees += 1
        elif isinstance(line, Dropped):
            tally.dropped[line.reason] += 1
        else:
            raw = line[1].encode() + b"\n"
            file.write(raw)
            digest.update(raw)
            tally.rows[line[0]] += 1
            written += 1
            if written % TOLD_EVERY == 0:
                progress({"rows": written})
    return tally, digest.hexdigest()


def manifest_of(
    project: Project, recipe: Recipe, options: Options, tally: Tally, path: Path, digest: str
) -> dict[str, Any]:
    documents = recipe.reads == "documents"
    return {
        "project": project.slug,
        "recipe": recipe.id,
        "recipe_version": recipe.version,
        "options": options.as_dict(),
        "file": path.name,
        "bytes": path.stat().st_size,
        "sha256": digest,
        "rows": tally.rows.total(),
        "by_type": dict(tally.rows) if documents else {},
        "trees": tally.rows["tree"] if documents else tally.trees,
        "dropped": dict(tally.dropped.most_common()),
        "made_at": timezone.now().isoformat(timespec="seconds"),
        "card": recipe.card(options),
    }


def keep(manifest: dict[str, Any], project: Project, path: Path, actor: User | None, run: Run | None) -> dict[str, Any]:
    """Store the manifest as a snapshot and beside the file."""
    with transaction.atomic():
        snapshot = DatasetSnapshot.objects.create(
            project=project,
            recipe=manifest["recipe"],
            recipe_version=manifest["recipe_version"],
            options=manifest["options"],
            manifest=manifest,
            path=files.stored(path)[:300],
            sha256=manifest["sha256"],
            rows=manifest["rows"],
            run=run,
            created_by=actor,
        )
        record(actor=actor, action="data exported", project=project, recipe=manifest["recipe"], rows=manifest["rows"])
    whole = {**manifest, "snapshot": snapshot.pk}
    text = json.dumps(whole, indent=2, ensure_ascii=False)
    path.with_name(f"{path.name}.manifest.json").write_text(text + "\n", encoding="utf-8")
    return whole
