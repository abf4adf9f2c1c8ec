"""What each verifier has done and what it cost, since the pool was made. Knows nothing about runs or rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from inference.timings import band_of
from inference.types import Ending, Verdict, VerdictKind


@dataclass
class ToolFigures:
    """Counts of one verifier. `seconds` were spent in children; `taken` verdicts came from equal steps, unchecked.

    `crashes` counts children lost by crash or want of memory; `times` how many checks took how long, by band
    (inference.timings).
    """

    jobs: int = 0
    seconds: float = 0.0
    undecided: int = 0
    timeouts: int = 0
    crashes: int = 0
    taken: int = 0
    times: Counter[int] = field(default_factory=Counter)

    def note(self, verdict: Verdict) -> None:
        """Count a verdict that a child has given."""
        self.jobs += 1
        self.seconds += verdict.millis / 1000
        self.undecided += verdict.kind is VerdictKind.UNDECIDED
        self.timeouts += verdict.ending is Ending.TIMEOUT
        self.crashes += verdict.ending in (Ending.CRASH, Ending.MEMORY)
        self.times[band_of(verdict.millis)] += 1

    def since(self, before: ToolFigures) -> ToolFigures:
        """Return what was counted after `before`."""
        rest = {name: getattr(self, name) - getattr(before, name) for name in COUNTED}
        return ToolFigures(**rest, times=self.times - before.times)

    def as_json(self) -> dict[str, Any]:
        counted = {name: getattr(self, name) for name in COUNTED}
        return {**counted, "seconds": round(self.seconds, 4), "times": {str(at): n for at, n in self.times.items()}}


COUNTED = ("jobs", "seconds", "undecided", "timeouts", "crashes", "taken")
Figures = dict[str, ToolFigures]


def note_all(figures: Figures, verdicts: Iterable[Verdict]) -> None:
    """Count verdicts under the names of their verifiers."""
    for verdict in verdicts:
        figures.setdefault(verdict.verifier, ToolFigures()).note(verdict)


def snapshot(figures: Mapping[str, ToolFigures]) -> Figures:
    """Return the figures as they are now."""
    return {name: each.since(ToolFigures()) for name, each in figures.items()}


def since(now: Mapping[str, ToolFigures], before: Mapping[str, ToolFigures]) -> Figures:
    """Return what was counted between two snapshots, for verifiers that did something."""
    found = {name: each.since(before.get(name, ToolFigures())) for name, each in now.items()}
    return {name: each for name, each in found.items() if each.jobs or each.taken}


def added(told: Mapping[str, Any], more: Mapping[str, ToolFigures]) -> dict[str, Any]:
    """Return figures in their JSON form with others added."""
    summed = {name: dict(each) for name, each in told.items()}
    for name, each in more.items():
        was, now = summed.get(name, {}), each.as_json()
        times = Counter(was.get("times", {})) + Counter(now.pop("times"))
        summed[name] = {key: round(was.get(key, 0) + value, 4) for key, value in now.items()} | {"times": dict(times)}
    return summed
