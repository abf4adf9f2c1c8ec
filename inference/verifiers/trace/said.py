"""What a step says of a run: values, returns, counts of passes. Knows nothing about what really happened.

Only plain statements are taken; what stands under an "if", a "should" or a "not" is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice

from inference.verifiers.trace import phrases
from inference.verifiers.trace.literals import matching, stated
from inference.verifiers.trace.places import ANYWHERE, Place, Where, counts_from_zero, places
from inference.verifiers.trace.source import Source, call_of

MAX_CHARS = 4000
MAX_CLAIMS = 20
MAX_TRIED = 100
OPERATORS = tuple("+-*/%")


class Kind(StrEnum):
    """What a statement is about."""

    VALUE = "value"
    CALL = "call"
    RETURN = "return"
    OUTPUT = "output"
    PRINT = "print"
    TIMES = "times"
    RAISE = "raise"


@dataclass(frozen=True, slots=True)
class Said:
    """One statement of a step; `start` and `end` are offsets into the step.

    `subject` is a name ("xs[0]", "len(xs)" too), a call or a loop's word; `value` the text of what is claimed.
    """

    kind: Kind
    subject: str
    value: str
    place: Place = ANYWHERE
    start: int = 0
    end: int = 0


def statements(step: str, source: Source, before: str = "") -> list[Said]:
    """Return what a step says of a run of `source`, in its order; `before` is what was written earlier."""
    text = phrases.MARKUP.sub(lambda match: " " * len(match[0]), step[:MAX_CHARS])
    from_zero = counts_from_zero(f"{before[-MAX_CHARS:]}\n{text}")
    found: list[Said] = []
    for offset, sentence in sentences(text):
        named = places(sentence, from_zero=from_zero)
        for said in _of_sentence(sentence, source, named):
            found.append(_moved(said, offset))
    return found[:MAX_CLAIMS]


def sentences(text: str) -> Iterator[tuple[int, str]]:
    """Yield the sentences of a text with their offsets."""
    begin = 0
    for match in phrases.SENTENCE.finditer(text):
        yield begin, text[begin : match.start()]
        begin = match.end()
    yield begin, text[begin:]


def calls_in(text: str, source: Source) -> list[str]:
    """Return the calls with plain values of the code's own functions that a text names, each once, in order."""
    text = phrases.MARKUP.sub(lambda match: " " * len(match[0]), text[:MAX_CHARS])
    found = (call_of(text[begin:end], source.functions) for begin, end in _call_spans(text))
    return list(dict.fromkeys(call for call in found if call))


def _of_sentence(sentence: str, source: Source, named: list[Place]) -> list[Said]:
    spans = _call_spans(sentence)
    found = [
        *_values(sentence, source, named, spans), *_calls(sentence, source, spans), *_returns(sentence, spans),
        *_times(sentence), *_raises(sentence),
    ]  # fmt: skip
    plain = (said for said in found if not phrases.HYPOTHETICAL.search(sentence, 0, said.start))
    return sorted(plain, key=lambda said: said.start)


def _values(sentence: str, source: Source, named: list[Place], spans: list[tuple[int, int]]) -> Iterator[Said]:
    for match in islice(phrases.SUBJECT.finditer(sentence), MAX_TRIED):
        name = match[1] or match[2]
        inside = any(begin < match.start() < end for begin, end in spans)
        conditional = any(place.where is Where.WHEN and place.start <= match.start() < place.end for place in named)
        if name not in source.names or inside or conditional or _in_more(sentence, match.start(), source):
            continue
        relation = phrases.RELATION.match(sentence, match.end())
        if relation is None and phrases.SETTING.search(sentence, max(0, match.start() - 40), match.start()):
            relation = phrases.TO.match(sentence, match.end())
        value = stated(sentence, relation.end()) if relation else None
        if value is None:
            continue
        subject = f"len({name})" if match[1] else name + (match[3] or "")
        start, end = match.start(), value[1]
        yield Said(Kind.VALUE, subject, value[0], _place(named, start, end, sentence), start, end)


def _in_more(sentence: str, start: int, source: Source) -> bool:
    """Whether a name is the end of a sum ("total + x = 3") or of "x, y = 1, 2", so that the value is not its own."""
    before = sentence[max(0, start - 45) : start].rstrip()
    if before[-1:] in OPERATORS and before[:-1].strip():
        return True
    listed = phrases.LISTED.search(before)
    return listed is not None and listed[1] in source.names


def _calls(sentence: str, source: Source, spans: list[tuple[int, int]]) -> Iterator[Said]:
    for begin, end in spans:
        call = call_of(sentence[begin:end], source.functions)
        gives = phrases.GIVES.match(sentence, end)
        ended = begin and sentence[:begin].rstrip()[-1:] in OPERATORS
        value = stated(sentence, gives.end()) if call and gives and not ended else None
        if call and value:
            yield Said(Kind.CALL, call, value[0], ANYWHERE, begin, value[1])


def _returns(sentence: str, spans: list[tuple[int, int]]) -> Iterator[Said]:
    for match in phrases.RETURNS.finditer(sentence):
        after_call = any(0 <= match.end() - end < 30 for _, end in spans)
        value = None if after_call else stated(sentence, match.end())
        if value:
            kind = Kind.PRINT if match[4] else Kind.OUTPUT if match[2] or match[3] else Kind.RETURN
            yield Said(kind, "", value[0], ANYWHERE, match.start(), value[1])


def _times(sentence: str) -> Iterator[Said]:
    for match in phrases.TIMES.finditer(sentence):
        word = match[2].lower()
        times = str(phrases.WORDS.get(word, word))
        yield Said(Kind.TIMES, (match[1] or "").lower(), times, ANYWHERE, match.start(), match.end())


def _raises(sentence: str) -> Iterator[Said]:
    for match in phrases.RAISES.finditer(sentence):
        yield Said(Kind.RAISE, "", match[1], ANYWHERE, match.start(), match.end())


def _call_spans(text: str) -> list[tuple[int, int]]:
    """Return where calls stand, from the name to the closing parenthesis; those that never close are left out."""
    tried = islice(phrases.CALL.finditer(text), MAX_TRIED)
    found = ((match.start(), matching(text, match.end() - 1)) for match in tried)
    return [(begin, end) for begin, end in found if end]


def _place(named: list[Place], start: int, end: int, sentence: str) -> Place:
    """Return the place of a statement: the one right behind it, else the nearest one before it, else any behind it."""
    behind = [place for place in named if place.start >= end]
    if (
        behind
        and re.fullmatch(r"\W{0,3}(?:\w{1,8} ){0,3}", sentence[end : behind[0].start])
        and not re.search(r",|\b(?:and|then|so)\b", sentence[end : behind[0].start])
    ):
        return behind[0]
    ahead = [place for place in named if place.end <= start]
    return ahead[-1] if ahead else ANYWHERE


def _moved(said: Said, offset: int) -> Said:
    return Said(said.kind, said.subject, said.value, said.place, said.start + offset, said.end + offset)
