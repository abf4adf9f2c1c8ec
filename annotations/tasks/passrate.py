"""Measuring pass rates: one slice is one batch of whole solutions, judged by their answers and stored as it ends."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from django.db import transaction

from annotations import leases
from annotations.leases import Claim
from annotations.models import PassRate, Problem, Run, RunShard
from annotations.params import read
from annotations.passrates import Count, store_counts
from annotations.store import problem_of
from annotations.tasks.generate import engine_of
from inference.engines.base import Engine
from inference.search.params import SampleParams
from inference.search.sample import Draw, Sampled, sample

if TYPE_CHECKING:
    from annotations.tasks.loop import WorkLoop

LEAST, MOST = 16, 4096
FIGURES = ("samples", "solved", "tokens", "seconds")


def rate_slice(claim: Claim, loop: WorkLoop) -> bool:
    """Sample the next problems of the shard and store what came of it; return whether any is left."""
    params = read(SampleParams, claim.run.params)
    open_ones, known = _open(claim, params)
    if not open_ones:
        _store(claim, params, [], [], 0.0, left=0)
        return False
    engine = engine_of(claim, loop)
    draws = _draws(open_ones, known, params.samples, _room(engine))
    began = time.perf_counter()
    found = sample(draws, engine, loop.resident.check, params, loop.tick)
    seconds = time.perf_counter() - began
    ended = sum(draw.number + 1 == params.samples for draw in draws)
    left = len(open_ones) - ended
    _store(claim, params, found, _counts(found, open_ones, known), seconds, left)
    return left > 0


def _open(claim: Claim, params: SampleParams) -> tuple[list[Problem], dict[int, Count]]:
    """Return the problems of the shard that need more samples, in their order, and what is known of each."""
    keys: list[int] = claim.shard.checkpoint.get("problems", [])
    rates = PassRate.objects.filter(problem__in=keys, engine=claim.run.engine, params_hash=params.way())
    known = {rate.problem_id: Count(rate.problem_id, rate.samples, rate.solved, rate.answered) for rate in rates}
    rows = Problem.objects.filter(project=claim.run.project_id).in_bulk(keys)
    short = [key for key in keys if key in rows and (key not in known or known[key].samples < params.samples)]
    return [rows[key] for key in short], known


def _room(engine: Engine) -> int:
    """Return the samples of a slice: one batch, so that a slow machine stores and tells every minute or so."""
    return min(max(engine.info.max_batch, LEAST), MOST)


def _draws(rows: list[Problem], known: dict[int, Count], samples: int, room: int) -> list[Draw]:
    """Return the next samples: of whole problems as long as there is room, at least a part of one."""
    draws: list[Draw] = []
    for row in rows:
        first = known[row.pk].samples if row.pk in known else 0
        if draws and len(draws) + samples - first > room:
            break
        problem = problem_of(row)
        draws += [Draw(problem, number) for number in range(first, min(samples, first + room))]
    return draws


def _store(
    claim: Claim, params: SampleParams, found: list[Sampled], counts: list[Count], seconds: float, left: int
) -> None:
    with transaction.atomic():
        leases.hold(claim)
        if found:
            store_counts(run=claim.run, params=params, counts=counts)
        _checkpoint(claim, found, seconds, left)
        _tell(claim)


def _counts(found: list[Sampled], rows: list[Problem], known: dict[int, Count]) -> list[Count]:
    """Add what was sampled to what was known of each problem."""
    by_key: dict[str, list[Sampled]] = {}
    for each in found:
        by_key.setdefault(each.draw.problem.key, []).append(each)
    none = Count(0, 0, 0, 0)
    counts = []
    for row in rows:
        fresh, before = by_key.get(row.content_hash, []), known.get(row.pk, none)
        if fresh:
            solved, answered = sum(each.solved for each in fresh), sum(bool(each.answer) for each in fresh)
            counts.append(
                Count(row.pk, before.samples + len(fresh), before.solved + solved, before.answered + answered)
            )
    return counts


def _checkpoint(claim: Claim, found: list[Sampled], seconds: float, left: int) -> None:
    """Add this slice to the figures of the shard; only the holder of the fence gets here."""
    done: dict[str, Any] = dict(claim.shard.checkpoint)
    figures = {
        "samples": len(found),
        "solved": sum(each.solved for each in found),
        "tokens": sum(each.tokens for each in found),
        "seconds": round(seconds, 3),
    }
    sums = done.get("sums", {})
    done["sums"] = {name: sums.get(name, 0) + value for name, value in figures.items()}
    done["left"] = left
    RunShard.objects.filter(pk=claim.shard.pk).update(checkpoint=done)


def _tell(claim: Claim) -> None:
    """Sum up the run's shards as its report; the run's row is held, so that the last one sees them all."""
    run = Run.objects.select_for_update(no_key=True).get(pk=claim.run.pk)
    sums: dict[str, float] = dict.fromkeys(FIGURES, 0)
    left = total = 0
    for checkpoint in RunShard.objects.filter(run=run).values_list("checkpoint", flat=True):
        for name, value in checkpoint.get("sums", {}).items():
            sums[name] += value
        total += len(checkpoint.get("problems", []))
        left += checkpoint.get("left", len(checkpoint.get("problems", [])))
    speed = round(sums["tokens"] / sums["seconds"], 1) if sums["seconds"] else 0.0
    figures = {"samples": sums["samples"], "tokens": sums["tokens"]}
    if left:
        run.report = {"progress": {"problems_done": total - left, "problems_total": total, "tokens_per_s": speed}}
    else:
        run.report = {"problems": total, **figures, "solved": sums["solved"], "tokens_per_s": speed,
                      "seconds": round(sums["seconds"], 3)}  # fmt: skip
    run.save(update_fields=["report"])
