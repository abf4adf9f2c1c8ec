"""What is measured of a tool, in sentences and rows for people. Asks nothing, draws nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from annotations.pages import toolcharts
from annotations.pages.charts import Chart
from annotations.selectors.tools import Measured
from annotations.trust import LEAST_SUPPORTED, Share, Trust, can_trust, least_asked, percent
from inference.types import VerdictKind
from inference.verifiers.params import TOOLS

MARKS = {VerdictKind.REFUTED: "incorrect", VerdictKind.SUPPORTED: "correct", VerdictKind.UNDECIDED: "none"}
ENDINGS = {"timeout": "out of time", "memory": "out of memory", "crash": "crashed"}


@dataclass(frozen=True, slots=True)
class Row:
    """A measured share: what it is, its value and interval as text, of how many, and a bar."""

    name: str
    formula: str
    value: str
    interval: str
    counts: str
    chart: Chart | None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A share in a table that compares several."""

    value: str
    interval: str
    counts: str


def title(verifier: str) -> str:
    return TOOLS[verifier].title if verifier in TOOLS else verifier


def noun(verifier: str) -> str:
    return "answer" if verifier in TOOLS and TOOLS[verifier].answers else "step"


def sentence(verifier: str, found: Trust) -> str:
    """Say first what a researcher would say of it: when it refutes, what it sees, what its support is worth."""
    thing, looked = noun(verifier), found.said()
    if not found.labelled():
        some = f"{looked:,} {thing}s, none of which has" if looked != 1 else f"one {thing}, which has no"
        had = " a label" if looked != 1 else " label"
        return f"{verifier} has looked at {some}{had}: how far it can be trusted here is not known."
    return " ".join((_refuting(verifier, thing, found), _seeing(thing, found), _supporting(thing, found)))


def _refuting(verifier: str, thing: str, found: Trust) -> str:
    said = found.precision
    if not said.of:
        some = f"No {thing} that {verifier} refutes here has a label."
        return some if found.said(VerdictKind.REFUTED) else f"{verifier} refutes no {thing} here."
    article = "an" if thing == "answer" else "a"
    return f"When {verifier} refutes {article} {thing} here, it is wrong {_told(said)} of the time ({interval(said)})."


def _seeing(thing: str, found: Trust) -> str:
    if not found.wrong():
        return f"No labelled {thing} that it looked at is wrong."
    return f"It sees {_told(found.recall)} of the wrong {thing}s."


def _supporting(thing: str, found: Trust) -> str:
    support, base = found.support, found.base
    if support.of < LEAST_SUPPORTED:
        few = f"only {support.of} supported {thing}{'s have' if support.of != 1 else ' has'}"
        few = few if support.of else f"no supported {thing} has"
        return f"What its support is worth cannot be said yet: {few} a label."
    told = f"{_told(support)} of supported {thing}s are wrong, {_told(base)} of all."
    return f"Its support {_worth(found)}: {told}"


def _worth(found: Trust) -> str:
    """Say what support is worth; nothing where the base rate lies within its interval."""
    support, base = found.support, found.base.value or 0.0
    if can_trust("", found):
        return "tells"
    if support.low <= base <= support.high:
        return "says nothing"
    return "says little" if support.high < base else "misleads"


def _told(share: Share) -> str:
    return f"{percent(share.value)} %"


def interval(share: Share) -> str:
    return f"{percent(share.low)} to {percent(share.high)}"


def rows(verifier: str, found: Trust) -> list[Row]:
    """Return the four shares with their bars; what has no labelled step is left empty."""
    thing = noun(verifier)
    note = "Its support may count: policy paper is offered"
    note = note if can_trust(verifier, found) else f"Policy paper asks for {least_asked(found)}"
    return [
        _row(f"Wrong, of the refuted {thing}s", "P(wrong | refuted)", found.precision),
        _row(f"Refuted, of the wrong {thing}s", "P(refuted | wrong)", found.recall),
        _row(f"Wrong, of the supported {thing}s", "P(wrong | supported)", found.support, found.base.value, note),
        _row(f"Wrong, of all {thing}s it looked at", "P(wrong)", found.base),
    ]


def _row(name: str, formula: str, share: Share, beside: float | None = None, note: str = "") -> Row:
    if share.value is None:
        return Row(name, formula, "", "", "no label", None, note)
    return Row(
        name, formula, _told(share), interval(share), f"{share.hits:,} of {share.of:,}",
        toolcharts.bar(name, share, beside), note,
    )  # fmt: skip


def line(share: Share) -> Line:
    if share.value is None:
        return Line("", "", "no label")
    return Line(_told(share), interval(share), f"{share.hits:,} of {share.of:,}")


def compared(found: Trust) -> tuple[Line, Line, Line, Line]:
    """Return precision, recall, P(wrong | supported) and base rate for a table."""
    return line(found.precision), line(found.recall), line(found.support), line(found.base)


def verdicts(found: Trust) -> list[tuple[str, str, int]]:
    """Return (verdict, mark, steps), what weighs first."""
    return [(kind.value, mark, found.said(kind)) for kind, mark in MARKS.items()]


def broken(measured: Measured) -> str:
    """Say how many checks did not end by themselves, "" where all did."""
    said = [f"{n:,} {ENDINGS.get(name, name)}" for name, n in measured.endings.items()]
    return ", ".join(said)


def categories(measured: Measured, names: Mapping[str, str]) -> list[tuple[str, Line, Chart | None]]:
    """Return each error category with how many of its wrong steps the tool refuted."""
    return [
        (names.get(key, key) or "No category", line(share), toolcharts.bar(names.get(key, key), share))
        for key, share in measured.by_category.items()
    ]
