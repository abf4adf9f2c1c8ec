"""Rows for TRL's stepwise supervision: prompt, completions, labels (one a completion).

TRL casts labels with int() and keeps -100, so a step without a label has no place in a list of bool. By default a path
ends before its first such step; with unlabelled=mask all labels are integers and -100 marks it. PRM800K needs the
latter: steps that labellers wrote themselves have no rating, and most of its ratings stand below one.
"""

from __future__ import annotations

from collections.abc import Iterator

from inference.datasets.base import Dropped, LabelledTree, Recipe, Row, wrong_types
from inference.datasets.params import StepwiseOptions
from inference.datasets.prm_rows import rated_paths

NO_LABEL = -100


def rows(labelled: LabelledTree, options: StepwiseOptions) -> Iterator[Row | Dropped]:
    masked = options.unlabelled == "mask"
    for path in rated_paths(labelled, options, gaps=masked):
        if isinstance(path, Dropped):
            yield path
            continue
        yield {
            "prompt": path.rationale.problem.text,
            "completions": [step.text for step in path.rationale.steps],
            "labels": [NO_LABEL if label is None else int(label) for label in path.labels]
            if masked
            else list(path.labels),
        }


def check(row: Row) -> list[str]:
    found = wrong_types(row, {"prompt": str, "completions": list, "labels": list})
    if not found and len(row["completions"]) != len(row["labels"]):
        found.append(f"{len(row['completions'])} completions have {len(row['labels'])} labels")
    kinds = {type(label) for label in row.get("labels", [])}
    if not found and kinds not in ({bool}, {int}):
        found.append("labels are neither all true or false nor all integers")
    if not found and kinds == {int} and not set(row["labels"]) <= {0, 1, NO_LABEL}:
        found.append(f"a label is none of 0, 1, {NO_LABEL}")
    return found


def card(options: StepwiseOptions) -> str:
    return (
        "Paths for TRL stepwise supervision (`prompt`, `completions`, `labels`).\n\n"
        f"- Neutral steps: {options.neutral}.\n- Labels from the search: {options.machine}.\n"
        f"- Steps without a label: {options.unlabelled}. A path inside another one is not repeated."
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
