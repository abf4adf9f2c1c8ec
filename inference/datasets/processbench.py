"""Rows in ProcessBench's form: whole paths with the index of the first wrong step, -1 for none."""

from __future__ import annotations

from collections.abc import Iterator

from inference.datasets.base import Dropped, LabelledTree, Recipe, Row, StoredPath, wrong_types
from inference.datasets.params import ProcessBenchOptions
from inference.datasets.prm_rows import counts_as_right, leaves, node_path, ratings_of
from inference.types import Node, Rating

GAP = "a step without a label before the first wrong one"


def rows(labelled: LabelledTree, options: ProcessBenchOptions) -> Iterator[Row | Dropped]:
    """Yield the tree's stored paths (rows of a corpus), or its leaf paths if it has none."""
    nodes = {node.seq: node for node in labelled.tree.nodes}
    ratings = ratings_of(labelled, options)
    stored = labelled.paths or tuple(_unnamed(labelled, nodes[leaf]) for leaf in leaves(labelled))
    for place in stored:
        path = node_path(nodes, place.leaf)
        label = first_error(path, _own(labelled, place, path, ratings), options.neutral)
        if label is None:
            yield Dropped(GAP)
            continue
        yield {
            "id": place.key,
            "generator": str(place.data.get("generator") or options.generator),
            "problem": labelled.tree.problem.text,
            "steps": [node.text for node in path],
            "final_answer_correct": None if place.outcome is None else place.outcome == 1,
            "label": label,
        }


def _unnamed(labelled: LabelledTree, leaf: Node) -> StoredPath:
    return StoredPath(leaf.seq, f"{labelled.tree.key}-{leaf.seq}", answer=leaf.answer, outcome=leaf.outcome)


def _own(labelled: LabelledTree, place: StoredPath, path: list[Node], ratings: dict[int, Rating]) -> dict[int, Rating]:
    """Return the ratings along a path: people's, else the row's own label, else what other rows say of the step."""
    if place.label is None:
        return ratings
    wrong = place.label if place.label >= 0 else len(path)
    own = {node.seq: Rating.CORRECT if i < wrong else Rating.INCORRECT for i, node in enumerate(path[: wrong + 1])}
    people = {seq: rating for seq, rating in labelled.ratings.items() if seq in labelled.by_people}
    return own | people


def first_error(path: list[Node], ratings: dict[int, Rating], neutral: str) -> int | None:
    """Return the index of the first wrong step, -1 if all are right, None if a step before it has no label."""
    for index, node in enumerate(path):
        right = counts_as_right(ratings.get(node.seq), neutral)
        if right is None:
            return None
        if not right:
            return index
    return -1


def check(row: Row) -> list[str]:
    found = wrong_types(row, {"id": str, "generator": str, "problem": str, "steps": list, "label": int})
    if not found and not -1 <= row["label"] < len(row["steps"]):
        found.append(f"label {row['label']} is no step of {len(row['steps'])}")
    return found


def card(options: ProcessBenchOptions) -> str:
    return (
        "Paths in ProcessBench's form: `label` is the first wrong step from 0, -1 for none.\n\n"
        f"- Neutral steps: {options.neutral}.\n- Labels from the search: {options.machine}.\n"
        "- `final_answer_correct` is null where the final answer was not checked.\n"
        "- A path with a step without a label before its first wrong step is left out."
    )


RECIPE = Recipe(
    id="processbench",
    version="1",
    title="ProcessBench",
    description="Whole paths with the index of the first wrong step.",
    options=ProcessBenchOptions,
    rows=rows,
    check=check,
    card=card,
    needs=frozenset({"verdicts", "paths"}),
)
