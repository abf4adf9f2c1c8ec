"""GroundedPRM conversations: a user turn a step, an assistant turn with what was verified and how it is judged."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from inference.datasets.base import Dropped, LabelledTree, Recipe, Row, wrong_types
from inference.datasets.params import GroundedOptions
from inference.datasets.prm_rows import RatedPath, rated_paths
from inference.formats import verify_judge
from inference.types import Rating, Rationale


def rows(labelled: LabelledTree, options: GroundedOptions) -> Iterator[Row | Dropped]:
    """Yield one conversation a path, cut after its first wrong step."""
    for path in rated_paths(labelled, options, stop_at_error=True):
        yield path if isinstance(path, Dropped) else {"conversation": verify_judge.turns(_decided(path))}


def _decided(path: RatedPath) -> Rationale:
    """Give neutral steps the sign that the options ask for; the others keep theirs."""
    steps = tuple(
        step if step.rating != Rating.NEUTRAL or right else replace(step, rating=Rating.INCORRECT)
        for step, right in zip(path.rationale.steps, path.labels, strict=True)
    )
    return replace(path.rationale, steps=steps)


def check(row: Row) -> list[str]:
    found = wrong_types(row, {"conversation": list})
    if not found and [turn["role"] for turn in row["conversation"]] != ["user", "assistant"] * (
        len(row["conversation"]) // 2
    ):
        found.append("turns do not alternate between user and assistant")
    if not found and not all("\\boxed{" in turn["content"] for turn in row["conversation"][1::2]):
        found.append("a step is not judged")
    return found


def card(options: GroundedOptions) -> str:
    return (
        "Conversations in GroundedPRM's form: a user turn a step, then `<verify>`, `<judge>` and `<output>`.\n\n"
        f"- Neutral steps: {options.neutral}.\n- Labels from the search: {options.machine}.\n"
        "- A path ends with its first wrong step, or before its first step without a label."
    )


RECIPE = Recipe(
    id="grounded",
    version="1",
    title="GroundedPRM conversations",
    description="A user turn a step, an assistant turn with evidence and judgement.",
    options=GroundedOptions,
    rows=rows,
    check=check,
    card=card,
    needs=frozenset({"verdicts"}),
)
