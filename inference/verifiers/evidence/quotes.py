"""The quotes of a step and the passages that it says they are from. Knows nothing about what the passages say."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from inference.verifiers.evidence.words import Word, Words, words_of

MAX_CHARS = 6000
MAX_QUOTES = 12
MAX_WORDS = 240
PART_WORDS = 40
_BEFORE, _AFTER = 90, 50

_QUOTED = re.compile(
    r"\u201c(?P<curly>[^\u201c\u201d]{1,2000}+)\u201d"
    r"|\u00ab(?P<angled>[^\u00ab\u00bb]{1,2000}+)\u00bb"
    r"|``(?P<ticked>[^`]{1,2000}?)''"
    r"|(?<![\w\"])\"(?=[^\s\"])(?P<straight>[^\"]{1,2000}+)(?<!\s)\"(?!\w)"
    r"|(?<![\w\u2018])\u2018(?=\S)(?P<single>[^\u2018\n]{1,600}?)(?<!\s)\u2019(?!\w)"
    r"|(?<![\w'])'(?=[^\s\d'])(?P<plain>[^'\n]{1,600}+(?:'\w[^'\n]{0,600}+){0,9}+)(?<!\s)'(?!\w)"
)
_BLOCK = re.compile(r"^[ \t]{0,3}>[ \t]?([^\n]*)(?:\n[ \t]{0,3}>[ \t]?[^\n]*)*", re.M)
_MARKER = re.compile(r"^[ \t]{0,3}>[ \t]?", re.M)
_CREDIT = re.compile(r"(?:\u2014|\u2013|--?)[ \t]*(?:passage|document|text|source|\[)[^\n]{0,60}$", re.I)
_GAP = re.compile(r"\u2026|\.\.\.+|\[[^\]\n]{0,60}\]")
_KINDS = r"passage|document|doc|text|source|article|excerpt|extract"
_NAME = r"(?:\d{1,3}|[A-H])\b"
CITATION = re.compile(
    rf"\b(?:{_KINDS})s?[ ]?(?:no\.?[ ]?|number[ ]|\#)?[\[(]?"
    rf"(?P<names>{_NAME}(?:(?:, and |, | and | or ){_NAME}){{0,9}})",
    re.I,
)
_EACH = re.compile(_NAME, re.I)
_BRACKETED = re.compile(r"\[(?P<name>\d{1,3}|[A-H])\]")
_BREAK = re.compile(r"[.!?][\"'\u201d\u2019)]*+\s+(?=[\"'\u201c\u2018(\[>]*[A-Z0-9])|\n")


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a quote: words `first` up to `last` of `words`, whose source begins at `base` of the step."""

    words: Words
    base: int
    first: int
    last: int

    @property
    def joined(self) -> str:
        return " ".join(word.text for word in self.words.words[self.first : self.last])


@dataclass(frozen=True, slots=True)
class Quote:
    """One quote: its place in the step, its parts, what it is said to be from, and the words around it."""

    text: str
    start: int
    end: int
    parts: tuple[Part, ...]
    cited: tuple[str, ...]
    before: str
    after: str
    loose: bool
    block: bool

    @property
    def length(self) -> int:
        return sum(part.last - part.first for part in self.parts)

    @property
    def words(self) -> tuple[Word, ...]:
        return tuple(word for part in self.parts for word in part.words.words[part.first : part.last])

    @property
    def number(self) -> bool:
        return any(word.number for word in self.words)

    @property
    def named(self) -> bool:
        return any(word.name for word in self.words)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a step without a quote, and the passages that it names."""

    text: str
    start: int
    end: int
    cited: tuple[str, ...]


def read(step: str) -> tuple[tuple[Quote, ...], tuple[Sentence, ...]]:
    """Return the quotes of a step's first MAX_CHARS characters, at most MAX_QUOTES, and its sentences that cite."""
    text = step[:MAX_CHARS]
    spans = _spans(text)
    breaks = [0]
    for match in _BREAK.finditer(text):
        if not any(start < match.start() < end - 1 for start, end, _, _ in spans):
            breaks.append(match.end())
    breaks.append(len(text))
    quotes = [_quote(text, span, spans, breaks) for span in spans]
    return tuple(each for each in quotes if each.parts), tuple(_sentences(text, spans, breaks))


def _spans(text: str) -> list[tuple[int, int, bool, bool]]:
    """Return (start, end, written with single marks, a block) of each quote, block quotes first where both would do."""
    found = [(match.start(), match.end(), False, True) for match in _BLOCK.finditer(text)]
    for match in _QUOTED.finditer(text):
        if any(start <= match.start() < end for start, end, _, _ in found):
            continue
        found.append((match.start(), match.end(), match.lastgroup in ("single", "plain"), False))
    return sorted(found)[:MAX_QUOTES]


def _quote(text: str, span: tuple[int, int, bool, bool], spans: Sequence[tuple[int, ...]], breaks: list[int]) -> Quote:
    start, end, loose, block = span
    said = text[start:end]
    if block:
        # Characters stay where they are, so that places in the quote are places in the step.
        said = _MARKER.sub(lambda match: " " * len(match[0]), said)
        said = _CREDIT.sub(lambda match: " " * len(match[0]), said)
    first, last = breaks[bisect_right(breaks, start) - 1], breaks[min(bisect_left(breaks, end), len(breaks) - 1)]
    if block:
        first, last = breaks[max(0, bisect_right(breaks, start) - 2)], min(len(text), last + _AFTER)
    around = _blanked(text, spans, first, last + _AFTER)
    before = around[max(0, start - first - _BEFORE) : start - first]
    after = around[end - first : end - first + _AFTER]
    shown = text[start:end].strip("\"'`\u201c\u201d\u2018\u2019\u00ab\u00bb") if not block else said.strip()
    cited = _cited(around[: last - first]) or _following(after)
    if block:
        cited = cited or _cited(text[start:end])
    return Quote(shown, start, end, _parts(said, start), cited, before, after, loose, block)


def _blanked(text: str, spans: Sequence[tuple[int, ...]], first: int, last: int) -> str:
    """Return text[first:last] with every quote blanked out, so that what is quoted is not read as the step's word."""
    last = min(last, len(text))
    kept = list(text[first:last])
    for start, end, *_ in spans:
        for at in range(max(start, first), min(end, last)):
            kept[at - first] = " "
    return "".join(kept)


def _cited(text: str) -> tuple[str, ...]:
    found = [name for match in CITATION.finditer(text) for name in _EACH.findall(match["names"])]
    found += [match["name"] for match in _BRACKETED.finditer(text)]
    return tuple(dict.fromkeys(name for name in found if name != "a"))


def _following(after: str) -> tuple[str, ...]:
    """Return the passage of a bracket that stands right after a quote and its full stop."""
    match = _BRACKETED.match(after.lstrip(" .,;:)"))
    return (match["name"],) if match else ()


def _parts(said: str, start: int) -> tuple[Part, ...]:
    found: list[Part] = []
    at = count = 0
    for gap in [*_GAP.finditer(said), None]:
        segment = said[at : gap.start()] if gap else said[at:]
        words = words_of(segment)
        for first in range(0, len(words.words), PART_WORDS):
            last = min(first + PART_WORDS, len(words.words))
            if count + last - first <= MAX_WORDS:
                found.append(Part(words, start + at, first, last))
                count += last - first
        at = gap.end() if gap else at
    return tuple(found)


def _sentences(text: str, spans: Sequence[tuple[int, ...]], breaks: list[int]) -> list[Sentence]:
    found: list[Sentence] = []
    for start, end in zip(breaks, breaks[1:], strict=False):
        if any(first < end and start < last for first, last, *_ in spans):
            continue
        cited = _cited(text[start:end])
        if cited and len(found) < MAX_QUOTES:
            found.append(Sentence(text[start:end].strip(), start, start + len(text[start:end].rstrip()), cited))
    return found
