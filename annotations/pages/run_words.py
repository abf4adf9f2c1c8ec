"""What a run is, in words: the sentence first, how long it takes, what went wrong and what to do about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from annotations.models import Run
from annotations.selectors.artefacts import DEDUCER_KIND
from annotations.selectors.progress import Progress
from annotations.selectors.runs import RunPage
from inference.types import Queue, RunKind, RunState

# The marks of the frame: what ended well, what waits or was stopped, what failed, what goes on.
MARKS: dict[RunState, str] = {
    RunState.DONE: "correct",
    RunState.FAILED: "incorrect",
    RunState.CANCELLED: "neutral",
    RunState.CANCELLING: "none",
    RunState.QUEUED: "none",
    RunState.PAUSED: "neutral",
    RunState.RUNNING: "none going",
}
POOLS = {Queue.GPU: "solo", Queue.TOOLS: "solo", Queue.LIGHT: "threads"}
NAMES = {
    RunKind.GENERATE: "Trees",
    RunKind.SCORE: "Scores",
    RunKind.TRAIN: "Training",
    RunKind.IMPORT: "Import",
    RunKind.EXPORT: "Export",
    RunKind.PLANT: "Planted",
    RunKind.REPLAY: "Replay",
    RunKind.PROBLEMS: "Problems",
    RunKind.PASSRATE: "Pass rates",
    RunKind.CHECK: "Checks",
    RunKind.POLICY: "Policy",
}
DOING = {
    RunKind.SCORE: ("Scoring all trees", "Scored all trees"),
    RunKind.TRAIN: ("Training a PRM head", "Training ended"),
    RunKind.IMPORT: ("Importing {file}", "Imported {file}"),
    RunKind.EXPORT: ("Writing the data set", "Wrote the data set"),
    RunKind.PLANT: ("Planting errors", "Planted errors"),
    RunKind.REPLAY: ("Replaying labels", "Replayed labels"),
    RunKind.PROBLEMS: ("Generating problems", "Generated problems"),
    RunKind.PASSRATE: ("Measuring pass rates", "Measured pass rates"),
    RunKind.CHECK: ("Checking steps", "Checked {steps} steps"),
    RunKind.POLICY: ("Training a policy", "Trained a policy"),
}
DEDUCING = ("Training a deducibility scorer", "Trained a deducibility scorer")
REMEDIES = {
    RunKind.GENERATE: "All finished rounds are stored. Mend the cause, then grow the problems that have no tree yet.",
    RunKind.SCORE: "Scores that were there before still stand. Mend the cause, then score again.",
    RunKind.TRAIN: "The model in use has not changed. Mend the cause, then retrain.",
    RunKind.IMPORT: "Nothing came in by half, and importing a file twice changes nothing. Mend the file or the cause, "
    "then import it again.",
    RunKind.EXPORT: "No data set was made, and nothing else has changed. Mend the cause, then export again.",
    RunKind.PLANT: "Nothing came in by half, and planting the same twice changes nothing. Mend the cause, then plant "
    "again.",
    RunKind.REPLAY: "Labels and models have not changed. Mend the cause, then replay again.",
    RunKind.PROBLEMS: "Nothing came in by half, and generating the same twice changes nothing. Mend the cause, then "
    "generate again.",
    RunKind.PASSRATE: "What was sampled is stored. Mend the cause, then measure the same again: it goes on from there.",
    RunKind.POLICY: "No adapter was made, and no engine has changed. Mend the cause, then train again.",
    RunKind.CHECK: "Verdicts that were given are stored. Mend the cause, then check again: it goes on from there.",
}


@dataclass(frozen=True, slots=True)
class Missing:
    """No worker takes the run's queue: which one, and the command that starts one."""

    queue: str
    command: str


def command_for(queue: str) -> str:
    return f"celery -A rationale_studio worker -Q {queue} --pool={POOLS[Queue(queue)]}"


def missing_worker(page: RunPage) -> Missing | None:
    if not page.needs_worker or not page.shards:
        return None
    queue = page.shards[0].queue
    return Missing(queue=queue, command=command_for(queue))


def waits(page: RunPage, *, names: bool) -> list[str]:
    """Return what the run's workers wait for; only with `names` whose work it is, which another project may own."""
    if names:
        return [f"A worker of this run {note}." for note in page.notes]
    plain = ("ends its rounds: other work waits", "waits for room on its accelerator")
    return list(dict.fromkeys(f"A worker of this run {plain[not note.startswith('ends')]}." for note in page.notes))


def duration(seconds: float) -> str:
    """Return a length of time in the words of a person who waits."""
    if seconds < 1.5:
        return "a second"
    if seconds < 50:
        return f"{round(seconds)} seconds"
    if seconds < 90:
        return "a minute"
    if seconds < 5400:
        return f"{round(seconds / 60)} minutes"
    return f"{seconds / 3600:.1f} hours"


def count(number: int, one: str) -> str:
    return f"{number:,} {one}" + ("" if number == 1 else "s")


def sentence(page: RunPage) -> str:
    """Say what the run does or did, with the numbers that matter most."""
    if page.run.kind == RunKind.GENERATE:
        return _GROWING[RunState(page.run.state)](page.run, page.progress)
    words = DEDUCING if page.run.plugin == DEDUCER_KIND else DOING[RunKind(page.run.kind)]
    told = {"file": page.run.input.get("name", "the file"), "steps": f"{page.run.report.get('steps', 0):,}"}
    doing, done = (each.format(**told) for each in words)
    return {
        RunState.QUEUED: f"{doing}: waiting for a worker",
        RunState.RUNNING: f"{doing}{_said(page.run)}",
        RunState.PAUSED: f"{doing}: paused",
        RunState.CANCELLING: f"{doing}: stopping",
        RunState.CANCELLED: f"{doing}: cancelled",
        RunState.DONE: f"{done} in {duration(page.progress.elapsed_seconds)}",
        RunState.FAILED: f"{doing}: failed",
    }[RunState(page.run.state)]


def _said(run: Run) -> str:
    """Return what a task last told of itself, for example {"stage": "scoring", "steps_done": 3, "steps_total": 10}."""
    said: dict[str, Any] = run.report.get("progress") or {}
    parts = [str(said["stage"])] if said.get("stage") else []
    # How much is done comes first, however the database orders it.
    for name, value in sorted(said.items(), key=lambda item: not item[0].endswith("_done")):
        if name.endswith("_done"):
            what = name.removesuffix("_done")
            parts.append(f"{value:,} of {said.get(f'{what}_total', 0):,} {what}")
        elif name == "tokens_per_s" and value:
            parts.append(f"{value:,.0f} tokens/s")
        elif name in ("rows", "refused") and value:
            parts.append(f"{value:,} {name}")
    return f": {', '.join(parts)}" if parts else ""


def _trees(run: Run, progress: Progress) -> str:
    return f"{count(progress.trees_total, 'tree')} of “{run.project.name}”"


def _running(run: Run, progress: Progress) -> str:
    parts = [f"{progress.trees_done:,} done"]
    if progress.tokens_per_s:
        parts.append(f"{progress.tokens_per_s:,.0f} tokens/s")
    if progress.eta_seconds is not None:
        parts.append(f"about {duration(progress.eta_seconds)} left")
    return f"Growing {_trees(run, progress)}: {', '.join(parts)}"


def _grown(run: Run, progress: Progress) -> str:
    solved = f"{progress.solved:,} of {count(progress.trees_total, 'problem')} solved"
    took = duration(progress.elapsed_seconds)
    return f"Grew {_trees(run, progress)} in {took}: {count(progress.nodes, 'step')}, {solved}"


def _paused(run: Run, progress: Progress) -> str:
    if progress.shards_at_work:
        return f"Pausing {_trees(run, progress)} after the round under way: {progress.trees_done:,} done"
    return f"Paused: {progress.trees_done:,} of {_trees(run, progress)} done; what has grown stays"


def _part(word: str) -> Callable[[Run, Progress], str]:
    def say(run: Run, progress: Progress) -> str:
        return f"{word} {progress.trees_done:,} of {_trees(run, progress)} complete; what has grown stays"

    return say


_GROWING: dict[RunState, Callable[[Run, Progress], str]] = {
    RunState.QUEUED: lambda run, progress: f"{_trees(run, progress)} wait for a worker",
    RunState.RUNNING: _running,
    RunState.PAUSED: _paused,
    RunState.CANCELLING: lambda run, progress: f"Stopping {_trees(run, progress)} after the round under way",
    RunState.CANCELLED: _part("Cancelled:"),
    RunState.DONE: _grown,
    RunState.FAILED: _part("Failed:"),
}
