"""Sentences that cite a passage without quoting it: whether its names and numbers stand together there.

Such a sentence is never refuted: what it says of them may still be drawn from elsewhere in the passage.
"""

from __future__ import annotations

import re

from inference.types import Claim, VerdictKind
from inference.verifiers.evidence.changes import LIGHT
from inference.verifiers.evidence.judge import Library, short
from inference.verifiers.evidence.passages import Passage, named
from inference.verifiers.evidence.quotes import CITATION, Sentence
from inference.verifiers.evidence.words import Word, words_of

WINDOW = 2
KNOWN = 0.4
_ENDS = re.compile(r"(?<=[.!?])\s+(?=[A-Z\"\u201c])")
_DENIES = re.compile(r"\b(?:no|not|never|nowhere|neither|none|without)\b|n['\u2019]t\b", re.I)


def judge_statement(sentence: Sentence, books: Library) -> Claim | None:
    """Return the claim that a sentence makes of the passages it cites; None where it names nothing to look for."""
    cited = [each for name in sentence.cited if (each := named(books.passages, name)) is not None]
    bare = CITATION.sub(lambda match: " " * len(match[0]), sentence.text)
    words = words_of(bare).words
    facts = [word for word in words if word.number or word.name or (word.capital and word.text in books.names)]
    if not cited or not facts or _DENIES.search(bare):
        return None
    text = sentence.text if len(sentence.text) <= 300 else sentence.text[:299] + "\u2026"
    missing = [_missing(words, facts, passage) for passage in cited]
    best = min(missing, key=len)
    where = " and ".join(each.called for each in cited[:3])
    if best == ("",):
        verdict, why = VerdictKind.UNDECIDED, f"its names and numbers stand in {where}, but not together"
    elif best:
        verdict, why = VerdictKind.UNDECIDED, f"{', '.join(short(each) for each in best[:4])}: not in {where}"
    else:
        shown = ", ".join(dict.fromkeys(short(bare[word.start : word.end]) for word in facts[:6]))
        verdict, why = VerdictKind.SUPPORTED, f"{shown}: together in {where}"
    return Claim(text, verdict, why, sentence.start, sentence.end)


def _missing(words: tuple[Word, ...], facts: list[Word], passage: Passage) -> tuple[str, ...]:
    """Return the facts that the passage lacks, ("",) when it has them only apart from each other."""
    wanted = {word.text for word in facts}
    heavy = {word.text for word in words if word.text not in LIGHT}
    known = {word.text for word in words_of(passage.text).words}
    if not wanted <= known:
        return tuple(sorted(wanted - known))
    ends = [0, *(match.end() for match in _ENDS.finditer(passage.text)), len(passage.text)]
    for first in range(len(ends) - 1):
        last = min(first + WINDOW, len(ends) - 1)
        near = {word.text for word in words_of(passage.text[ends[first] : ends[last]]).words}
        if wanted <= near and len(heavy & near) >= KNOWN * len(heavy):
            return ()
    return ("",)
