"""What a person sees of a quote or a clause that was refuted: in the tool's terms, and never as markup."""

from __future__ import annotations

from dataclasses import asdict

from django.template.loader import render_to_string

from annotations.models import ToolCheck
from inference.types import Problem
from inference.verifiers import verifier


def shown(kind: str, data: dict[str, object], step: str) -> str:
    verdict = verifier(kind).check(Problem("1", "", kind=kind, data=data), (), step)
    claims = [asdict(claim) for claim in verdict.claims]
    check = ToolCheck(verifier=kind, verdict=verdict.kind, claims=claims, input=verdict.input, output=verdict.output,
                      message=verdict.message)  # fmt: skip
    return render_to_string(f"evidence/{kind}.html", {"check": check})


def test_the_differing_words_are_marked_in_the_quote_and_in_the_passage() -> None:
    passages = [{"id": "1", "title": "<b>Harlow</b>", "text": "The light was built in 1874 by <i>Ines</i> Calder."}]
    page = shown("evidence", {"passages": passages}, 'Passage 1 says "The light was built in 1847 by <i>Ines</i>".')
    assert '<mark class="differs">1847</mark>' in page
    assert '<mark class="differs">1874</mark>' in page
    assert "Passage 1" in page
    assert "&lt;b&gt;Harlow" in page
    assert "<i>" not in page
    assert "<b>" not in page


def test_the_premises_that_exclude_a_clause_stand_above_it() -> None:
    facts = ["Tom is a <b>cat</b>", "Rex is not quiet"]
    page = shown(
        "logic", {"facts": facts, "rules": ["All cats are animals"]}, "Rex is <i>really</i> here. Rex is quiet."
    )
    assert page.index("Rex is not quiet") < page.index("“Rex is quiet” cannot hold")
    assert "All cats" not in page
    assert "<i>" not in page


def test_a_check_without_evidence_says_its_message() -> None:
    assert "nothing is asserted" in shown("logic", {"facts": ["Tom is a cat"]}, "Is he?")
    assert "no quote and no reference" in shown("evidence", {"passages": [{"text": "Tom"}]}, "He is.")
