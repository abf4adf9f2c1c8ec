"""The import itself: read, stage, merge, in one transaction."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path, PurePath
from typing import Any

from django.db import connection, transaction

from annotations.errors import BadInput
from annotations.imports.batches import Batches
from annotations.imports.detection import chosen
from annotations.imports.documents import Documents
from annotations.imports.formats import FORMATS, ImportFormat, Origin
from annotations.imports.keys import origin_of
from annotations.imports.merge import documents as merging
from annotations.imports.merge import evidence, paths, staging
from annotations.imports.readers import check_size, read
from annotations.imports.records import BadRow, PathRow, ProblemRow
from annotations.imports.report import Findings, ImportReport
from annotations.labelling import first_scheme
from annotations.models import Project, Run, User
from annotations.teams import record

Progress = Callable[[dict[str, object]], None]
TOLD_EVERY = 5_000
STEPS_TOLD = 5_000
STATISTICS = """
    ANALYZE annotations_problem (project_id, content_hash), annotations_tree (project_id, problem_id, external_key),
            annotations_node (project_id, tree_id, seq, parent_seq),
            annotations_labelevent (project_id, node_id, voter, external_key, source, rating)
"""
# Two imports into one project run one after the other: both would count the same tree's steps.
LOCK = "SELECT pg_advisory_xact_lock(hashtext('studio import'), %(project)s::bigint::int)"


def import_file(
    *,
    project: Project,
    path: Path | str,
    name: str,
    format: str | None = None,  # noqa: A002 the word of the product
    scorer: str = "",
    actor: User | None = None,
    run: Run | None = None,
    progress: Progress | None = None,
) -> ImportReport:
    """Import a file into a project and say what came in.

    1. Rows are read one at a time, checked, and copied into temporary tables in batches.
    2. One statement a table merges them; what is there already stays as it is.
    3. All of it is one transaction: an import that is stopped leaves nothing behind.

    `scorer` names who made scores that stand in rows without a scorer.
    A row that does not fit is refused with line, field and expectation and costs no other row. BadInput is raised for
    a file as a whole: no such file, too large, no known format, archived project.
    """
    started, path = time.monotonic(), Path(path)
    if project.archived_at is not None:
        raise BadInput(f"{project.name} is archived: nothing can be imported.", "project")
    check_size(path)
    kind = FORMATS[chosen(path, name, format)]
    with transaction.atomic():
        staging.run(LOCK, {"project": project.pk})
        staging.create()
        found = Findings()
        stage_and_merge(kind, project, path, Origin(PurePath(name).stem[:60], 0, scorer), found, progress or ignore)
        staging.plan_as_usual()
        staging.drop()
        record(actor=actor, action="data imported", project=project, name=name, format=kind.name, rows=found.rows_read)
    refresh_statistics(found)
    seconds = round(time.monotonic() - started, 3)
    return found.report(name=name, format=kind.name, seconds=seconds, run=None if run is None else run.pk)


def ignore(state: dict[str, object]) -> None:
    """Tell nobody how far it is."""


def refresh_statistics(found: Findings) -> None:
    """Tell the planner of many new steps now; until its own round comes, pages and exports would run slow plans."""
    if found.counts.get("nodes_new", 0) >= STEPS_TOLD and not connection.in_atomic_block:
        staging.run(STATISTICS)


def stage_and_merge(
    kind: ImportFormat, project: Project, path: Path, origin: Origin, found: Findings, progress: Progress
) -> None:
    batches = Batches()
    params: dict[str, Any] = {"project": project.pk, "origin": origin_of(project), "source": kind.name}
    if kind.parse is None:
        header = stage_documents(batches, numbered(path, found, progress), found)
        staging.plan_for(batches.total)
        paths.merge_problems(found, params, count_rows=True)
        merge_documents(found, params, header)
        return
    problems_only = stage_records(kind, batches, origin, numbered(path, found, progress), found)
    progress({"rows": found.rows_read, "stage": "storing"})
    staging.plan_for(batches.total)
    paths.merge_problems(found, params, count_rows=problems_only)
    if not problems_only:
        scheme = first_scheme(project.pk)
        found.scheme_version = scheme.version
        paths.merge_paths(found, {**params, "scheme": scheme.pk})


def numbered(path: Path, found: Findings, progress: Progress) -> Iterator[tuple[int, Any]]:
    """Yield the rows that are objects, counting all, refusing the rest, telling how far the reading is."""
    for line, row in read(path):
        found.rows_read += 1
        if found.rows_read % TOLD_EVERY == 0:
            progress({"rows": found.rows_read, "refused": found.rows_refused, "stage": "reading"})
        if isinstance(row, dict):
            yield line, row
        else:
            found.refuse(line, row if isinstance(row, BadRow) else BadRow("row", "an object", row))


def stage_records(
    kind: ImportFormat, batches: Batches, origin: Origin, rows: Iterator[tuple[int, Any]], found: Findings
) -> bool:
    """Stage problems or paths; return whether there were problems only."""
    count = 0
    for line, row in rows:
        try:
            made = kind.parse(row, replace(origin, line=line)) if kind.parse else None
            if isinstance(made, ProblemRow):
                batches.add_problem(line, made)
            for path in paths_of(made):
                batches.add_path(line, path)
                count += 1
                found.corrections.extend([path.correction] * bool(path.correction))
        except BadRow as error:
            found.refuse(line, error)
    batches.flush()
    return count == 0


def paths_of(made: ProblemRow | PathRow | tuple[PathRow, ...] | None) -> tuple[PathRow, ...]:
    if isinstance(made, PathRow):
        return (made,)
    return made if isinstance(made, tuple) else ()


def stage_documents(batches: Batches, rows: Iterator[tuple[int, Any]], found: Findings) -> dict[str, Any]:
    documents = Documents(batches)
    for line, row in rows:
        try:
            documents.add(line, row)
        except BadRow as error:
            found.refuse(line, error)
    batches.flush()
    return dict(documents.header or {"schemes": []})


def merge_documents(found: Findings, params: dict[str, Any], header: dict[str, Any]) -> None:
    merging.merge_schemes(found, params, header)
    merging.merge_guidelines(found, params, header)
    merging.merge_trees(found, params)
    merging.merge_rationales(found, params)
    evidence.merge_evidence(found, params)
    evidence.merge_events(found, params)
    merging.merge_links(found, params)
