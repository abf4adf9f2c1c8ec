"""Brings a file in for `studio review`: tables, project, import, counts, and a run that checks the steps.

`python -m rationale_studio.cli.load FILE FOUND PROJECT SCORER`; a process of its own, so that the supervisor stays
small. It writes where the review is to the file FOUND.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import django

from rationale_studio.supervisor import prepare
from rationale_studio.supervisor.prepare import tell

if TYPE_CHECKING:
    from annotations.access import Access
    from annotations.imports import ImportReport


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rationale_studio.settings")
    django.setup()
    from annotations.errors import DomainError

    file, found, project, scorer = sys.argv[1:5]
    prepare.migrate()
    prepare.collect_static()
    prepare.first_admin()
    try:
        bring_in(Path(file), Path(found), project, scorer)
    except DomainError as error:
        tell(str(error))
        return 1
    return 0


def bring_in(file: Path, found: Path, project: str, scorer: str) -> None:
    from django.urls import reverse
    from django.utils.http import urlencode

    from annotations import entering, imports
    from annotations.checking import check_unchecked
    from annotations.reviewing.fold import fold

    # A file that nothing can be made of makes no project.
    imports.detect(file, file.name)
    access = opened(project or file.stem)
    tell(f"bringing {file.name} into the project {access.project.name}")
    report = imports.import_file(
        project=access.project, path=file, name=file.name, scorer=scorer, actor=access.user, progress=shown
    )
    told(report)
    fold(access.project.pk)
    check_unchecked(access)
    review = reverse("review", args=[access.project.slug]) + (f"?{urlencode({'scorer': scorer})}" if scorer else "")
    enter = f"{reverse('enter', args=[entering.token_for(access.user)])}?{urlencode({'next': review})}"
    found.write_text(json.dumps({"review": review, "enter": enter}))


def opened(name: str) -> Access:
    """Return the access of the site's first admin to the project of that name or address, made if need be."""
    from django.db.models import Q

    from annotations import teams
    from annotations.models import Project, User
    from annotations.selectors.projects import access

    owner = User.objects.filter(is_superuser=True, is_active=True).order_by("id")[0]
    project = Project.objects.filter(Q(slug=name) | Q(name=name)).order_by("id").first()
    return access(owner, (project or teams.create_project(actor=owner, name=name[:120])).slug)


def shown(state: dict[str, object]) -> None:
    tell(f"  {state['stage']}, {state['rows']:,} rows")


def told(report: ImportReport) -> None:
    """Print what came in, and the first rows that did not."""
    from annotations.management.commands.import_data import lines

    for line in lines(report):
        tell(line)


if __name__ == "__main__":
    sys.exit(main())
