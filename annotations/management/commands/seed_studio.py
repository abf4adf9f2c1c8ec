"""manage.py seed_studio: the sample project, its engine, and a first generation run. Safe to repeat."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotations import samples
from annotations.models import User


class Command(BaseCommand):
    help = "Make the sample project if it is not there, and start a first generation run."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--without-run", action="store_true", help="Make the project only; grow nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        owner = User.objects.filter(is_superuser=True, is_active=True).order_by("id").first()
        if owner is None:
            raise CommandError("There is no site admin yet: make one with manage.py createsuperuser.")
        project = samples.sample_project(owner=owner)
        self.stdout.write(f"Sample project “{project.name}” is at /p/{project.slug}/.")
        run = None if options["without_run"] else samples.first_run(project=project, owner=owner)
        if run is not None:
            self.stdout.write(f"Run {run.pk} grows its first trees: /p/{project.slug}/runs/{run.pk}/.")
