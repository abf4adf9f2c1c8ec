"""Who may do what: `check_x` raises NotAllowed, `can_x` returns a bool. Pure: no request, no query.

A role may do all that the table says; an archived project can only be read (and restored or deleted by an owner).
"""

from __future__ import annotations

from enum import StrEnum

from annotations.access import Access
from annotations.errors import BadInput, Conflict, NotAllowed
from inference.types import Role, RunKind, RunState, TreeState


class Act(StrEnum):
    """What a member can do in a project."""

    VIEW = "view"
    BROWSE = "see more than what is assigned to them"
    LABEL = "label"
    SEE_OTHERS = "see others' labels"
    RUN = "start and cancel runs"
    IMPORT = "import data"
    EXPORT = "export data"
    QUEUE = "fill and change labelling queues"
    ADJUDICATE = "decide between labels and see how people label"
    MANAGE = "manage the project"
    ARCHIVE = "archive, restore or delete the project"


ROLE_ACTS: dict[Role, frozenset[Act]] = {
    Role.VIEWER: frozenset({Act.VIEW, Act.BROWSE, Act.SEE_OTHERS}),
    Role.ANNOTATOR: frozenset({Act.VIEW, Act.BROWSE, Act.SEE_OTHERS, Act.LABEL}),
    Role.REVIEWER: frozenset(set(Act) - {Act.MANAGE, Act.ARCHIVE}),
    Role.OWNER: frozenset(Act),
}
READ_ACTS = frozenset({Act.VIEW, Act.BROWSE, Act.SEE_OTHERS, Act.EXPORT, Act.ARCHIVE})

DEFAULT_CATEGORIES: list[dict[str, object]] = [
    {"key": key, "name": name, "definition": definition, "active": True}
    for key, name, definition in [
        ("arithmetic", "Arithmetic", "The right calculation with a wrong result."),
        ("set_up", "Wrong set-up", "A calculation that does not answer what is asked, or with the wrong operation."),
        ("misread", "Misread problem", "A condition of the problem is dropped or changed."),
        ("copied_number", "Copied number", "A number differs from the one it was taken from."),
        ("unit", "Unit", "Units are mixed up or converted wrongly."),
        ("unjustified", "Unjustified", "The step claims something that nothing before it supports."),
    ]
]
SETTINGS: dict[str, bool] = {"blind": False, "assigned": False}
# A run that has not ended.
OPEN = (RunState.QUEUED, RunState.RUNNING, RunState.PAUSED, RunState.CANCELLING)
# What is done in many slices and can stop between two of them.
SLICED = frozenset({RunKind.GENERATE, RunKind.PASSRATE, RunKind.CHECK})


def can(access: Access, act: Act) -> bool:
    if access.project.archived_at is not None and act not in READ_ACTS:
        return False
    if act in (Act.BROWSE, Act.SEE_OTHERS) and access.role == Role.ANNOTATOR and _on(access, "assigned"):
        return False
    if act == Act.SEE_OTHERS and access.role in (Role.ANNOTATOR, Role.VIEWER):
        return not _on(access, "blind")
    return act in ROLE_ACTS[access.role]


def _on(access: Access, switch: str) -> bool:
    return bool(access.project.settings.get(switch, SETTINGS[switch]))


def check(access: Access, act: Act) -> None:
    """Raise NotAllowed with a sentence that says why."""
    if can(access, act):
        return
    if access.project.archived_at is not None and act not in READ_ACTS:
        raise NotAllowed(f"{access.project.name} is archived: it can be read, not changed.")
    article = "An" if access.role in (Role.ANNOTATOR, Role.OWNER) else "A"
    raise NotAllowed(f"{article} {access.role.value} of {access.project.name} may not {act.value}.")


def can_delete_slice(access: Access, made_by: int | None) -> bool:
    """Whoever may manage the project, and who made the slice while he may still send one; None: nobody is known."""
    return can(access, Act.MANAGE) or (can(access, Act.QUEUE) and made_by == access.user.pk)


def check_delete_slice(access: Access, made_by: int | None) -> None:
    check(access, Act.QUEUE)
    if not can_delete_slice(access, made_by):
        raise NotAllowed(f"A slice is deleted by who sent it or by an owner of {access.project.name}.")


def can_pause(access: Access, kind: str, state: str) -> bool:
    return can(access, Act.RUN) and kind in SLICED and state in (RunState.QUEUED, RunState.RUNNING)


def check_pause(access: Access, kind: str, state: str) -> None:
    check(access, Act.RUN)
    if kind not in SLICED:
        raise Conflict("This run is done in one piece: it can be cancelled, not paused.")
    if not can_pause(access, kind, state):
        raise Conflict(f"The run is {state}: only one that waits or works can be paused.")


def can_cancel(access: Access, state: str) -> bool:
    return can(access, Act.RUN) and state in OPEN and state != RunState.CANCELLING


def can_resume(access: Access, state: str) -> bool:
    return can(access, Act.RUN) and state == RunState.PAUSED


def check_resume(access: Access, state: str) -> None:
    check(access, Act.RUN)
    if not can_resume(access, state):
        raise Conflict(f"The run is {state}: only a paused one can be resumed.")


def can_use_labels(access: Access, state: str, *, given: bool) -> bool:
    """Those of a run that checked again, has ended and gives labels (`given`)."""
    return can(access, Act.RUN) and state not in OPEN and given


def check_use_labels(access: Access, state: str, *, given: bool) -> None:
    check(access, Act.RUN)
    if not given:
        raise Conflict("This run gives no labels: it was asked for without a policy.")
    if not can_use_labels(access, state, given=given):
        raise Conflict(f"The run is {state}: its labels can be used when it has ended.")


def can_stop_tree(access: Access, state: str, run_state: str | None) -> bool:
    """A growing tree of a run that goes on; `run_state` None: a tree that no run of the studio grows."""
    return can(access, Act.RUN) and state == TreeState.GROWING and run_state in OPEN


def check_stop_tree(access: Access, state: str, run_state: str | None) -> None:
    check(access, Act.RUN)
    if run_state is None:
        raise Conflict("No run of the studio grows this tree: stop it where it grows.")
    if not can_stop_tree(access, state, run_state):
        raise Conflict(f"The tree is {state}: only a growing one of a run that goes on can be stopped.")


def check_last_owner(*, owners: int, was: Role, becomes: Role | None) -> None:
    """Refuse to leave a project without an owner. `becomes` None means the member leaves."""
    if was == Role.OWNER and becomes != Role.OWNER and owners <= 1:
        raise BadInput("A project needs an owner: make somebody else owner first.", "role")
