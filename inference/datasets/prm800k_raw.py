"""PRM800K's raw rows: one person's work on one problem, with every continuation that he rated.

Published form: github.com/openai/prm800k, "Instructions for annotators" and README. Phase 1 walks a tree (several
completions a step, one chosen, or one written by the person), phase 2 a given solution up to its first error.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from inference.datasets.base import Dropped, LabelledTree, Recipe, Row, wrong_types
from inference.datasets.params import Prm800kRawOptions
from inference.desk import LabelFinish
from inference.labelwork import SaidStep, Work
from inference.types import Rating

NAME = "prm800k-raw"
TOP: dict[str, type | tuple[type, ...]] = {
    "labeler": str,
    "timestamp": str,
    "generation": (int, type(None)),
    "is_quality_control_question": bool,
    "is_initial_screening_question": bool,
    "question": dict,
    "label": dict,
}


@dataclass(frozen=True, slots=True)
class LabelledSession:
    """A submitted session: `timestamp` in ISO form without zone (UTC), `seconds` of active time, its item's role."""

    labeler: str
    timestamp: str
    finish: str
    seconds: float
    gold: bool
    screening: bool
    problem: str
    solution: str
    answer: str
    work: Work


def session_row(session: LabelledSession) -> Row:
    """Return a session as PRM800K writes it. What the form has no place for (category, note, rewrite) is left out."""
    return {
        "labeler": session.labeler,
        "timestamp": session.timestamp,
        "generation": None,
        "is_quality_control_question": session.gold,
        "is_initial_screening_question": session.screening,
        "question": _question(session),
        "label": {
            "steps": list(_steps(session.work)),
            "total_time": round(session.seconds * 1000),
            "finish_reason": session.finish,
        },
    }


def _question(session: LabelledSession) -> Row:
    asked: Row = {
        "problem": session.problem,
        "ground_truth_solution": session.solution or None,
        "ground_truth_answer": session.answer or None,
    }
    if session.work.whole_tree:
        return asked
    path = session.work.path()
    return {
        **asked,
        "pre_generated_steps": [step.text for step in path],
        "pre_generated_answer": path[-1].answer or None if path else None,
        "pre_generated_verifier_score": None,
    }


def _steps(work: Work) -> Iterator[Row]:
    """Yield the forks of the walk up to the last where something was said, then one where he went on by himself."""
    children, path = work.children(), work.path()
    above = [0, *(step.node for step in path)]
    forks = [(children[step.parent], step, before) for step, before in zip(path, above, strict=False)]
    said = [number for number, (beside, _, before) in enumerate(forks, 1) if _said(work, beside, before)]
    for beside, step, before in forks[: max(said, default=0)]:
        yield _step(work, beside, step, before)
    if str(above[-1]) in work.own:
        yield _step(work, children.get(path[-1].seq if path else 0, []), None, above[-1])


def _said(work: Work, beside: list[SaidStep], before: int) -> bool:
    return str(before) in work.own or any(step.rating is not None for step in beside)


def _step(work: Work, beside: list[SaidStep], walked: SaidStep | None, before: int) -> Row:
    """Return one step: the given continuation first (of a tree: all in order), the others that were rated after it."""
    shown = [step for step in beside if work.whole_tree or step is walked or step.rating is not None]
    shown.sort(key=lambda step: (not work.whole_tree and step is not walked, step.seq))
    own = work.own.get(str(before))
    marked = next((number for number, step in enumerate(shown) if step.chosen), None)
    went_on = shown.index(walked) if walked is not None and walked.rating != Rating.INCORRECT else None
    completions = [
        {"text": step.text, "rating": step.rating.number if step.rating else None, "flagged": step.flagged}
        for step in shown
    ]
    return {
        "completions": completions or None,
        "human_completion": _human(own) if own else None,
        "chosen_completion": None if own else went_on if marked is None else marked,
    }


def _human(own: Mapping[str, Any]) -> Row:
    return {"text": own["text"], "rating": None, "source": "human", "flagged": own.get("flagged") is True}


def rows(labelled: LabelledTree, options: Prm800kRawOptions) -> Iterator[Row | Dropped]:
    """Yield nothing: the rows are people's sessions, not trees, and come from the database."""
    return iter(())


def check(row: Row) -> list[str]:
    found = wrong_types(row, TOP)
    if not found and row["label"].get("finish_reason") not in set(LabelFinish):
        found.append(f"finish_reason is {row['label'].get('finish_reason')!r}")
    return found


def card(options: Prm800kRawOptions) -> str:
    return (
        "People's work in PRM800K's raw form, one row a session: each step with the continuations that were rated.\n\n"
        f"- Rows: {options.rows}.\n- `labeler`: {options.labeler}.\n"
        "- `total_time` is active time in milliseconds; `generation` is null; ratings are -1, 0, 1 or null.\n"
        "- Error categories, notes and rewritten steps have no place in this form: Full JSONL keeps them."
    )


RECIPE = Recipe(
    id=NAME,
    version="1",
    title="PRM800K (raw)",
    description="One row for each person's work on an item, with every continuation that he rated.",
    options=Prm800kRawOptions,
    rows=rows,
    check=check,
    card=card,
    reads="sessions",
)
