"""What is made of one quote: it stands in a passage, was changed, stands nowhere, or that cannot be told.

Refuted is only a quote of four words, or with a number, that claims to be the passage's wording: by what the step says
of it, or by its length. A step that denies, supposes or rephrases does not.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from inference.types import Problem, VerdictKind
from inference.verifiers.evidence.changes import LIGHT, TELLING, Change, Sort, changes, likeness
from inference.verifiers.evidence.passages import Passage, Place, Spot, exactly, find, named
from inference.verifiers.evidence.quotes import Quote
from inference.verifiers.evidence.words import names_of, words_of

SAME, ALIKE, FAR, NEAR, KNOWN = 92.0, 85.0, 75.0, 60.0, 0.6
LEAST_WORDS = 4
UNCLAIMED_WORDS = 6

_DENIES = re.compile(
    r"\b(?:no|not|never|nowhere|neither|none|without|cannot|(?:does|do|did|is|was)n['\u2019]t)\b[^.;,]{0,60}+$", re.I
)
_SUPPOSES = re.compile(
    r"\b(?:if|whether|would|could|should|suppose|imagine|unless|rather than|instead of|that is)\b[^.;,]{0,60}+$", re.I
)
_REWORDS = re.compile(r"\b(?:the claim|paraphras\w*+|rephras\w*+|in other words|summari[sz]\w*+|roughly)\b", re.I)
_OTHER = re.compile(
    r"\b(?:question|asks?|asked|asking|the claim|this claim|claim that|hypothesis|options?|choices?|answers?|titled|"
    r"entitled|titles?|called|named|known as|nicknamed|meaning|means|term|label\w*+|words? like|such as|e\.g|as in)\b",
    re.I,
)
_FALSE_AFTER = re.compile(
    r"\W*+(?:(?:is|are|was|would be|seems|cannot be)\b[^.;]{0,20}?)?"
    r"\b(?:false|wrong|incorrect|untrue|mistaken|contradict\w*+)\b"
    r"|\W*+(?:is|are|was|does|do|did|can)(?: not\b|n['\u2019]t\b|not\b)",
    re.I,
)
_WEIGHED_AFTER = re.compile(r"\W*+(?:is|are|was|must|has to|should|seems|holds|follows|would|can|means)\b", re.I)
_LABEL = re.compile(r"\b(?:an?|the|this|that|our|my|your|its|his|her|their|so-called)\s*$", re.I)
_SAYS = re.compile(
    r"\b(?:says?|said|states?|stated|reads?|writes?|wrote|mentions?|notes?|reports?|tells?|told|quotes?|quoted|quoting|"
    r"according|passage|text|article|document|source)\b",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Finding:
    """What was made of one quote, and where it is most like a passage, part by part, with what differs."""

    quote: Quote
    verdict: VerdictKind
    why: str
    place: Place | None = None
    changes: tuple[tuple[Change, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Library:
    """What a step may quote from: the passages, and beside them the question and the steps before."""

    passages: tuple[Passage, ...]
    question: str
    earlier: tuple[str, ...]

    @property
    def names(self) -> frozenset[str]:
        return names_of([each.text for each in self.passages] + [each.title for each in self.passages])


def library(problem: Problem, passages: tuple[Passage, ...], prefix: Sequence[str]) -> Library:
    """Return what a step of the problem may quote from; the passages are cut out of the question's text."""
    question = problem.text[:200_000]
    for passage in passages:
        question = question.replace(passage.text.strip(), "\n") if passage.text.strip() else question
    return Library(passages, question, tuple(step[:6000] for step in prefix[-40:]))


def judge(quote: Quote, books: Library) -> Finding:
    """Return what is made of a quote."""
    joined = [part.joined for part in quote.parts]
    cited = [each for name in quote.cited if (each := named(books.passages, name)) is not None]
    exact = [place for each in books.passages if (place := exactly(each, joined)) is not None]
    if exact:
        return _standing(quote, exact, cited)
    other = _from_elsewhere(quote, joined, books)
    if other:
        return Finding(quote, VerdictKind.UNDECIDED, other)
    if quote.length < LEAST_WORDS and not quote.number:
        return Finding(quote, VerdictKind.UNDECIDED, "too short to hold against a passage")
    return _compared(quote, joined, cited, books)


def _standing(quote: Quote, exact: Sequence[Place], cited: Sequence[Passage]) -> Finding:
    """Judge a quote that stands word by word in one passage or more."""
    right = [place for place in exact if place.passage in cited]
    place = right[0] if right else exact[0]
    none = ((),) * len(place.parts)
    where = place.passage.called
    if quote.length < LEAST_WORDS and not quote.number:
        why = f"stands in {where}, but is too short to tell"
        return Finding(quote, VerdictKind.UNDECIDED, why, place, none)
    if cited and not right:
        return _misattributed(quote, place, cited, none)
    if _DENIES.search(quote.before):
        why = f"stands in {where}, and the step denies something before it"
        return Finding(quote, VerdictKind.UNDECIDED, why, place, none)
    return Finding(quote, VerdictKind.SUPPORTED, f"stands in {where}", place, none)


def _misattributed(
    quote: Quote, place: Place, cited: Sequence[Passage], found: tuple[tuple[Change, ...], ...]
) -> Finding:
    said = " and ".join(each.called for each in cited[:3])
    why = f"stands in {place.passage.called}, not in {said}"
    sure = not _hedged(quote)
    return Finding(quote, VerdictKind.REFUTED if sure else VerdictKind.UNDECIDED, why, place, found)


def _from_elsewhere(quote: Quote, joined: Sequence[str], books: Library) -> str:
    """Return what a quote is, if not one of a passage: a title, words of the question or of an earlier step."""
    whole = " ".join(joined)
    if any(whole and f" {whole} " in words_of(each.title).joined for each in books.passages):
        return "the title of a passage"
    if all(f" {part} " in words_of(books.question).joined for part in joined):
        return "words of the question, not of a passage"
    for step in books.earlier:
        if all(f" {part} " in words_of(step).joined for part in joined):
            return "words of an earlier step"
    return ""


def _compared(quote: Quote, joined: Sequence[str], cited: Sequence[Passage], books: Library) -> Finding:
    """Judge a quote that stands nowhere word by word by the passage that it is most like."""
    names = books.names
    places = [find(each, joined) for each in books.passages]
    place = max(places, key=lambda each: (each.score, each.passage in cited))
    if place.score < FAR and not _reworded(quote, books):
        return _nowhere(quote, place, cited)
    found: list[tuple[Change, ...]] = []
    alike = 100.0
    spans: list[Spot] = []
    for mine, theirs in zip(quote.parts, place.parts, strict=True):
        words = words_of(place.passage.text)
        span, differs = changes(mine.words, (mine.first, mine.last), words, (theirs.first, theirs.last), names)
        alike = min(alike, likeness(mine.words, (mine.first, mine.last), words, span, differs))
        found.append(differs)
        spans.append(Spot(*span, theirs.score))
    return _changed(quote, Place(place.passage, tuple(spans), place.score), tuple(found), alike, cited)


def _changed(
    quote: Quote, place: Place, found: tuple[tuple[Change, ...], ...], alike: float, cited: Sequence[Passage]
) -> Finding:
    where = place.passage.called
    sorts = {change.sort for part in found for change in part}
    told = sum(change.quote[1] - change.quote[0] for part in found for change in part if change.sort in TELLING)
    if sorts & TELLING and alike >= ALIKE and 2 * told <= quote.length:
        why = _told(quote, place, found)
        sure = not _hedged(quote) and (quote.length >= LEAST_WORDS or _claims(quote))
        return Finding(quote, VerdictKind.REFUTED if sure else VerdictKind.UNDECIDED, why, place, found)
    if not sorts - {Sort.SMALL} and alike >= SAME:
        if cited and place.passage not in cited:
            return _misattributed(quote, place, cited, found)
        return Finding(quote, VerdictKind.SUPPORTED, f"stands in {where}, but for small words", place, found)
    like = f"says something like it ({alike:.0f} of 100)" if alike >= NEAR else "has most of its words, in other places"
    why = f"not word by word in a passage; {where} {like}"
    return Finding(quote, VerdictKind.UNDECIDED, why, place, found)


def _told(quote: Quote, place: Place, found: tuple[tuple[Change, ...], ...]) -> str:
    """Return the changes that tell as a sentence: "1847" where passage 1 has "1874"."""
    words, said = words_of(place.passage.text), []
    for part, differs in zip(quote.parts, found, strict=True):
        for change in differs:
            if change.sort in TELLING:
                ours, theirs = short(part.words.text(*change.quote)), short(words.text(*change.passage))
                if ours and theirs:
                    said.append(f"\u201c{ours}\u201d where {place.passage.called} has \u201c{theirs}\u201d")
                elif ours:
                    said.append(f"\u201c{ours}\u201d does not stand in {place.passage.called}")
                else:
                    said.append(f"\u201c{theirs}\u201d of {place.passage.called} was left out")
    return "; ".join(said[:4])


def _nowhere(quote: Quote, place: Place, cited: Sequence[Passage]) -> Finding:
    near = place if place.score and place.parts else None
    why = "stands in no passage"
    sure = not _hedged(quote, strict=not cited) and _asserted(quote, cited)
    if not sure:
        why = "stands in no passage, but the step need not be quoting one"
    return Finding(quote, VerdictKind.REFUTED if sure else VerdictKind.UNDECIDED, why, near)


def _asserted(quote: Quote, cited: Sequence[Passage]) -> bool:
    """Whether the step gives the quote out as a passage's wording."""
    if cited or quote.block:
        return True
    sure = quote.length >= (LEAST_WORDS if quote.number or quote.named else UNCLAIMED_WORDS)
    plain = sure and not quote.loose and not _LABEL.search(quote.before)
    return (plain or _claims(quote)) and not _titled(quote)


def _claims(quote: Quote) -> bool:
    return bool(quote.cited or quote.block or _SAYS.search(quote.before))


def _titled(quote: Quote) -> bool:
    """Whether it is written like a title: nearly every word of weight with a capital."""
    heavy = [word for word in quote.words if word.text not in LIGHT and not word.number]
    return len(heavy) > 1 and sum(word.capital for word in heavy) >= 0.8 * len(heavy)


def _hedged(quote: Quote, *, strict: bool = False) -> bool:
    """Whether the step denies, supposes or rephrases rather than quotes; `strict`: or speaks of a claim or title."""
    if any(aside.search(quote.before) for aside in (_DENIES, _SUPPOSES, _REWORDS)) or _FALSE_AFTER.match(quote.after):
        return True
    return strict and bool(_OTHER.search(quote.before) or _WEIGHED_AFTER.match(quote.after))


def _reworded(quote: Quote, books: Library) -> bool:
    """Whether most words of weight stand in one passage and no number or name is unknown to all."""
    known = [frozenset(word.text for word in words_of(each.text).words) for each in books.passages]
    everywhere = frozenset().union(*known, (word.text for word in words_of(books.question).words))
    if any(word.text not in everywhere for word in quote.words if word.number or word.name):
        return False
    heavy = {word.text for word in quote.words if word.text not in LIGHT}
    return any(len(heavy & each) >= KNOWN * len(heavy) for each in known)


def short(text: str) -> str:
    """Return a text in one line of at most sixty characters."""
    text = " ".join(text.split())
    return text if len(text) <= 60 else text[:57] + "\u2026"
