"""What a traced run did, row by row. Knows nothing about steps; trusts nothing of what the run handed back."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from inference.sandbox.base import Outcome, RunEnding
from inference.verifiers.trace.values import Unreadable, read

MAX_ROWS = 2000
MAX_PRINTED = 2000
_TYPES = re.compile(r"defaultdict\(<[^<>]{1,60}>, ")


class Failed(ValueError):
    """A run that left no record; the message says why, for people."""


@dataclass(frozen=True, slots=True)
class Row:
    """One note: the call it belongs to (`frame`, 0 outside), its line, what happened, and the values after it.

    `event` is "", or "call" (extra: the function), "return" (extra: the value), "start", "pass", "end" and "break" of
    a loop, "true" and "false" of a condition.
    """

    frame: int
    line: int
    event: str
    values: Mapping[str, str]
    extra: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """A run. `whole`: nothing was left out; `raised` is how it ended when not well, "KeyError: 3"."""

    rows: tuple[Row, ...]
    returned: str | None
    raised: str
    printed: str
    whole: bool

    def passes(self, loop: int) -> list[list[list[Row]]]:
        """Return, for every time the loop at that line was entered, its passes, each with the rows that belong to it.

        Rows of calls made inside a pass belong to it too.
        """
        entered: list[list[list[Row]]] = []
        going: dict[int, list[list[Row]]] = {}
        for row in self.rows:
            if row.line == loop and row.event == "start":
                going[row.frame] = []
                entered.append(going[row.frame])
            elif row.line == loop and row.event == "pass" and row.frame in going:
                going[row.frame].append([])
            elif row.line == loop and row.event == "end":
                going.pop(row.frame, None)
            for passes in going.values():
                if passes:
                    passes[-1].append(row)
            if row.event == "return":
                going.pop(row.frame, None)
        return entered

    def set_at(self, row: Row, subject: str) -> int:
        """Return the line at which a name ("xs", "xs[0]", "len(xs)") got the value that it has in a row."""
        name = re.split(r"[\[(]", subject.removeprefix("len("))[0].rstrip(")")
        line, known = row.line, None
        for each in self.rows:
            if each.frame == row.frame:
                line = each.line if each.values.get(name) != known else line
                known = each.values.get(name)
            if each is row:
                break
        return line

    def before(self, line: int) -> Iterator[Row]:
        """Yield the rows that stood last in their call each time before the line ran."""
        last: dict[int, Row] = {}
        for row in self.rows:
            if row.line == line and row.frame in last and not (row.event == "end" or last[row.frame].line == line):
                yield last[row.frame]
            last[row.frame] = row


def record(outcome: Outcome) -> Record:
    """Return the record that an instrumented program left; Failed when the program did not end well or left none."""
    if outcome.ending is not RunEnding.OK:
        raise Failed(outcome.error or f"the run ended by {outcome.ending.value}")
    kept = outcome.value
    if not isinstance(kept, dict) or not isinstance(kept.get("rows"), list):
        raise Failed("the run left no record")
    rows = tuple(_rows(kept["rows"][:MAX_ROWS]))
    returned = kept.get("returned")
    whole = not (kept.get("full") or kept.get("stopped") or len(kept["rows"]) > MAX_ROWS)
    raised = str(kept.get("raised") or "")
    return Record(rows, None if returned is None else str(returned), raised, outcome.printed[:MAX_PRINTED], whole)


def _rows(kept: Sequence[Any]) -> Iterator[Row]:
    """Yield rows with all values of their call, not only the changed ones."""
    states: dict[int, dict[str, str]] = {}
    try:
        for frame, line, event, changed, extra in kept:
            state = {**states.get(frame, {}), **{str(name): str(text) for name, text in changed.items()}}
            states[frame] = state
            yield Row(int(frame), int(line), str(event), state, str(extra))
    except (TypeError, ValueError, AttributeError) as error:
        raise Failed("the run left a record that cannot be read") from error


def value_of(text: str) -> Any:
    """Return the value that a run wrote as `text`; Unreadable for one that was cut or that is no plain value."""
    if text.endswith("\u2026"):
        raise Unreadable("the value was cut")
    return read(_TYPES.sub("defaultdict(", text))
