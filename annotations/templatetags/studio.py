"""What templates need beside Django's own: the tabs of the frame, numbers and times for people, formulae."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from typing import Any

from django import template
from django.template import loader
from django.templatetags.static import static
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from annotations import rules
from annotations.models import Project, ToolCheck
from annotations.pages import formulae
from annotations.rules import Act
from inference.verifiers.params import TOOLS

log = logging.getLogger(__name__)

register = template.Library()

TABS = (
    ("Problems", "problem-list"),
    ("Trees", "tree-list"),
    ("Desk", "desk"),
    ("Review", "review"),
    ("Runs", "run-list"),
    ("Models", "model-list"),
    ("Tools", "tool-list"),
    ("Data", "data"),
    ("Tour", "tour"),
    ("Settings", "settings"),
)
# Of annotators who see only what is assigned to them.
FEW_TABS = (("Desk", "desk"), ("Guidelines", "guidelines"))


@dataclass(frozen=True, slots=True)
class Tab:
    name: str
    url: str
    current: bool


@dataclass(frozen=True, slots=True)
class Bar:
    """The top bar: the project (None outside of one), its pages, and the name of the current one."""

    project: Project | None
    tabs: list[Tab]
    here: str


@register.simple_tag(takes_context=True)
def tabs(context: dict[str, Any]) -> Bar:
    """Return the pages of the current project; the longest address that this one begins with is the current page."""
    request = context.get("request")
    access = getattr(request, "access", None)
    if request is None or access is None:
        return Bar(project=None, tabs=[], here="")
    shown = TABS if rules.can(access, Act.BROWSE) else FEW_TABS
    urls = {name: url for name, url_name in shown if (url := address(url_name, access.project.slug))}
    # A step's own pages belong to its tree, the guidelines to the settings they are written in.
    home = f"/p/{access.project.slug}"
    path = request.path.replace(f"{home}/nodes/", f"{home}/trees/")
    if shown is TABS:
        path = path.replace(f"{home}/guidelines/", f"{home}/settings/")
    here = max((url for url in urls.values() if path.startswith(url)), key=len, default="")
    made = [Tab(name=name, url=url, current=url == here) for name, url in urls.items()]
    return Bar(project=access.project, tabs=made, here=next((tab.name for tab in made if tab.current), ""))


@lru_cache(maxsize=4096)
def address(url_name: str, slug: str) -> str:
    try:
        return reverse(url_name, args=[slug])
    except NoReverseMatch:
        return ""


@register.simple_tag
@cache
def stylesheets(names: str) -> SafeString:
    """Return the link elements of these files of static/css; their addresses hold as long as the process."""
    sheets = ((static(f"css/{name}.css"),) for name in names.split())
    return format_html_join("\n", '<link rel="stylesheet" href="{}">', sheets)


@register.simple_tag
@cache
def scripts(names: str) -> SafeString:
    """Return the script elements of these files of static/js."""
    files = ((static(f"js/{name}.js"),) for name in names.split())
    return format_html_join("\n", '<script src="{}" defer></script>', files)


@register.filter
def tex(text: str) -> SafeString:
    """Return the text with its formulae marked for the browser (formulae.js renders them)."""
    return formulae.marked(text)


@register.filter
def evidence(text: str) -> SafeString:
    """Return what a tool says with its formulae marked, also those without dollars."""
    return formulae.evidence(text)


@register.simple_tag
def evidence_of(check: ToolCheck, project: Project) -> SafeString:
    """Return a verdict in its verifier's own terms: evidence/NAME.html, or any.html.

    An import may bring evidence in any form: what a view cannot show is told by its claims, else by its message.
    """
    for view in (_evidence_template(check.verifier), _evidence_template("")):
        try:
            return SafeString(view.render({"check": check, "project": project}))
        except Exception:
            log.warning("the evidence of check %s of %s cannot be shown", check.pk, check.verifier, exc_info=True)
    return format_html('<p class="small message">{}</p>', check.message)


@register.filter
def informs(check: ToolCheck) -> bool:
    """Return whether a verifier's "supported" says something of the step as a whole."""
    tool = TOOLS.get(check.verifier)
    return tool is not None and tool.informs


@register.filter
def beside(these: Iterable[Any] | None, those: Iterable[Any] | None) -> list[tuple[Any, Any]]:
    """Return what two lists hold at the same places, as far as both go."""
    return list(zip(these or (), those or (), strict=False))


@cache
def _evidence_template(verifier: str) -> Any:
    named = [f"evidence/{verifier}.html"] if verifier in TOOLS else []
    return loader.select_template([*named, "evidence/any.html"])


@register.filter
def plain(text: str) -> str:
    """Return the text with its formulae in one line, where there is no room to draw them."""
    return formulae.plain(text)


@register.filter
def grouped(number: int) -> str:
    """Return a whole number with its thousands apart: 1,000."""
    return f"{number:,}"


@register.filter
def short(number: float | None) -> str:
    """Return a number with two significant digits where more say nothing: 0.62, 1.00, 12, −0.05."""
    if number is None:
        return ""
    digits = f"{number:.2f}" if abs(number) < 9.995 else f"{number:,.0f}"
    return digits.replace("-", "−")


@register.filter
def moment(when: datetime | None) -> SafeString | str:
    """Return a time element: relative words, the exact time on hover; times.js keeps the words fresh."""
    if when is None:
        return ""
    exact = timezone.localtime(when)
    return format_html(
        '<time datetime="{}" title="{}" data-ago>{}</time>',
        exact.isoformat(timespec="seconds"),
        exact.strftime("%Y-%m-%d %H:%M:%S %Z"),
        ago((timezone.now() - when).total_seconds()),
    )


@register.filter
def clock(when: datetime | None) -> SafeString | str:
    """Return the time of day, with the day where it is another one; times.js says it in the reader's own zone."""
    if when is None:
        return ""
    local = timezone.localtime(when)
    words = local.strftime("%H:%M %Z" if local.date() == timezone.localdate() else "%H:%M %Z on %Y-%m-%d")
    return format_html('<time datetime="{}" data-clock>{}</time>', local.isoformat(timespec="seconds"), words)


def ago(seconds: float) -> str:
    if seconds < 60:
        return "just now"
    for size, unit in ((86400.0, "d"), (3600.0, "h"), (60.0, "min")):
        if seconds >= size:
            return f"{int(seconds // size)} {unit} ago"
    return "just now"
