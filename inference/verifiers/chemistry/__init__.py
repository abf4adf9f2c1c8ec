"""The chemistry verifier: formulas, molar masses, reaction equations, quantities. Knows nothing about pools or rows.

Formulas are read by `formulas`, equations found and counted by `equations`; `balancing`, `counting` and `smiles` find
what a step claims of them, and what is left is read as quantities by the units verifier. Oxidation numbers, mechanisms
and whether a reaction takes place at all are beyond it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from types import MappingProxyType

from inference.types import Problem, Verdict, VerdictKind
from inference.verifiers.answer import check_answer, clean
from inference.verifiers.chemistry.amounts import amounts
from inference.verifiers.chemistry.balancing import balancing
from inference.verifiers.chemistry.counting import counting
from inference.verifiers.chemistry.equations import Equation, Species, equations
from inference.verifiers.chemistry.findings import Finding
from inference.verifiers.chemistry.formulas import Formula, formulas
from inference.verifiers.chemistry.smiles import AVAILABLE, MISSING, same_structure, structures
from inference.verifiers.units import answer_finding
from inference.verifiers.units.table import words

MAX_CHARS = 6000
MAX_SHOWN = 6


class ChemistryVerifier:
    """Refutes a step whose atoms, charges, masses or amounts do not fit."""

    id: str = "chemistry"
    version: str = "1+rdkit" if AVAILABLE else "1"
    params: Mapping[str, object] = MappingProxyType({})

    def __init__(self) -> None:
        words()

    def applies(self, problem: Problem) -> bool:
        """Whether it is a chemistry problem."""
        return problem.kind == "chemistry"

    def check(self, problem: Problem, prefix: Sequence[str], step: str) -> Verdict:
        """Return the verdict on `step`; offsets of claims are into it."""
        text = step[:MAX_CHARS]
        found = [*balancing(text, [each[:MAX_CHARS] for each in prefix]), *counting(text), *structures(text)]
        found += amounts(text)
        return self._verdict(sorted(found, key=lambda each: each.claim.start), step)

    def check_answer(self, problem: Problem, given: str) -> Verdict:
        """Return whether an equation, formula, structure or quantity is the problem's."""
        if problem.data.get("answer_form") == "smiles":
            same = same_structure(clean(given), problem.answer)
            return self._answer(same, MISSING if same is None else f"{clean(given)[:80]} against {problem.answer[:80]}")
        ours, theirs = equations(given[:MAX_CHARS]), equations(problem.answer[:MAX_CHARS])
        if theirs:
            same = _same_equation(ours[-1], theirs[-1]) if ours else None
            return self._answer(same, "the same equation" if same else "another equation" if ours else "no equation")
        ours_read, theirs_read = formulas(clean(given)), formulas(clean(problem.answer))
        if ours_read and theirs_read and len(clean(problem.answer)) > 1:
            same = _same_formula(ours_read[0], theirs_read[0])
            why = " have the same atoms, perhaps another structure" if same is None else ""
            return self._answer(same, f"{ours_read[0].text} and {theirs_read[0].text}{why}")
        finding = answer_finding(given, problem.answer)
        if finding is not None:
            return self._verdict([Finding(finding.claim, {"statement": dict(finding.evidence)})], given)
        return replace(check_answer(given, problem.answer), verifier=self.id, version=self.version)

    def _answer(self, same: bool | None, message: str) -> Verdict:
        kinds = {True: VerdictKind.SUPPORTED, False: VerdictKind.REFUTED, None: VerdictKind.UNDECIDED}
        return Verdict(kinds[same], self.id, self.version, (), message)

    def _verdict(self, found: Sequence[Finding], step: str) -> Verdict:
        kinds = {each.claim.verdict for each in found}
        order = (VerdictKind.REFUTED, VerdictKind.SUPPORTED)
        kind: VerdictKind = next((each for each in order if each in kinds), VerdictKind.UNDECIDED)
        details = [each.claim.detail for each in found if each.claim.verdict is kind]
        message = "; ".join(details) or "no formula, equation or amount to check"
        if kind is VerdictKind.SUPPORTED:
            message = f"{len(details)} of {len(found)} statements hold"
        if len(step) > MAX_CHARS:
            message = f"{message[:800]}; only the first {MAX_CHARS} characters were read"
        shown = sorted(found, key=lambda each: each.claim.verdict is not VerdictKind.REFUTED)[:MAX_SHOWN]
        rows = [
            {**each.evidence, "text": each.claim.text, "verdict": each.claim.verdict.value, "detail": each.claim.detail}
            for each in shown
        ]
        claims = tuple(each.claim for each in found)
        output = {"findings": rows} if rows else None
        return Verdict(kind, self.id, self.version, claims, message[:1000], output=output)


def _same_equation(ours: Equation, theirs: Equation) -> bool:
    """Whether two equations are the same up to order and a common factor; states are not compared."""
    return _normal(ours) == _normal(theirs)


def _normal(equation: Equation) -> tuple[dict[tuple[object, ...], Fraction], ...]:
    first = min(each.coefficient for each in equation.left + equation.right)
    return tuple(_side(side, first) for side in (equation.left, equation.right))


def _side(side: Sequence[Species], unit: Fraction) -> dict[tuple[object, ...], Fraction]:
    total: Counter[tuple[object, ...]] = Counter()
    for each in side:
        key = (each.readings[0].atoms, each.readings[0].charge)
        total[key] += each.coefficient / unit  # type: ignore[assignment]
    return dict(total)  # type: ignore[arg-type]


def _same_formula(ours: Formula, theirs: Formula) -> bool | None:
    """Whether two formulas are written alike or differ in their atoms; None where they may be isomers."""
    if (ours.text, ours.charge) == (theirs.text, theirs.charge):
        return True
    return None if (ours.atoms, ours.charge) == (theirs.atoms, theirs.charge) else False
