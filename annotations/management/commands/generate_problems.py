"""manage.py generate_problems: problems with answers, made by a generator, in a project."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotations.errors import DomainError
from annotations.generating import generate_into
from annotations.models import Project
from annotations.params import read
from inference.sources.params import DIFFICULTIES, GENERATORS, SourceParams


class Command(BaseCommand):
    help = "Generate problems with answers into a project. The same command twice changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        usual = SourceParams()
        parser.add_argument("--project", help="The project's slug.")
        parser.add_argument("--generator", default=usual.generator, help="As source/generator; see --list.")
        parser.add_argument("--count", type=int, default=usual.count, help="How many different problems.")
        parser.add_argument("--seed", type=int, default=usual.seed, help="The same seed makes the same problems.")
        parser.add_argument(
            "--difficulty", choices=DIFFICULTIES, default=usual.difficulty, help="1 (easy) to 5, or all in turn."
        )
        parser.add_argument("--largest", type=int, default=usual.largest, help="Largest number of a story; 0 for any.")
        parser.add_argument("--list", action="store_true", help="Name the generators and end.")
        parser.add_argument("--json", action="store_true", help="Print the whole report as JSON.")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["list"]:
            for each in GENERATORS.values():
                self.stdout.write(f"{each.id:34} {each.title}{'; graded' if each.graded else ''}")
            return
        if not options["project"]:
            raise CommandError("Name the project: --project SLUG.")
        project = Project.objects.filter(slug=options["project"]).first()
        if project is None:
            raise CommandError(f"There is no project {options['project']!r}.")
        names = ("generator", "count", "seed", "difficulty", "largest")
        try:
            report = generate_into(project=project, params=read(SourceParams, {name: options[name] for name in names}))
        except DomainError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(json.dumps(report) if options["json"] else "\n".join(lines(report)))


def lines(report: dict[str, Any]) -> list[str]:
    """Return the report as lines for people."""
    counts = f"{report['problems_new']:,} new, {report['problems_known']:,} already there"
    return [f"Generated {report['generated']:,} problems in {report['seconds']:.1f} s: {counts}.", *report["notes"]]
