"""Finds LaTeX in text and marks it for the browser, which renders it; without scripts the source stays readable."""

from __future__ import annotations

import re

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

# A single dollar opens before a non-space and closes after one, not before a digit: "$5 and $6" is money.
FORMULA = re.compile(
    r"\$\$(?P<display>[^$]{1,4000})\$\$"
    r"|\\\[(?P<bracket>(?:(?!\\\]).){1,4000})\\\]"
    r"|\\\((?P<paren>(?:(?!\\\)).){1,4000})\\\)"
    r"|(?<![\\\w])\$(?=[^\s$])(?P<inline>[^$\n]{0,4000}[^\s$\\])\$(?!\d)",
    re.DOTALL,
)


def marked(text: str) -> SafeString:
    """Return escaped text in which every formula is a `data-tex` element that holds its source."""
    parts: list[str] = []
    end = 0
    for found in FORMULA.finditer(text):
        parts.append(escape(text[end : found.start()]))
        parts.append(_element(found))
        end = found.end()
    parts.append(escape(text[end:]))
    return mark_safe("".join(parts))  # noqa: S308 every part is escaped


def _element(found: re.Match[str]) -> str:
    kind = str(found.lastgroup)
    display = " data-display" if kind in ("display", "bracket") else ""
    return f'<span class="tex" data-tex="{escape(found[kind].strip())}"{display}>{escape(found[0])}</span>'
