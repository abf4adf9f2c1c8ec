"""Masses, moles and volumes of a chemistry step, read by the units verifier once substances are out of its way."""

from __future__ import annotations

import re
from collections.abc import Iterator

from inference.verifiers.chemistry.equations import equations
from inference.verifiers.chemistry.findings import Finding
from inference.verifiers.chemistry.formulas import formulas
from inference.verifiers.claims.words import words as word_set
from inference.verifiers.units import findings
from inference.verifiers.units.table import words

_CANDIDATE = re.compile(
    r"(?P<unit>[A-Za-zµμ]{1,8}\}?\s)?(?P<of>of\s)?(?<![A-Za-z0-9])(?P<formula>[A-Z(\[][A-Za-z0-9()\[\]_₀-₉·]{0,40})"
    r"(?P<state>\s?\((?:s|l|g|aq)\))?"
)
_HEAD = re.compile(r"\bM[wWr]?\s?\([^()\n]{1,40}(?:\([^()]{1,20}\)[^()\n]{0,20})?\)")
# After these a capital letter is a substance: "2 mol K", "3 g C".
_AMOUNTS = word_set("mol mole moles mmol g kg mg gram grams L mL atoms molecules")


def amounts(step: str) -> Iterator[Finding]:
    """Yield what a step states about amounts; offsets are into the step."""
    if not any(sign in step for sign in "=≈") and " is " not in step and "approx" not in step:
        return
    for each in findings(_without_substances(step)):
        claim = each.claim
        yield Finding(claim, {"statement": dict(each.evidence)})


def _without_substances(step: str) -> str:
    """Return the step, as long as before, with equations and substances blanked: "2 mol H2O" becomes "2 mol"."""
    text = list(step)
    for equation in equations(step):
        text[equation.start : equation.end] = "|" * (equation.end - equation.start)
    for match in _HEAD.finditer(step):
        text[match.start() : match.end()] = "x" * (match.end() - match.start())
    for match in _CANDIDATE.finditer("".join(text)):
        formula = match["formula"]
        if formula.count(")") > formula.count("("):
            formula = formula[: formula.rindex(")")]
        if _is_substance(formula, match, step):
            start = match.start("of") if match["of"] else match.start("formula")
            end = match.start("formula") + len(formula) if formula != match["formula"] else match.end()
            text[start:end] = " " * (end - start)
    return "".join(text)


def _is_substance(formula: str, match: re.Match[str], step: str) -> bool:
    unit = (match["unit"] or "").strip(" }")
    if not formulas(formula) or (formula in words() and unit not in _AMOUNTS):
        return False
    if formula == "K" and re.search(r"[/(]\s?(?:mol|g)\s$", step[max(0, match.start() - 6) : match.start("formula")]):
        # "J/(mol K)" is kelvin, not potassium.
        return False
    return len(formula) > 1 or unit in _AMOUNTS
