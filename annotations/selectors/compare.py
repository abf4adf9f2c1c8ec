"""Two runs on the same problems, paired by problem: counts, means and their differences, all summed by the database.

Compared are the problems whose tree has grown to its end in both runs: a tree that grows on or was stopped early
would count as not solved.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.cache import cache

from annotations.access import Access
from annotations.errors import BadInput
from annotations.models import Run
from annotations.selectors.progress import ENDED_SECONDS, SUMS, Rows, elapsed_seconds
from annotations.selectors.runs import find_run
from annotations.selectors.together import answers
from inference.intervals import Estimate, mcnemar, mean_difference, share_difference, wilson
from inference.types import RunKind

MOST_LISTED, HEAD = 20, 160
# From so many problems on they are not counted anew at each look.
LARGE, OPEN_SECONDS = 500, 30
TREES = "SELECT DISTINCT ON (problem_id) * FROM annotations_tree WHERE run_id = {run} ORDER BY problem_id, id"
PAIRS = f"""
WITH a AS ({TREES.format(run="%(a)s")}), b AS ({TREES.format(run="%(b)s")}),
pairs AS (
    SELECT problem_id, a.id AS tree_a, b.id AS tree_b, a.state = 'done' AND b.state = 'done' AS ended,
           a.correct_paths > 0 AS solved_a, b.correct_paths > 0 AS solved_b, a.node_count AS nodes_a,
           b.node_count AS nodes_b, (a.stats->>'tokens')::bigint AS tokens_a, (b.stats->>'tokens')::bigint AS tokens_b,
           a.stats->'kept' AS kept_a, b.stats->'kept' AS kept_b
    FROM a JOIN b USING (problem_id))
"""  # noqa: S608 no value of anybody's
COUNTS = f"""
{PAIRS} SELECT count(*), count(*) FILTER (WHERE ended), count(*) FILTER (WHERE ended AND solved_a),
       count(*) FILTER (WHERE ended AND solved_b), count(*) FILTER (WHERE ended AND solved_a AND NOT solved_b),
       count(*) FILTER (WHERE ended AND solved_b AND NOT solved_a),
       avg(nodes_a) FILTER (WHERE ended), avg(nodes_b) FILTER (WHERE ended),
       stddev_samp(nodes_b - nodes_a) FILTER (WHERE ended),
       sum(tokens_a) FILTER (WHERE ended), sum(tokens_b) FILTER (WHERE ended),
       stddev_samp(tokens_b - tokens_a) FILTER (WHERE ended),
       (SELECT count(*) FROM a), (SELECT count(*) FROM b)
FROM pairs
"""  # noqa: S608
KEPT = f"""
{PAIRS} SELECT (SELECT sum(value::int) FROM pairs, jsonb_each_text(kept_a) WHERE ended),
               (SELECT sum(value::int) FROM pairs, jsonb_each_text(kept_b) WHERE ended)
"""  # noqa: S608
# Share of refuted steps among the checked ones: by tree, so that problems are the cases.
VERDICTS = f"""
{PAIRS}, said AS (
    SELECT n.tree_id, count(*) AS checked, count(*) FILTER (WHERE c.verdict = 'refuted') AS refuted,
           count(*) FILTER (WHERE c.verdict = 'supported') AS supported
    FROM annotations_toolcheck c JOIN annotations_node n ON n.id = c.node_id
    WHERE c.run_id IN (%(a)s, %(b)s) AND c.verifier <> 'answer' GROUP BY n.tree_id)
SELECT sum(x.refuted)::bigint, sum(x.supported)::bigint, sum(x.checked)::bigint, sum(y.refuted)::bigint,
       sum(y.supported)::bigint, sum(y.checked)::bigint,
       avg(y.refuted::float8 / y.checked - x.refuted::float8 / x.checked),
       stddev_samp(y.refuted::float8 / y.checked - x.refuted::float8 / x.checked), count(x.checked + y.checked)
FROM pairs LEFT JOIN said x ON x.tree_id = tree_a LEFT JOIN said y ON y.tree_id = tree_b WHERE ended
"""  # noqa: S608
ALONE = f"""
{PAIRS} SELECT solved_a, problem_id, left(p.text, {HEAD}), tree_a, tree_b FROM (
    SELECT *, row_number() OVER (PARTITION BY solved_a ORDER BY problem_id) AS place
    FROM pairs WHERE ended AND solved_a <> solved_b) alone JOIN annotations_problem p ON p.id = problem_id
WHERE place <= {MOST_LISTED} ORDER BY problem_id
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Side:
    """One run of a comparison: of the compared problems, except `trees` and the seconds, which are of the whole run."""

    run: Run
    trees: int
    solved: int
    share: Estimate
    nodes: float | None
    tokens: int | None
    tokens_per_solved: float | None
    kept: int
    tokens_per_label: float | None
    verdicts: Mapping[str, int]
    worker_seconds: float
    elapsed_seconds: float


@dataclass(frozen=True, slots=True)
class Alone:
    """A problem that one of the runs solved alone."""

    problem: int
    head: str
    tree_a: int
    tree_b: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """Differences are the second run's less the first one's, paired by problem, with 95 % intervals.

    `shared` problems have a tree in both runs, `compared` one that has grown to its end in both. `solved_p` is the
    exact p of McNemar's test. `settings` holds name, first and second value of what was asked for differently.
    """

    a: Side
    b: Side
    shared: int
    compared: int
    only_a: int
    only_b: int
    solved: Estimate
    solved_p: float
    nodes: Estimate | None
    tokens: Estimate | None
    refuted: Estimate | None
    settings: list[tuple[str, str, str]]
    alone_a: list[Alone]
    alone_b: list[Alone]


def comparison(access: Access, first: int, second: int) -> Comparison:
    """Compare two runs that grow trees; BadInput for others, NotFound for what is not of the project."""
    runs = _pair(access, first, second)
    [counts], [kept], [said], alone, sums_a, sums_b = _counted(*runs)
    shared, n, solved_a, solved_b, only_a, only_b, nodes_a, nodes_b, nodes_spread, *rest = counts
    tokens_a, tokens_b, tokens_spread, trees_a, trees_b = rest
    sides = (
        _side(runs[0], n, (trees_a, solved_a, nodes_a, tokens_a, kept[0]), said[:3], sums_a),
        _side(runs[1], n, (trees_b, solved_b, nodes_b, tokens_b, kept[1]), said[3:6], sums_b),
    )
    return Comparison(
        *sides, shared=shared, compared=n, only_a=only_a, only_b=only_b, settings=differing(*runs),
        solved=share_difference(only_a, only_b, n), solved_p=mcnemar(only_a, only_b),
        nodes=_difference(nodes_a, nodes_b, nodes_spread, n),
        tokens=_difference(_mean(tokens_a, n), _mean(tokens_b, n), tokens_spread, n),
        refuted=_difference(0, said[6], said[7], said[8]),
        alone_a=[Alone(*row) for by_a, *row in alone if by_a],
        alone_b=[Alone(*row) for by_a, *row in alone if not by_a],
    )  # fmt: skip


def _pair(access: Access, first: int, second: int) -> tuple[Run, Run]:
    runs = find_run(access, first), find_run(access, second)
    for name, run in zip(("a", "b"), runs, strict=True):
        if run.kind != RunKind.GENERATE:
            raise BadInput(f"Run {run.pk} grows no trees: only runs that do can be compared.", name)
    if first == second:
        raise BadInput("Choose two different runs.", "b")
    return runs


def _counted(first: Run, second: Run) -> list[Rows]:
    """Return the answers to all questions in one message; of large runs they are kept for a while."""
    ends = [run.finished_at.timestamp() if run.finished_at else 0 for run in (first, second)]
    name = f"compare-{first.pk}-{second.pk}-{ends[0]:.0f}-{ends[1]:.0f}"
    known: list[Rows] | None = cache.get(name)
    if known is not None:
        return known
    named = {"a": first.pk, "b": second.pk}
    asked = ((sql, named) for sql in (COUNTS, KEPT, VERDICTS, ALONE))
    found = answers(*asked, (SUMS, [first.pk]), (SUMS, [second.pk]))
    if found[0][0][0] >= LARGE:
        cache.set(name, found, ENDED_SECONDS if all(ends) else OPEN_SECONDS)
    return found


def _side(run: Run, n: int, counts: tuple[Any, ...], said: tuple[Any, ...], sums: list[tuple[Any, ...]]) -> Side:
    trees, solved, nodes, tokens, kept = counts
    refuted, supported, checked = (number or 0 for number in said)
    spent: dict[str, float] = defaultdict(float, sums)
    return Side(
        run=run, trees=trees, solved=solved, share=Estimate(solved / n if n else 0.0, *wilson(solved, n)),
        nodes=None if nodes is None else float(nodes), tokens=None if tokens is None else int(tokens),
        tokens_per_solved=_mean(tokens, solved), kept=kept or 0, tokens_per_label=_mean(tokens, kept),
        verdicts={"refuted": refuted, "supported": supported, "undecided": checked - refuted - supported},
        worker_seconds=spent["seconds"], elapsed_seconds=elapsed_seconds(run),
    )  # fmt: skip


def _mean(amount: Any, by: int | None) -> float | None:
    return float(amount) / by if amount is not None and by else None


def _difference(first: Any, second: Any, spread: Any, n: int) -> Estimate | None:
    if first is None or second is None:
        return None
    return mean_difference(float(second) - float(first), float(spread or 0.0), n)


def differing(first: Run, second: Run) -> list[tuple[str, str, str]]:
    """Return name and both values of what was asked for differently; the seed goes without saying."""
    said = [
        {"engine": str(run.engine or ""), **{name: _text(value) for name, value in run.params.items()}}
        for run in (first, second)
    ]
    names = list(dict.fromkeys([*said[0], *said[1]]))
    return [
        (name.replace("_", " ").capitalize(), said[0].get(name, "not set"), said[1].get(name, "not set"))
        for name in names
        if said[0].get(name) != said[1].get(name)
    ]


def _text(value: object) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)
