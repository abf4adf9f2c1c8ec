"""Pass rates as they are read: which problems lie in a band, and how the rates of a run spread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count

from annotations.access import Access
from annotations.errors import BadInput
from annotations.models import Engine, PassRate, Run, RunShard
from annotations.selectors.together import answers

BAND = (0.2, 0.8)
# Rates that an engine measured in several ways: the newest one of each problem counts.
RATES_SQL = """
SELECT DISTINCT ON (problem_id) problem_id, solved::float / samples FROM annotations_passrate
WHERE project_id = %(project)s AND engine_id = %(engine)s AND problem_id = ANY(%(problems)s)
ORDER BY problem_id, measured_at DESC, id DESC
"""


@dataclass(frozen=True, slots=True)
class Spread:
    """How many problems of a run were never solved, seldom, in the usual band, often, always."""

    never: int = 0
    below: int = 0
    inside: int = 0
    above: int = 0
    always: int = 0

    @property
    def parts(self) -> list[tuple[str, int]]:
        low, high = BAND
        return [
            ("never solved", self.never), (f"below {low}", self.below), (f"{low} to {high}", self.inside),
            (f"above {high}", self.above), ("always solved", self.always),
        ]  # fmt: skip

    @property
    def total(self) -> int:
        return sum(count for _, count in self.parts)


def read_band(low: float, high: float) -> tuple[float, float]:
    """Return the band; BadInput unless 0 <= low <= high <= 1."""
    if not 0 <= low <= high <= 1:
        raise BadInput(f"Expected a band from 0 to 1 with the lower number first, got {low:g} to {high:g}.", "band")
    return low, high


def rates(access: Access, engine: Engine, problem_ids: Sequence[int]) -> dict[int, float]:
    """Return the newest pass rate of each problem that the engine has one of."""
    values = {"project": access.project.pk, "engine": engine.pk, "problems": list(problem_ids)}
    (found,) = answers((RATES_SQL, values))
    return dict(found)


def in_band(access: Access, engine: Engine, problem_ids: Sequence[int], band: tuple[float, float]) -> list[int]:
    """Return those of the problems whose rate lies in the band, ends included; BadInput that says why there is none."""
    low, high = read_band(*band)
    found = rates(access, engine, problem_ids)
    kept = [key for key in problem_ids if key in found and low <= found[key] <= high]
    if kept:
        return kept
    raise BadInput(_why(access, engine, len(problem_ids), sorted(found.values()), band), "band")


def _why(access: Access, engine: Engine, chosen: int, found: Sequence[float], band: tuple[float, float]) -> str:
    of = f"the {chosen:,} chosen problems" if chosen != 1 else "the one chosen problem"
    if found:
        have = "1 has" if len(found) == 1 else "all have" if len(found) == chosen else f"{len(found):,} have"
        spread = f"of {found[0]:.2g}" if found[0] == found[-1] else f"from {found[0]:.2g} to {found[-1]:.2g}"
        return (
            f"Of {of} {have} a pass rate with {engine.name}, {spread}, and none lies between {band[0]:g} and "
            f"{band[1]:g}: choose a band that fits, take other problems, or leave the band out."
        )
    others = PassRate.objects.filter(project=access.project).exclude(engine=engine).order_by()
    names = others.values_list("engine__name").annotate(n=Count("problem", distinct=True))
    elsewhere = ", ".join(f"{count:,} with {name}" for name, count in names)
    return (
        f"None of {of} has a pass rate with {engine.name}"
        + (f" (measured are {elsewhere})" if elsewhere else "")
        + ": measure pass rates first, or leave the band out."
    )


def engines_with_rates(access: Access) -> set[int]:
    """Return the engines that have measured problems of the project."""
    return set(PassRate.objects.filter(project=access.project).values_list("engine", flat=True).distinct())


SPREAD_SQL = """
SELECT count(*) FILTER (WHERE solved = 0), count(*) FILTER (WHERE solved > 0 AND solved < %(low)s * samples),
       count(*) FILTER (WHERE solved > 0 AND solved < samples AND solved >= %(low)s * samples
                              AND solved <= %(high)s * samples),
       count(*) FILTER (WHERE solved < samples AND solved > %(high)s * samples),
       count(*) FILTER (WHERE solved = samples)
FROM annotations_passrate
WHERE project_id = %(project)s AND engine_id = %(engine)s AND params_hash = %(way)s AND problem_id = ANY(%(problems)s)
"""


def spread(access: Access, run: Run, shards: Sequence[RunShard], way: str) -> Spread:
    """Return how the rates of the run's problems spread so far."""
    keys = [key for shard in shards for key in shard.checkpoint.get("problems", [])]
    values = {"project": access.project.pk, "engine": run.engine_id, "way": way, "problems": keys}
    (found,) = answers((SPREAD_SQL, {**values, "low": BAND[0], "high": BAND[1]}))
    return Spread(*found[0])
