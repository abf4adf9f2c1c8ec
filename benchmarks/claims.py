"""How fast the claims verifier is on one core, and how far its refutations agree with people.

    .venv/bin/python benchmarks/claims.py [FILE]

FILE is a PRM800K parquet (columns instruction, responses[], next_response, rating; the default, from ../shared/data)
or a ProcessBench JSON. Set-up: one confined child of the pool's fork server, one chunk after another, so all runs on
one core; "millis" of a verdict is wall time measured inside that child. Speed is steps over the sum of those times;
on a machine that others use, "per_cpu_s" (processor time, in the benchmark's own process) tells what a free core gives.

PRM800K: every rated step once per prefix; precision is refuted and rated -1 over refuted, recall is refuted and rated
-1 over rated -1. ProcessBench: refuted steps at the labelled first error over refuted steps at or before it (all steps
of a solution without an error; later steps are not counted). Intervals are Wilson's at 95 %.
"""

from __future__ import annotations

import json
import math
import platform
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from inference.types import Ending, Problem, Verdict, VerdictKind
from inference.verifiers import verifier
from inference.verifiers.params import PoolParams
from inference.verifiers.pool import Pool
from inference.verifiers.wire import CheckJob

DEFAULT = Path(__file__).resolve().parents[2] / "shared" / "data" / "prm800k_phase1_train.parquet"
DEADLINE = 10.0
BATCH = 5000


@dataclass(frozen=True)
class Row:
    """A step to check and what people say: wrong, right, neutral; None is checked but not counted."""

    job: CheckJob
    rated: str | None


def prm800k(path: Path) -> Iterator[Row]:
    """Yield every rated step once per prefix."""
    from pyarrow import parquet  # type: ignore[import-untyped]

    columns = ["instruction", "responses", "next_response", "rating"]
    names = {-1.0: "wrong", 0.0: "neutral", 1.0: "right"}
    seen: set[tuple[str, tuple[str, ...], str]] = set()
    for row in parquet.read_table(path, columns=columns).to_pylist():
        key = (row["instruction"], tuple(row["responses"]), row["next_response"])
        if row["rating"] is not None and key not in seen:
            seen.add(key)
            yield Row(CheckJob("claims", Problem(str(len(seen)), key[0]), key[1], key[2]), names[row["rating"]])


def processbench(path: Path) -> Iterator[Row]:
    """Yield every step; those after the first error count for nothing."""
    for row in json.loads(path.read_text(encoding="utf-8")):
        first, steps = row["label"], tuple(row["steps"])
        for at, step in enumerate(steps):
            rated = None if 0 <= first < at else "wrong" if at == first else "right"
            yield Row(CheckJob("claims", Problem(row["id"], row["problem"]), steps[:at], step), rated)


def check(rows: Sequence[Row]) -> tuple[list[Verdict], float]:
    """Return the verdicts and the seconds of the whole run, the pool's own work included."""
    with Pool(PoolParams(children=1, chunk=200)) as pool:
        pool.check_many([row.job for row in rows[:200]], DEADLINE)
        began = time.perf_counter()
        verdicts: list[Verdict] = []
        for at in range(0, len(rows), BATCH):
            verdicts += pool.check_many([row.job for row in rows[at : at + BATCH]], DEADLINE)
        return verdicts, time.perf_counter() - began


def cpu_speed(rows: Sequence[Row]) -> int:
    """Return steps a second of processor time, here in this process: what a core of its own would give."""
    tool = verifier("claims")
    began = time.process_time()
    for row in rows:
        tool.check(row.job.problem, row.job.prefix, row.job.step)
    return round(len(rows) / (time.process_time() - began))


def wilson(hits: int, total: int) -> list[float]:
    """Return Wilson's 95 % interval of hits / total."""
    if not total:
        return [0.0, 1.0]
    z, share = 1.959964, hits / total
    middle, spread = share + z * z / (2 * total), z * math.sqrt((share * (1 - share) + z * z / (4 * total)) / total)
    scale = 1 + z * z / total
    return [round((middle - spread) / scale, 4), round((middle + spread) / scale, 4)]


def table(counts: Counter[tuple[str, str | None]]) -> None:
    """Print verdicts against ratings."""
    ratings = [name for name in ("wrong", "neutral", "right", None) if any(key[1] == name for key in counts)]
    print(f"{'verdict':<12}" + "".join(f"{name or 'not counted':>14}" for name in ratings))
    for kind in VerdictKind:
        print(f"{kind:<12}" + "".join(f"{counts[kind, name]:>14,}" for name in ratings))
    print()


def list_disagreements(rows: Sequence[Row], verdicts: Sequence[Verdict]) -> None:
    """Print the refuted steps that people rated correct, with the evidence."""
    print("Refuted but rated correct:")
    for row, verdict in zip(rows, verdicts, strict=True):
        if verdict.kind is VerdictKind.REFUTED and row.rated == "right":
            print(f"- {' '.join(row.job.step.split())[:200]}\n    {verdict.message[:300]}")
    print()


def figures(rows: Sequence[Row], verdicts: Sequence[Verdict], wall: float, detail: dict[str, Any]) -> list[Any]:
    """Return (name, value, unit, detail) of each figure."""
    counts = Counter((verdict.kind.value, row.rated) for row, verdict in zip(rows, verdicts, strict=True))
    counted = {name: sum(counts[VerdictKind.REFUTED, name] for name in names) for name, names in _GROUPS.items()}
    wrong = sum(counts[kind, "wrong"] for kind in VerdictKind)
    hits, refuted = counted["wrong"], counted["all"]
    decided = sum(verdict.kind is not VerdictKind.UNDECIDED for verdict in verdicts)
    millis = sorted(verdict.millis for verdict in verdicts)
    endings = Counter(verdict.ending.value for verdict in verdicts if verdict.ending is not Ending.OK)
    speed = {
        **detail,
        "steps": len(rows),
        "per_cpu_s": cpu_speed(rows),
        "through_pool_per_s": round(len(rows) / wall),
        "share_decided": round(decided / len(rows), 4),
        "p50_ms": round(millis[len(millis) // 2], 3),
        "p99_ms": round(millis[len(millis) * 99 // 100], 3),
        "endings_not_ok": dict(endings),
    }
    slowest = max(range(len(rows)), key=lambda at: verdicts[at].millis)
    precision = {**detail, "refuted_wrong": hits, "refuted": refuted, "wilson_95": wilson(hits, refuted),
                 "refuted_neutral": counted["neutral"], "refuted_right": counted["right"]}  # fmt: skip
    recall = {**detail, "refuted_wrong": hits, "wrong": wrong, "wilson_95": wilson(hits, wrong)}
    table(counts)
    return [
        ("steps_per_s", round(1000 * len(rows) / sum(millis)), "1/s", speed),
        ("max_ms", round(millis[-1], 2), "ms", {**detail, "step": rows[slowest].job.step[:200]}),
        ("precision", round(hits / refuted, 4) if refuted else None, "share", precision),
        ("recall", round(hits / wrong, 4) if wrong else None, "share", recall),
    ]


_GROUPS = {"wrong": ("wrong",), "neutral": ("neutral",), "right": ("right",), "all": ("wrong", "neutral", "right")}


def main() -> None:
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT
    if not path.exists():
        sys.exit(f"{path} does not exist: name a ProcessBench JSON or the PRM800K parquet")
    rows = list(processbench(path) if path.suffix == ".json" else prm800k(path))
    detail = {"file": path.name, "cores": 1, "python": platform.python_version()}
    verdicts, wall = check(rows)
    results = figures(rows, verdicts, wall, detail)
    list_disagreements(rows, verdicts)
    for name, value, unit, more in results:
        print(json.dumps({"name": f"claims.{name}", "value": value, "unit": unit, "detail": more}))


if __name__ == "__main__":
    main()
