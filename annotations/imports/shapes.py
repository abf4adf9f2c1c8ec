"""The fields of the round-trip form, and a check that says which one does not fit before the database must."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from annotations.imports.records import BadRow
from inference.types import Ending, LabelKind, LabelSource, NodeRole, Rating, TreeState, VerdictKind

SMALL, INT, BIG = 2**15 - 1, 2**31 - 1, 2**63 - 1


@dataclass(frozen=True, slots=True)
class Text:
    limit: int | None = None
    null: bool = False
    allowed: tuple[str, ...] = ()
    absent: bool = True
    default: str | None = ""
    sql: str = "text"

    def wrong(self, value: Any) -> str:
        if value is None:
            return "" if self.null else "a text"
        if not isinstance(value, str):
            return "a text"
        if self.allowed and value not in self.allowed:
            return f"one of {', '.join(self.allowed)}"
        return f"at most {self.limit} characters" if self.limit is not None and len(value) > self.limit else ""


@dataclass(frozen=True, slots=True)
class Whole:
    least: int = -INT
    most: int = INT
    null: bool = False
    absent: bool = True
    default: int | None = 0
    sql: str = "bigint"

    def wrong(self, value: Any) -> str:
        if value is None and self.null:
            return ""
        fits = isinstance(value, int) and not isinstance(value, bool) and self.least <= value <= self.most
        return "" if fits else f"a whole number from {self.least} to {self.most}" + (" or null" if self.null else "")


@dataclass(frozen=True, slots=True)
class Number:
    null: bool = False
    absent: bool = True
    default: float | None = 0.0
    sql: str = "float8"

    def wrong(self, value: Any) -> str:
        if value is None and self.null:
            return ""
        fits = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= 1e300
        return "" if fits else "a finite number" + (" or null" if self.null else "")


@dataclass(frozen=True, slots=True)
class Flag:
    null: bool = False
    absent: bool = True
    default: bool = False
    sql: str = "boolean"

    def wrong(self, value: Any) -> str:
        return "" if isinstance(value, bool) else "true or false"


@dataclass(frozen=True, slots=True)
class Time:
    null: bool = True
    absent: bool = True
    default: None = None
    sql: str = "timestamptz"

    def wrong(self, value: Any) -> str:
        if value is None and self.null:
            return ""
        try:
            return "" if datetime.fromisoformat(value).tzinfo else "a time with its zone"
        except (TypeError, ValueError):
            return "a time such as 2025-03-01T09:30:00+00:00"


@dataclass(frozen=True, slots=True)
class Json:
    """Any JSON value of a kind: an object, a list, or (kind None) anything."""

    kind: type | None = dict
    null: bool = False
    absent: bool = True
    sql: str = "jsonb"

    @property
    def default(self) -> Any:
        return None if self.kind is None else self.kind()

    def wrong(self, value: Any) -> str:
        if self.kind is None or (value is None and self.null) or isinstance(value, self.kind):
            return ""
        return "an object" if self.kind is dict else "a list"


Shape = Mapping[str, Text | Whole | Number | Flag | Time | Json]
VISITS = Whole(0)

PROBLEM: Shape = {
    "hash": Text(64, absent=False),
    "kind": Text(20, absent=False),
    "text": Text(absent=False),
    "answer": Text(),
    "solution": Text(),
    "level": Whole(-SMALL, SMALL, null=True),
    "split": Text(20),
    "licence": Text(60),
    "source": Text(60),
    "source_ref": Text(200),
    "options": Json(None),
    "data": Json(),
    "relation": Text(20),
    "parent": Text(64),
}
TREE: Shape = {
    "problem": Text(64, absent=False),
    "key": Text(120, absent=False),
    "source": Text(20, default="import"),
    "state": Text(10, allowed=tuple(TreeState), default="done"),
    "seed": Whole(-BIG, BIG),
    "rounds_done": VISITS,
    "requests_done": VISITS,
    "visits": VISITS,
    "value_sum": Number(),
    "correct_paths": VISITS,
    "wrong_paths": VISITS,
    "stats": Json(),
    "data": Json(),
    "finished_at": Time(),
}
NODE: Shape = {
    "seq": Whole(1, absent=False),
    "parent_seq": Whole(1, null=True, absent=False),
    "depth": Whole(1, SMALL, absent=False),
    "role": Text(12, allowed=tuple(NodeRole), default="step"),
    "text": Text(absent=False),
    "terminal": Flag(),
    "answer": Text(),
    "outcome": Whole(-1, 1, null=True),
    "visits": VISITS,
    "value_sum": Number(),
    "prior": Number(null=True),
    "polarity": Text(10),
    "pruned": Flag(),
    "pruned_reason": Text(60),
    "removed": Flag(),
    "round": VISITS,
    "tokens": VISITS,
    "data": Json(),
}
TARGET: Shape = {"seq": Whole(1, null=True), "rationale": Text(190, null=True)}
CHECK: Shape = {
    **TARGET,
    "verifier": Text(40, absent=False),
    "version": Text(40, absent=False),
    "params_hash": Text(64),
    "verdict": Text(10, allowed=tuple(VerdictKind), absent=False),
    "ending": Text(10, allowed=tuple(Ending), default="ok"),
    "message": Text(),
    "claims": Json(list),
    "input": Json(None),
    "output": Json(None),
    "millis": Number(),
    "cache_key": Text(64),
    "round": VISITS,
}
SCORE: Shape = {
    **TARGET,
    "scorer": Text(60, absent=False),
    "version": Text(64, absent=False),
    "params_hash": Text(64),
    "value": Number(absent=False),
    "parts": Json(),
    "threshold": Number(null=True),
    "round": VISITS,
}
LABEL: Shape = {
    **TARGET,
    "key": Text(120, absent=False),
    "voter": Text(80, absent=False),
    "author": Text(150),
    "source": Text(10, allowed=tuple(LabelSource), absent=False),
    "scheme": Whole(1, absent=False),
    "kind": Text(12, allowed=tuple(LabelKind), default="rating"),
    "rating": Text(10, null=True, allowed=tuple(Rating), absent=False),
    "category": Text(40),
    "note": Text(),
    "rewrite": Text(),
    "sureness": Number(null=True),
    "seconds": Number(null=True),
    "supersedes": Text(120, null=True),
    "shown": Json(None),
    "client": Text(40),
    "created_at": Time(null=False, absent=False),
    "data": Json(),
}
RATIONALE: Shape = {
    "key": Text(120, absent=False),
    "leaf": Whole(1, null=True),
    "text": Text(),
    "format": Text(40, default="steps"),
    "format_version": Text(40),
    "answer": Text(),
    "answer_order": Text(20, default="rationale_first"),
    "claimed_label": Text(120),
    "outcome": Whole(-1, 1, null=True),
    "source": Text(60),
    "revision_of": Text(190, null=True),
    "revision_kind": Text(20),
    "reason": Text(),
    "round": VISITS,
    "data": Json(),
}
LINK: Shape = {
    "source": Whole(1, absent=False),
    "target": Whole(1, absent=False),
    "target_problem": Text(64, null=True),
    "target_tree": Text(120, null=True),
    "kind": Text(20, absent=False),
    "plugin": Text(60),
    "plugin_version": Text(40),
    "round": VISITS,
    "weight": Number(null=True),
    "data": Json(),
}
LISTS: Mapping[str, Shape] = {
    "nodes": NODE,
    "checks": CHECK,
    "scores": SCORE,
    "labels": LABEL,
    "rationales": RATIONALE,
    "links": LINK,
}


def check(row: Any, shape: Shape, where: str = "") -> dict[str, Any]:
    """Return the fields of the shape, absent ones with their defaults; raise BadRow for the first that does not fit."""
    if not isinstance(row, dict):
        raise BadRow(where.rstrip(".") or "row", "an object", row)
    found = {}
    for name, part in shape.items():
        if name in row:
            wrong = part.wrong(row[name])
            if wrong:
                raise BadRow(where + name, wrong, row[name])
            found[name] = row[name]
        elif part.absent:
            found[name] = None if part.null else part.default
        else:
            raise BadRow(where + name, "this field")
    return found


def columns(shape: Shape) -> str:
    """Return the column list with which PostgreSQL takes a list of such objects apart."""
    return ", ".join(f'"{name}" {part.sql}' for name, part in shape.items())
