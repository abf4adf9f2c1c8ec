"""Sentences of a bounded English as formulas: if, only if, unless, either, neither, exactly one of, all, says that.

What is not of this English is Unread, never guessed at: a sentence with both "and" and "or" at one level, a pronoun, a
statement that the problem does not make. Knows nothing about steps and their "therefore".
"""

from __future__ import annotations

import re
from collections.abc import Callable

from inference.verifiers.logic.formulas import Formula, Op, atom, join, no
from inference.verifiers.logic.words import Unread, Vocabulary, anyone, plain, singular

MAX_CHARS = 400
DEEPEST = 6

Rule = tuple[re.Pattern[str], Callable[["_Reader", re.Match[str]], Formula | None]]


def formula(text: str, words: Vocabulary) -> Formula:
    """Return what a sentence says; Unread with the reason where that is not clear."""
    if len(text) > MAX_CHARS:
        raise Unread(f"a sentence of more than {MAX_CHARS} characters")
    return _Reader(words).read(_tidy(text))


def _tidy(text: str) -> str:
    text = re.sub(r"[\"\u201c\u201d*_`]", "", text.replace("\u2019", "'"))
    text = re.sub(r"\b(?:the|this) (?:statement|claim|proposition)s?(?: that)? ", "", text, flags=re.I)
    return re.sub(r"\s+", " ", text).strip().strip(".!,;: ")


class _Reader:
    """One reading: the vocabulary and how deep it is."""

    def __init__(self, words: Vocabulary) -> None:
        self.words = words
        self.depth = 0

    def read(self, text: str) -> Formula:
        if self.depth >= DEEPEST:
            raise Unread("a sentence that is too deeply nested")
        named = self.words.names.get(plain(text))
        if named is not None:
            return named
        self.depth += 1
        try:
            for pattern, build in RULES:
                match = pattern.fullmatch(text)
                found = build(self, match) if match else None
                if found is not None:
                    return found
            return self.words.statement(text)
        finally:
            self.depth -= 1

    def maybe(self, text: str) -> Formula | None:
        try:
            return self.read(text)
        except Unread:
            return None

    def about(self, names: str, what: str) -> list[Formula]:
        """Return what is said of each of several: "A, B and C", "is a knight"."""
        found = []
        for name in _listed(names):
            if what.strip() in ("is true", "are true", "holds", "hold", "is the case", "are right", "is right"):
                found.append(self.read(name))
            else:
                found.append(self.words.statement(f"{name} {re.sub(r'^are ', 'is ', what)}"))
        return found


def _listed(names: str) -> list[str]:
    found = [each.strip() for each in re.split(r",? (?:and|or|nor) |, ?|; ?", names) if each.strip()]
    if not found or any(len(each.split()) > 4 for each in found):
        raise Unread(f"\u201c{names[:60]}\u201d is no list of names")
    return found


def _two(op: Op) -> Callable[[_Reader, re.Match[str]], Formula]:
    return lambda reader, match: Formula(op, (reader.read(match["p"]), reader.read(match["q"])))


def _turned(reader: _Reader, match: re.Match[str]) -> Formula:
    return Formula(Op.IF, (reader.read(match["q"]), reader.read(match["p"])))


def _unless(reader: _Reader, match: re.Match[str]) -> Formula:
    return Formula(Op.OR, (reader.read(match["p"]), reader.read(match["q"])))


def _denied(reader: _Reader, match: re.Match[str]) -> Formula:
    return no(reader.read(match["p"]))


def _affirmed(reader: _Reader, match: re.Match[str]) -> Formula:
    return reader.read(match["p"])


def _not_both(reader: _Reader, match: re.Match[str]) -> Formula:
    return no(Formula(Op.AND, (reader.read(match["p"]), reader.read(match["q"]))))


def _either(reader: _Reader, match: re.Match[str]) -> Formula | None:
    """Either P or Q; "but not both" makes it one of the two. "Either A or B is a knight" shares what is said."""
    op = Op.ONE if match["both"] else Op.OR
    left, right = match["p"], match["q"]
    shared = re.fullmatch(r"(.+?) ((?:is|are|was|has|have) .+)", right)
    if not re.search(r" (?:is|are|was|has|have|does|can|will) ", f" {left} ") and shared:
        return Formula(op, tuple(reader.about(f"{left} or {shared[1]}", shared[2])))
    return Formula(op, (reader.read(left), reader.read(right)))


def _counted(reader: _Reader, match: re.Match[str]) -> Formula:
    return _count(match["count"].lower(), reader.about(match["names"], match["what"]))


def _counted_list(reader: _Reader, match: re.Match[str]) -> Formula:
    parts = [each for each in re.split(r"; ?(?:and |or )?|, (?:and |or )?", match["list"]) if each.strip()]
    return _count(match["count"].lower(), [reader.read(each) for each in parts])


def _count(count: str, parts: list[Formula]) -> Formula:
    if count in ("none", "neither"):
        return join(Op.AND, [no(part) for part in parts])
    if count == "not all":
        return no(join(Op.AND, parts))
    ops = {"exactly one": Op.ONE, "only one": Op.ONE, "one": Op.ONE, "at least one": Op.LEAST, "at most one": Op.MOST}
    return join(ops.get(count, Op.AND), parts)


def _neither(reader: _Reader, match: re.Match[str]) -> Formula:
    return _count("none", reader.about(f"{match['p']} and {match['q']}", match["what"]))


def _alike(reader: _Reader, match: re.Match[str]) -> Formula | None:
    """A and B are of the same kind, or of different kinds, where there are just two."""
    kinds = set(reader.words.opposites.values())
    names = _listed(match["names"])
    if len(kinds) != 1 or len(names) != 2:
        raise Unread("of which kinds they are the same is not known")
    same = Formula(Op.IFF, tuple(atom(next(iter(kinds)), plain(name)) for name in names))
    return no(same) if match["how"].startswith("diff") or match["not"] else same


def _together(reader: _Reader, match: re.Match[str]) -> Formula | None:
    """A, B and C are knights."""
    if re.search(r" (?:is|are|was|were|has|says?) ", match["names"]):
        return None
    parts = reader.about(match["names"], f"is {match['what']}")
    if match["not"]:
        return _count("none", parts)
    return join(Op.AND, parts)


def _every(reader: _Reader, match: re.Match[str]) -> Formula:
    denied = match["all"].lower() == "no" or bool(match["not"])
    what = anyone(match["q"], reader.words)
    return Formula(Op.EVERY, (Formula(Op.IF, (_kinds(match["p"], reader), no(what) if denied else what)),))


def _whoever(reader: _Reader, match: re.Match[str]) -> Formula:
    what = anyone(match["q"], reader.words)
    return Formula(Op.EVERY, (Formula(Op.IF, (_kinds(match["p"], reader), no(what) if match["not"] else what)),))


def _kinds(text: str, reader: _Reader) -> Formula:
    """Return that anyone is all of "red and not round"."""
    parts = []
    for each in re.split(r" and (?:(?:it|he|she|they) (?:is|are) )?|, ", text):
        bare = re.sub(r"^(?:not|never) ", "", each.strip())
        if " or " in each or not bare:
            raise Unread(f"\u201c{text[:60]}\u201d is more than one kind")
        made = anyone(bare, reader.words)
        parts.append(made if bare == each.strip() else no(made))
    return join(Op.AND, parts)


def _says(reader: _Reader, match: re.Match[str]) -> Formula | None:
    """A says that P: he is a teller of truth exactly when P."""
    if not reader.words.teller or re.search(r"^(?:if|either|since|because|all|every)\b|,| and ", match["who"], re.I):
        return None
    said = re.sub(r"\bI am\b", f"{match['who']} is", match["p"])
    return Formula(Op.IFF, (_teller(reader, match["who"]), reader.read(said)))


def _truthful(reader: _Reader, match: re.Match[str]) -> Formula | None:
    if not reader.words.teller or re.search(r" (?:and|or|if) |^if ", match["who"], re.I):
        return None
    lies = bool(re.search(r"\blie|lying|false|not true", match["how"], re.I))
    teller = _teller(reader, match["who"])
    return no(teller) if lies else teller


def _teller(reader: _Reader, who: str) -> Formula:
    return reader.words.statement(f"{who} is a {reader.words.teller}")


def _shared(reader: _Reader, match: re.Match[str]) -> Formula | None:
    """A or B is a knight."""
    if re.search(r" (?:is|are|was|has|have|does|can|will|says?) ", f" {match['p']} "):
        return None
    return join(Op.OR, reader.about(f"{match['p']} or {match['q']}", match["what"]))


def _apart(reader: _Reader, match: re.Match[str]) -> Formula | None:
    """Split at "and" after a comma, which is above any "and" or "or" without one."""
    parts = [reader.maybe(each) for each in re.split(r", (?:and|but|while|whereas) |; ", match[0])]
    return join(Op.AND, [each for each in parts if each]) if all(parts) else None


def _both_kinds(reader: _Reader, match: re.Match[str]) -> Formula | None:
    """Tom is quiet and an animal."""
    kinds = [re.sub(r"^(?:an?|the) ", "", each) for each in (match["p"], match["q"])]
    if any(singular(plain(each.removeprefix("not "))) not in reader.words.kinds for each in kinds):
        return None
    said = [reader.words.statement(f"{match['who']} is {each}") for each in kinds]
    return join(Op.AND, said)


def _joined(op: Op, word: str) -> Callable[[_Reader, re.Match[str]], Formula | None]:
    """Split at every "and" (or "or") whose sides are clauses of their own."""

    def build(reader: _Reader, match: re.Match[str]) -> Formula | None:
        text = match[0]
        other = " or " if op is Op.AND else " and "
        if other in text:
            raise Unread("\u201cand\u201d and \u201cor\u201d in one sentence")
        parts = [reader.maybe(each) for each in re.split(word, text)]
        return join(op, [each for each in parts if each]) if all(parts) else None

    return build


def _rule(pattern: str, build: Callable[[_Reader, re.Match[str]], Formula | None]) -> Rule:
    return re.compile(pattern, re.I), build


_COUNT = r"(?P<count>exactly one|only one|one|at least one|at most one|none|not all|neither|both|all|each|every one)"
_SAID = r"(?:says|said|claims|claimed|states|stated)"
RULES: tuple[Rule, ...] = (
    _rule(r"if (?:someone|somebody|something|anyone|anything|a person|an animal|a thing) is (?P<p>[^,]+?),?(?: then)? "
          r"(?:he|she|it|they) (?:is|are) (?:also )?(?P<not>not )?(?P<q>[^,]+)", _whoever),
    _rule(r"(?:everyone|everybody|everything|anyone|anything) (?:who|that|which) is (?P<p>[^,]+?) is "
          r"(?P<not>not )?(?P<q>[^,]+)", _whoever),
    _rule(r"if (?P<p>.+?),? then (?P<q>.+)", _two(Op.IF)),
    _rule(r"(?:if|when|whenever) (?P<p>[^,]+), (?P<q>.+)", _two(Op.IF)),
    _rule(r"(?P<p>[^,]+?),? (?:if and only if|iff|exactly when|exactly if|precisely when) (?P<q>.+)", _two(Op.IFF)),
    _rule(r"what (?P<who>[^,]+?) (?P<how>(?:says|said) (?:is|must be) (?:true|false|not true))", _truthful),
    _rule(r"(?P<who>[^,:]+?) " + _SAID + r"(?: that)?[,:]? (?P<p>.+)", _says),
    _rule(r"(?P<who>[^,]+?)(?P<how>(?:'s|') (?:statement|claim) (?:is|must be) (?:true|false|not true)"
          r"| (?:is telling the truth|tells the truth|is truthful|is lying|lies|always lies|is a liar))", _truthful),
    _rule(r"(?P<p>[^,]+?) only if (?P<q>.+)", _two(Op.IF)),
    _rule(r"(?P<p>[^,]+?),? unless (?P<q>.+)", _unless),
    _rule(r"(?P<p>(?!if ).+?) if (?P<q>.+)", _turned),
    _rule(r"(?P<p>.+?) (?:implies|entails|means)(?: that)? (?P<q>.+)", _two(Op.IF)),
    _rule(r"(?P<p>.+?) (?:contradicts|excludes|is incompatible with|rules out)(?: that)? (?P<q>.+)", _not_both),
    _rule(r"(?P<p>.+?) and (?P<q>.+?) (?:contradict each other|exclude each other|are incompatible|"
          r"(?:cannot|can not|can't) both (?:be true|be the case|hold|be right))", _not_both),
    _rule(r"(?:it is )?not (?:the case |true |possible )?(?:that )?both (?P<p>.+?) and (?P<q>.+)", _not_both),
    _rule(r"(?:it is not (?:the case|true|possible) that|it is (?:false|impossible) that|not) (?P<p>.+)", _denied),
    _rule(r"it (?:is|must be) (?:true|the case|certain|clear|known|given) that (?P<p>.+)", _affirmed),
    _rule(_COUNT + r" of (?:the following|these)(?: statements| claims)?(?: (?:is|are) true| holds?)?: ?(?P<list>.+)",
          _counted_list),
    _rule(_COUNT + r" of (?P<names>.+?) (?P<what>(?:is|are|has|have|holds?|was|were)(?: .+)?)", _counted),
    _rule(r"either (?P<p>.+?),? or (?:else )?(?P<q>.+?)(?P<both>,? but not both)?", _either),
    _rule(r"(?P<p>.+?),? or (?:else )?(?P<q>.+?)(?P<both>,? but not both)", _either),
    _rule(r"neither (?P<p>.+?) nor (?P<q>.+?) (?P<what>(?:is|are|has|was) .+)", _neither),
    _rule(r"(?:both )?(?P<names>[^:]+?) are (?P<not>not )?(?:both )?(?:of )?(?P<how>(?:the )?same|different)"
          r"(?: kinds?| types?| sorts?)?", _alike),
    _rule(r"(?:all|every|each) (?P<all>)(?P<p>[^,]+?) (?:is|are) (?P<not>not )?(?P<q>[^,]+)", _every),
    _rule(r"(?P<all>no) (?P<p>[^,]+?) (?:is|are) (?P<not>(?!))?(?P<q>[^,]+)", _every),
    _rule(r"(?:both )?(?P<names>[^:]+?,? and [^:,]+?) are (?P<not>not |both not )?(?:both |all )?"
          r"(?P<what>(?!the same|different)[^:,]+)", _together),
    _rule(r".+(?:, (?:and|but|while|whereas)|;) .+", _apart),
    _rule(r"(?P<p>[^,]+?) or (?P<q>[^,]+?) (?P<what>(?:is|has|was) .+)", _shared),
    _rule(r".+,? (?:and|but|while|whereas) .+", _joined(Op.AND, r",? (?:and|but|while|whereas) |[;,] ")),
    _rule(r"(?P<who>[^,]+?) is (?P<p>[^,]+?) and (?P<q>[^,]+)", _both_kinds),
    _rule(r"[^,]+(?:, [^,]+)+", _joined(Op.AND, r", ")),
    _rule(r".+ or .+", _joined(Op.OR, r",? or (?:else )?")),
    _rule(r"(?P<p>.+?) (?:is true|is right|is the case|holds|is certain)", _affirmed),
    _rule(r"(?P<p>.+?) (?:is false|is not true|is wrong|isn't true|does not hold|is not the case|"
          r"is impossible|cannot hold)", _denied),
)  # fmt: skip
"""Tried in order; a rule that finds its words but not their meaning gives None, and the next one is tried."""
