"""manage.py plant: labelled trees of planted errors in a project."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotations.errors import DomainError
from annotations.models import Project
from annotations.planting import plant_into
from inference.engines.fields import SettingError
from inference.planted.params import KIND_IDS, SOURCES, PlantParams


class Command(BaseCommand):
    help = "Plant errors in worked solutions and store them as labelled trees. The same command twice changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        usual = PlantParams()
        parser.add_argument("--project", required=True, help="The project's slug.")
        parser.add_argument("--problems", type=int, default=usual.problems, help="How many problems to generate.")
        parser.add_argument("--per-problem", type=int, default=usual.per_problem, help="Wrong solutions a problem.")
        parser.add_argument("--seed", type=int, default=usual.seed, help="The same seed plants the same errors.")
        parser.add_argument("--source", choices=SOURCES, default=usual.source, help="Where solutions are from.")
        parser.add_argument("--kinds", default=usual.kinds, help=f"Kinds of errors: {', '.join(KIND_IDS)}.")
        parser.add_argument("--held-out", type=float, default=usual.held_out, help="Share of problems marked test.")
        parser.add_argument("--json", action="store_true", help="Print the whole report as JSON.")

    def handle(self, *args: Any, **options: Any) -> None:
        project = Project.objects.filter(slug=options["project"]).first()
        if project is None:
            raise CommandError(f"There is no project {options['project']!r}.")
        names = ("source", "problems", "per_problem", "kinds", "held_out", "seed")
        try:
            report = plant_into(
                project=project, params=PlantParams.from_mapping({name: options[name] for name in names})
            )
        except (SettingError, DomainError) as error:
            raise CommandError(str(error)) from None
        self.stdout.write(json.dumps(report) if options["json"] else "\n".join(lines(report)))


def lines(report: dict[str, Any]) -> list[str]:
    """Return the report as lines for people."""
    kinds = ", ".join(f"{count:,} {kind}" for kind, count in report["planted_by_kind"].items())
    found = [
        f"Planted {report['planted']:,} wrong solutions in {report['seconds']:.1f} s: {kinds}.",
        f"  problems: {report['problems_new']:,} new, {report['problems_train']:,} train, "
        f"{report['problems_test']:,} test",
        f"  trees: {report['trees_new']:,} new, {report['trees_known']:,} already there",
        f"  steps: {report['nodes_new']:,} new; labels: {report['labels_new']:,} new",
    ]
    if report["solutions_unfit"]:
        found.append(f"  {report['solutions_unfit']:,} solutions could not be followed:")
        found += [f"    {count:,}: {why}" for why, count in report["unfit_because"].items()]
    return found
