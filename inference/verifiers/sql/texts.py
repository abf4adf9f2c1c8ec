"""The queries in a step's text. Knows nothing about databases or what is claimed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice

MAX_CHARS = 12_000
MAX_QUERIES = 8
_FENCE = re.compile(r"```[ \t]*(?:sql(?:ite)?|SQL)?[ \t]*\n?(?P<body>[^`]{1,6000})```")
_INLINE = re.compile(r"`(?P<body>[^`\n]{1,4000})`")
_BARE = re.compile(r"(?<![\w`])(?:SELECT|WITH(?=\s+\w+\s+AS\s*\())\s")
_READS = re.compile(r"\s*+(?:--[^\n]*\n\s*+)*+\(?\s*+(?:select|with|values)\b", re.I)
_WRITES = re.compile(
    r"\s*+(?:insert|update|delete|drop|alter|create|attach|detach|pragma|vacuum|replace|truncate)\s", re.I
)
# "SELECT columns FROM table", "...": how a query looks, not one.
_SKETCH = re.compile(
    r"\b(?:tables?\d?|table_\w{1,10}|columns?\d?|column_\w{1,10}|conditions?|expression)\b|\.\.\.|…|\?|_{3}|"
    r"<[a-z_]{2,20}(?:[ -][a-z_]{1,20}){0,3}>|\[[a-z ]{3,40}\]"
)
_PROSE = re.compile(
    r";|\n\s*\n|\n(?=[A-Z][a-z])|[.:](?=\s+[A-Z])|[.:]\s*$|,?\s(?=(?:which|that (?:returns|gives)|returns?|gives?|"
    r"yields?|produces|would|will)\s)"
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Query:
    """A query at text[start:end]. `marked`: its end is certain; `sketch`: it shows a form; `named`: it says FROM where.

    `shorter` are other ends that it may have, the nearest first.
    """

    text: str
    start: int
    end: int
    marked: bool
    sketch: bool = False
    named: bool = True
    writes: bool = False
    labelled: bool = True
    shorter: tuple[str, ...] = ()


def queries(text: str) -> list[Query]:
    """Return the queries of a step in the order of the text."""
    text = text[:MAX_CHARS]
    found: list[Query] = []
    blank = list(text)
    for pattern in (_FENCE, _INLINE):
        for match in islice(pattern.finditer("".join(blank)), 60):
            start, end = match.span("body")
            blank[match.start() : match.end()] = " " * (match.end() - match.start())
            found += _marked(text[start:end], start)
    found += _bare(text, "".join(blank))
    return sorted(found, key=lambda each: each.start)[:MAX_QUERIES]


def without(text: str, found: list[Query]) -> str:
    """Return the text, as long as before, with its queries blanked."""
    letters = list(text[:MAX_CHARS])
    for each in found:
        letters[each.start : each.end] = " " * (each.end - each.start)
    return "".join(letters)


def query_of(answer: str) -> Query | None:
    """Return the query that a final answer is; None for anything that begins like none."""
    body = answer.strip()
    found = [each for each in queries(body) if each.marked]
    if found:
        return found[-1]
    at = _BARE.search(body) or _READS.match(body) or _WRITES.match(body)
    if at is None:
        return None
    rest = body[at.start() :].rstrip("` \n.")
    return Query(rest, at.start(), at.start() + len(rest), True)


def _marked(body: str, start: int) -> Iterator[Query]:
    if _READS.match(body) or _WRITES.match(body):
        yield _query(body.strip(), start, start + len(body), True)


def _query(body: str, start: int, end: int, marked: bool, shorter: tuple[str, ...] = ()) -> Query:
    named = re.search(r"\bfrom\b|\bvalues\b", body, re.I) is not None
    sketch, writes = _SKETCH.search(body) is not None, _WRITES.match(body) is not None
    return Query(body, start, end, marked, sketch, named, writes, shorter=shorter)


def _labelled(text: str, start: int) -> bool:
    """Whether a query stands on a line of its own or behind a colon, and is no word of a sentence."""
    before = text[:start].rstrip(" ")
    return not before or before[-1] in ":\n"


def _bare(text: str, blank: str) -> Iterator[Query]:
    """Queries in running text end at a semicolon, a blank line or where prose goes on; `shorter` are other ends."""
    at = 0
    for _ in range(MAX_QUERIES):
        match = _BARE.search(blank, at)
        if match is None:
            return
        start, limit = match.start(), min(len(text), match.start() + 4000)
        sure = next((found.start() for found in re.finditer(r";|\n\s*\n", blank[start:limit])), None)
        end = start + sure if sure is not None else limit
        cuts = [start + found.start() for found in islice(_PROSE.finditer(blank[start:end]), 12)]
        body = text[start:end].rstrip()
        shorter = tuple(text[start:cut].rstrip() for cut in cuts)
        yield replace(_query(body, start, end, blank[end : end + 1] == ";", shorter), labelled=_labelled(blank, start))
        at = end
