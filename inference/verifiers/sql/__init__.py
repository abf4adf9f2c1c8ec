"""The sql verifier: queries are run on the problem's tables, and what a step says of their rows is held against them.

`texts` finds the queries, `running` runs them read-only, `claims` reads what is said of them; a final query is compared
with the reference (`reference`, `comparing`) on the shown rows and on made ones (`databases`, `making`). Knows nothing
about pools or rows of the studio.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from inference.types import Claim, Problem, Verdict, VerdictKind
from inference.verifiers.answer import check_answer
from inference.verifiers.sql.claims import Asked, claims
from inference.verifiers.sql.databases import BadTables, Databases, databases
from inference.verifiers.sql.reference import parsed
from inference.verifiers.sql.running import Failure, Result
from inference.verifiers.sql.showing import Evidence, compared, table
from inference.verifiers.sql.texts import MAX_CHARS, Query, queries, query_of, without

MAX_EARLIER = 12
_FINAL = re.compile(
    r"\b(?:final|complete|full|finished) (?:sql )?(?:query|answer|statement)\b|\banswer(?: is)?:|"
    r"\bquery that answers\b",
    re.I,
)
_DENIED = re.compile(
    r"\b(?:fails?|error|wrong|invalid|incorrect|mistake\w*|not work|does ?n.t|cannot|can't|instead of|not valid|bad)\b",
    re.I,
)


class SqlVerifier:
    """Refutes queries that cannot run, claims that their rows contradict, and final queries with other rows."""

    id: str = "sql"
    version: str = "1"
    params: Mapping[str, object] = MappingProxyType({})

    def __init__(self) -> None:
        # sqlglot loads its dialect late; a confined child may not be able to read it any more.
        parsed("WITH a AS (SELECT 1 AS b) SELECT count(*) FROM a WHERE b IN (1, 2) ORDER BY 1 LIMIT 1")

    def applies(self, problem: Problem) -> bool:
        """Whether the problem comes with tables."""
        return problem.kind == "sql" and "schema" in problem.data

    def check(self, problem: Problem, prefix: Sequence[str], step: str) -> Verdict:
        """Return the verdict on `step`; offsets of claims are into it."""
        try:
            return self._step(databases(problem), problem, prefix, step)
        except BadTables as error:
            return self._verdict(VerdictKind.UNDECIDED, str(error))

    def check_answer(self, problem: Problem, given: str) -> Verdict:
        """Return whether the query given does what the problem's does: on its rows and on made ones."""
        if isinstance(parsed(problem.answer), str):
            return replace(check_answer(given, problem.answer), verifier=self.id, version=self.version)
        query = query_of(given[:MAX_CHARS])
        if query is None:
            return self._verdict(VerdictKind.REFUTED if given.strip() else VerdictKind.UNDECIDED, "it is no query")
        try:
            evidence = compared(databases(problem), problem.answer, query.text)
        except BadTables as error:
            return self._verdict(VerdictKind.UNDECIDED, str(error))
        return self._verdict(evidence.kind, evidence.message, evidence=evidence)

    def _step(self, tables: Databases, problem: Problem, prefix: Sequence[str], step: str) -> Verdict:
        found = queries(step)
        outcomes = [_outcome(each, tables) for each in found]
        found = [query for query, _ in outcomes]
        made: list[Claim] = []
        evidence: Evidence | None = None
        asked: list[Asked] = []
        for query, result in outcomes:
            made.append(_ran(query, result, prefix, step, found))
            if isinstance(result, Result):
                asked.append(Asked(query.text, result, query.end))
        final = _final(step, outcomes)
        if final is not None:
            evidence = compared(tables, problem.answer, final.text)
            made.append(Claim(_shown(final.text), evidence.kind, evidence.message, final.start, final.end))
        earlier = None if asked or not tables.has_rows else _earlier(prefix, tables)
        if tables.has_rows:
            made += claims(without(step, found), asked, earlier, tables.shown)
        shown = asked[-1] if asked else earlier
        return self._told(made, evidence, shown, outcomes, step)

    def _told(
        self, made: list[Claim], evidence: Evidence | None, shown: Asked | None,
        outcomes: Sequence[tuple[Query, Result | Failure]], step: str,
    ) -> Verdict:  # fmt: skip
        kinds = {each.verdict for each in made}
        order = (VerdictKind.REFUTED, VerdictKind.SUPPORTED)
        kind: VerdictKind = next((each for each in order if each in kinds), VerdictKind.UNDECIDED)
        message = "; ".join(each.detail for each in made if each.verdict is kind) or "no query, and nothing said of one"
        if kind is VerdictKind.SUPPORTED:
            message = f"{sum(each.verdict is kind for each in made)} of {len(made)} statements hold"
        if len(step) > MAX_CHARS:
            message = f"{message[:800]}; only the first {MAX_CHARS} characters were read"
        if evidence is None and shown is not None:
            evidence = table(shown.text, shown.result)
        if evidence is None and outcomes:
            evidence = Evidence(kind, message, {"query": outcomes[0][0].text[:1500]}, {})
        return self._verdict(kind, message, made, evidence)

    def _verdict(
        self, kind: VerdictKind, message: str, made: Sequence[Claim] = (), evidence: Evidence | None = None
    ) -> Verdict:
        given, found = (evidence.input, evidence.output or None) if evidence is not None else (None, None)
        return Verdict(kind, self.id, self.version, tuple(made), message[:1000], input=given, output=found)


def _outcome(query: Query, tables: Databases) -> tuple[Query, Result | Failure]:
    """Return a query with what came of it; where its end is not sure, as the shortest that runs."""
    failures: list[Failure] = []
    for text in (*query.shorter, query.text):
        refusal = parsed(text)
        if isinstance(refusal, str) and not refusal.startswith("it is no SQL"):
            failures.append(Failure(refusal, wrong=False))
            continue
        result = tables.shown.run(text)
        if isinstance(result, Result):
            end = min(query.end, query.start + len(text)) if query.shorter else query.end
            return replace(query, text=text, end=end), result
        failures.append(result)
    return query, next((each for each in failures if each.unknown), failures[-1])


def _ran(query: Query, result: Result | Failure, prefix: Sequence[str], step: str, found: list[Query]) -> Claim:
    """Return the claim that a query can be run."""
    shown = _shown(query.text)
    if isinstance(result, Result):
        count = len(result.rows)
        detail = f"it runs and gives {'more than ' if result.cut else ''}{count} row{'' if count == 1 else 's'}"
        return Claim(shown, VerdictKind.SUPPORTED, detail, query.start, query.end)
    complete = not query.sketch and (query.named or result.syntax)
    certain = query.marked or (query.labelled and not query.shorter and bool(result.unknown))
    sure = result.wrong and certain and complete and not query.writes
    if sure and (_denied(step, query) or _defined(result.unknown, prefix, without(step, found))):
        sure = False
    kind = VerdictKind.REFUTED if sure else VerdictKind.UNDECIDED
    why = "" if sure or complete or query.writes else "; it may be a part of a query"
    return Claim(shown, kind, f"{result.message}{why}", query.start, query.end)


def _shown(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 160 else text[:159] + "…"


def _denied(step: str, query: Query) -> bool:
    """Whether the sentence around a query says itself that it does not work."""
    return _DENIED.search(step[max(0, query.start - 60) : query.start] + step[query.end : query.end + 60]) is not None


def _defined(name: str, prefix: Sequence[str], rest: str) -> bool:
    """Whether an unknown name was given to something in the steps before: a table expression, an alias."""
    if not name:
        return False
    bare = re.escape(name.rpartition(".")[2])
    naming = re.compile(
        rf"(?:\bas\s+`?{bare}\b|\b{bare}`?\s+as\s*\(|(?:called|named?(?: it)?|alias)\s+`?{bare}\b)", re.I
    )
    return any(naming.search(text[:MAX_CHARS]) for text in (*prefix[-MAX_EARLIER:], rest))


def _final(step: str, outcomes: Sequence[tuple[Query, Result | Failure]]) -> Query | None:
    """Return the query that the step calls the final one, if it runs."""
    said = _FINAL.search(step)
    if said is None:
        return None
    ran = [query for query, result in outcomes if isinstance(result, Result)]
    return next((each for each in ran if each.start >= said.end()), ran[-1] if ran else None)


def _earlier(prefix: Sequence[str], tables: Databases) -> Asked | None:
    """Return the last query of the steps before that runs."""
    for text in reversed(prefix[-MAX_EARLIER:]):
        for query in reversed(queries(text)):
            ran, result = _outcome(query, tables)
            if isinstance(result, Result):
                return Asked(ran.text, result, 0)
    return None
