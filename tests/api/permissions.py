"""Who may ask what: every URL name of pages and API with its methods. A URL that is not here fails the tests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.urls import URLPattern, get_resolver

from annotations.models import LabelItem, LabelQueue, LabelSlice
from inference.types import Role
from tests.factories import PASSWORD, Filled

PUBLIC, SIGNED_IN, SITE_ADMIN = "everybody", "whoever is signed in", "site admins"
OWNERS = frozenset({Role.OWNER})
REVIEWERS = OWNERS | {Role.REVIEWER}
LABELLERS = REVIEWERS | {Role.ANNOTATOR}
MEMBERS = LABELLERS | {Role.VIEWER}
Who = str | frozenset[Role]

PAGES: dict[str, dict[str, Who]] = {
    "login": {"GET": PUBLIC, "POST": PUBLIC},
    "enter": {"GET": PUBLIC},
    "logout": {"POST": PUBLIC},
    "home": {"GET": SIGNED_IN, "POST": SIGNED_IN},
    "problem-list": {"GET": MEMBERS},
    "problem": {"GET": MEMBERS},
    "tree-list": {"GET": MEMBERS},
    "tree": {"GET": MEMBERS},
    "formats": {"GET": MEMBERS},
    "node-history": {"GET": MEMBERS},
    "node-label": {"POST": LABELLERS},
    "node-undo": {"POST": LABELLERS},
    "run-list": {"GET": MEMBERS},
    "run-new": {"GET": REVIEWERS, "POST": REVIEWERS},
    "measure": {"GET": REVIEWERS, "POST": REVIEWERS},
    "run": {"GET": MEMBERS},
    "run-compare": {"GET": MEMBERS},
    "check-new": {"GET": REVIEWERS, "POST": REVIEWERS},
    "run-changes": {"GET": MEMBERS},
    "labels-use": {"POST": REVIEWERS},
    "labels-back": {"POST": REVIEWERS},
    "run-cancel": {"POST": REVIEWERS},
    "run-pause": {"POST": REVIEWERS},
    "run-resume": {"POST": REVIEWERS},
    "tree-stop": {"POST": REVIEWERS},
    "policy-use": {"POST": SITE_ADMIN},
    "review": {"GET": MEMBERS},
    "review-send": {"POST": REVIEWERS},
    # Of somebody else; who made it may too (tests/pages/test_review.py).
    "review-slice-delete": {"POST": OWNERS},
    "desk": {"GET": MEMBERS},
    "desk-new": {"GET": REVIEWERS, "POST": REVIEWERS},
    "desk-queue-settings": {"GET": REVIEWERS, "POST": REVIEWERS},
    "desk-items": {"GET": REVIEWERS, "POST": REVIEWERS},
    "desk-disputes": {"GET": REVIEWERS},
    "desk-dispute": {"GET": REVIEWERS},
    "desk-decide": {"POST": REVIEWERS},
    "desk-take-back": {"POST": REVIEWERS},
    "desk-mine": {"GET": LABELLERS},
    # Whoever submitted the item may too (tests/annotations/test_deciding.py).
    "desk-comment": {"POST": REVIEWERS},
    "desk-mine-item": {"GET": LABELLERS},
    "tour-start": {"POST": SIGNED_IN},
    "tour": {"GET": MEMBERS},
    "tour-act": {"POST": REVIEWERS},
    "drill": {"GET": MEMBERS, "POST": LABELLERS},
    "model-list": {"GET": MEMBERS},
    "tool-list": {"GET": MEMBERS},
    "tools-about": {"GET": MEMBERS},
    "tool": {"GET": MEMBERS},
    "retrain": {"POST": REVIEWERS},
    "replay": {"POST": REVIEWERS},
    "policy": {"GET": REVIEWERS, "POST": REVIEWERS},
    "score": {"POST": REVIEWERS},
    "data": {"GET": MEMBERS},
    "import": {"POST": REVIEWERS},
    "generate": {"POST": REVIEWERS},
    "plant": {"POST": REVIEWERS},
    "export": {"POST": REVIEWERS},
    "download": {"GET": REVIEWERS},
    "guidelines": {"GET": MEMBERS},
    "desk-acts": {"POST": LABELLERS},
    "desk-progress": {"GET": LABELLERS},
    "settings": {"GET": MEMBERS, "POST": OWNERS},
    "settings-members": {"GET": MEMBERS, "POST": OWNERS},
    "settings-categories": {"GET": MEMBERS, "POST": OWNERS},
    "settings-end": {"GET": OWNERS, "POST": OWNERS},
    "settings-audit": {"GET": OWNERS},
    "desk-keys": {"GET": LABELLERS, "POST": LABELLERS},
    "desk-quality": {"GET": REVIEWERS},
    "desk-gold": {"GET": REVIEWERS, "POST": REVIEWERS},
    "desk-label": {"GET": LABELLERS},
    "desk-next": {"POST": LABELLERS},
}
API: dict[str, dict[str, Who]] = {
    "api-schema": {"GET": PUBLIC},
    "api-token": {"POST": PUBLIC, "DELETE": SIGNED_IN},
    "api-projects": {"GET": SIGNED_IN},
    "api-project": {"GET": MEMBERS},
    "api-problems": {"GET": MEMBERS},
    "api-problem": {"GET": MEMBERS},
    "api-trees": {"GET": MEMBERS},
    "api-tree": {"GET": MEMBERS},
    "api-log": {"POST": REVIEWERS},
    "api-labels": {"GET": MEMBERS, "POST": LABELLERS},
    "api-undo": {"POST": LABELLERS},
    "api-runs": {"GET": MEMBERS, "POST": REVIEWERS},
    "api-run": {"GET": MEMBERS},
    "api-run-compare": {"GET": MEMBERS},
    "api-run-cancel": {"POST": REVIEWERS},
    "api-run-pause": {"POST": REVIEWERS},
    "api-run-resume": {"POST": REVIEWERS},
    "api-run-changes": {"GET": MEMBERS},
    "api-labels-use": {"POST": REVIEWERS},
    "api-labels-back": {"POST": REVIEWERS},
    "api-tree-stop": {"POST": REVIEWERS},
    "api-tools": {"GET": MEMBERS},
    "api-imports": {"POST": REVIEWERS},
    "api-label-sessions": {"GET": REVIEWERS},
    "api-exports": {"GET": REVIEWERS, "POST": REVIEWERS},
    "api-export": {"GET": REVIEWERS},
    "api-download": {"GET": REVIEWERS},
    "api-queues": {"GET": MEMBERS, "POST": REVIEWERS},
    "api-queue": {"GET": MEMBERS, "PATCH": REVIEWERS},
    "api-queue-items": {"GET": REVIEWERS, "POST": REVIEWERS},
}
# What an annotator who sees only what is assigned to him may ask besides what is for everybody.
ASSIGNED = {
    "guidelines",
    "desk",
    "desk-label",
    "desk-next",
    "desk-acts",
    "desk-mine",
    "desk-keys",
    "desk-progress",
    "api-queues",
    "api-queue",
}
TABLE = PAGES | API
# What writes though the project is archived: exporting reads it, and its owner restores or deletes it.
IN_ARCHIVE = {"export", "api-exports", "settings-end"}

KEY = "5a0c3a3e-6b0e-4d0e-9d57-6f1f7f3d7f10"
# The least that a method needs to get past its form.
BODIES: dict[str, dict[str, Any]] = {
    "login": {"username": "ada", "password": "wrong"},
    "home": {"name": "Another"},
    "node-label": {"rating": "correct", "version": "0", "key": KEY},
    "review-send": {"name": "To label", "query": "matrix=label&cell=correct.none"},
    "settings": {"name": "Words", "guidelines": ""},
    "settings-members": {"username": "cy", "role": "viewer"},
    "settings-categories": {"key": "", "name": "Unit", "definition": ""},
    "settings-end": {"act": "archive"},
    "export": {"recipe": "full"},
    "desk-comment": {"text": "Is this meant?"},
    "tour-act": {"act": "train"},
    "api-token": {"username": "ada", "password": PASSWORD},
    "api-labels": {"rating": "correct"},
    "api-exports": {"recipe": "full"},
    "api-queues": {"name": "To label"},
}


def url_patterns(patterns: Any = None) -> Iterator[URLPattern]:
    """Walk the site's addresses; Django's admin guards itself."""
    for entry in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(entry, URLPattern):
            yield entry
        elif str(entry.pattern) != "admin/":
            yield from url_patterns(entry.url_patterns)


def arguments(name: str, filled: Filled) -> dict[str, Any]:
    """Return what the address of `name` needs, from the rows of `filled`."""
    known = {
        "slug": filled.project.slug,
        "problem_id": filled.problem.pk,
        "tree_id": filled.tree.pk,
        "node_id": filled.node.pk,
        "run_id": filled.run.pk,
        "snapshot_id": filled.snapshot.pk,
        "model_id": filled.artefact.pk,
        "slice_id": LabelSlice.objects.filter(project=filled.project).latest("pk").pk,
        "queue_id": LabelQueue.objects.filter(project=filled.project).latest("pk").pk,
        "item_id": LabelItem.objects.filter(project=filled.project).latest("pk").pk,
        "token": "no-such-token",
        "verifier": "claims",
        "name": "trust",
    }
    takes = get_resolver().reverse_dict.getlist(name)[0][0][0][1]
    missing = set(takes) - set(known)
    assert not missing, f"tests/api/permissions.py knows no {missing} for the address {name}"
    return {key: known[key] for key in takes}
