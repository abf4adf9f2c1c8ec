"""Import a file of problems or labelled steps into a project."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotations.errors import DomainError
from annotations.imports import FORMATS, ImportReport, import_file
from annotations.models import Project

SHOWN = 10
COUNTED = (
    ("problems", "problems"),
    ("trees", "trees"),
    ("nodes", "steps"),
    ("labels", "labels"),
    ("scores", "scores"),
    ("rationales", "rationales"),
)


class Command(BaseCommand):
    help = "Import a file into a project. Importing it again changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--project", required=True, help="The project's slug.")
        parser.add_argument("--format", choices=sorted(FORMATS), help="Told by the file itself if left out.")
        parser.add_argument("--scorer", default="", help="Who made scores that stand in rows without a scorer.")
        parser.add_argument("--json", action="store_true", help="Print the whole report as JSON.")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        project = Project.objects.filter(slug=options["project"]).first()
        if project is None:
            raise CommandError(f"There is no project {options['project']!r}.")
        try:
            report = import_file(
                project=project, path=path, name=path.name, format=options["format"], scorer=options["scorer"]
            )
        except DomainError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(json.dumps(report.to_json()) if options["json"] else "\n".join(lines(report)))


def lines(report: ImportReport) -> list[str]:
    """Return the report as lines for people."""
    found = [f"{report.name}: {report.format}, {report.rows_read:,} rows in {report.seconds:.1f} s."]
    for name, word in COUNTED:
        new, known = getattr(report, f"{name}_new"), getattr(report, f"{name}_known")
        if new or known:
            found.append(f"  {word}: {new:,} new, {known:,} already there")
    found.extend(f"  {note}" for note in (*report.corrections, *report.notes))
    if report.duplicates:
        found.append(f"  {report.duplicates:,} rows repeat an earlier row and were collapsed")
    if report.conflict_count:
        found.append(f"  {report.conflict_count:,} steps have different ratings in the file; all were kept")
    found.extend(refusals(report))
    return found


def refusals(report: ImportReport) -> list[str]:
    """Return the first differences and refusals with their lines."""
    found = [f"  {report.difference_count:,} rows differ from what is there"] * bool(report.differences)
    for row in report.differences[:SHOWN]:
        found.append(f"    line {row['line']}, {row['field']}: here {row['known']!r}, in the file {row['found']!r}")
    found.append(f"  {report.rows_refused:,} rows refused")
    for row in report.refused[:SHOWN]:
        shown = f", found {row['found']!r}" if row["found"] else ""
        found.append(f"    line {row['line']}, {row['field']}: expected {row['expected']}{shown}")
    if report.rows_refused > SHOWN:
        found.append(f"    and {report.rows_refused - SHOWN:,} more; --json lists up to 1,000")
    return found
