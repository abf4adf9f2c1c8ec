"""What a run that checks has done so far: figures in its shards' checkpoints, summed up as its report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from annotations.leases import Claim
from annotations.models import Run, RunShard
from annotations.store import Checked
from inference.engines.base import Usage
from inference.verifiers.figures import Figures, ToolFigures, added

COUNTS = ("given", "verdicts", "labels", "kept", "dropped")
"""Counters of a shard: verdicts given by kind; steps by verdict and by label, before>after; labels by reason."""
SUMS = ("steps", "seconds", "tokens", "requests")


@dataclass(frozen=True, slots=True)
class Work:
    """One batch: what the tools did, the verdicts, what the engine did, and the seconds that it took."""

    tools: Figures
    checked: Sequence[Checked]
    used: Usage
    seconds: float


def note_work(claim: Claim, work: Work, *, left: int, total: int) -> None:
    """Add a batch to the figures of the shard; only the holder of the fence gets here."""
    tools = dict(work.tools)
    for each in work.checked:
        if each.taken_over:
            tools.setdefault(each.same.verifier, ToolFigures()).taken += 1
    given = Counter(each.verdict.kind.value for each in work.checked)
    figures = {
        "steps": len(work.checked), "seconds": round(work.seconds, 3), "tokens": work.used.drawn_tokens,
        "requests": work.used.requests,
    }  # fmt: skip

    def change(done: dict[str, Any]) -> None:
        done["tools"] = added(done.get("tools", {}), tools)
        done["sums"] = {name: round(done.get("sums", {}).get(name, 0) + figures[name], 3) for name in SUMS}
        done["given"] = dict(Counter(done.get("given", {})) + given)
        done |= {"left": left, "steps": total}

    _change(claim, change)


def note_end(claim: Claim, counts: Mapping[str, Mapping[str, int]], *, total: int) -> None:
    """Say that the shard has ended, and what changed in it."""

    def change(done: dict[str, Any]) -> None:
        done |= {**{name: dict(each) for name, each in counts.items()}, "left": 0, "steps": total, "ended": True}

    _change(claim, change)


def _change(claim: Claim, change: Any) -> None:
    """Change the shard's checkpoint and sum all up as the report; the run's row is held: the last one sees them all."""
    # Rows that were just written refer to the run: a stronger lock would wait for every worker that has written some.
    run = Run.objects.select_for_update(no_key=True).only("pk", "report").get(pk=claim.run.pk)
    done: dict[str, Any] = dict(RunShard.objects.values_list("checkpoint", flat=True).get(pk=claim.shard.pk))
    change(done)
    RunShard.objects.filter(pk=claim.shard.pk).update(checkpoint=done)
    parts = list(RunShard.objects.filter(run=run).values_list("checkpoint", flat=True))
    Run.objects.filter(pk=run.pk).update(report=_report(parts))


def _report(parts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    counts: dict[str, Counter[str]] = {name: Counter() for name in COUNTS}
    sums: dict[str, float] = dict.fromkeys(SUMS, 0)
    for part in parts:
        for name, counter in counts.items():
            counter.update(part.get(name, {}))
        for name in SUMS:
            sums[name] += part.get("sums", {}).get(name, 0)
    report: dict[str, Any] = {name: dict(counter) for name, counter in counts.items()}
    report |= {"checks": sums["steps"], "tokens": sums["tokens"], "seconds": round(sums["seconds"], 1)}
    report["steps"] = sum(part.get("steps", part["nodes"]) for part in parts)
    if not all(part.get("ended") for part in parts):
        report["progress"] = _progress(parts, sums, report["steps"])
    return report


def _progress(parts: Sequence[Mapping[str, Any]], sums: Mapping[str, float], total: int) -> dict[str, Any]:
    left = sum(part.get("left", part["nodes"]) for part in parts)
    speed = round(sums["tokens"] / sums["seconds"], 1) if sums["tokens"] and sums["seconds"] else 0.0
    return {"steps_done": total - left, "steps_total": total, "tokens_per_s": speed}
