"""A second version of claims, and a verifier that asks a model; they run in the pool's children."""

from __future__ import annotations

from collections.abc import Sequence

from inference.engines.base import Request
from inference.types import Problem, Verdict, VerdictKind
from inference.verifiers.wire import CheckJob


class ClaimsTwo:
    """Calls wrong whatever is odd, and all else right."""

    id, version = "claims", "2"
    params: dict[str, object] = {}

    def applies(self, problem: Problem) -> bool:
        return True

    def check(self, problem: Problem, prefix: Sequence[str], step: str) -> Verdict:
        odd = "odd" in step
        kind = VerdictKind.REFUTED if odd else VerdictKind.SUPPORTED
        return Verdict(kind, self.id, self.version, (), "odd is wrong" if odd else "fine")


class Oracle:
    """Asks a model so many times, and supports what it was told something of."""

    id, version = "oracle", "1"
    params: dict[str, object] = {}

    def applies(self, problem: Problem) -> bool:
        return True

    def check(self, problem: Problem, prefix: Sequence[str], step: str) -> Verdict:
        raise NotImplementedError

    def requests(self, job: CheckJob, count: int) -> tuple[Request, ...]:
        return (Request("", "", f"Is it so? {job.step}", 0, 32),) * count

    def weigh(self, job: CheckJob) -> Verdict:
        said = [draft.text for draft in job.drafts]
        kind = VerdictKind.SUPPORTED if all(said) else VerdictKind.UNDECIDED
        return Verdict(kind, self.id, self.version, (), f"told {len(said)} times", output={"said": said})
