"""Where a step states something about quantities: links between sides, sums, named quantities. Judges nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from inference.verifiers.claims.words import NUMBERED
from inference.verifiers.claims.words import words as word_set
from inference.verifiers.units.names import QUANTITIES
from inference.verifiers.units.parser import SideParser
from inference.verifiers.units.quantity import Notes, Reading, Sized, Unlike, Unread
from inference.verifiers.units.tokens import Token, tokenise

MAX_LINKS = 60
_STARTS = 8
_FILLERS = word_set("equal to exactly then therefore thus just only also")
_ROUGHLY = word_set("about approximately roughly around nearly almost approx")
# Before or after a side they may change it: "half of 6 m", "6 N per tooth", "6 m more".
_OPEN = word_set(
    "of twice half thrice double triple by from than to between per times over squared cubed divided multiplied "
    "plus minus more less fewer longer shorter higher lower faster slower each times every"
)
_JOINING = word_set(
    "and so or then thus hence therefore which because since where with for if when but while as at in on after "
    "before using given that is are was we the this it"
)
_SUPPOSING = word_set("if suppose assume assuming let unless")
_PARTING = word_set("and so then thus hence therefore because since where but which giving")


@dataclass(frozen=True, slots=True)
class Side:
    """tokens[begin:end] of a step, with its size under the likeliest reading, or why it has none."""

    begin: int
    end: int
    size: Sized | Unlike | Unread
    notes: Notes
    start: int
    stop: int


@dataclass(frozen=True, slots=True)
class Link:
    """A relation between two sides; `left` None where words stand before it, the last of which are `name`.

    `clean`: no words stand before the left side or after the right one that could make another sentence of it;
    `ended`: none after the right one.
    """

    left: Side | None
    relation: str
    right: Side
    name: tuple[str, ...] = ()
    clean: bool = True
    ended: bool = True


class Statements:
    """What a step states: `links`, and `sums` that stand outside of any."""

    def __init__(self, text: str) -> None:
        self.tokens = tokenise(text)
        self.links: list[Link] = []
        self.sums: list[Side] = []
        for begin, end, asked in clauses(self.tokens):
            if not asked and not self._is_supposed(begin, end):
                self._clause(begin, end)

    def _is_supposed(self, begin: int, end: int) -> bool:
        return any(token.kind == "word" and token.text.lower() in _SUPPOSING for token in self.tokens[begin:end])

    def _clause(self, begin: int, end: int) -> None:
        relations = list(_relations(self.tokens, begin, end))
        if any(sign not in ("=", "≈", "is") for _, _, sign in relations):
            return
        self.sums += self._sums(begin, relations[0][0] if relations else end) if not relations else []
        edges = [(begin, begin, ""), *relations, (end, end, "")]
        sides: list[Side | None] = []
        for at in range(len(edges) - 1):
            low, high = edges[at][1], edges[at + 1][0]
            sides.append(self._side(low, high, first=at == 0, last=at == len(edges) - 2))
        for at, (low, _, sign) in enumerate(relations):
            left, right = sides[at], sides[at + 1]
            if right is not None and len(self.links) < MAX_LINKS:
                name = _words_before(self.tokens, begin, low) if at == 0 and left is None else ()
                if left is not None or name:
                    ended = right.end >= end or self._joins(right.end)
                    self.links.append(Link(left, sign, right, name, ended and self._is_clean(left), ended))

    def _joins(self, at: int) -> bool:
        return self.tokens[at].kind == "rel" or self.tokens[at].text.lower() in _JOINING

    def _is_clean(self, left: Side | None) -> bool:
        opening = left is None or left.begin == 0 or self.tokens[left.begin - 1].kind in ("sep", "rel")
        return opening or bool(left and left.notes.operators)

    def _side(self, low: int, high: int, *, first: bool, last: bool) -> Side | None:
        """Return the side within tokens[low:high]; a first one may begin anywhere, a last one end anywhere."""
        if low >= high or (first and self._goes_on(low)):
            return None
        if not first:
            return self._read(low, high, open_end=last)
        side = None
        for begin in _beginnings(self.tokens, low, high):
            side = self._read(begin, high, open_end=False)
            if isinstance(side.size, Unlike) or (isinstance(side.size, Sized) and side.end == high):
                return side if begin == low or not self._opened(low, begin) else None
        return side if side is not None and side.begin == low and not side.notes.unitless else None

    def _goes_on(self, low: int) -> bool:
        """Whether a clause begins within a number: "14, 400 / 80"."""
        return low > 1 and self.tokens[low - 1].text == "," and self.tokens[low - 2].kind == "num"

    def _opened(self, low: int, begin: int) -> bool:
        """Whether what stands before a side may belong to it."""
        if any(token.kind == "op" and token.text not in ("(", ")") for token in self.tokens[low:begin]):
            return True
        before = self.tokens[begin - 1]
        word, earlier = before.text.lower(), self.tokens[begin - 2].text.lower() if begin > 1 else ""
        if word == "by":
            return earlier in ("divided", "dividing", "multiplied", "multiplying", "times")
        if word == "of":
            return earlier not in QUANTITIES
        return word in _OPEN | {"and"} or word.removesuffix("s") in NUMBERED or before.kind == "bad"

    def _read(self, begin: int, end: int, *, open_end: bool) -> Side:
        size, notes, at = read(self.tokens, begin, end, Reading())
        if at < end and not isinstance(size, Unread):
            size = self._ended(size, at, open_end)
        last = self.tokens[max(begin, min(at, end) - 1)]
        return Side(begin, at, size, notes, self.tokens[begin].start, last.end)

    def _ended(self, size: Sized | Unlike, at: int, open_end: bool) -> Sized | Unlike | Unread:
        """What is left of a side after its expression: a remark, or something that belongs to it."""
        following = self.tokens[at]
        if not open_end:
            return Unread(f"it does not end at “{following.text[:30]}”")
        word = following.text.lower()
        if word in ("a", "an", "every") or (word == "and" and is_mixed(self.tokens, at)):
            return Unread(f"“{word}” may belong to it")
        if following.kind not in ("word", "op") or (following.kind == "op" and following.text != "(") or word in _OPEN:
            return size if following.text in ("-", ")") else Unread(f"“{word[:30]}” may belong to it")
        if isinstance(size, Sized) and size.bare and word not in _JOINING:
            return Unread(f"“{word[:30]}” is no unit that is known here")
        return size

    def _sums(self, low: int, high: int) -> Iterator[Side]:
        """Sums of unlike quantities that stand in running text: "5 m + 3 s"."""
        for begin in range(low, high):
            if self.tokens[begin].kind == "op" and self.tokens[begin].text == "+" and begin > low:
                for start in _beginnings(self.tokens, max(low, begin - 6), begin):
                    side = self._read(start, high, open_end=True)
                    if isinstance(side.size, Unlike):
                        yield side
                        return


def read(tokens: Sequence[Token], begin: int, end: int, reading: Reading) -> tuple[Sized | Unlike | Unread, Notes, int]:
    """Return the size of the longest side at `begin`, how it is written, and where it ends."""
    parser = SideParser(tokens, begin, end, reading)
    size: Sized | Unlike | Unread
    try:
        size = parser.read()
    except (Unread, Unlike) as error:
        size = error
    return size, parser.notes, max(parser.at, begin)


def is_mixed(tokens: Sequence[Token], at: int) -> bool:
    """Whether the "and" at `at` goes on with a fraction: "5 and 2/3"."""
    following = tokens[at + 1 : at + 3]
    return len(following) == 2 and following[0].kind == "num" and following[1].text == "/"


def clauses(tokens: Sequence[Token]) -> Iterator[tuple[int, int, bool]]:
    """Yield (begin, end, whether it is asked) of the stretches between separators, and between relations that a
    word such as "so" joins.
    """
    begin, stated = 0, False
    for at, token in enumerate(tokens):
        stated = stated or token.kind == "rel"
        parts = stated and token.kind == "word" and token.text.lower() in _PARTING and not is_mixed(tokens, at)
        if token.kind == "sep" or parts:
            if at > begin:
                yield begin, at, token.text == "?"
            begin, stated = at + 1, False
    if begin < len(tokens):
        yield begin, len(tokens), False


def _relations(tokens: Sequence[Token], begin: int, end: int) -> Iterator[tuple[int, int, str]]:
    """Yield (first token, token after it, sign) of the relations; "is equal to about" is one, "≈"."""
    at = begin
    while at < end:
        if tokens[at].kind != "rel":
            at += 1
            continue
        low, sign = at, tokens[at].text
        at += 1
        while at < end and (tokens[at].kind == "rel" or tokens[at].text.lower() in _FILLERS | _ROUGHLY):
            if tokens[at].text.lower() in _ROUGHLY:
                sign = "≈"
            elif tokens[at].kind == "rel" and sign == "is":
                sign = tokens[at].text
            at += 1
        yield low, at, sign


def _beginnings(tokens: Sequence[Token], low: int, high: int) -> Iterator[int]:
    """Yield where a side that ends at `high` may begin, the leftmost first: after a word, never after a sign."""
    found = [
        at
        for at in range(low, high)
        if (tokens[at].kind == "num" or (tokens[at].kind == "op" and tokens[at].text in ("(", "-", "frac", "sqrt")))
        and (at == low or (tokens[at - 1].kind in ("word", "bad") and tokens[at].text != "-"))
    ]
    yield from found[-_STARTS:]


def _words_before(tokens: Sequence[Token], begin: int, end: int) -> tuple[str, ...]:
    """Return the last two words before a relation, none when anything else stands among them."""
    words = []
    for at in range(end - 1, max(begin, end - 3) - 1, -1):
        if tokens[at].kind != "word":
            break
        words.append(tokens[at].text.lower())
    return tuple(reversed(words))
