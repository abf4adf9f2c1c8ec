"""Who may do what: one table, and an archived project that can only be read."""

from __future__ import annotations

import pytest
from django.utils import timezone

from annotations.access import Access
from annotations.errors import BadInput, NotAllowed
from annotations.models import Project, User
from annotations.rules import READ_ACTS, ROLE_ACTS, Act, can, check, check_last_owner
from inference.types import Role

STRONGEST_FIRST = [Role.OWNER, Role.REVIEWER, Role.ANNOTATOR, Role.VIEWER]


def access(role: Role, *, archived: bool = False, blind: bool = False) -> Access:
    project = Project(name="Words", slug="words", settings={"blind": blind})
    project.archived_at = timezone.now() if archived else None
    return Access(user=User(username="ada"), project=project, role=role)


def test_a_stronger_role_may_do_all_that_a_weaker_may() -> None:
    for stronger, weaker in zip(STRONGEST_FIRST, STRONGEST_FIRST[1:], strict=False):
        assert ROLE_ACTS[weaker] < ROLE_ACTS[stronger]


@pytest.mark.parametrize(
    ("act", "weakest"),
    [
        (Act.VIEW, Role.VIEWER),
        (Act.LABEL, Role.ANNOTATOR),
        (Act.RUN, Role.REVIEWER),
        (Act.IMPORT, Role.REVIEWER),
        (Act.EXPORT, Role.REVIEWER),
        (Act.MANAGE, Role.OWNER),
        (Act.ARCHIVE, Role.OWNER),
    ],
)
def test_each_act_has_its_weakest_role(act: Act, weakest: Role) -> None:
    allowed = [role for role in STRONGEST_FIRST if can(access(role), act)]
    assert allowed == STRONGEST_FIRST[: STRONGEST_FIRST.index(weakest) + 1]


@pytest.mark.parametrize("act", list(Act))
def test_in_an_archive_only_reading_acts_stay(act: Act) -> None:
    assert can(access(Role.OWNER, archived=True), act) is (act in READ_ACTS)


@pytest.mark.parametrize("role", list(Role))
def test_blindness_hides_others_labels_from_those_who_do_not_review(role: Role) -> None:
    assert can(access(role, blind=True), Act.SEE_OTHERS) is (role in (Role.OWNER, Role.REVIEWER))
    assert can(access(role, blind=False), Act.SEE_OTHERS)


def test_a_refusal_says_who_may_not_do_what() -> None:
    with pytest.raises(NotAllowed, match=r"^An annotator of Words may not start and cancel runs\."):
        check(access(Role.ANNOTATOR), Act.RUN)
    with pytest.raises(NotAllowed, match=r"^A viewer of Words may not start and cancel runs\."):
        check(access(Role.VIEWER), Act.RUN)
    with pytest.raises(NotAllowed, match=r"Words is archived: it can be read, not changed\."):
        check(access(Role.OWNER, archived=True), Act.LABEL)


def test_the_last_owner_stays() -> None:
    for becomes in (Role.REVIEWER, None):
        with pytest.raises(BadInput, match="needs an owner"):
            check_last_owner(owners=1, was=Role.OWNER, becomes=becomes)
    check_last_owner(owners=2, was=Role.OWNER, becomes=None)
    check_last_owner(owners=1, was=Role.VIEWER, becomes=None)
