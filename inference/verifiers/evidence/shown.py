"""Findings as small JSON for the evidence view: the quote and the place in the passage, what differs marked in both."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from inference.types import Claim, VerdictKind
from inference.verifiers.evidence.judge import SAME, Finding
from inference.verifiers.evidence.words import words_of

MAX_SHOWN, MAX_CITED, MAX_PIECES = 4, 3, 20
MAX_QUOTE, MAX_FOUND, CONTEXT = 360, 460, 70
_ORDER = {VerdictKind.REFUTED: 0, VerdictKind.SUPPORTED: 1, VerdictKind.UNDECIDED: 1}

Piece = tuple[str, str]
"""A stretch of text and how it is marked: "" (around it), "found", or "differs"."""


def evidence(findings: Sequence[Finding], statements: Sequence[Claim]) -> dict[str, Any]:
    """Return the findings and what was cited without a quote, refuted ones first, and how many more there are."""
    quotes = sorted(findings, key=lambda each: _ORDER[each.verdict])[:MAX_SHOWN]
    cited = [{"text": each.text, "verdict": each.verdict, "why": each.detail} for each in statements[:MAX_CITED]]
    more = len(findings) - len(quotes) + len(statements) - len(cited)
    return {"quotes": [_one(each) for each in quotes], "cited": cited, "more": more}


def _one(finding: Finding) -> dict[str, Any]:
    shown: dict[str, Any] = {"verdict": finding.verdict, "why": finding.why, "said": _quote(finding)}
    if finding.place is not None:
        passage = finding.place.passage
        shown |= {
            "passage": passage.called,
            "title": passage.title[:120],
            "found": _found(finding),
            "likeness": round(finding.place.score),
            "nearest": finding.place.score < SAME and not finding.changes,
        }
    return shown


def _quote(finding: Finding) -> list[Piece]:
    """Return the quote in pieces; parts that an ellipsis parts are joined by one."""
    pieces: list[Piece] = []
    marks = finding.changes or ((),) * len(finding.quote.parts)
    for part, differs in zip(finding.quote.parts, marks, strict=True):
        if pieces:
            pieces.append((" \u2026 " if part.first == 0 else " ", ""))
        cuts = [change.quote for change in differs if change.quote[0] < change.quote[1]]
        words = part.words.words
        pieces += _marked(part.words.source, [(w.start, w.end) for w in words], part.first, part.last, cuts)
    return _cut(pieces, MAX_QUOTE)


def _found(finding: Finding) -> list[Piece]:
    """Return the place in the passage in pieces, with some of the text around it."""
    place = finding.place
    if place is None:
        return []
    source, words = place.passage.text, words_of(place.passage.text).words
    parts = [part for part in place.parts if part.last > part.first]
    if not parts:
        return []
    begin, end = words[parts[0].first].start, words[parts[-1].last - 1].end
    pieces: list[Piece] = [(_before(source, begin), "")]
    at = begin
    for part, differs in zip(parts, finding.changes or ((),) * len(parts), strict=False):
        first = words[part.first].start
        if first > at:
            pieces.append((_middle(source[at:first]), ""))
        cuts = [change.passage for change in differs if change.passage[0] < change.passage[1]]
        pieces += _marked(source, [(w.start, w.end) for w in words], part.first, part.last, cuts)
        at = words[part.last - 1].end
    return [*_cut(pieces, MAX_FOUND), (_after(source, max(at, end)), "")]


def _marked(
    source: str, places: Sequence[tuple[int, int]], first: int, last: int, cuts: Sequence[tuple[int, int]]
) -> list[Piece]:
    """Return words `first` up to `last` as they are written, the ranges `cuts` marked as differing."""
    pieces: list[Piece] = []
    at = first
    for begin, end in cuts:
        if begin > at:
            pieces.append((source[places[at][0] : places[begin][0]], "found"))
        gap = source[places[end - 1][1] : places[end][0]] if end < last else ""
        pieces.append((source[places[begin][0] : places[end - 1][1]], "differs"))
        pieces.append((gap, "found"))
        at = end
    if at < last:
        pieces.append((source[places[at][0] : places[last - 1][1]], "found"))
    return [(" ".join(text.split("\n")), mark) for text, mark in pieces if text]


def _before(source: str, begin: int) -> str:
    start = max(0, begin - CONTEXT)
    text = source[start:begin].lstrip() if not start else source[start:begin].partition(" ")[2]
    return ("\u2026 " if start else "") + text


def _after(source: str, end: int) -> str:
    text = source[end : end + CONTEXT]
    return text.rpartition(" ")[0] + " \u2026" if end + CONTEXT < len(source) else text.rstrip()


def _middle(text: str) -> str:
    return text if len(text) <= 80 else f"{text[:38]} \u2026 {text[-38:]}"


def _cut(pieces: Sequence[Piece], most: int) -> list[Piece]:
    """Return the pieces up to so many characters; long ones that do not differ are shortened in their middle."""
    kept: list[Piece] = []
    left = most
    for text, mark in pieces:
        limit = 120 if mark == "differs" else 200
        text = text if len(text) <= limit else f"{text[: limit - 40]} \u2026 {text[-36:]}"
        if left <= 0 or len(kept) >= MAX_PIECES:
            return [*kept, ("\u2026", "")]
        kept.append((text if len(text) <= left else text[:left] + "\u2026", mark))
        left -= len(text)
    return kept
