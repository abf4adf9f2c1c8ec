"""The words of single statements: which statement "A isn't a knight" speaks of, and whether it denies it.

A statement is somebody or something (`subject`) and what he is said to be; other statements are whole clauses that the
problem names. Knows no connectives.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from inference.verifiers.logic.formulas import ANYONE, Formula, Op, atom, join, no

MAX_SUBJECT = 4
_IRREGULAR_VERBS = """
    break broke bring brought build built buy bought catch caught come came do did drink drank drive drove eat ate fall
    fell find found get got give gave go went have had hear heard hide hid hold held keep kept know knew leave left lie
    lied lose lost make made meet met pay paid put put read read ride rode ring rang run ran say said see saw sell sold
    send sent sing sang sit sat sleep slept speak spoke stand stood steal stole swim swam take took tell told think
    thought wear wore win won write wrote
"""
_IRREGULAR = dict(zip(_IRREGULAR_VERBS.split()[::2], _IRREGULAR_VERBS.split()[1::2], strict=True))


class Unread(ValueError):
    """A clause or sentence that is not of the English that is read; the message says why."""


_EXPANDED = (
    ("\u2019", "'"), ("cannot", "can not"), ("can't", "can not"), ("won't", "will not"), ("n't", " not"),
    (" must not be ", " is not "), (" must be ", " is "), (" has to be ", " is "), (" have to be ", " are "),
    (" can not be ", " is not "), (" must have ", " has "),
)  # fmt: skip
_DROPPED = re.compile(
    r"\b(?:certainly|definitely|surely|clearly|obviously|indeed|really|actually|also|therefore|thus|hence|then|too|"
    r"likewise|necessarily|probably|likely|presumably|always|both|in fact|as well)\b,?",
    re.I,
)
# "A" is somebody's name before a verb and at the end, an article before other words.
_ARTICLES = re.compile(
    r"\b(?:an?|the|An|The)\s+"
    r"|\bA\s+(?=[a-z])(?!(?:is|are|was|were|does|did|has|had|can|will|must|and|or|nor|but|says?|said|tells|told|lies|lied|"
    r"claims|states|implies|contradicts|if|only|unless|cannot|isn|doesn|wasn)\b)"
)
_SPACE = re.compile(r"\s+")
_COPULA = re.compile(r"(?P<subject>[^,;:?]+?) (?P<verb>is|are|was|were) (?P<not>not |never )?(?P<rest>[^,;:?]+)")
_DENIED = re.compile(
    r"(?P<subject>[^,;:?]+?) (?P<aux>does|do|did|has|have|had|can|will) (?:not|never) (?P<rest>[^,;:?]+)"
)
_AUXILIARY = re.compile(r"[^,;:?]+ (?:has|have|had|can|will|knows|likes|owns|lives|lies|says) [^,;:?]+")
_PRONOUN_WORDS = """
    he she it they we you i this that these those there which who what one someone somebody something anyone anybody
    anything everyone everybody everything nobody nothing all some none both each either neither only most many few
    several every no two three his her its their
"""
_PRONOUNS = frozenset(_PRONOUN_WORDS.split())
_NO_KINDS = frozenset(
    ("only", "either", "neither", "both", "one", "same", "different", "more", "less", "not", "true", "false")
)
_LINKING = re.compile(r" (?:and|or|if|unless|but|because|while|since) ")


@dataclass(slots=True)
class Vocabulary:
    """What a problem's statements are called. `opposites`: of each pair somebody is exactly one (knight, knave);
    `teller`: who always says what is true, while all others never do; `kinds`: what somebody may be, so that a "happy
    cat" is happy and a cat where both are kinds.
    """

    opposites: dict[str, str] = field(default_factory=dict)
    teller: str = ""
    names: dict[str, Formula] = field(default_factory=dict)
    known: set[str] = field(default_factory=set)
    kinds: set[str] = field(default_factory=set)
    learning: bool = True

    def statement(self, clause: str) -> Formula:
        """Return the statement of a clause, or its negation; Unread where it is none that is known."""
        text = plain(clause)
        named = self.names.get(text)
        if named is not None:
            return named
        if _LINKING.search(f" {text} ") or "," in text:
            raise Unread(f"\u201c{_short(clause)}\u201d is not one statement")
        return self._copula(text) or self._denied(text) or self._whole(text, clause)

    def is_of(self, subject: str, what: str) -> Formula:
        """Return that `subject` is `what`, by its opposite where only that one is used."""
        kind = singular(what)
        if kind in self.opposites:
            return no(atom(self.opposites[kind], subject))
        words = kind.split()
        if len(words) > 1 and all(word in self.kinds for word in words):
            return join(Op.AND, [self.is_of(subject, word) for word in words])
        self.kinds |= {kind, self.opposites.get(kind, kind)} if self.learning else set()
        return atom(kind, subject)

    def _copula(self, text: str) -> Formula | None:
        found = _COPULA.fullmatch(text)
        if not found or text in self.known:
            return None
        subject, rest = found["subject"], found["rest"]
        if subject in _PRONOUNS or len(subject.split()) > MAX_SUBJECT or subject.split()[0] in _PRONOUNS:
            raise Unread(f"\u201c{_short(subject)}\u201d is nobody who is named")
        if rest.split()[0] in _NO_KINDS:
            raise Unread(f"\u201c{_short(rest)}\u201d is not said of one alone")
        if found["verb"] in ("was", "were"):
            rest = f"{rest} then"
        made = self.is_of(subject, rest)
        return no(made) if found["not"] else made

    def _denied(self, text: str) -> Formula | None:
        found = _DENIED.fullmatch(text)
        if not found:
            return None
        subject, rest = found["subject"], found["rest"]
        if subject in _PRONOUNS:
            raise Unread(f"\u201c{_short(subject)}\u201d is nobody who is named")
        verb, _, tail = rest.partition(" ")
        forms = {"does": (_third(verb),), "did": _past(verb), "do": (verb,)}.get(found["aux"])
        said = [f"{subject} {form} {tail}".strip() for form in forms] if forms else [f"{subject} {found['aux']} {rest}"]
        return no(self._whole(next((each for each in said if each in self.known), said[0]), text))

    def _whole(self, text: str, clause: str) -> Formula:
        words = text.split()
        if text not in self.known:
            new = self.learning and 2 <= len(words) <= 24
            if not new and not (_AUXILIARY.fullmatch(text) and words[0] not in _PRONOUNS):
                raise Unread(f"\u201c{_short(clause)}\u201d is no statement of the problem")
            if self.learning:
                self.known.add(text)
        return atom(text)


def plain(clause: str) -> str:
    """Return a clause in small letters without articles, adverbs, marks and contractions."""
    text = _ARTICLES.sub(" ", f" {clause.strip().strip('.!,;:')} ").lower()
    for short, long in _EXPANDED:
        text = text.replace(short, long)
    text = _DROPPED.sub(" ", re.sub(r"[\"\u201c\u201d()*_`]", " ", text))
    return _SPACE.sub(" ", text).strip().strip("'")


def singular(what: str) -> str:
    """Return "knights" as "knight", "witches" as "witch"; of several words the last one is changed."""
    first, _, last = what.rpartition(" ")
    if last.endswith("ies") and len(last) > 4:
        last = f"{last[:-3]}y"
    elif last.endswith(("ses", "xes", "zes", "ches", "shes")):
        last = last[:-2]
    elif last.endswith("s") and not last.endswith(("ss", "us", "is")):
        last = last[:-1]
    return f"{first} {last}".strip()


def anyone(what: str, words: Vocabulary) -> Formula:
    """Return that anyone is `what`."""
    return words.is_of(ANYONE, plain(what))


def _past(verb: str) -> tuple[str, ...]:
    if verb in _IRREGULAR:
        return (_IRREGULAR[verb],)
    if verb.endswith("y") and verb[-2:-1] not in "aeiou":
        return (f"{verb[:-1]}ied",)
    return (f"{verb}d",) if verb.endswith("e") else (f"{verb}ed", f"{verb}{verb[-1]}ed")


def _third(verb: str) -> str:
    if verb == "have":
        return "has"
    if verb.endswith("y") and verb[-2:-1] not in "aeiou":
        return f"{verb[:-1]}ies"
    return f"{verb}es" if verb.endswith(("s", "x", "z", "ch", "sh", "o")) else f"{verb}s"


def pairs(rows: Iterable[object]) -> dict[str, str]:
    """Return opposites as {second: first}; ValueError for what is no list of pairs."""
    found = {}
    for row in rows:
        if not isinstance(row, (list, tuple)) or len(row) != 2 or not all(isinstance(each, str) for each in row):
            raise ValueError("opposites: expected pairs of words, such as [\u201cknight\u201d, \u201cknave\u201d]")
        found[singular(plain(row[1]))] = singular(plain(row[0]))
    return found


def _short(text: str) -> str:
    text = _SPACE.sub(" ", text.strip())
    return text if len(text) <= 60 else f"{text[:57]}\u2026"
