"""Rows for TRL's stepwise supervision: prompt, completions, labels (one bool a completion).

TRL keeps -100 only among integer labels and casts everything else with int(), so a step without a label has no place
in a list of bool: a path ends before its first such step.
"""

from __future__ import annotations

from collections.abc import Iterator

from inference.datasets.base import Dropped, LabelledTree, Recipe, Row, wrong_types
from inference.datasets.params import StepwiseOptions
from inference.datasets.prm_rows import rated_paths


def rows(labelled: LabelledTree, options: StepwiseOptions) -> Iterator[Row | Dropped]:
    for path in rated_paths(labelled, options):
        if isinstance(path, Dropped):
            yield path
            continue
        yield {
            "prompt": path.rationale.problem.text,
            "completions": [step.text for step in path.rationale.steps],
            "labels": list(path.labels),
        }


def check(row: Row) -> list[str]:
    found = wrong_types(row, {"prompt": str, "completions": list, "labels": list})
    if not found and len(row["completions"]) != len(row["labels"]):
        found.append(f"{len(row['completions'])} completions have {len(row['labels'])} labels")
    if not found and not all(isinstance(label, bool) for label in row["labels"]):
        found.append("a label is no bool")
    return found


def card(options: StepwiseOptions) -> str:
    return (
        "Paths for TRL stepwise supervision (`prompt`, `completions`, `labels`).\n\n"
        f"- Neutral steps: {options.neutral}.\n- Labels from the search: {options.machine}.\n"
        "- A path ends before its first step without a label; a path inside another one is not repeated."
    )


RECIPE = Recipe(
    id="trl_stepwise",
    version="1",
    title="TRL stepwise",
    description="Prompt, completions and one true or false a completion.",
    options=StepwiseOptions,
    rows=rows,
    check=check,
    card=card,
    needs=frozenset({"verdicts"}),
)
