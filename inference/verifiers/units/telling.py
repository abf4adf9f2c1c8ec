"""What is said of a judged link to people: a claim with its detail, and the evidence beside it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from inference.types import Claim, Verdict, VerdictKind
from inference.verifiers.units.extract import Link, Side
from inference.verifiers.units.judge import Judged, Outcome
from inference.verifiers.units.names import expected
from inference.verifiers.units.quantity import Sized, Unlike
from inference.verifiers.units.table import written
from inference.verifiers.units.tokens import MAX_CHARS, TEXT

MAX_SHOWN = 6
MAX_TEXT = 120
_DENIED = re.compile(
    r"\b(?:impossible|wrong|incorrect|mistaken?|contradict\w*+|cannot be|invalid|not equal|scale|map|represents?|"
    r"corresponds?)\b",
    re.I,
)
_UNIT = re.compile(r"^[-+]?[\d.,]++(?:[eE][-+]?\d++)?\s*+(.*+)$", re.S)
_SCIENTIFIC = re.compile(r"10\s*+(?:\^|[⁰¹²³⁴-⁹⁻])")
_KINDS = {
    Outcome.EQUAL: VerdictKind.SUPPORTED,
    Outcome.ROUNDED: VerdictKind.SUPPORTED,
    Outcome.BARE: VerdictKind.SUPPORTED,
    Outcome.DIFFERS: VerdictKind.REFUTED,
    Outcome.UNLIKE: VerdictKind.REFUTED,
}


@dataclass(frozen=True, slots=True)
class Finding:
    """A claim and what the page shows beside it: both sides, their sizes in base units."""

    claim: Claim
    evidence: Mapping[str, str]


def link_finding(link: Link, judged: Judged, text: str) -> Finding | None:
    """Return what came of a link, None for one that states nothing about quantities ("x = 5")."""
    if link.left is None:
        return _named(link, text)
    left, right = link.left, link.right
    if left.notes.unitless and right.notes.unitless and (left.notes.single or not left.notes.operators):
        return None
    if judged.outcome is Outcome.UNKNOWN and not (left.notes.numbers and right.notes.numbers):
        return None
    kind = _KINDS.get(judged.outcome, VerdictKind.UNDECIDED)
    detail = _detail(judged, left, right, text)
    if kind is VerdictKind.REFUTED and (_denied(text, left.start) or (link.relation == "is" and not link.clean)):
        kind, detail = VerdictKind.UNDECIDED, f"{detail}; the words around it may mean something else"
    evidence = {
        "left": _shown(text, left, MAX_TEXT),
        "right": _shown(text, right, MAX_TEXT),
        "left_size": _base(judged.left),
        "right_size": _base(judged.right),
    }
    return Finding(Claim(_cut(_slice(text, left.start, right.stop)), kind, detail, left.start, right.stop), evidence)


def sum_finding(side: Side, text: str) -> Finding:
    """Return the refutation of a sum of unlike quantities."""
    assert isinstance(side.size, Unlike)  # noqa: S101 only such sums are looked for
    shown = _cut(text[side.start : side.stop])
    denied = _denied(text, side.start)
    kind = VerdictKind.UNDECIDED if denied else VerdictKind.REFUTED
    return Finding(Claim(shown, kind, str(side.size), side.start, side.stop), _terms(side.size, shown))


def verdict_of(name: str, version: str, found: Sequence[Finding], text: str) -> Verdict:
    """Return one verdict of all findings: refuted when one is, else supported when one is."""
    kinds = [each.claim.verdict for each in found]
    kind = next((each for each in (VerdictKind.REFUTED, VerdictKind.SUPPORTED) if each in kinds), VerdictKind.UNDECIDED)
    details = [each.claim.detail for each in found if each.claim.verdict is kind]
    if kind is VerdictKind.SUPPORTED:
        message = f"{len(details)} of {len(found)} statements hold"
    else:
        message = "; ".join(details) or "no quantities to compare"
    if len(text) > MAX_CHARS:
        message = f"{message[:800]}; only the first {MAX_CHARS} characters were read"
    shown = sorted(found, key=lambda each: each.claim.verdict is not VerdictKind.REFUTED)[:MAX_SHOWN]
    rows = [{**each.evidence, "verdict": each.claim.verdict.value, "detail": each.claim.detail} for each in shown]
    claims = tuple(each.claim for each in found)
    return Verdict(kind, name, version, claims, message[:1000], output={"statements": rows} if rows else None)


def _named(link: Link, text: str) -> Finding | None:
    """Return whether a quantity is measured in what its name asks for: "the area is 12 m"."""
    known, right = expected(link.name), link.right
    if known is None or not isinstance(right.size, Sized) or right.notes.unitless or not link.clean:
        return None
    name, dims = known
    fits = right.size.dims == dims
    if not fits and (right.notes.loose or _denied(text, right.start)):
        return None
    shown = _cut(text[right.start : right.stop])
    detail = f"{name} is measured in {written(dims)}, {shown} in {written(right.size.dims)}"
    kind = VerdictKind.SUPPORTED if fits else VerdictKind.REFUTED
    evidence = {"left": name, "right": shown, "left_size": written(dims), "right_size": written(right.size.dims)}
    return Finding(Claim(f"{name}: {shown}", kind, detail, right.start, right.stop), evidence)


def _detail(judged: Judged, left: Side, right: Side, text: str) -> str:
    shown_left, shown_right = (_shown(text, side, 60) for side in (left, right))
    meant = f", where {judged.meant}" if judged.meant else ""
    if judged.sums is not None:
        return str(judged.sums)
    if judged.left is None or judged.right is None:
        return judged.why or "it cannot be compared"
    if judged.outcome is Outcome.UNLIKE:
        dims = written(judged.left.dims), written(judged.right.dims)
        return f"{shown_left} is in {dims[0]}, {shown_right} in {dims[1]}"
    if judged.outcome is Outcome.UNKNOWN:
        return judged.why or "a number has no unit, so the dimensions cannot be compared"
    value = number(judged.left.value) if left.notes.unitless else _in_unit_of(judged.left, right, text)
    if judged.outcome is Outcome.DIFFERS:
        return f"{shown_left} = {value}, not {shown_right}"
    if judged.outcome is Outcome.CLOSE:
        return f"{shown_left} = {value}; {shown_right} may come from rounding"
    if judged.outcome is Outcome.BARE:
        return f"the numbers agree; {shown_left} has no units"
    return f"{shown_left} = {value}{meant}"


def _in_unit_of(size: Sized, side: Side, text: str) -> str:
    """Return a size in the unit in which the other side is written, in base units where that is no single quantity."""
    raw = _slice(text, side.start, side.stop)
    found = _UNIT.match(raw)
    if not side.notes.single or found is None or _SCIENTIFIC.search(raw):
        return _base(size)
    unit = TEXT.sub(r"\1", found[1]).strip(" ~{}")
    return " ".join(f"{number(size.value / side.notes.factor)} {unit}".split())


def _terms(unlike: Unlike, shown: str) -> dict[str, str]:
    return {"left": shown, "right": "", "left_size": written(unlike.left), "right_size": written(unlike.right)}


def _base(size: Sized | None) -> str:
    if size is None:
        return ""
    unit = "" if size.bare or not any(size.dims) else f" {written(size.dims)}"
    return f"{number(size.value)}{unit}"


def number(value: float) -> str:
    """Return a value with six significant digits: "16.6667", "1.2×10⁹"."""
    if value and not 1e-4 <= abs(value) < 1e9:
        mantissa, _, power = f"{value:.5e}".partition("e")
        raised = str(int(power)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
        return f"{mantissa.rstrip('0').rstrip('.')}×10{raised}"
    if abs(value) >= 1e5:
        return f"{value:,.1f}".rstrip("0").rstrip(".")
    return f"{value:.6g}"


def _denied(text: str, start: int) -> bool:
    """Whether the sentence around a claim speaks of an error itself."""
    begin = max(text.rfind(mark, 0, start) for mark in (". ", "\n")) + 1
    ends = [at for mark in (". ", "\n") if (at := text.find(mark, start)) >= 0]
    return _DENIED.search(text[begin : min(ends, default=len(text))]) is not None


def _shown(text: str, side: Side, most: int) -> str:
    """Return a side as it is written, LaTeX between delimiters so that it can be drawn."""
    written_so = _slice(text, side.start, side.stop)
    return f"\\({_cut(written_so)}\\)" if "\\" in written_so else _cut(written_so, most)


def _slice(text: str, start: int, stop: int) -> str:
    """Return text[start:stop] with the braces that its LaTeX lacks at the end."""
    return text[start:stop] + "}" * (text.count("{", start, stop) - text.count("}", start, stop))


def _cut(text: str, most: int = MAX_TEXT) -> str:
    text = " ".join(text.split())
    return text if len(text) <= most else text[: most - 1] + "…"
