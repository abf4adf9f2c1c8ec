"""What a step says of a query's rows and of the tables. Knows nothing about where a query was found."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from inference.types import Claim, VerdictKind
from inference.verifiers.sql.comparing import same
from inference.verifiers.sql.running import Cell, Failure, Reader, Result

MAX_CLAIMS = 12
_WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_NUMBER = r"\d{1,9}|no|a single|" + "|".join(_WORDS)
_ROWS = re.compile(
    r"\b(?P<verb>returns?|gives?|yields?|produces?|outputs?|contains?|has|have|holds?|there (?:are|is)|results? in|"
    rf"gets?|shows?) (?:exactly |only |just |a total of |us )?(?P<number>{_NUMBER}) "
    r"(?:result |matching |output |distinct )?(?:rows?|records?|results|tuples?|entries)\b(?P<rest>[^.\n]{0,30})",
    re.I,
)
_VALUE = (
    r"(?P<quote>[`'\"]|\*\*)?(?P<value>-?\d[\d,]{0,15}(?:\.\d{1,12})?|(?<=[`'\"*])[^`'\"*\n]{1,60})(?(quote)(?P=quote))"
)
_RESULT = re.compile(
    r"\b(?:(?:the )?(?:result|output|returned value|query result)(?: of (?:the|this) query)? (?:is|=|equals|would be|"
    r"will be)|returns?|gives?|yields?|produces?|evaluates to|outputs?) (?:the value |exactly |the number |us )?"
    + _VALUE + r"(?P<rest>.{0,14})",
    re.I | re.S,
)  # fmt: skip
_AGGREGATE = re.compile(
    r"\b(?P<kind>average|mean|count|total|sum|maximum|minimum|max|min)\b(?: [a-z]{1,14}){0,4} (?:is|=|equals|comes to) "
    + _VALUE + r"(?P<rest>.{0,14})",
    re.I | re.S,
)  # fmt: skip
_CALLS = {
    "average": ("avg",), "mean": ("avg",), "count": ("count",), "total": ("sum", "total"), "sum": ("sum", "total"),
    "maximum": ("max",), "max": ("max",), "minimum": ("min",), "min": ("min",),
}  # fmt: skip
_COLUMN = re.compile(
    r"(?:\btable `?(?P<table>\w{1,64})`?|`(?P<quoted>\w{1,64})`(?: table)?|\b(?P<plain>\w{1,64}) table) (?P<not>has no|"
    r"does not have an?|lacks an?|has(?: an?| the)?) (?:columns?|fields?) (?:named |called )?(?P<list>`?\w{1,64}`?"
    r"(?:(?:, (?:and )?| and )`?\w{1,64}`?){0,10})",
    re.I,
)
_UNSURE = re.compile(
    r"\b(?:if|unless|whether|not|n't|never|instead of|rather than|without|expect\w*|suppose)\b[^.\n]{0,30}$", re.I
)
_QUALIFIED = re.compile(r"\s*(?:in|from|of|for|with|where|per|that|whose|each|more|less|before|after|to|and)\b", re.I)
_ENDS = re.compile(r"\s*(?:$|[.,;:)\n]|(?:and|so|which|because|as|since|on|for the)\b)", re.I)


@dataclass(frozen=True, slots=True)
class Asked:
    """A query of this or an earlier step with the rows that it gave on the shown tables, and where it ended."""

    text: str
    result: Result
    end: int


def claims(text: str, asked: list[Asked], earlier: Asked | None, reader: Reader) -> Iterator[Claim]:
    """Yield what can be told of a text without its queries; each claim belongs to the last query before it."""
    yield from _columns(text, reader.tables)
    for match in islice(_ROWS.finditer(text), MAX_CLAIMS):
        claim = _rows(text, match, _meant(match.start(), asked, earlier), reader)
        if claim is not None:
            yield claim
    for pattern in (_RESULT, _AGGREGATE):
        for match in islice(pattern.finditer(text), MAX_CLAIMS):
            claim = _value(text, match, _meant(match.start(), asked, earlier))
            if claim is not None:
                yield claim


def _meant(at: int, asked: list[Asked], earlier: Asked | None) -> Asked | None:
    before = [each for each in asked if each.end <= at]
    return before[-1] if before else asked[0] if asked else earlier


def _rows(text: str, match: re.Match[str], asked: Asked | None, reader: Reader) -> Claim | None:
    """ "returns 3 rows" of a query, "table x has 3 rows" of a table."""
    if _UNSURE.search(text[max(0, match.start() - 60) : match.start()]):
        return None
    said, claimed = text[match.start() : match.start("rest")].strip(), number_of(match["number"])
    table = (
        _table_before(text, match.start(), reader) if match["verb"].lower() in ("has", "contains", "holds") else None
    )
    if table is not None:
        counted = reader.run(f'SELECT count(*) FROM "{table}"')  # noqa: S608 one of the problem's own tables
        if isinstance(counted, Failure):
            return None
        actual, what = int(counted.rows[0][0] or 0), f"table {table} has"
    elif asked is None or asked.result.cut or _QUALIFIED.match(match["rest"]):
        return None
    else:
        actual, what = len(asked.result.rows), "the query gives"
    noun = "row" if actual == 1 else "rows"
    detail = f"{what} {actual} {noun}" + ("" if actual == claimed else f", not {claimed}")
    return _claim(said, actual == claimed, detail, match.start(), match.start("rest"))


def _value(text: str, match: re.Match[str], asked: Asked | None) -> Claim | None:
    """A single value that a query is said to give; undecided (None) where it gives anything else."""
    if asked is None or len(asked.result.rows) != 1 or len(asked.result.columns) != 1:
        return None
    if _UNSURE.search(text[max(0, match.start() - 60) : match.start()]) or not _ENDS.match(match["rest"]):
        return None
    calls = _CALLS[match["kind"].lower()] if "kind" in match.groupdict() else ()
    if calls and not re.search(rf"\b(?:{'|'.join(calls)})\s*\(", asked.text, re.I):
        return None
    actual, shown = asked.result.rows[0][0], match["value"].strip()
    agrees = _agrees(shown, actual)
    if agrees is None:
        return None
    said = text[match.start() : match.start("rest")].strip()
    detail = f"the query gives {cell(actual)}" + ("" if agrees else f", not {shown}")
    return _claim(said, agrees, detail, match.start(), match.start("rest"))


def _agrees(shown: str, actual: Cell) -> bool | None:
    """Whether a value in a text is the cell, rounded as it is written; None where they cannot be compared."""
    try:
        number = float(shown.replace(",", ""))
    except ValueError:
        return str(actual).strip().casefold() == shown.casefold() if isinstance(actual, str) else None
    if isinstance(actual, str):
        return True if actual == shown else None
    if isinstance(actual, bytes):
        return None
    if actual is None:
        return False
    places = len(shown.partition(".")[2])
    off = abs(number - actual)
    if same(number, actual) or (actual != round(actual) and off <= 0.5 * 10.0**-places + 1e-9):
        return True
    return None if off < 10.0**-places and actual != round(actual, places) else False


def _columns(text: str, tables: Mapping[str, tuple[str, ...]]) -> Iterator[Claim]:
    known = {name.lower(): name for name in tables}
    for match in islice(_COLUMN.finditer(text), MAX_CLAIMS):
        name = known.get((match["table"] or match["quoted"] or match["plain"]).lower())
        if name is None or _UNSURE.search(text[max(0, match.start() - 60) : match.start()]):
            continue
        there = {column.lower() for column in tables[name]}
        negative = match["not"].lower() not in ("has", "has a", "has an", "has the")
        detail = f"table {name} has the columns {', '.join(tables[name][:12])}"
        for listed in re.finditer(r"\b(?!and\b)\w+", match["list"], re.I):
            holds = (listed[0].lower() in there) != negative
            said = f"{name} {match['not'].lower().strip()} column {listed[0]}"
            at = match.start("list") + listed.start()
            yield _claim(said, holds, detail, at, at + len(listed[0]))


def _table_before(text: str, at: int, reader: Reader) -> str | None:
    """Return the table that the last words before a verb name."""
    words = re.findall(r"\w+", text[max(0, at - 80) : at])[-2:]
    known = {name.lower(): name for name in reader.tables}
    named = [known[word.lower()] for word in words if word.lower() in known]
    return named[-1] if named and (words[-1].lower() in known or words[-1].lower() == "table") else None


def number_of(word: str) -> int:
    lowered = word.lower()
    if lowered in ("no", "a single"):
        return 0 if lowered == "no" else 1
    return _WORDS.index(lowered) if lowered in _WORDS else int(word)


def cell(value: Cell) -> str:
    """Return a cell for people, cut to 40 characters."""
    if value is None:
        return "NULL"
    plain = value.hex() if isinstance(value, bytes) else value
    text = f"{plain:.10g}" if isinstance(plain, float) else str(plain)
    return text if len(text) <= 40 else text[:39] + "…"


def _claim(text: str, holds: bool, detail: str, start: int, end: int) -> Claim:
    kind = VerdictKind.SUPPORTED if holds else VerdictKind.REFUTED
    return Claim(" ".join(text.split())[:160], kind, detail, start, end)
