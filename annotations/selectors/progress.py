"""How far a run has come and what it cost, summed by the database: a run may hold 10,000 trees."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

from django.core.cache import cache
from django.utils import timezone

from annotations import rules
from annotations.models import Run
from annotations.selectors.chosen import CHOSEN
from annotations.selectors.together import Statement, answers
from inference.timings import median
from inference.types import RunKind, RunState, VerdictKind

# What a round of a shard reports; the sums of a shard have the same names. What an engine does not tell is absent.
ROUND_FIELDS = (
    *("trees", "nodes", "requests", "tokens", "kept_tokens", "malformed", "merged", "checks", "asked", "seconds"),
    *("check_seconds", "row_seconds", "busy_seconds", "prompt_tokens", "cached_tokens", "retries"),
)
MOST_POINTS = 200
TREES = """
SELECT count(*), count(*) FILTER (WHERE state = 'done'), count(*) FILTER (WHERE state = 'growing'),
       count(*) FILTER (WHERE state = 'stopped'), coalesce(sum(node_count), 0), coalesce(sum(rounds_done), 0),
       coalesce(sum(rounds_done) FILTER (WHERE state = 'growing'), 0), coalesce(sum(correct_paths), 0),
       coalesce(sum(wrong_paths), 0), count(*) FILTER (WHERE correct_paths > 0)
FROM annotations_tree WHERE run_id = %s
"""
VERDICTS = """
SELECT verdict, count(*) FROM annotations_toolcheck WHERE run_id = %s AND verifier <> 'answer' GROUP BY verdict
"""
LABELS = """
SELECT part.name, said.key, sum(said.value::float8)::bigint
FROM annotations_tree t,
     LATERAL (VALUES ('kept', t.stats->'kept'), ('dropped', t.stats->'dropped'),
                     ('consistency', t.stats->'consistency')) part (name, counts),
     LATERAL jsonb_each_text(part.counts) said
WHERE t.run_id = %s AND t.state = 'done' GROUP BY 1, 2
"""
UNREAD = """
SELECT c.fault, count(*) FROM annotations_completion c JOIN annotations_tree t ON t.id = c.tree_id
WHERE t.run_id = %s AND c.fault <> '' GROUP BY 1
"""
SUMS = """
SELECT said.key, sum(said.value::float8) FROM annotations_runshard s, jsonb_each_text(s.checkpoint->'sums') said
WHERE s.run_id = %s GROUP BY 1
"""
COURSE = f"""
SELECT coalesce(part, at), bool_or(part IS NOT NULL), {", ".join(f"sum({name})" for name in ROUND_FIELDS)}
FROM annotations_runshard s,
     ROWS FROM (jsonb_to_recordset(s.checkpoint->'rounds')
                AS (part bigint, {", ".join(f"{name} float8" for name in ROUND_FIELDS)}))
     WITH ORDINALITY said (part, {", ".join(ROUND_FIELDS)}, at)
WHERE s.run_id = %s GROUP BY 1 ORDER BY 1
"""  # noqa: S608 own field names
TOOLS = "SELECT s.checkpoint->'tools' FROM annotations_runshard s WHERE s.run_id = %s AND s.checkpoint ? 'tools'"
SHARDS = """
SELECT count(*), count(*) FILTER (WHERE state <> 'queued'),
       count(*) FILTER (WHERE state = 'queued' AND lease_until > now())
FROM annotations_runshard WHERE run_id = %s
"""

QUICK, SLOW = (TREES, SUMS, SHARDS, TOOLS), (VERDICTS, LABELS, UNREAD, COURSE, CHOSEN)
NODES_AT = 4
# From so many steps on they are not counted anew at each look.
LARGE, COUNTED_SECONDS, ENDED_SECONDS = 20_000, 10, 3600
Rows = list[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class ToolProgress:
    """What a verifier did in a run: checks, and those that came from equal steps (`taken`); seconds are of children.

    `median_ms` is known to about a tenth, None where nothing was checked.
    """

    jobs: int = 0
    seconds: float = 0.0
    undecided: int = 0
    timeouts: int = 0
    crashes: int = 0
    taken: int = 0
    median_ms: float | None = None

    @property
    def per_second(self) -> float | None:
        """Checks a second of one child."""
        return self.jobs / self.seconds if self.seconds else None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run has come. Times in seconds without pauses; shares in [0, 1]; None: not told or not known yet.

    `occupancy` is the mean number of requests in flight while the engine is busy, `busy_share` how much of the
    workers' time that is, `cached_share` the part of the prompt tokens that the engine had read before. Tokens and
    seconds (of workers, which work side by side) per label are over the step labels that were kept. `unread` counts
    draws that could not be read, by reason, `asked` the texts drawn for verifiers and not for steps. `by_round` is what
    each round brought; where trees go on independently (`timed`), each stretch of the time at work, at most 200.
    `chosen` trees have an answer that the search chose; of `chosen_judged` it is known whether it is right.
    """

    trees_total: int = 0
    trees_done: int = 0
    trees_growing: int = 0
    trees_stopped: int = 0
    nodes: int = 0
    rounds: int = 0
    tokens: int = 0
    asked: int = 0
    tokens_per_s: float = 0.0
    malformed: int = 0
    steps_generated: int = 0
    correct_paths: int = 0
    wrong_paths: int = 0
    solved: int = 0
    elapsed_seconds: float = 0.0
    worker_seconds: float = 0.0
    eta_seconds: float | None = None
    occupancy: float | None = None
    busy_share: float | None = None
    cached_share: float | None = None
    retries: int = 0
    tokens_per_label: float | None = None
    seconds_per_label: float | None = None
    shards_total: int = 0
    shards_ended: int = 0
    shards_at_work: int = 0
    chosen: int = 0
    chosen_judged: int = 0
    chosen_right: int = 0
    verdicts: dict[str, int] = field(default_factory=dict)
    kept: dict[str, int] = field(default_factory=dict)
    dropped: dict[str, int] = field(default_factory=dict)
    consistency: dict[str, int] = field(default_factory=dict)
    unread: dict[str, int] = field(default_factory=dict)
    tools: dict[str, ToolProgress] = field(default_factory=dict)
    timed: bool = False
    by_round: list[dict[str, float]] = field(default_factory=list)

    @property
    def parsed_share(self) -> float:
        """The share of generated lines that parsed as a step or an answer."""
        total = self.steps_generated + self.malformed
        return self.steps_generated / total if total else 0.0

    @property
    def decided_share(self) -> float:
        """The share of checked steps that a tool decided."""
        total = sum(self.verdicts.values())
        return 1 - self.verdicts.get(VerdictKind.UNDECIDED, 0) / total if total else 0.0


def progress_of(run: Run) -> Progress:
    return progress_and(run)[0]


def progress_and(run: Run, *others: Statement) -> tuple[Progress, list[Rows]]:
    """Return a run's progress and the answers to other statements, in one message to the database.

    What is counted over the steps of a large run is at most COUNTED_SECONDS old; an ended run is counted once.
    """
    name = f"run-counts-{run.pk}-{run.finished_at.timestamp() if run.finished_at else 0:.0f}"
    counted: list[Rows] | None = cache.get(name)
    asked = QUICK if counted is not None else QUICK + SLOW
    found = answers(*((sql, [run.pk]) for sql in asked), *others)
    quick, rest = found[: len(QUICK)], found[len(QUICK) :]
    if counted is None:
        counted, rest = rest[: len(SLOW)], rest[len(SLOW) :]
        if quick[0][0][NODES_AT] >= LARGE:
            cache.set(name, counted, ENDED_SECONDS if run.finished_at else COUNTED_SECONDS)
    return _told(run, quick, counted), rest


def _told(run: Run, quick: list[Rows], counted: list[Rows]) -> Progress:
    [trees], sums, [shards], tools = quick
    verdicts, labels, unread, course, [chosen] = counted
    total, done, growing, stopped, nodes, rounds, open_rounds, correct, wrong, solved = (int(n) for n in trees)
    said: dict[str, float] = defaultdict(float, sums)
    counts: dict[str, dict[str, int]] = {"kept": {}, "dropped": {}, "consistency": {}}
    for name, key, number in labels:
        counts[name][key] = number
    elapsed = elapsed_seconds(run)
    return Progress(
        trees_total=total, trees_done=done, trees_growing=growing, trees_stopped=stopped, nodes=nodes, rounds=rounds,
        tokens=int(said["tokens"]), asked=int(said["asked"]), malformed=int(said["malformed"]),
        steps_generated=int(said["nodes"] + said["merged"]), correct_paths=correct, wrong_paths=wrong, solved=solved,
        elapsed_seconds=elapsed, worker_seconds=said["seconds"],
        eta_seconds=_eta(run, elapsed, (total, growing, rounds, open_rounds)),
        shards_total=shards[0], shards_ended=shards[1], shards_at_work=shards[2],
        verdicts=dict(verdicts), kept=counts["kept"], dropped=counts["dropped"], consistency=counts["consistency"],
        tools=tools_told(tools), unread=dict(unread), chosen=chosen[0], chosen_judged=chosen[1], chosen_right=chosen[2],
        **_costs(said, sum(counts["kept"].values())),
        timed=any(timed for _, timed, *_ in course), by_round=_course(course),
    )  # fmt: skip


def tools_told(rows: Rows) -> dict[str, ToolProgress]:
    """Return the figures of all shards by verifier, the busiest first."""
    sums: dict[str, Counter[str]] = defaultdict(Counter)
    times: dict[str, Counter[int]] = defaultdict(Counter)
    for (told,) in rows:
        for name, figures in json.loads(told).items():
            times[name].update({int(band): n for band, n in figures.pop("times", {}).items()})
            sums[name].update(figures)
    ordered = sorted(sums, key=lambda name: (-sums[name]["jobs"], name))
    return {name: ToolProgress(**sums[name], median_ms=median(times[name])) for name in ordered}


def elapsed_seconds(run: Run) -> float:
    """Return how long a run has gone on; a pause does not count."""
    if run.started_at is None:
        return 0.0
    until = run.finished_at or run.paused_at or timezone.now()
    return max((until - run.started_at).total_seconds() - run.paused_seconds, 0.0)


def _costs(said: dict[str, float], kept: int) -> dict[str, Any]:
    return {
        "tokens_per_s": _per(said["tokens"], said["seconds"]) or 0.0,
        "occupancy": _per(said["row_seconds"], said["busy_seconds"]),
        "busy_share": min(said["busy_seconds"] / said["seconds"], 1.0)
        if said["busy_seconds"] and said["seconds"]
        else None,
        "cached_share": _per(said["cached_tokens"], said["prompt_tokens"]) if "cached_tokens" in said else None,
        "retries": int(said["retries"]),
        "tokens_per_label": _per(said["tokens"], kept),
        "seconds_per_label": _per(said["seconds"], kept),
    }


def _per(amount: float, by: float) -> float | None:
    return amount / by if by else None


def _course(rows: list[tuple[Any, ...]]) -> list[dict[str, float]]:
    """Return what each round or stretch brought; neighbours are joined where there are more than MOST_POINTS."""
    size = -(-len(rows) // MOST_POINTS) or 1
    parts = [rows[at : at + size] for at in range(0, len(rows), size)]
    columns = [zip(*(values for _, _, *values in part), strict=True) for part in parts]
    return [_figures([_total(column) for column in part]) for part in columns]


def _total(column: tuple[float | None, ...]) -> float | None:
    known = [value for value in column if value is not None]
    return sum(known) if known else None


def _figures(values: list[float | None]) -> dict[str, float]:
    """Return what a round reports; whole numbers as such."""
    named = zip(ROUND_FIELDS, values, strict=True)
    return {name: value if name.endswith("seconds") else int(value) for name, value in named if value is not None}


def _eta(run: Run, elapsed: float, counts: tuple[int, int, int, int]) -> float | None:
    """Seconds left by the pace so far: rounds done of the rounds that the trees may still take."""
    total, growing, rounds, open_rounds = counts
    if run.kind != RunKind.GENERATE or run.state not in rules.OPEN or run.state == RunState.PAUSED:
        return None
    if not rounds or elapsed <= 0:
        return None
    budget = max(int(run.params.get("rounds", 8)), 1)
    finished = total - growing
    usual = (rounds - open_rounds) / finished if finished else budget
    return float(max(growing * usual - open_rounds, 0) * elapsed / rounds)
