"""A run's page as values that its templates show: buttons, dots, marks, figures of what grows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from annotations import rules
from annotations.access import Access
from annotations.models import Node
from annotations.pages import charts, formulae, run_tools, run_words
from annotations.rules import Act
from annotations.selectors import runs
from annotations.selectors.compare import differing
from annotations.selectors.progress import Progress
from annotations.selectors.runs import RunPage, TreeDot
from inference.intervals import wilson
from inference.types import RunKind, RunState, TreeState, VerdictKind

MOST_DOTS, MOST_GROWING = 600, 8
VERDICTS = (
    (VerdictKind.REFUTED.value, "incorrect"),
    (VerdictKind.SUPPORTED.value, "correct"),
    (VerdictKind.UNDECIDED.value, "none"),
)
MARK_OF_VERDICT = dict(VERDICTS)
# Verdict and value of a step point the same way, or one of them says nothing.
CONSISTENCY = (("agree", "correct"), ("disagree", "incorrect"), ("undecided", "none"))


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
    return {
        "page": page,
        "run": run,
        "changes": differing(run.parent_run, run) if run.parent_run and run.kind == RunKind.GENERATE else [],
        "tools": run_tools.rows(page.progress.tools),
        "project": access.project,
        "title": str(run),
        "kind": run_words.NAMES[RunKind(run.kind)],
        "sentence": run_words.sentence(page),
        "mark": run_words.MARKS[RunState(run.state)],
        "missing": run_words.missing_worker(page),
        "waits": run_words.waits(page, names=access.user.is_superuser),
        "remedy": run_words.REMEDIES[RunKind(run.kind)],
        "every": "every 2s" if page.progress.trees_total <= 100 else "every 5s",
        "may_cancel": rules.can_cancel(access, run.state),
        "may_pause": rules.can_pause(access, run.kind, run.state),
        "may_resume": rules.can_resume(access, run.state),
        "may_run": rules.can(access, Act.RUN),
        "newest": [new_step(node) for node in page.newest],
        "params": sorted((name.replace("_", " ").capitalize(), value) for name, value in run.params.items()),
        **(_grown(access, page) if run.kind == RunKind.GENERATE else {}),
    }


def _grown(access: Access, page: RunPage) -> dict[str, Any]:
    """Return what a run that grows trees shows beside."""
    run = page.run
    under_way = runs.growing(access, run.pk, MOST_GROWING + 1) if page.is_open and page.progress.trees_growing else []
    return {
        "dots": [dot(tree) for tree in runs.run_dots(access, run.pk, MOST_DOTS)],
        "more_dots": max(page.progress.trees_total - MOST_DOTS, 0),
        "under_way": [(tree, head(tree, runs.HEAD)) for tree in under_way[:MOST_GROWING]],
        "more_under_way": len(under_way) > MOST_GROWING,
        "may_stop": rules.can_stop_tree(access, TreeState.GROWING, run.state),
        "ends_at": ends_at(page),
        **drawn(page.progress),
    }


def ends_at(page: RunPage) -> datetime | None:
    """Return when the run ends at this pace."""
    left = page.progress.eta_seconds
    return None if not left or page.run.state != RunState.RUNNING else timezone.now() + timedelta(seconds=left)


def head(tree: TreeDot, most: int = 90) -> str:
    """Return how the problem of a tree begins, in one line."""
    text = " ".join(formulae.plain(tree.head).split())
    return text if len(text) <= most else f"{text[: most - 1]}…"


def dot(tree: TreeDot) -> Dot:
    mark, word = _state(tree)
    paths = f"{tree.correct} correct, {tree.wrong} wrong"
    return Dot(id=tree.id, mark=mark, title=f"{word}: {head(tree)} ({tree.nodes} steps; paths: {paths})")


def _state(tree: TreeDot) -> tuple[str, str]:
    if tree.state == TreeState.GROWING:
        return ("growing", "Growing") if tree.rounds else ("waits", "Waiting")
    if tree.state == TreeState.STOPPED:
        return "neutral", "Stopped"
    return ("correct", "Solved") if tree.correct else ("incorrect", "Not solved")


def new_step(node: Node) -> NewStep:
    verdicts = {check.verdict for check in node.checks.all() if check.verifier != "answer"}
    verdict = next((kind for kind, _ in VERDICTS if kind in verdicts), "")
    return NewStep(node=node, mark=MARK_OF_VERDICT.get(verdict, "none"), verdict=verdict or "not checked")


def drawn(progress: Progress) -> dict[str, Any]:
    """Return the charts of a growing run and the counts beside them."""
    course, of = progress.by_round, "stretch" if progress.timed else "round"
    speeds = [part["tokens"] / part["seconds"] for part in course if part.get("seconds")]
    return {
        "verdict_chart": charts.shares(
            [(mark, kind, progress.verdicts.get(kind, 0)) for kind, mark in VERDICTS], of="Tool verdicts"
        ),
        "verdicts": [(kind, mark, progress.verdicts.get(kind, 0)) for kind, mark in VERDICTS],
        "round_chart": charts.columns([part.get("nodes", 0) for part in course], unit="steps", of=of),
        "speed_chart": charts.columns(speeds, unit="tokens/s", of=of),
        "flight_chart": charts.columns(_in_flight(course), unit="requests in flight", of=of),
        "numbers": {name: f"{number:,}" for name, number in _numbers(progress).items()},
        "costs": _costs(progress),
        "over": "over time" if progress.timed else "by round",
        "choices": choices((progress.chosen, progress.chosen_judged, progress.chosen_right)),
        "kept": _ordered(progress.kept.items()),
        "dropped": _ordered(progress.dropped.items()),
        "kept_total": sum(progress.kept.values()),
        "dropped_total": sum(progress.dropped.values()),
        "consistency": [(name, mark, progress.consistency.get(name, 0)) for name, mark in CONSISTENCY]
        if progress.consistency
        else [],
        "unread": _ordered(progress.unread.items()),
        "malformed_share": f"{100 * (1 - progress.parsed_share):.1f}" if progress.steps_generated else "",
        "decided_share": f"{100 * progress.decided_share:.0f}" if progress.verdicts else "",
    }


def choices(counts: tuple[int, int, int]) -> dict[str, str] | None:
    """Return how often the answers that a search chose are right; None where it chose none.

    `counts` are trees with a chosen answer, those of them whose answer was judged, and those that are right.
    """
    chosen, judged, right = counts
    if not chosen:
        return None
    low, high = wilson(right, judged)
    return {
        "share": _percent(right / judged) if judged else "",
        "interval": f"{_percent(low)} to {_percent(high)}",
        "right": f"{right:,}",
        "judged": f"{judged:,}",
        "open": f"{chosen - judged:,}" if chosen > judged else "",
    }


def _in_flight(course: list[dict[str, float]]) -> list[float]:
    return [part.get("row_seconds", 0.0) / part["busy_seconds"] for part in course if part.get("busy_seconds")]


def _numbers(progress: Progress) -> dict[str, int]:
    return {
        "done": progress.trees_done,
        "total": progress.trees_total,
        "stopped": progress.trees_stopped,
        "solved": progress.solved,
        "rounds": progress.rounds,
        "nodes": progress.nodes,
        "tokens": progress.tokens,
        "speed": round(progress.tokens_per_s),
        "correct": progress.correct_paths,
        "wrong": progress.wrong_paths,
        "retries": progress.retries,
        "asked": progress.asked,
    }


def _costs(progress: Progress) -> dict[str, str]:
    """Return what a label costs and how full the engine is, "" for what is not told."""
    return {
        "label_tokens": _amount(progress.tokens_per_label),
        "label_seconds": _amount(progress.seconds_per_label),
        "worker_time": run_words.duration(progress.worker_seconds) if progress.worker_seconds else "",
        "in_flight": _amount(progress.occupancy),
        "busy": _percent(progress.busy_share),
        "cached": _percent(progress.cached_share),
    }


def _amount(number: float | None) -> str:
    if number is None:
        return ""
    return f"{number:,.0f}" if number >= 10 else f"{number:.2g}"


def _percent(share: float | None) -> str:
    return "" if share is None else f"{100 * share:.0f}"


def _ordered(counts: Iterable[tuple[str, int]]) -> list[tuple[str, int]]:
    return sorted(counts, key=lambda item: -item[1])
