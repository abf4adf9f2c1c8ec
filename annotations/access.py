"""Who is asking, in which project, with which role. Made only by selectors.projects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from inference.types import Role

if TYPE_CHECKING:
    from annotations.models import Project, User


@dataclass(frozen=True, slots=True)
class Access:
    """A viewer in a project he may see."""

    user: User
    project: Project
    role: Role
