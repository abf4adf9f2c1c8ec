"""Export a project's labelled trees with a recipe."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotations.errors import DomainError
from annotations.exports import export
from annotations.models import Project
from inference.datasets import RECIPES


class Command(BaseCommand):
    help = "Export a project's labelled trees; a manifest is written beside the file."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--project", required=True, help="The project's slug.")
        parser.add_argument("--recipe", required=True, choices=list(RECIPES))
        parser.add_argument("--option", action="append", default=[], metavar="NAME=VALUE", help="May be repeated.")
        parser.add_argument("--out", required=True, type=Path)
        parser.add_argument("--json", action="store_true", help="Print the manifest as JSON.")

    def handle(self, *args: Any, **options: Any) -> None:
        project = Project.objects.filter(slug=options["project"]).first()
        if project is None:
            raise CommandError(f"There is no project {options['project']!r}.")
        pairs = dict(pair.partition("=")[::2] for pair in options["option"])
        try:
            manifest = export(project=project, recipe=options["recipe"], options=pairs, path=options["out"].resolve())
        except DomainError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(json.dumps(manifest) if options["json"] else "\n".join(lines(manifest)))


def lines(manifest: dict[str, Any]) -> list[str]:
    """Return the manifest as lines for people."""
    found = [
        f"{manifest['file']}: {manifest['rows']:,} rows of {manifest['trees']:,} trees, {manifest['bytes']:,} bytes.",
        f"  recipe {manifest['recipe']} {manifest['recipe_version']}",
        *(f"  {name}: {value}" for name, value in manifest["options"].items()),
        *(f"  {count:,} of type {name}" for name, count in manifest["by_type"].items()),
        *(f"  left out: {count:,}, {reason}" for reason, count in manifest["dropped"].items()),
        f"  SHA-256 {manifest['sha256']}",
    ]
    return found
