"""The lines of the problem list, written in Python: thirty lines of a template cost more than the rest of the page."""

from __future__ import annotations

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from annotations.pages.formulae import marked
from annotations.selectors.problems import ProblemRow, Rate

register = template.Library()


@register.simple_tag
def problem_lines(rows: list[ProblemRow], problems_at: str, rated: bool) -> SafeString:
    """Return the rows of the table; `problems_at` is the address that a problem's number is added to.

    `rated` adds the column of pass rates.
    """
    at = escape(problems_at)
    return mark_safe("\n".join(_line(row, at, rated) for row in rows))  # noqa: S308 texts are escaped, the rest are numbers


def _line(row: ProblemRow, at: str, rated: bool) -> str:
    return (
        f'<tr><td class="num faint">{row.id}</td>'
        f'<td class="wide"><a class="main" href="{at}{row.id}/">{marked(row.text)}</a></td>'
        f'<td class="num" data-name="Level">{"" if row.level is None else row.level}</td>'
        f'<td class="soft fixed">{escape(row.source)}</td>'
        f"{_rate(row.rate) if rated else ''}"
        f'<td class="num" data-name="Trees">{row.trees or ""}</td>'
        f'<td class="num">{_paths(row)}</td>'
        f'<td class="num" data-name="Labelled">{_labelled(row)}</td></tr>'
    )


def _rate(rate: Rate | None) -> str:
    if rate is None:
        return '<td class="num" data-name="Pass rate"></td>'
    title = escape(f"{rate.share:.2f} ({rate.low:.2f} to {rate.high:.2f}) with {rate.engine}")
    return (
        f'<td class="num" data-name="Pass rate" title="{title}">'
        f'{rate.solved}<span class="faint">/{rate.samples}</span></td>'
    )


def _paths(row: ProblemRow) -> str:
    if not (row.correct_paths or row.wrong_paths):
        return ""
    return (
        f'<span class="mark correct" title="Paths that end in the reference answer">{row.correct_paths}</span> '
        f'<span class="mark incorrect" title="Paths that end in another answer">{row.wrong_paths}</span>'
    )


def _labelled(row: ProblemRow) -> str:
    return f'{row.labelled}<span class="faint">/{row.steps}</span>' if row.labelled else ""
