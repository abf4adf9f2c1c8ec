"""The strip under the top bar: shown only while a worker is missing or a run goes on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import template
from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from annotations import rules
from annotations.access import Access
from annotations.models import Run
from annotations.pages.run_view import Dot
from annotations.rules import Act
from annotations.selectors import runs

register = template.Library()
SHOWN = 3


@dataclass(frozen=True, slots=True)
class Strip:
    lamps: list[tuple[str, bool]]
    missing: bool
    open: list[tuple[Run, str]]


@register.simple_tag
def tree_dots(dots: list[Dot], slug: str) -> SafeString:
    """Return the list items of the dots, written in Python: hundreds of them cost more than the rest of the page."""
    at = escape(reverse("tree-list", args=[slug]))
    lines = []
    for dot in dots:
        title = escape(dot.title)
        lines.append(
            f'<li><a id="tree-{dot.id}" class="dot {dot.mark}" href="{at}{dot.id}/" title="{title}">'
            f'<span class="sr">{title}</span></a></li>'
        )
    return mark_safe("".join(lines))  # noqa: S308 titles are escaped, the rest is ours


@register.inclusion_tag("runs/strip.html", takes_context=True)
def work_strip(context: dict[str, Any]) -> dict[str, Strip | None]:
    """Show which queues have a worker and which runs of the project go on; nothing when all is quiet."""
    access: Access | None = getattr(context.get("request"), "access", None)
    if access is None or not rules.can(access, Act.BROWSE):
        return {"strip": None}
    alive, going = runs.at_work(access, SHOWN)
    lamps = [(queue, count > 0) for queue, count in alive.items()]
    missing = not all(alive for _, alive in lamps)
    if not missing and not going:
        return {"strip": None}
    slug = access.project.slug
    return {"strip": Strip(lamps, missing, [(run, reverse("run", args=[slug, run.pk])) for run in going])}
