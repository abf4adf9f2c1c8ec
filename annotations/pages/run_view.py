"""A run's page as values that its templates show: charts, dots, marks, reports by kind."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from annotations import rules
from annotations.access import Access
from annotations.models import Node, Tree
from annotations.pages import charts, formulae, run_words
from annotations.rules import Act
from annotations.selectors import runs
from annotations.selectors.runs import Progress, RunPage
from inference.types import RunKind, RunState, TreeState, VerdictKind

MOST_DOTS = 600
VERDICTS = (
    (VerdictKind.REFUTED.value, "incorrect"),
    (VerdictKind.SUPPORTED.value, "correct"),
    (VerdictKind.UNDECIDED.value, "none"),
)
MARK_OF_VERDICT = dict(VERDICTS)


@dataclass(frozen=True, slots=True)
class Dot:
    """A tree as a dot: shape and words for its state."""

    id: int
    mark: str
    title: str


@dataclass(frozen=True, slots=True)
class NewStep:
    """A step that has just grown. `mark` is the frame's mark of the tool's verdict, `verdict` its word."""

    node: Node
    mark: str
    verdict: str


def context(access: Access, page: RunPage) -> dict[str, Any]:
    """Return everything that templates/runs/run.html shows."""
    run = page.run
    grows = run.kind == RunKind.GENERATE
    trees = list(runs.run_trees(access, run.pk)[:MOST_DOTS]) if grows else []
    complete = runs.run_trees(access, run.pk).filter(state=TreeState.DONE).count() if grows else 0
    return {
        "page": page,
        "run": run,
        "project": access.project,
        "title": str(run),
        "kind": run_words.NAMES[RunKind(run.kind)],
        "sentence": run_words.sentence(page, complete),
        "complete": complete,
        "mark": run_words.MARKS[RunState(run.state)],
        "missing": run_words.missing_worker(page),
        "remedy": run_words.REMEDIES[RunKind(run.kind)],
        "every": "every 2s" if len(trees) <= 100 else "every 5s",
        "may_cancel": page.is_open and run.state != RunState.CANCELLING and rules.can(access, Act.RUN),
        "may_run": rules.can(access, Act.RUN),
        "dots": [dot(tree) for tree in trees],
        "more_dots": max(page.progress.trees_total - MOST_DOTS, 0),
        "newest": [new_step(node) for node in page.newest],
        "params": sorted((name.replace("_", " ").capitalize(), value) for name, value in run.params.items()),
        **(drawn(page.progress) if grows else {}),
    }


def dot(tree: Tree) -> Dot:
    mark, word = _state(tree)
    text = " ".join(formulae.plain(tree.problem.text).split())
    text = text if len(text) <= 90 else f"{text[:89]}…"
    paths = f"{tree.correct_paths} correct, {tree.wrong_paths} wrong"
    return Dot(id=tree.pk, mark=mark, title=f"{word}: {text} ({tree.node_count} steps; paths: {paths})")


def _state(tree: Tree) -> tuple[str, str]:
    if tree.state == TreeState.GROWING:
        return ("growing", "Growing") if tree.rounds_done else ("waits", "Waiting")
    if tree.state == TreeState.STOPPED:
        return "neutral", "Stopped"
    return ("correct", "Solved") if tree.correct_paths else ("incorrect", "Not solved")


def new_step(node: Node) -> NewStep:
    verdicts = {check.verdict for check in node.checks.all() if check.verifier != "answer"}
    verdict = next((kind for kind, _ in VERDICTS if kind in verdicts), "")
    return NewStep(node=node, mark=MARK_OF_VERDICT.get(verdict, "none"), verdict=verdict or "not checked")


def drawn(progress: Progress) -> dict[str, Any]:
    """Return the charts of a growing run and the counts beside them."""
    course = progress.by_round
    speeds = [part["tokens"] / part["seconds"] for part in course if part.get("seconds")]
    return {
        "verdict_chart": charts.shares(
            [(mark, kind, progress.verdicts.get(kind, 0)) for kind, mark in VERDICTS], of="Tool verdicts"
        ),
        "verdicts": [(kind, mark, progress.verdicts.get(kind, 0)) for kind, mark in VERDICTS],
        "round_chart": charts.columns([part.get("nodes", 0) for part in course], unit="steps", of="round"),
        "speed_chart": charts.columns(speeds, unit="tokens/s", of="round"),
        "numbers": {name: f"{number:,}" for name, number in _numbers(progress).items()},
        "kept": _ordered(progress.kept.items()),
        "dropped": _ordered(progress.dropped.items()),
        "kept_total": sum(progress.kept.values()),
        "dropped_total": sum(progress.dropped.values()),
        "malformed_share": f"{100 * (1 - progress.parsed_share):.1f}" if progress.steps_generated else "",
        "decided_share": f"{100 * progress.decided_share:.0f}" if progress.verdicts else "",
    }


def _numbers(progress: Progress) -> dict[str, int]:
    return {
        "nodes": progress.nodes,
        "tokens": progress.tokens,
        "speed": round(progress.tokens_per_s),
        "correct": progress.correct_paths,
        "wrong": progress.wrong_paths,
    }


def _ordered(counts: Iterable[tuple[str, int]]) -> list[tuple[str, int]]:
    return sorted(counts, key=lambda item: -item[1])
