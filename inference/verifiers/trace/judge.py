"""What a step says, held against what happened. Knows nothing about sentences or sandboxes.

A statement is refuted only when it fails in every run that it may be about, each kept whole; one run in which it holds
supports it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from inference.types import VerdictKind
from inference.verifiers.trace.places import Place, Where
from inference.verifiers.trace.record import Record, Row, value_of
from inference.verifiers.trace.said import Kind, Said
from inference.verifiers.trace.source import Loop, Source
from inference.verifiers.trace.values import Unreadable, cut, read, rounds_to, same

SHOWN = 60
_PART = re.compile(r"\[([^\[\]]{1,24})\]")
# Errors that may be the sandbox's, which knows a part of Python only, and not the code's.
_LACKING = (
    "NotImplementedError", "ModuleNotFoundError", "ImportError", "AttributeError", "NameError", "RecursionError",
    "MemoryError", "RuntimeError", "TypeError", "SyntaxError", "PermissionError", "OSError",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Finding:
    """What came of one statement: `found` are the values seen where it looked, `lines` the lines they stood at."""

    said: Said
    verdict: VerdictKind
    detail: str
    found: tuple[str, ...] = ()
    lines: tuple[int, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Run:
    """A run of the code by one call, and its record."""

    call: str
    record: Record

    @property
    def sure(self) -> bool:
        """Whether what is not in the record did not happen."""
        return self.record.whole and not lacking(self.record.raised)


def lacking(raised: str) -> bool:
    """Return whether an error may come from what the sandbox lacks."""
    return raised.startswith(_LACKING)


def judge(said: Said, runs: Sequence[Run], source: Source) -> Finding:
    """Return what comes of a statement in the runs that it may be about."""
    if said.kind is Kind.CALL:
        runs = [run for run in runs if run.call == said.subject]
    if not runs:
        return Finding(said, VerdictKind.UNDECIDED, f"{said.subject} was not run")
    findings = [_in_run(said, run, source) for run in runs]
    for wanted in (VerdictKind.SUPPORTED, VerdictKind.UNDECIDED):
        for finding in findings:
            if finding.verdict is wanted:
                return finding
    return findings[0]


def _in_run(said: Said, run: Run, source: Source) -> Finding:
    if said.kind is Kind.VALUE:
        return _value(said, run, source)
    if said.kind is Kind.TIMES:
        return _times(said, run, source)
    if said.kind is Kind.RAISE:
        return _raise(said, run)
    return _result(said, run)


def _value(said: Said, run: Run, source: Source) -> Finding:
    rows = rows_at(said.place, run.record, source)
    if isinstance(rows, str):
        return Finding(said, VerdictKind.UNDECIDED, rows)
    seen: dict[str, int] = {}
    for row, text in _seen(said.subject, rows):
        if _equal(said.value, text):
            spot = f"after line {row.line}" if said.place.where is Where.ANYWHERE else said.place.words()
            detail = f"{said.subject} is {cut(text, SHOWN)} {spot}"
            return Finding(said, VerdictKind.SUPPORTED, detail, (text,), (run.record.set_at(row, said.subject),))
        if text not in seen:
            seen[text] = run.record.set_at(row, said.subject)
    detail = f"{said.subject} has no value {said.place.words()}"
    if not seen:
        return Finding(said, VerdictKind.UNDECIDED, detail)
    detail = f"{said.place.words()}, {said.subject} is {_listed(list(seen))}, not {cut(said.value, SHOWN)}"
    return _failing(said, run, detail, seen, quoted=_is_quoted(said, source))


def _failing(said: Said, run: Run, detail: str, seen: dict[str, int], *, quoted: bool = False) -> Finding:
    """Return the finding on a statement that does not hold, undecided where that is not sure."""
    verdict, lines = VerdictKind.REFUTED, tuple(sorted(set(seen.values())))
    if quoted:
        verdict, detail = VerdictKind.UNDECIDED, "this stands in the code; whether it is said of the run is open"
    elif not all(map(_readable, (said.value, *seen))):
        verdict, detail = VerdictKind.UNDECIDED, f"{said.subject or 'the result'} holds a value that cannot be compared"
    elif not run.sure:
        verdict, detail = VerdictKind.UNDECIDED, "not seen, but the record of the run is not whole"
    return Finding(said, verdict, detail, tuple(seen), lines)


def rows_at(place: Place, record: Record, source: Source) -> list[Row] | str:
    """Return the rows at a place, or in words why there are none to look at."""
    where = place.where
    if where is Where.UNKNOWN:
        return "which pass of the loop is meant is not clear"
    if where in (Where.LINE, Where.BEFORE):
        line = source.starts.get(place.number)
        if line is None:
            return f"the code has no statement on line {place.number}"
        rows = [row for row in record.rows if row.line == line] if where is Where.LINE else [*record.before(line)]
        return rows or f"line {place.number} did not run"
    if where is Where.WHEN:
        rows = [row for row in record.rows if place.name in row.values and _equal(place.value, row.values[place.name])]
        return rows or f"{place.name} is never {place.value} in this run"
    if where in (Where.LOOP_END, Where.LOOP_START):
        lines = [loop.line for loop in meant(place.loop, source)]
        if where is Where.LOOP_START:
            return [row for row in record.rows if row.event == "start" and row.line in lines] or "no loop was entered"
        return [*_after_loops(lines, record)] or "no loop ended in this run"
    if where is Where.ANYWHERE:
        return list(record.rows)
    return [*_in_passes(place, record, source)] or f"no loop made that many passes: {place.words()}"


def _after_loops(lines: Sequence[int], record: Record) -> Iterator[Row]:
    """Yield what happened in a call once one of the loops had ended in it."""
    over: set[int] = set()
    for row in record.rows:
        if row.line in lines and row.event == "end":
            over.add(row.frame)
        if row.frame in over or row.event == "return":
            yield row


def _in_passes(place: Place, record: Record, source: Source) -> Iterator[Row]:
    for loop in meant(place.loop, source):
        for passes in record.passes(loop.line):
            if place.number > len(passes) or not passes:
                continue
            rows = passes[place.number - 1] if place.number > 0 else passes[-1]
            if place.where is Where.AFTER_ROUND:
                rows = rows[-1:]
            elif place.where is Where.AHEAD_OF_ROUND:
                rows = [*passes[place.number - 2][-1:], *rows[:1]] if place.number > 1 else rows[:1]
            yield from rows


def meant(word: str, source: Source) -> list[Loop]:
    """Return the loops that "inner", "outer", "for", "while" or "" may mean."""
    if word == "outer":
        return [loop for loop in source.loops if loop.depth == 0]
    if word == "inner":
        return [loop for loop in source.loops if loop.depth > 0] or list(source.loops)
    return [loop for loop in source.loops if word in ("", loop.word)] or list(source.loops)


def _seen(subject: str, rows: Sequence[Row]) -> Iterator[tuple[Row, str]]:
    """Yield what "xs", "xs[0]", "xs[i]" or "len(xs)" was in each row that has it, as text."""
    name = re.split(r"[\[(]", subject)[0] if not subject.startswith("len(") else subject[4:-1]
    for row in rows:
        if name not in row.values:
            continue
        if name == subject:
            yield row, row.values[name]
            continue
        try:
            value = value_of(row.values[name])
            if subject.startswith("len("):
                yield row, repr(len(value))
                continue
            for part in _PART.findall(subject):
                inner = part.strip()
                value = value[value_of(row.values[inner]) if inner in row.values else read(inner)]
            yield row, repr(value)
        except (Unreadable, LookupError, TypeError):
            continue


def _equal(claimed: str, found: str) -> bool:
    try:
        value = value_of(found)
        return same(read(claimed), value) or rounds_to(claimed, value)
    except Unreadable:
        return False


def _readable(text: str) -> bool:
    try:
        value_of(text)
    except Unreadable:
        return False
    return True


def _times(said: Said, run: Run, source: Source) -> Finding:
    claimed = int(said.value)
    counts: dict[str, int] = {}
    left = {row.line for row in run.record.rows if row.event == "break"}
    for loop in meant(said.subject, source):
        passes = [len(each) for each in run.record.passes(loop.line)]
        for count in (*passes, sum(passes)):
            counts.setdefault(str(count), loop.line)
    if not counts:
        return Finding(said, VerdictKind.UNDECIDED, "no loop ran")
    if said.value in counts:
        detail = f"the loop on line {counts[said.value]} makes {claimed} {'pass' if claimed == 1 else 'passes'}"
        return Finding(said, VerdictKind.SUPPORTED, detail, (said.value,), (counts[said.value],))
    if str(claimed + 1) in counts and left:
        return Finding(said, VerdictKind.UNDECIDED, "the last pass is broken off: whether it counts is open")
    return _failing(said, run, f"the loop makes {_listed(list(counts))} passes, not {claimed}", counts)


def _raise(said: Said, run: Run) -> Finding:
    raised = run.record.raised
    if raised.startswith(said.value):
        return Finding(said, VerdictKind.SUPPORTED, f"{run.call or 'the code'} raises {cut(raised, SHOWN)}")
    said_of = f"{run.call or 'the code'} raises {cut(raised, SHOWN)}" if raised else f"{run.call} raises nothing"
    verdict = VerdictKind.REFUTED if run.sure else VerdictKind.UNDECIDED
    return Finding(said, verdict, f"{said_of}, not {said.value}")


def _result(said: Said, run: Run) -> Finding:
    """Judge "f(3) returns 6", "it returns 6", "the output is 6", "prints 6"."""
    found: dict[str, int] = {}
    if said.kind is not Kind.PRINT and run.record.returned is not None:
        found[run.record.returned] = 0
    if said.kind in (Kind.RETURN, Kind.OUTPUT):
        found |= {row.extra: row.line for row in reversed(run.record.rows) if row.event == "return"}
    if said.kind in (Kind.PRINT, Kind.OUTPUT):
        found |= dict.fromkeys(_printed(run.record.printed), 0)
    call = run.call or "the code"
    verb = "prints" if said.kind is Kind.PRINT else "returns"
    for text, line in found.items():
        if _equal(said.value, text):
            lines = (line,) if line else ()
            return Finding(said, VerdictKind.SUPPORTED, f"{call} {verb} {cut(text, SHOWN)}", (text,), lines)
    if not found:
        raised = f"{call} raises {cut(run.record.raised, SHOWN)}" if run.record.raised else f"{call} {verb} nothing"
        verdict = VerdictKind.REFUTED if run.sure and run.record.raised else VerdictKind.UNDECIDED
        return Finding(said, verdict, raised)
    shown = [run.record.returned] if run.record.returned in found else list(found)
    detail = f"{call} {verb} {_listed([each for each in shown if each])}, not {cut(said.value, SHOWN)}"
    return _failing(said, run, detail, found)


def _printed(text: str) -> Iterator[str]:
    for line in text.splitlines()[:50]:
        yield line if _readable(line) else repr(line)
        yield repr(line)


def _is_quoted(said: Said, source: Source) -> bool:
    """Whether the statement, said of no place, stands in the code word for word, as "total = 0" may."""
    written = f"{said.subject}={said.value}".replace(" ", "")
    return said.place.where is Where.ANYWHERE and any(written in line.replace(" ", "") for line in source.lines)


def _listed(texts: Sequence[str]) -> str:
    """Return values as words: the first four and how many more."""
    shown = [cut(text, SHOWN // 2 if len(texts) > 1 else SHOWN) for text in texts[:4]]
    if len(texts) > 4:
        return f"{', '.join(shown)} and {len(texts) - 4} more"
    return " then ".join([", ".join(shown[:-1]), shown[-1]]) if len(shown) > 1 else shown[0]
