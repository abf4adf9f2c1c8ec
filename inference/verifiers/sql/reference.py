"""The reference query of a problem: what it orders by, what it cuts off, and the results that it allows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import sqlglot
from sqlglot import exp

from inference.verifiers.sql.comparing import Expected
from inference.verifiers.sql.running import Failure, Reader, Row

KEY = "studio_order_key_"


@dataclass(frozen=True, slots=True)
class Reference:
    """A query without its LIMIT and with its order keys as further columns (or at `places` of its own columns)."""

    query: str
    plain: str
    added: int
    places: tuple[int, ...]
    start: int = 0
    stop: int | None = None
    ordered: bool = False
    sure_order: bool = True


def parsed(query: str) -> exp.Query | str:
    """Return the one statement of a text that only reads, or why it is none."""
    return _parsed(query)


@lru_cache(maxsize=512)
def _parsed(query: str) -> exp.Query | str:
    try:
        statements = [each for each in sqlglot.parse(query, dialect="sqlite") if each is not None]
    except (sqlglot.errors.SqlglotError, RecursionError, ValueError) as error:
        return f"it is no SQL: {str(error).splitlines()[0][:100]}"
    if len(statements) != 1:
        return "there is more than one statement" if statements else "there is no statement"
    if not isinstance(statements[0], exp.Query):
        return "only a query that reads is run"
    return statements[0]


@lru_cache(maxsize=128)
def reference(query: str) -> Reference | str:
    """Return the reference prepared for comparison, or why it cannot be one."""
    tree = parsed(query)
    if isinstance(tree, str):
        return tree
    start, limit = _whole(tree.args.get("offset")), _whole(tree.args.get("limit"))
    if start is None or limit is None:
        # A LIMIT that is no plain number: run the query as it is.
        return Reference(query, query, 0, (), ordered=False, sure_order=False)
    order = tree.args.get("order")
    bare = tree.copy()
    for part in ("limit", "offset"):
        bare.set(part, None)
    added, places, sure = _keys(bare, order.expressions if order is not None else [])
    start = max(start, 0)
    stop = start + limit if limit >= 0 else None
    return Reference(bare.sql("sqlite"), query, added, places, start, stop, ordered=order is not None, sure_order=sure)


def _whole(node: exp.Expression | None) -> int | None:
    """Return the number of a LIMIT or OFFSET, 0 or -1 where there is none, None for anything but a number."""
    if node is None:
        return -1
    value = node.args.get("expression")
    return int(value.this) if isinstance(value, exp.Literal) and str(value.this).isdigit() else None


def _keys(tree: exp.Query, terms: list[exp.Expression]) -> tuple[int, tuple[int, ...], bool]:
    """Make the order keys columns; return (how many were added, places of the others, whether all were found)."""
    names = [str(each).lower() for each in tree.named_selects]
    can_add = isinstance(tree, exp.Select) and tree.args.get("distinct") is None
    added, places, sure = 0, [], True
    for term in terms:
        key = term.this if isinstance(term, exp.Ordered) else term
        if isinstance(key, exp.Literal) and not key.is_string:
            places.append(int(key.this) - 1)
        elif (
            isinstance(key, exp.Column)
            and key.name.lower() in names
            and "*" not in names
            and (not key.table or not can_add)
        ):
            places.append(names.index(key.name.lower()))
        elif can_add and isinstance(tree, exp.Select):
            tree.select(exp.alias_(key.copy(), f"{KEY}{added}"), copy=False)
            added += 1
        else:
            sure = False
    return added, tuple(places), sure


def expected(of: Reference, reader: Reader) -> Expected | Failure:
    """Return what the reference allows on one database; a Failure when it does not run there."""
    result = reader.run(of.query)
    added = of.added
    if isinstance(result, Failure) and of.query != of.plain:
        result, added = reader.run(of.plain), 0
        if not isinstance(result, Failure):
            return Expected((result.rows,), len(result.columns), sure_order=False)
    if isinstance(result, Failure):
        return result
    if result.cut:
        return Failure("the reference gives too many rows to compare", wrong=False)
    width = len(result.columns) - added
    if not of.ordered or not of.sure_order:
        return Expected((tuple(row[:width] for row in result.rows),), width, of.start, of.stop, of.sure_order)
    groups: list[list[Row]] = []
    last: Row | None = None
    for row in result.rows:
        key = (*(row[place] for place in of.places if 0 <= place < width), *row[width:])
        if last is None or key != last:
            groups.append([])
        groups[-1].append(row[:width])
        last = key
    return Expected(tuple(tuple(group) for group in groups), width, of.start, of.stop)
