"""Verifiers that ask a model, for the tests of chains: one that has texts drawn, and one that weighs choices last."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from inference.engines.base import Completion, Request
from inference.search.checks import chain_for
from inference.search.wants import CheckJob
from inference.types import FinishReason, Verdict, VerdictKind
from inference.verifiers import VERIFIERS, verifier
from inference.verifiers.params import TOOLS, Tool
from tests.inference.search_cast import check, verdict

ORACLE, LAST = "oracle", "last"
ASKS = "Is it so?"


class Oracle:
    """Asks whether a step is right, as often as it is told."""

    id, version = ORACLE, "1"
    params: dict[str, object] = {}

    def requests(self, job: CheckJob, count: int) -> tuple[Request, ...]:
        prompt = f"{job.problem.text}\n{job.step}\n{ASKS}\n"
        return tuple(Request("", "", prompt, 0, 8, stop=("\n",)) for _ in range(count))


class Last(Oracle):
    """Has two words weighed."""

    id = LAST

    def requests(self, job: CheckJob, count: int) -> tuple[Request, ...]:
        return (Request("", "", f"{job.problem.text}\n{job.step}\n", 0, 1, choices=("yes", "no")),)


def know(monkeypatch: pytest.MonkeyPatch, **changed: Any) -> None:
    """Make both known for the length of a test; `changed` are fields of the oracle's registry line."""
    here = "tests.inference.asking_cast"
    monkeypatch.setitem(VERIFIERS, ORACLE, f"{here}:Oracle")
    monkeypatch.setitem(VERIFIERS, LAST, f"{here}:Last")
    monkeypatch.setitem(TOOLS, ORACLE, Tool(f"{here}:Oracle", "Oracle", "Asks.", asks=True, **changed))
    monkeypatch.setitem(TOOLS, LAST, Tool(f"{here}:Last", "Last", "Weighs.", asks=True, last=True))
    for known in (chain_for, verifier):
        known.cache_clear()


def say(request: Request) -> Completion | None:
    """Answer the oracle's questions by the seed alone: "no", "yes", or something else."""
    if ASKS not in request.prompt:
        return None
    return Completion(request.key, ("no", "yes", "hm", "yes")[request.seed % 4], 2, -1.0, FinishReason.STOP)


def checked(jobs: Sequence[CheckJob]) -> list[Verdict]:
    """What the table of the search tests says; the oracle goes by its drafts, the last one by its choices."""
    return [_told(job) if job.verifier in (ORACLE, LAST) else check([job])[0] for job in jobs]


def _told(job: CheckJob) -> Verdict:
    if job.verifier == LAST:
        yes, no = job.drafts[0].choices
        return verdict(VerdictKind.SUPPORTED if yes > no else VerdictKind.REFUTED, LAST)
    said = [draft.text for draft in job.drafts]
    kind = VerdictKind.REFUTED if said.count("no") > 1 else VerdictKind.UNDECIDED
    return verdict(VerdictKind.SUPPORTED if said.count("yes") > 1 else kind, ORACLE)
