"""The frame of the pages around the labelling desk: which of them a viewer has, and which one is open."""

from __future__ import annotations

from typing import Any

from annotations import rules
from annotations.access import Access
from annotations.rules import Act
from annotations.selectors.questions import asked_of
from annotations.templatetags.studio import address

# Page, its name in the bar, and what its viewer must be allowed to do.
SECTIONS = (
    ("desk", "Queues", Act.VIEW),
    ("desk-mine", "My work", Act.LABEL),
    ("desk-keys", "Keys", Act.LABEL),
    ("desk-disputes", "Disagreements", Act.ADJUDICATE),
    ("desk-quality", "Quality", Act.ADJUDICATE),
    ("desk-progress", "Progress", Act.LABEL),
)


def framed(access: Access, section: str, **more: Any) -> dict[str, Any]:
    """Return the context of a page in the frame: the links of the bar, open questions to the viewer, what it shows."""
    slug = access.project.slug
    asked = asked_of(access) if rules.can(access, Act.LABEL) else 0
    shown = [(address(name, slug), title, name == section) for name, title, act in SECTIONS if rules.can(access, act)]
    return {
        "access": access,
        "project": access.project,
        "sections": [link for link in shown if link[0]],
        "asked_of_me": asked,
        **more,
    }
