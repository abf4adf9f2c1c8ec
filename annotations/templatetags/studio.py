"""What templates need beside Django's own: the tabs of the frame, numbers and times for people, formulae."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import template
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from annotations.models import Project
from annotations.pages import formulae

register = template.Library()

TABS = (
    ("Problems", "problem-list"),
    ("Trees", "tree-list"),
    ("Review", "review"),
    ("Runs", "run-list"),
    ("Models", "model-list"),
    ("Data", "data"),
    ("Settings", "settings"),
)


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
    urls = {name: url for name, url_name in TABS if (url := address(url_name, access.project.slug))}
    # A step's own pages belong to its tree.
    path = request.path.replace("/nodes/", "/trees/", 1)
    here = max((url for url in urls.values() if path.startswith(url)), key=len, default="")
    made = [Tab(name=name, url=url, current=url == here) for name, url in urls.items()]
    return Bar(project=access.project, tabs=made, here=next((tab.name for tab in made if tab.current), ""))


def address(url_name: str, slug: str) -> str:
    try:
        return reverse(url_name, args=[slug])
    except NoReverseMatch:
        return ""


@register.filter
def words(text: str) -> list[str]:
    return text.split()


@register.filter
def tex(text: str) -> SafeString:
    """Return the text with its formulae marked for the browser (formulae.js renders them)."""
    return formulae.marked(text)


@register.filter
def short(number: float | None) -> str:
    """Return a number with two significant digits where more say nothing: 0.62, 1.0, 12, -0.05."""
    if number is None:
        return ""
    return f"{number:.2f}" if abs(number) < 9.995 else f"{number:,.0f}"


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


def ago(seconds: float) -> str:
    if seconds < 60:
        return "just now"
    for size, unit in ((86400.0, "d"), (3600.0, "h"), (60.0, "min")):
        if seconds >= size:
            return f"{int(seconds // size)} {unit} ago"
    return "just now"
