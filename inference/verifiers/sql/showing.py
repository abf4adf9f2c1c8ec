"""A final query against the reference on all databases, and rows cut to what a page shows."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from inference.types import VerdictKind
from inference.verifiers.sql.claims import cell
from inference.verifiers.sql.comparing import Expected, difference
from inference.verifiers.sql.databases import Databases
from inference.verifiers.sql.reference import Reference, expected, parsed, reference
from inference.verifiers.sql.running import Failure, Reader, Result, Row

MAX_ROWS, MAX_COLUMNS, MAX_TABLES = 8, 8, 3
MAX_QUERY = 1200
MAX_JSON = 5000
SHOWN = "the rows shown"


@dataclass(frozen=True, slots=True)
class Evidence:
    """A verdict on a query with what was asked (`input`) and the rows that came (`output`)."""

    kind: VerdictKind
    message: str
    input: Mapping[str, Any]
    output: Mapping[str, Any]


def compared(tables: Databases, wanted: str, query: str) -> Evidence:
    """Return whether a query gives what the reference gives: on the shown rows, then on made ones."""
    asked = {"query": query[:MAX_QUERY], "reference": wanted[:MAX_QUERY]}
    of = reference(wanted)
    if isinstance(of, str):
        return Evidence(VerdictKind.UNDECIDED, f"the reference cannot be used: {of}", asked, {})
    refusal = parsed(query)
    if isinstance(refusal, str) and not refusal.startswith("it is no SQL"):
        return Evidence(VerdictKind.REFUTED, refusal, asked, {})
    agreed = 0
    for seed, reader in _all(tables):
        name = f"made rows, seed {seed}" if seed else SHOWN
        theirs = tables.expected.get(seed) or tables.expected.setdefault(seed, expected(of, reader))
        if isinstance(theirs, Failure):
            if name == SHOWN:
                return Evidence(VerdictKind.UNDECIDED, f"the reference fails: {theirs.message}", asked, {})
            continue
        ours = reader.run(query)
        verdict = _on_one(name, reader, ours, theirs, of)
        if verdict is not None:
            return Evidence(*verdict[:2], asked, verdict[2])
        agreed += 1
    output = _pair(SHOWN, tables.shown.run(query), tables.expected.get(0))
    return Evidence(
        VerdictKind.SUPPORTED, f"it gives the same rows as the reference on {agreed} databases", asked, output
    )


def _all(tables: Databases) -> Iterator[tuple[int, Reader]]:
    if tables.has_rows:
        yield 0, tables.shown
    yield from tables.made()


def _on_one(
    name: str, reader: Reader, ours: Result | Failure, theirs: Expected, of: Reference
) -> tuple[VerdictKind, str, Mapping[str, Any]] | None:
    """Return what one database says against a query, None when nothing."""
    if isinstance(ours, Failure):
        kind = VerdictKind.REFUTED if ours.wrong else VerdictKind.UNDECIDED
        return kind, ours.message, {}
    differs = difference(ours.rows, len(ours.columns), theirs)
    if not differs:
        return None
    if theirs.is_cut and name != SHOWN and "column" not in differs:
        # The reference itself allows several results here: made ties prove nothing.
        return None
    unsure = differs.endswith("another order") and not theirs.sure_order
    kind = VerdictKind.UNDECIDED if unsure else VerdictKind.REFUTED
    output = {**_pair(name, ours, theirs), "differs": differs}
    return kind, f"it gives {differs} on {name}", _bounded({**output, "tables": _read(reader, of.plain)})


def table(query: str, result: Result) -> Evidence:
    """Return the rows of a query of a step as evidence."""
    output = {"database": SHOWN, "columns": _columns(result), "ours": rows(result.rows), "ours_count": len(result.rows)}
    return Evidence(VerdictKind.SUPPORTED, "", {"query": query[:MAX_QUERY]}, _bounded(output))


def rows(of: Sequence[Row]) -> list[list[str]]:
    """Return rows as short texts, MAX_ROWS of them."""
    return [[cell(value) for value in row[:MAX_COLUMNS]] for row in of[:MAX_ROWS]]


def _columns(result: Result) -> list[str]:
    return [column[:40] for column in result.columns[:MAX_COLUMNS]]


def _pair(name: str, ours: Result | Failure, theirs: Expected | Failure | None) -> dict[str, Any]:
    found: dict[str, Any] = {"database": name}
    if isinstance(ours, Result):
        found |= {"columns": _columns(ours), "ours": rows(ours.rows), "ours_count": len(ours.rows)}
    if isinstance(theirs, Expected):
        right = theirs.rows()
        found |= {"theirs": rows(right), "theirs_count": len(right)}
    return found


def _read(reader: Reader, query: str) -> list[dict[str, Any]]:
    """Return the tables that the reference reads, with their first rows."""
    named = [name for name in reader.tables if re.search(rf"\b{re.escape(name)}\b", query, re.I)]
    found = []
    for name in named[:MAX_TABLES]:
        quoted = name.replace('"', '""')
        result = reader.run(f'SELECT * FROM "{quoted}"')  # noqa: S608 one of the problem's own tables
        if isinstance(result, Result):
            found.append(
                {"name": name, "columns": _columns(result), "rows": rows(result.rows), "count": len(result.rows)}
            )
    return found


def _bounded(output: dict[str, Any]) -> dict[str, Any]:
    """Return evidence that is small enough to store: tables go first, then rows."""
    while len(json.dumps(output)) > MAX_JSON and output.get("tables"):
        output = {**output, "tables": output["tables"][:-1]}
    for part in ("ours", "theirs"):
        while len(json.dumps(output)) > MAX_JSON and output.get(part):
            output = {**output, part: output[part][:-1]}
    return output
