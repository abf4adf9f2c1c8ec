"""The sentences of steps: what they assert, suppose or conclude, how surely, and what was not read.

Knows the connectives of an argument ("since", "so", "suppose", "a contradiction"), not what follows from what.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache

MAX_CHARS = 6000
MAX_SENTENCES = 40

CERTAIN, PLAIN, PROBABLE = 2.0, 1.0, 0.5


class Mood(StrEnum):
    """What a sentence does with its clause."""

    SAYS = "says"
    CONCLUDES = "concludes"
    SUPPOSES = "supposes"
    IMPOSSIBLE = "calls it impossible"
    BEYOND = "in every case"
    NOTHING = "asserts nothing"
    MAYBE = "a possibility"


@dataclass(frozen=True, slots=True)
class Sentence:
    """One clause to read, with its place in the step; `weight` is how surely it is said."""

    mood: Mood
    text: str
    start: int
    end: int
    weight: float = PLAIN


_ENDS = re.compile(r"(?<!\bvs)(?<!\be\.g)(?<!\bi\.e)[.!](?=\s|$)|[;\n]|\?")
_LEAD = re.compile(
    r"(?:(?:final )?answer:|(?:check|note|conclusion):|[-*>\u2022#\s]|\d{1,3}[.):]\s|\([0-9a-z]{1,3}\)\s|"
    r"step\s\d{1,3}[:.)]\s*|case\s\d{1,2}[:.)]\s*(?=suppose|assume))++",
    re.I,
)
_MARKS = re.compile(
    r"(?:(?P<so>so|thus|therefore|hence|consequently|accordingly|as a result|in conclusion|this means|that means|"
    r"which means|it follows|this implies|that implies|which implies|we (?:can )?(?:now )?(?:conclude|deduce|"
    r"infer|see|get|have)|"
    r"this (?:shows|gives|forces|leaves)|finally|the answer is|then|from (?:this|these|that|rule \w{1,3}|"
    r"(?:the )?rules?)|"
    r"by (?:the )?(?:rule|fact|premise|statement)s? \w{1,3})|"
    r"(?P<well>we (?:also )?know|we are (?:told|given)|it is (?:given|known|stated)|given|note|notice|recall|"
    r"remember|and|but|now|also|next|first|second|however|moreover|so far|here|indeed|in fact|yes|okay|of course|"
    r"by \w{1,12}|clearly|obviously|"
    r"the (?:rule|fact|premise)s? (?:says?|states?|tells? us)|i (?:think|believe)))\b(?: that\b)?[,:]?\s+",
    re.I,
)
_SUPPOSED = re.compile(
    r"(?:(?:now|first|next|so|but),?\s+)?(?:let(?:'s| us)\s+)?(?:(?:start|begin) (?:by|with)\s+)?"
    r"(?:suppos(?:e|ing)|assum(?:e|ing)|say|imagine|try|consider the case|case \d{1,2}:)"
    r"(?: instead| now| first| for (?:a )?contradiction)?,?(?: that)?\s+(?P<p>.+)",
    re.I,
)
_SINCE = re.compile(r"(?:since|because|as|given that|knowing that)\s+(?P<p>[^,]+(?:, and [^,]+)?),\s*(?P<q>.+)", re.I)
_SO = re.compile(
    r"(?P<p>.+?),?\s+(?:and so|so that|so|therefore|hence|thus|which means(?: that)?|which implies(?: that)?|"
    r"meaning(?: that)?|and therefore|and thus|and hence)\s+(?P<q>.+)",
    re.I,
)
_IF_SO = re.compile(
    r"if (?P<p>[^,]+?)(?:,? then|,) (?P<q>[^,]+(?:, (?:and )?[^,]+)?), "
    r"(?:and )?(?:so|therefore|hence|thus|which means|which implies|meaning)(?: that)? (?P<r>.+)",
    re.I,
)
_BECAUSE = re.compile(r"(?P<q>.+?)(?:,?\s+(?:because|since)|,\s+as)\s+(?!well\b)(?P<p>.+)", re.I)
_IMPOSSIBLE = re.compile(
    r"(?:(?:but )?(?:this|that|which|it)(?: case| assumption)?\s+)?(?:is |leads to |gives |would be |yields |"
    r"we (?:get|have|reach) )?"
    r"(?:a contradiction|contradictory|impossible|inconsistent|absurd|cannot (?:be|hold)|contradiction)"
    r"(?:,? (?:with|to|of|in) .{0,120}| here| too| either)?",
    re.I,
)
_CLASH = re.compile(r"(?:(?:but )?(?:this|that|which|it)\s+)contradicts .{0,160}", re.I)
_TRAILING = re.compile(
    r"(?P<p>.+?),?\s+(?P<q>(?:[-\u2013\u2014]+|which (?:is|gives|leads to)|and (?:this|that) is|a|"
    r"giving) ?(?:a )?(?:contradiction|contradictory|"
    r"impossible|inconsistent|absurd)|which contradicts .{0,160})",
    re.I,
)
_BEYOND = re.compile(r"(?:so |thus |therefore )?in (?:either|both|every|any|each) cases?,?\s+(?P<p>.+)", re.I)
_PROBABLE = re.compile(r"\b(?:probably|likely|presumably|i (?:think|believe|guess))\b", re.I)
_CERTAIN = re.compile(r"\b(?:certainly|definitely|surely|undoubtedly|without doubt|for sure)\b", re.I)
_MAYBE = re.compile(r"\b(?:perhaps|maybe|might|may|could|possibly|possible that|can be|would)\b", re.I)
_NOTHING = re.compile(
    r"(?:let(?:'s| us)|we (?:need|want|should|must|will|try|check|look|start|begin|consider|use|go|test|now)"
    r"|to (?:find|solve|see|check)|consider|look|start|first we|there are (?:two|three|several) (?:cases|possibilities)"
    r"|check|(?:this|that|everything|it) (?:is (?:consistent|possible|all)|fits|works|agrees|holds)"
    r"|all (?:the )?(?:rules|facts|statements) (?:hold|fit|are)|no contradiction"
    r"|it cannot be (?:told|known|decided)|it is (?:not known|unknown|unclear|open)"
    r"|we (?:cannot|can't|do not|don't) (?:tell|know|decide|say)|the (?:question|puzzle|problem))\b.*"
    r"|(?:case|step) \d{1,3}|consistent|yes|no|ok|okay|good",
    re.I,
)
_BY_RULE = re.compile(
    r",? (?:by|from|using|due to|according to|because of) (?:the )?(?:\w{1,12} )?"
    r"(?:rules?|facts?|premises?|statements?|claims?)(?: \(?\w{1,3}\)?)?$",
    re.I,
)
_UNREAL = ((" were ", " is "), (" would have to be ", " is "), (" would not be ", " is not "), (" would be ", " is "))


_OPENS = re.compile(r"\b(?:assum\w*|suppos\w*|hypothe\w*|scenario|pretend|imagine|what if|case \d)\b", re.I)
_TRIES = re.compile(r"\b(?:consider|try|test|start|begin|look|option|possibility|say)\b", re.I)


def opens(text: str, kinds: frozenset[str]) -> bool:
    """Whether a sentence that was not read may open a supposition, under which what comes next is said."""
    words = {each.removesuffix("s") for each in re.findall(r"[a-z]+", text.lower())}
    return bool(_OPENS.search(text) or (_TRIES.search(text) and words & kinds))


@lru_cache(maxsize=4096)
def sentences(step: str) -> tuple[Sentence, ...]:
    """Return the clauses of a step's first MAX_CHARS characters in order, at most MAX_SENTENCES."""
    text = step[:MAX_CHARS].replace("\u2019", "'")
    found: list[Sentence] = []
    at = 0
    for match in [*_ENDS.finditer(text), None]:
        end = match.start() if match else len(text)
        if text[at:end].strip():
            asked = bool(match) and match is not None and match[0] == "?"
            found += _read(text[at:end], at, end, asked)
        at = match.end() if match else end
        if len(found) >= MAX_SENTENCES:
            break
    return tuple(found[:MAX_SENTENCES])


def _read(raw: str, start: int, end: int, asked: bool) -> list[Sentence]:
    lead = _LEAD.match(raw)
    begin = start + (lead.end() if lead else 0)
    text = raw[lead.end() if lead else 0 :].strip().strip("*_").replace("(", "").replace(")", "")
    whole = Sentence(Mood.SAYS, text, begin, start + len(raw.rstrip()))
    if not text:
        return []
    if asked:
        return [replace(whole, mood=Mood.NOTHING)]
    if len(text) > 500:
        return [whole]
    return _parted(whole)


def _parted(whole: Sentence) -> list[Sentence]:
    """Return the clauses of a sentence: what it supposes, gives as a reason, concludes, calls impossible."""
    beyond = _BEYOND.fullmatch(whole.text)
    if beyond:
        return [replace(whole, mood=Mood.BEYOND), *_single(replace(whole, text=beyond["p"], mood=Mood.CONCLUDES))]
    bare, concluding = _unmarked(whole.text)
    mood = Mood.CONCLUDES if concluding else whole.mood
    supposed = _SUPPOSED.fullmatch(bare)
    if supposed:
        return _supposition(whole, supposed["p"])
    if _IMPOSSIBLE.fullmatch(bare) or _CLASH.fullmatch(bare):
        return [replace(whole, mood=Mood.IMPOSSIBLE, text=bare)]
    trailing = _TRAILING.fullmatch(bare)
    if trailing:
        said = _parted(replace(whole, text=trailing["p"], mood=mood))
        return [*said, replace(whole, mood=Mood.IMPOSSIBLE, text=trailing["q"])]
    if bare[:3].lower() == "if ":
        return _conditional(replace(whole, text=bare, mood=mood))
    for pattern in (_SINCE, _SO, _BECAUSE):
        match = pattern.fullmatch(bare)
        if match:
            reason = replace(whole, text=match["p"], mood=mood)
            return [*_parted(reason), *_parted(replace(whole, text=match["q"], mood=Mood.CONCLUDES))]
    return _single(replace(whole, text=bare, mood=mood))


def _conditional(whole: Sentence) -> list[Sentence]:
    """Return "if P, then Q, so R" as "if P, then Q" and "if P, then R": R may be meant under P."""
    match = _IF_SO.fullmatch(whole.text)
    if not match:
        return _single(whole)
    said = [replace(whole, text=f"if {match['p']}, then {match[part]}") for part in ("q", "r")]
    return [each for one in said for each in _single(one)]


def _supposition(whole: Sentence, said: str) -> list[Sentence]:
    """Return a supposition, and what the same sentence draws from it ("Suppose P, then Q")."""
    first, _, rest = re.sub(r",? (?:then|so) ", "\x00", said, count=1).partition("\x00")
    found = [replace(whole, mood=Mood.SUPPOSES, text=first.strip(" ,"))]
    return found + (_parted(replace(whole, text=rest, mood=Mood.CONCLUDES)) if rest else [])


def _single(clause: Sentence) -> list[Sentence]:
    """Return one clause with its certainty; one that only says what may be, or asserts nothing, says so."""
    text, concluding = _unmarked(clause.text.strip(" ,"))
    mood = Mood.CONCLUDES if concluding else clause.mood
    text = _BY_RULE.sub("", text) or text
    if not text or _NOTHING.fullmatch(text):
        return [replace(clause, mood=Mood.NOTHING, text=text)]
    if text[:3].lower() == "if ":
        for unreal, plain in _UNREAL:
            text = text.replace(unreal, plain)
    if _MAYBE.search(text):
        return [replace(clause, mood=Mood.MAYBE, text=text)]
    weight = PROBABLE if _PROBABLE.search(clause.text) else CERTAIN if _CERTAIN.search(clause.text) else PLAIN
    return [replace(clause, text=text, mood=mood, weight=weight)]


def _unmarked(text: str) -> tuple[str, bool]:
    """Return a clause without "so", "we know that" before it, and whether one of them draws a conclusion."""
    concluding = False
    for _ in range(4):
        match = _MARKS.match(text)
        if not match or match.end() >= len(text):
            break
        concluding |= bool(match["so"])
        text = text[match.end() :]
    return text, concluding
