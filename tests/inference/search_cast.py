"""The cast of the search tests: one problem, checkers that need no process, an engine that says what it is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from inference.engines.base import Completion, EngineInfo, More, Progress, Request, Usage
from inference.engines.scripted import ScriptedEngine
from inference.search import SearchParams, SearchTree, new_tree
from inference.search.wants import CheckJob, RateJob
from inference.types import FinishReason, Problem, Verdict, VerdictKind

HENS = Problem("hens", "A farm has 4 hens and buys 3 more. How many hens?", answer="7", level=1)


def verdict(kind: VerdictKind, verifier: str = "table") -> Verdict:
    return Verdict(kind, verifier, "1")


def check(jobs: Sequence[CheckJob]) -> list[Verdict]:
    """Answers against the reference; a step with "wrong" in it, or of a length divisible by 7, is refuted."""
    return [verdict(_kind(job), job.verifier) for job in jobs]


def _kind(job: CheckJob) -> VerdictKind:
    if job.verifier == "answer":
        return VerdictKind.SUPPORTED if job.step == job.problem.answer else VerdictKind.REFUTED
    if "wrong" in job.step or len(job.step) % 7 == 0:
        return VerdictKind.REFUTED
    return VerdictKind.SUPPORTED if len(job.step) % 2 else VerdictKind.UNDECIDED


def hens(number: int) -> Problem:
    return Problem(f"hens-{number}", f"A farm has {number} hens and buys 3 more. How many?", answer=str(number + 3))


def grove(count: int, params: SearchParams, seed: int = 5) -> list[SearchTree]:
    return [new_tree(hens(number), params, seed) for number in range(count)]


def guide(jobs: Sequence[RateJob]) -> list[list[float]]:
    """Scores as the steps themselves name them ("so it is (.8)"); one that names none gets a score by its letters."""
    return [[_named(step) for step in job.steps] for job in jobs]


def _named(step: str) -> float:
    head, _, number = step.rstrip(")").rpartition("(")
    return float(number) if head else sum(step.encode()) % 101 / 100


class Parrot:
    """An engine that answers each reply so far with the next of its texts, and remembers what it was asked.

    Every completion is of 4 tokens; its log-probability is -2 or, where a text is a pair, the second of it.
    """

    id = "parrot"
    info = EngineInfo(model="parrot")
    usage = Usage()

    def __init__(self, texts: Mapping[str, Sequence[str | tuple[str, float]]]) -> None:
        self.texts = {reply: list(said) for reply, said in texts.items()}
        self.waves: list[list[Request]] = []

    def generate(
        self, requests: Sequence[Request], *, progress: Progress | None = None, more: More | None = None
    ) -> list[Completion]:
        done: list[Completion] = []
        wave = list(requests)
        while wave:
            self.waves.append(wave)
            drawn = [self._say(request) for request in wave]
            done += drawn
            wave = list(more(drawn)) if more else []
        return done

    def _say(self, request: Request) -> Completion:
        said = self.texts[request.reply].pop(0)
        text, logprob = (said, -2.0) if isinstance(said, str) else said
        return Completion(request.key, text, 4, logprob, FinishReason.STOP)

    def close(self) -> None:
        pass


class OneByOne(ScriptedEngine):
    """The scripted engine, its requests drawn one at a time and last first, as an uneven engine would."""

    def generate(
        self, requests: Sequence[Request], *, progress: Progress | None = None, more: More | None = None
    ) -> list[Completion]:
        waiting, done = list(requests), []
        while waiting:
            drawn = super().generate([waiting.pop()])
            done += drawn
            waiting += more(drawn) if more else []
        return done
