"""Asking for a tool's verdict on every step that has none yet."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction

from annotations import jobs, rules
from annotations.access import Access
from annotations.errors import BadInput
from annotations.models import Run
from annotations.rules import Act
from inference.types import Role, RunKind

VERIFIERS = ("claims",)


@transaction.atomic
def request_checking(*, access: Access, verifier: str = VERIFIERS[0]) -> Run:
    """Ask for checks of all steps of the project by a verifier that needs no model."""
    rules.check(access, Act.RUN)
    if verifier not in VERIFIERS:
        raise BadInput(f"{verifier!r} checks no stored steps; expected {', '.join(VERIFIERS)}.", "verifier")
    return jobs.run_of_one(access, RunKind.CHECK, name=f"Check with {verifier}", plugin=verifier, params={})


def check_what_came(run: Run, report: Mapping[str, object]) -> Run | None:
    """Ask, for whoever asked for the run, for checks of the steps that it brought in; None where it brought none.

    Known steps count too: the run may have been repeated after a kill.
    """
    if not (report.get("nodes_new") or report.get("nodes_known")) or run.requested_by is None:
        return None
    access = Access(user=run.requested_by, project=run.project, role=Role.OWNER)
    name = f"Check with {VERIFIERS[0]} what run {run.pk} brought in"
    return jobs.run_of_one(access, RunKind.CHECK, name=name, plugin=VERIFIERS[0], params={})
