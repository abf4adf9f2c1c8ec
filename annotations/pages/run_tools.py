"""What the verifiers of a run have done, as rows that its page shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from annotations.selectors.progress import ToolProgress
from inference.verifiers.params import TOOLS


@dataclass(frozen=True, slots=True)
class ToolRow:
    """One verifier; figures are text, "" where there is none."""

    name: str
    title: str
    checks: str
    per_second: str
    median: str
    undecided: str
    timeouts: int
    crashes: int
    taken: str


def rows(tools: Mapping[str, ToolProgress]) -> list[ToolRow]:
    return [_row(name, told) for name, told in tools.items()]


def _row(name: str, told: ToolProgress) -> ToolRow:
    return ToolRow(
        name=name,
        title=TOOLS[name].title if name in TOOLS else name,
        checks=f"{told.jobs:,}",
        per_second="" if told.per_second is None else _figure(told.per_second),
        median="" if told.median_ms is None else f"{_figure(told.median_ms)} ms",
        undecided=f"{100 * told.undecided / told.jobs:.0f} %" if told.jobs else "",
        timeouts=told.timeouts,
        crashes=told.crashes,
        taken=f"{told.taken:,}" if told.taken else "",
    )


def _figure(number: float) -> str:
    return f"{number:,.0f}" if number >= 10 else f"{number:.2g}"
