"""The lines of the review's list. Written here and not in a template: fifty a page, and a page is asked for all day."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from annotations.pages.formulae import plain
from annotations.pages.reviewstate import ReviewState
from annotations.selectors.review import Matrix, Row
from annotations.templatetags.studio import short

LINE = (
    '<li><a class="found-row" href="{url}" data-node="{node}"{current}>'
    '<span class="sure num" title="How sure it is that one of them is wrong">{sure:.0f} %</span>'
    '<span class="said"><span class="main">{text}</span><span class="asked cut">{problem}</span></span>'
    '<span class="says">{scores}{verdict}<span class="rating mark {mark}">{rating}</span></span></a></li>'
)
SCORE = '<span class="by prm num" title="{scorer}">{value}</span>'
VERDICT = '<span class="mark {mark}">{word}</span>'
MARK_OF = {"refuted": "incorrect", "supported": "correct", "undecided": "none"}


def lines(state: ReviewState, rows: Sequence[Row]) -> SafeString:
    """Return the items of the list; each leads to its step in the same view."""
    url = str(escape(state.at(0).removesuffix("0")))
    shown = (state.scorer, state.other) if state.matrix == Matrix.PAIR else (state.scorer,)
    scorers = [(name, str(escape(name))) for name in shown]
    return mark_safe("".join(_line(url, scorers, row, row.node_id == state.node) for row in rows))  # noqa: S308 escaped


def _line(url: str, scorers: list[tuple[str, str]], row: Row, current: bool) -> str:
    scores = [
        SCORE.format(scorer=drawn, value=short(row.scores[name])) for name, drawn in scorers if name in row.scores
    ]
    return LINE.format(
        url=f"{url}{row.node_id}",
        node=row.node_id,
        current=' aria-current="true"' if current else "",
        sure=100 * row.confidence,
        text=escape(plain(row.text)),
        problem=escape(plain(row.problem)),
        scores="".join(scores),
        verdict=VERDICT.format(mark=MARK_OF[row.verdict], word=row.verdict) if row.verdict else "",
        mark=row.rating or "none",
        rating=row.rating or "no label",
    )
