"""Pass rates: sampled in slices, stored once however a worker ends, and what a band of them refuses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from annotations import jobs, leases
from annotations.errors import BadInput, LeaseLost, NotAllowed
from annotations.models import PassRate, Problem, Run
from annotations.passrates import Count, request_pass_rates, store_counts
from annotations.tasks.loop import WorkLoop
from annotations.tasks.passrate import rate_slice
from inference.intervals import wilson
from inference.search.params import SampleParams
from inference.types import Queue, RunKind, Verdict, VerdictKind
from tests.factories import Cast, cast, engine, pass_rate, problem

pytestmark = pytest.mark.django_db


@pytest.fixture
def team() -> Cast:
    made = cast()
    for number in range(7):
        problem(made.project, f"Lena has {number} pens and buys {number + 1}. How many?", str(2 * number + 1))
    return made


def exactly(jobs_: Sequence[Any]) -> list[Verdict]:
    """Judge answers as written, without children."""
    kinds = {True: VerdictKind.SUPPORTED, False: VerdictKind.REFUTED}
    return [Verdict(kinds[job.step == job.problem.answer], "answer", "1") for job in jobs_]


def worker() -> WorkLoop:
    loop = WorkLoop(Queue.GPU)
    loop.resident.check = exactly  # type: ignore[method-assign]
    return loop


def asked(team: Cast, shard: int = 3, **params: Any) -> Run:
    site = engine(project=team.project)
    site.limits = {"shard": shard}
    site.save(update_fields=["limits"])
    return request_pass_rates(access=team.access(team.bo), engine_id=site.pk, params=params)


def measure(run: Run) -> Run:
    loop = worker()
    while loop.run_once():
        pass
    run.refresh_from_db()
    return run


def rates() -> list[tuple[str, int, int, int]]:
    rows = PassRate.objects.order_by("problem_id")
    return list(rows.values_list("problem__text", "samples", "solved", "answered"))


def test_every_problem_gets_its_rate_with_its_interval(team: Cast) -> None:
    run = measure(asked(team))

    assert (run.state, run.shards.count(), run.report["problems"]) == ("done", 3, 7)
    assert run.report["samples"] == 7 * 16
    for rate in PassRate.objects.select_related("problem"):
        assert (rate.samples, rate.run_id) == (16, run.pk)
        assert (rate.low, rate.high) == pytest.approx(wilson(rate.solved, 16))
        assert rate.problem.pass_rate == rate.solved / 16
    assert 0.1 < sum(solved for _, _, solved, _ in rates()) / (7 * 16) < 0.9


def test_slices_shards_and_dead_workers_make_no_difference(team: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    measure(asked(team))
    whole = rates()
    PassRate.objects.all().delete()
    monkeypatch.setattr("annotations.tasks.passrate._room", lambda engine: 5)
    run = asked(team, shard=4)
    first = worker()
    assert first.run_once()
    with monkeypatch.context() as dying:
        dying.setattr("annotations.tasks.passrate._tell", lambda claim: 1 / 0)
        first.run_once()
    assert PassRate.objects.get().samples == 5
    run.refresh_from_db()
    told = run.report["progress"]
    assert (told["problems_done"], told["problems_total"]) == (0, 7)

    assert measure(run).state == "done"
    assert rates() == whole


def test_more_samples_of_the_same_way_add_to_the_first(team: Cast) -> None:
    measure(asked(team, samples=4))
    few = rates()
    measure(asked(team, samples=16))
    more = rates()
    assert [row[1] for row in more] == [16] * 7
    assert all(few_row[2] <= row[2] <= few_row[2] + 12 for few_row, row in zip(few, more, strict=True))
    third = measure(asked(team, samples=8))
    assert rates() == more
    assert (third.state, third.report["samples"]) == ("done", 0)
    measure(asked(team, samples=4, seed=1))
    assert PassRate.objects.count() == 14


def test_an_older_count_changes_nothing(team: Cast) -> None:
    run = asked(team)
    key = Problem.objects.earliest("id").pk
    store_counts(run=run, params=SampleParams(), counts=[Count(key, 16, 4, 16)])
    store_counts(run=run, params=SampleParams(), counts=[Count(key, 8, 8, 8)])
    assert (PassRate.objects.get().solved, Problem.objects.get(pk=key).pass_rate) == (4, 0.25)


def test_a_cancelled_run_keeps_what_was_sampled(team: Cast) -> None:
    run = asked(team)
    assert worker().run_once()
    jobs.cancel_run(access=team.access(team.bo), run_id=run.pk)
    assert measure(run).state == "cancelled"
    assert PassRate.objects.count() == 3


def test_problems_without_an_answer_are_left_out_and_others_are_needed(team: Cast) -> None:
    Problem.objects.exclude(text__contains="has 3 pens").update(answer="")
    assert asked(team).input == {"problems": 1}
    Problem.objects.update(answer="")
    with pytest.raises(BadInput, match="None of these problems has a reference answer"):
        asked(team)
    with pytest.raises(NotAllowed):
        request_pass_rates(access=team.access(team.ada), engine_id=engine(project=team.project).pk, params={})
    with pytest.raises(BadInput, match="samples: expected at least 1"):
        asked(team, samples=0)


def grow(team: Cast, band: tuple[float, float] | None, engine_name: str = "scripted") -> Run:
    site = engine(engine_name, team.project)
    return jobs.request_generation(access=team.access(team.bo), engine_id=site.pk, params={}, band=band)


def test_a_band_keeps_the_problems_whose_rate_lies_in_it(team: Cast) -> None:
    rows = list(Problem.objects.order_by("id"))
    for row, solved in zip(rows, (0, 3, 4, 12, 13, 16), strict=False):
        pass_rate(row, solved, 16)
    run = grow(team, (0.2, 0.8))
    assert list(run.shards.get().trees.order_by("id").values_list("problem_id", flat=True)) == [rows[2].pk, rows[3].pk]
    assert run.input == {"problems": 2, "band": [0.2, 0.8]}
    pass_rate(rows[2], 16, 16, params_hash="newer")
    assert grow(team, (0.2, 0.8)).input["problems"] == 1
    assert grow(team, None).input == {"problems": 7}


@pytest.mark.parametrize(
    ("measured", "band", "with_engine", "said"),
    [
        ([], (0.2, 0.8), "scripted", "None of the 7 chosen problems has a pass rate with scripted: measure pass rates"),
        ([4, 8], (0.2, 0.8), "other", r"has a pass rate with other \(measured are 2 with scripted\)"),
        ([0, 2], (0.2, 0.8), "scripted", "Of the 7 chosen problems 2 have a pass rate with scripted, from 0 to 0.12, "
         "and none lies between 0.2 and 0.8: choose a band that fits"),
        ([16], (0.0, 0.5), "scripted", "1 has a pass rate with scripted, of 1, and none"),
        ([4], (0.8, 0.2), "scripted", "Expected a band from 0 to 1 with the lower number first"),
    ],
)  # fmt: skip
def test_an_empty_band_does_not_start_and_says_why(
    team: Cast, measured: list[int], band: tuple[float, float], with_engine: str, said: str
) -> None:
    for row, solved in zip(Problem.objects.order_by("id"), measured, strict=False):
        pass_rate(row, solved, 16)
    with pytest.raises(BadInput, match=said) as caught:
        grow(team, band, with_engine)
    assert caught.value.field == "band"
    assert not Run.objects.filter(kind=RunKind.GENERATE).exists()


def test_a_worker_that_lost_its_lease_writes_nothing(team: Cast) -> None:
    run = asked(team)
    claim = leases.claim(queue=Queue.GPU, owner="one", engine_id=None)
    assert claim is not None
    run.shards.filter(pk=claim.shard.pk).update(fence=claim.fence + 1)
    with pytest.raises(LeaseLost):
        rate_slice(claim, worker())
    assert not PassRate.objects.exists()
