"""A problem's data as premises and a graph of beliefs. Knows nothing about steps.

Fields: `statements` {id: text}; `facts` and `rules`, lists of sentences that hold; `opposites`, pairs of words of which
everybody is exactly one; `teller`, the word for who always says what is true; `closed`, whether the premises are all
there is; `beliefs` [{id, text, weight}] and `links` [{kind, from, to, weight}] between them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from inference.verifiers.logic.english import formula
from inference.verifiers.logic.formulas import ANYONE, Formula, Op, atom, atoms, no
from inference.verifiers.logic.solve import Said
from inference.verifiers.logic.words import Unread, Vocabulary, pairs, plain, singular

MAX_SENTENCES = 200
MAX_BELIEFS = 200
MAX_LINKS = 600
MAX_DATA = 100_000
MAX_WEIGHT = 1_000_000.0
MAX_MEMORY = 2000
_ID = re.compile(r"\w{1,40}")
LINKS = ("supports", "contradicts", "xor", "implies")


@dataclass(frozen=True, slots=True)
class Case:
    """What a problem gives: `premises` hold, `graph` is weighed; `unread` premises are left out."""

    words: Vocabulary
    premises: tuple[Said, ...]
    graph: tuple[Said, ...]
    unread: tuple[str, ...]
    closed: bool
    memory: dict[str, Formula | str] = field(default_factory=dict)

    def read(self, text: str) -> Formula:
        """Return what a sentence of a step says, each worked out once; Unread as `formula` raises it."""
        if text not in self.memory and len(self.memory) < MAX_MEMORY:
            try:
                self.memory[text] = formula(text, self.words)
            except Unread as error:
                self.memory[text] = str(error)
        found = self.memory.get(text)
        if isinstance(found, str):
            raise Unread(found)
        return formula(text, self.words) if found is None else found

    def speaks_of(self, said: Formula) -> bool:
        """Whether the premises speak of everything that a formula speaks of."""
        known = [each for premise in self.premises for each in atoms(premise.formula)]
        names = {each.name for each in known}
        people = {ANYONE, *(each.subject for each in known)}
        return all(each.name in names and each.subject in people for each in atoms(said))


def case_of(data: Mapping[str, Any]) -> Case:
    """Return the case of a problem's data; ValueError says which field is wrong and what was expected."""
    try:
        text = json.dumps(dict(data), sort_keys=True)
    except (TypeError, ValueError) as error:
        raise ValueError(f"expected JSON values ({error})") from None
    if len(text) > MAX_DATA:
        raise ValueError(f"at most {MAX_DATA:,} characters are read")
    return _case(text)


@lru_cache(maxsize=64)
def _case(text: str) -> Case:
    data = json.loads(text)
    words = Vocabulary(pairs(_rows(data, "opposites", 20)), singular(plain(_word(data, "teller"))))
    unread: list[str] = []
    _name_statements(data, words)
    sentences = [*_sentences(data, "facts"), *_sentences(data, "rules")]
    texts = data.get("statements") or {}
    for sentence in sentences:
        _premise(sentence, words, texts, [])  # Once before, so that every kind is known when they are read.
    premises = [each for sentence in sentences if (each := _premise(sentence, words, texts, unread)) is not None]
    graph = _graph(data, words)
    if not premises and not graph and not words.names:
        raise ValueError("expected facts, rules, or beliefs and links")
    words.learning = False
    closed = data.get("closed") is True and not unread
    return Case(words, tuple(premises), graph, tuple(unread), closed)


def _name_statements(data: Mapping[str, Any], words: Vocabulary) -> None:
    rows = data.get("statements") or {}
    if not isinstance(rows, Mapping) or not all(isinstance(each, str) for each in rows.values()):
        raise ValueError("statements: expected an object {id: text}")
    for name, text in list(rows.items())[:MAX_SENTENCES]:
        words.names[plain(name) or name.lower()] = _stated(text, words)


def _stated(text: str, words: Vocabulary) -> Formula:
    """Return what a text says; one that is not read is a statement of its own."""
    try:
        return formula(text, words)
    except Unread:
        return words.names.setdefault(plain(text), atom(plain(text)))


def _premise(sentence: str, words: Vocabulary, texts: Mapping[str, str], unread: list[str]) -> Said | None:
    try:
        return Said(_spelled(sentence.strip(), texts), formula(sentence, words))
    except Unread as error:
        unread.append(f"{sentence[:120]} ({error})")
        return None


def _spelled(sentence: str, texts: Mapping[str, str]) -> str:
    """Return a sentence with the statements in place of their ids, for people to read."""
    return _ID.sub(lambda found: f"\u201c{texts[found[0]]}\u201d" if found[0] in texts else found[0], sentence)


def _graph(data: Mapping[str, Any], words: Vocabulary) -> tuple[Said, ...]:
    named: dict[str, tuple[str, Formula]] = {}
    found = []
    for number, row in enumerate(_rows(data, "beliefs", MAX_BELIEFS), 1):
        if not isinstance(row, Mapping) or not isinstance(row.get("text"), str) or "id" not in row:
            raise ValueError(f"beliefs, number {number}: expected an object {{id, text, weight}}")
        name = str(row["id"])
        made = _stated(row["text"], words)
        named[name] = (row["text"], made)
        words.names[plain(name) or name.lower()] = made
        held = no(made) if row.get("holds") is False else made
        found.append(Said(row["text"], held, _weight(row, f"beliefs, number {number}", 1.0)))
    for number, row in enumerate(_rows(data, "links", MAX_LINKS), 1):
        found.append(_link(row, number, named))
    return tuple(found)


def _link(row: Any, number: int, named: Mapping[str, tuple[str, Formula]]) -> Said:
    place = f"links, number {number}"
    if not isinstance(row, Mapping) or row.get("kind") not in LINKS:
        raise ValueError(f"{place}: expected a kind of {', '.join(LINKS)}")
    for end in ("from", "to"):
        if str(row.get(end)) not in named:
            raise ValueError(f"{place}: {end}: expected the id of a belief, got {row.get(end)!r:.60}")
    (first, left), (second, right) = named[str(row["from"])], named[str(row["to"])]
    made = {
        "supports": Formula(Op.IF, (left, right)),
        "implies": Formula(Op.IF, (left, right)),
        "contradicts": no(Formula(Op.AND, (left, right))),
        "xor": Formula(Op.ONE, (left, right)),
    }[row["kind"]]
    says = {"contradicts": "contradicts", "xor": "or else"}.get(row["kind"], row["kind"])
    weight = _weight(row, place, 1.0 if row["kind"] == "supports" else None)
    return Said(f"\u201c{first}\u201d {says} \u201c{second}\u201d", made, weight)


def _weight(row: Mapping[str, Any], place: str, default: float | None) -> float | None:
    value = row.get("weight", default)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value <= MAX_WEIGHT:
        raise ValueError(f"{place}: weight: expected a number above 0 and up to {MAX_WEIGHT:,.0f}, got {value!r:.40}")
    return float(value)


def _rows(data: Mapping[str, Any], name: str, most: int) -> Sequence[Any]:
    rows = data.get(name) or []
    if not isinstance(rows, list) or len(rows) > most:
        raise ValueError(f"{name}: expected a list of at most {most}")
    return rows


def _sentences(data: Mapping[str, Any], name: str) -> list[str]:
    rows = _rows(data, name, MAX_SENTENCES)
    if not all(isinstance(row, str) for row in rows):
        raise ValueError(f"{name}: expected a list of sentences")
    return [str(row) for row in rows]


def _word(data: Mapping[str, Any], name: str) -> str:
    value = data.get(name) or ""
    if not isinstance(value, str):
        raise ValueError(f"{name}: expected a word, such as \u201cknight\u201d")
    return value
