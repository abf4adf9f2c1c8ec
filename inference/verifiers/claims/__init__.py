"""The claims verifier: every equation or inequality of a step, checked exactly. Knows nothing about pools or rows.

Text is lexed (tokens), cut into relations (extract, latex, prose, chains), parsed (parser), evaluated over fractions
(evaluate, compare), judged (judge) and, where variables are left, held against earlier steps (context).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from inference.types import Claim, Problem, Verdict, VerdictKind
from inference.verifiers.claims.context import MAX_EARLIER_STEPS, Context, context_of, settle
from inference.verifiers.claims.extract import MAX_CHARS, links
from inference.verifiers.claims.judge import claim, judge


class ClaimsVerifier:
    """Refutes a step with a false equation; "supported" only says that its arithmetic is right."""

    id: str = "claims"
    version: str = "1"
    params: Mapping[str, object] = MappingProxyType({})

    def applies(self, problem: Problem) -> bool:
        """Whether this kind of problem is written with equations."""
        return problem.kind == "maths"

    def check(self, problem: Problem, prefix: Sequence[str], step: str) -> Verdict:
        """Return the verdict on `step`, which follows the steps `prefix`; offsets of claims are into `step`."""
        found = _claims(problem, prefix, step)
        kinds = {each.verdict for each in found}
        kind = VerdictKind.UNDECIDED
        for decided in (VerdictKind.REFUTED, VerdictKind.SUPPORTED):
            if decided in kinds:
                kind = decided
                break
        return Verdict(kind, self.id, self.version, tuple(found), _message(kind, found, step))


def _claims(problem: Problem, prefix: Sequence[str], step: str) -> list[Claim]:
    found: list[Claim] = []
    context: Context | None = None
    for link in links(step):
        judgement = judge(link, step)
        if judgement.symbolic and link.relation == "=":
            context = context or context_of((problem.text, *prefix[-MAX_EARLIER_STEPS:]))
            judgement = settle(judgement, context)
        found.append(claim(link, judgement, step))
    return found


def _message(kind: VerdictKind, found: Sequence[Claim], step: str) -> str:
    if kind is VerdictKind.REFUTED:
        message = "; ".join(each.detail for each in found if each.verdict is kind)
    elif kind is VerdictKind.SUPPORTED:
        right = sum(each.verdict is kind for each in found)
        message = f"{right} of {len(found)} claims hold"
    else:
        message = "nothing to check" if not found else f"none of {len(found)} claims could be decided"
    hints = [each.detail for each in found if each.detail.startswith("hint: ")]
    cut = [f"only the first {MAX_CHARS} characters were read"] if len(step) > MAX_CHARS else []
    return "; ".join([message, *hints, *cut])[:1000]
