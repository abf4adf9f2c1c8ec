"""Asking for a tool's verdict on every step that has none yet."""

from __future__ import annotations

from django.db import transaction

from annotations import jobs, rules
from annotations.access import Access
from annotations.errors import BadInput
from annotations.models import Run
from annotations.rules import Act
from inference.types import RunKind

VERIFIERS = ("claims",)


@transaction.atomic
def request_checking(*, access: Access, verifier: str = VERIFIERS[0]) -> Run:
    """Ask for checks of all steps of the project by a verifier that needs no model."""
    rules.check(access, Act.RUN)
    if verifier not in VERIFIERS:
        raise BadInput(f"{verifier!r} checks no stored steps; expected {', '.join(VERIFIERS)}.", "verifier")
    return jobs.run_of_one(access, RunKind.CHECK, name=f"Check with {verifier}", plugin=verifier, params={})
