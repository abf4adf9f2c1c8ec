"""The evidence verifier: every quote of a step, held against the passages of its problem. Knows no pools or rows.

Quotes and what they are said to be from are read (quotes), looked up (passages), compared word by word (changes), and
judged (judge); sentences that cite without quoting can only be supported (statements).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from inference.types import Claim, Problem, Verdict, VerdictKind
from inference.verifiers.evidence.judge import Finding, judge, library
from inference.verifiers.evidence.passages import Passage, passages_of
from inference.verifiers.evidence.quotes import MAX_CHARS, read
from inference.verifiers.evidence.shown import evidence
from inference.verifiers.evidence.statements import judge_statement

_LONGEST = 300


class EvidenceVerifier:
    """Refutes a step that quotes what no passage says; "supported" says that its quotes are true to the passages."""

    id: str = "evidence"
    version: str = "1"
    params: Mapping[str, object] = MappingProxyType({})

    def applies(self, problem: Problem) -> bool:
        """Whether the problem has passages."""
        return problem.kind == "evidence" and bool(problem.data.get("passages"))

    def check(self, problem: Problem, prefix: Sequence[str], step: str) -> Verdict:
        """Return the verdict on `step`, which follows the steps `prefix`; offsets of claims are into `step`."""
        try:
            passages = passages_of(problem.data)
        except ValueError as error:
            return Verdict(VerdictKind.UNDECIDED, self.id, self.version, (), f"the problem's data: {error}")
        books = library(problem, passages, prefix)
        quotes, sentences = read(step)
        findings = [judge(quote, books) for quote in quotes]
        cited = [claim for each in sentences if (claim := judge_statement(each, books)) is not None]
        claims = sorted([*map(_claim, findings), *cited], key=lambda each: each.start)
        kind = _kind(claims)
        return Verdict(
            kind, self.id, self.version, tuple(claims), _message(kind, claims, step),
            input=_given(passages) if claims else None, output=evidence(findings, cited) if claims else None,
        )  # fmt: skip


def _claim(finding: Finding) -> Claim:
    quote = finding.quote
    text = quote.text if len(quote.text) <= _LONGEST else quote.text[: _LONGEST - 1] + "\u2026"
    return Claim(f"\u201c{text}\u201d", finding.verdict, finding.why, quote.start, quote.end)


def _kind(claims: Sequence[Claim]) -> VerdictKind:
    kinds = {each.verdict for each in claims}
    for decided in (VerdictKind.REFUTED, VerdictKind.SUPPORTED):
        if decided in kinds:
            return decided
    return VerdictKind.UNDECIDED


def _message(kind: VerdictKind, claims: Sequence[Claim], step: str) -> str:
    if kind is VerdictKind.REFUTED:
        message = "; ".join(each.detail for each in claims if each.verdict is kind)
    elif kind is VerdictKind.SUPPORTED:
        right = sum(each.verdict is kind for each in claims)
        message = f"{right} of {len(claims)} references to the passages hold"
    elif claims:
        message = "; ".join(dict.fromkeys(each.detail for each in claims))
    else:
        message = "no quote and no reference to a passage"
    cut = f"; only the first {MAX_CHARS} characters were read" if len(step) > MAX_CHARS else ""
    return message[:900] + cut


def _given(passages: Sequence[Passage]) -> dict[str, object]:
    """Return what the quotes were held against: at most twelve passages by id, title and length."""
    rows = [{"id": each.id[:40], "title": each.title[:80], "characters": len(each.text)} for each in passages[:12]]
    return {"passages": rows, "more": len(passages) - len(rows)}
