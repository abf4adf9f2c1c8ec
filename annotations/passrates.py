"""Pass rates: asking for them, and writing what was sampled. How they are read: annotations.selectors.passrates."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from annotations import jobs, rules
from annotations.access import Access
from annotations.errors import BadInput
from annotations.models import Problem, Run, RunShard
from annotations.params import read
from annotations.rules import Act
from inference.intervals import wilson
from inference.search.params import SampleParams
from inference.types import RunKind

# The counts only grow, and the first samples of a way are always the same ones: a lower count is an older one.
STORE_SQL = """
WITH told AS (
    SELECT * FROM unnest(%(problems)s::bigint[], %(samples)s::int[], %(solved)s::int[], %(answered)s::int[],
                         %(low)s::float[], %(high)s::float[])
             AS t(problem_id, samples, solved, answered, low, high)
    WHERE EXISTS (SELECT 1 FROM annotations_problem p WHERE p.project_id = %(project)s AND p.id = t.problem_id)
), stored AS (
    INSERT INTO annotations_passrate AS r (project_id, problem_id, engine_id, params_hash, params, run_id,
                                           samples, solved, answered, low, high)
    SELECT %(project)s, problem_id, %(engine)s, %(way)s, %(params)s::jsonb, %(run)s, samples, solved, answered,
           low, high
    FROM told
    ON CONFLICT (problem_id, engine_id, params_hash) DO UPDATE
    SET samples = EXCLUDED.samples, solved = EXCLUDED.solved, answered = EXCLUDED.answered, low = EXCLUDED.low,
        high = EXCLUDED.high, params = EXCLUDED.params, run_id = EXCLUDED.run_id, measured_at = now()
    WHERE r.samples < EXCLUDED.samples
    RETURNING problem_id, solved::float / samples AS rate
)
UPDATE annotations_problem p SET pass_rate = stored.rate FROM stored
WHERE p.project_id = %(project)s AND p.id = stored.problem_id
"""


@dataclass(frozen=True, slots=True)
class Count:
    """What the samples of a problem came to so far."""

    problem_id: int
    samples: int
    solved: int
    answered: int


@transaction.atomic
def request_pass_rates(
    *,
    access: Access,
    engine_id: int,
    params: Mapping[str, Any],
    problem_ids: Sequence[int] | None = None,
    name: str = "",
) -> Run:
    """Ask how often an engine solves each problem (None: all that have a reference answer)."""
    rules.check(access, Act.RUN)
    engine, way = jobs.granted(access, engine_id), read(SampleParams, params)
    keys = jobs.problems(access, problem_ids)
    judged = set(Problem.objects.filter(project=access.project).exclude(answer="").values_list("pk", flat=True))
    keys = [key for key in keys if key in judged]
    if not keys:
        raise BadInput("None of these problems has a reference answer, so no sample could be judged.", "problems")
    run = jobs.new_run(
        access,
        RunKind.PASSRATE,
        name=name[:120] or f"Pass rates of {len(keys):,} problem{'s' * (len(keys) != 1)}",
        plugin="sample",
        params=way.as_dict(),
        engine=engine,
        seed=way.seed,
        input={"problems": len(keys)},
    )
    size = int(engine.limits.get("shard", jobs.DEFAULT_SHARD))
    parts = [keys[at : at + size] for at in range(0, len(keys), size)]
    shards = jobs.cut(run, len(parts))
    for shard, part in zip(shards, parts, strict=True):
        shard.checkpoint = {"problems": part}
    RunShard.objects.bulk_update(shards, ["checkpoint"], batch_size=500)
    return run


def store_counts(*, run: Run, params: SampleParams, counts: Sequence[Count]) -> None:
    """Write what the samples came to, and the rate beside the problem. A repeated or older count changes nothing."""

    bounds = [wilson(each.solved, each.samples) for each in counts]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            STORE_SQL,
            {
                "project": run.project_id,
                "engine": run.engine_id,
                "run": run.pk,
                "way": params.way(),
                "params": json.dumps(params.as_dict()),
                "problems": [each.problem_id for each in counts],
                "samples": [each.samples for each in counts],
                "solved": [each.solved for each in counts],
                "answered": [each.answered for each in counts],
                "low": [low for low, _ in bounds],
                "high": [high for _, high in bounds],
            },
        )
