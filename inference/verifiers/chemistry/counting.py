"""Claims about a formula: how many atoms it has, and its molar mass. Knows nothing about equations."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from inference.types import VerdictKind
from inference.verifiers.chemistry.balancing import number_of, symbol_of
from inference.verifiers.chemistry.elements import WEIGHTS, rounding
from inference.verifiers.chemistry.findings import Finding, finding, is_conditional
from inference.verifiers.chemistry.formulas import Formula, formulas

MAX_CLAIMS = 20
# Beyond what rounded weights explain, yet so close that other tables of weights may.
DOUBTFUL = 0.004
_FORMULA = r"(?P<formula>[A-Z(\[][A-Za-z0-9()\[\]_{}₀-₉·]{0,60})"
_NUMBER = r"(?P<number>\d{1,4}|zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)"
_HAS = re.compile(
    r"(?P<times>\d{1,3}\s?|(?:molecules?|moles?|mol|units?) of )?(?<![A-Za-z0-9_])" + _FORMULA
    + r"\)?\$?,?\s(?:has|have|contains?|consists of|is made of|is made up of|is composed of)\s"
)  # fmt: skip
_ATOMS = re.compile(
    _NUMBER + r"\s(?:(?P<name>[A-Za-z]{1,11})(?P<atoms>\s[Aa]toms?)?|(?P<all>atoms)(?: in total| altogether)?)\b", re.I
)
_ELSEWHERE = re.compile(
    r"\s*(?:\([^)]{0,20}\)\s*)?(?:on|attached|bonded|per|each|available|more|that|which|left|acidic|in the|from)\b",
    re.I,
)
_MASS = re.compile(
    r"(?:\bM_?r?|\bMW|\bMM|\bFW|\\mathrm\{M\})\s?[(_]\{?\s?" + _FORMULA.replace("formula", "short") + r"\s?[)}]"
    r"|\b(?:molar|molecular|formula) (?:mass|weight) of (?:[a-z]{2,20} ){0,4}\(?\$?" + _FORMULA
)  # fmt: skip
_VALUE = re.compile(
    r"\s*~?\$?(?P<value>\d{1,5}(?:,\d{3})*(?:\.\d{1,6})?)\s*(?P<unit>\\?,?\s?(?:\\text\{)?\s?(?:k?g\s?(?:/|·|\\cdot)?\s?"
    r"mol(?:\^?\{?[-⁻][1¹]\}?)?|g per mole?|grams? per mole|grams?/mole?|amu|u|Da)(?![A-Za-z]))?"
)
_RELATION = re.compile(r"\s*\)?\$?\s*(?:is|=|≈|:|\\approx|equals)\s*(?:about |approximately |roughly |therefore )?")
_REST = re.compile(r"[^.;\n]{0,200}(?:\.\d[^.;\n]{0,100}){0,20}")


def counting(step: str) -> Iterator[Finding]:
    """Yield the claims of a step about the atoms and the molar masses of formulas."""
    for match in islice(_HAS.finditer(step), MAX_CLAIMS):
        formula = _certain(match["formula"])
        if formula is not None and not match["times"] and not is_conditional(step, match.start()):
            yield from _atoms(step, match, formula)
    for match in islice(_MASS.finditer(step), MAX_CLAIMS):
        text = match["formula"] or match["short"]
        readings = formulas(text.rstrip(")") if text.count(")") > text.count("(") else text)
        if len(readings) == 1:
            yield from _mass(step, match, readings[0])


def molar_mass(formula: Formula) -> tuple[float, float] | None:
    """Return (molar mass in g/mol, by how much rounded weights may differ), None where a weight is not known."""
    if any(symbol not in WEIGHTS for symbol, _ in formula.atoms):
        return None
    mass = sum(count * WEIGHTS[symbol] for symbol, count in formula.atoms)
    return mass, sum(count * rounding(symbol) for symbol, count in formula.atoms)


def _certain(text: str) -> Formula | None:
    """Return the formula of a text in running prose; two letters ("He", "In", "As") are a word as likely."""
    text = text.rstrip(")") if text.count(")") > text.count("(") else text
    readings = formulas(text)
    if len(readings) != 1 or not (len(text) > 2 or text[-1:].isdigit()):
        return None
    return readings[0]


def _atoms(step: str, match: re.Match[str], formula: Formula) -> Iterator[Finding]:
    end = min((at for mark in (". ", "\n", ";") if (at := step.find(mark, match.end())) >= 0), default=len(step))
    following = _HAS.search(step, match.end(), end)
    end = following.start() if following else min(end, match.end() + 200)
    for claim in islice(_ATOMS.finditer(step, match.end(), end), 12):
        if _ELSEWHERE.match(step, claim.end()):
            continue
        claimed = number_of(claim["number"])
        symbol = symbol_of(claim["name"]) if claim["name"] and claim["name"].lower() != "atoms" else None
        total = claim["all"] or (claim["name"] or "").lower() == "atoms"
        if symbol is None and not total:
            continue
        if claim["name"] == symbol and not claim["atoms"]:
            continue
        count = sum(number for _, number in formula.atoms) if symbol is None else formula.count(symbol)
        kind = VerdictKind.SUPPORTED if count == claimed else VerdictKind.REFUTED
        detail = f"{formula.text} has {count} {'atoms' if symbol is None else f'{symbol} atoms'}"
        rows = [{"name": name, "count": number} for name, number in formula.atoms][:12]
        yield finding(step, claim.start(), claim.end(), kind, detail, {"formula": formula.text, "counts": rows})


def _mass(step: str, match: re.Match[str], formula: Formula) -> Iterator[Finding]:
    known = molar_mass(formula)
    relation = _RELATION.match(step, match.end())
    if known is None or relation is None or is_conditional(step, match.start()):
        return
    rest = _REST.match(step, relation.end())
    last = re.split(r"=|≈|\\approx", rest[0])[-1] if rest else ""
    start = relation.end() + (rest[0].rfind(last) if rest else 0)
    value = _VALUE.match(step, start)
    if value is None or (value["unit"] is None and _goes_on(step, value.end())):
        return
    kilo = 1000.0 if (value["unit"] or "").lstrip("\\, ").removeprefix("text{").strip().startswith("kg") else 1.0
    shown = value["value"].replace(",", "")
    claimed = float(shown) * kilo
    mass, slack = known
    slack += 0.5 * kilo * 10.0 ** -len(shown.partition(".")[2]) + 1e-9
    off = abs(claimed - mass)
    kind, why = VerdictKind.SUPPORTED, ""
    if off > slack:
        close = off <= slack + DOUBTFUL * mass
        kind, why = (VerdictKind.UNDECIDED, "; close, perhaps other weights") if close else (VerdictKind.REFUTED, "")
    detail = f"M({formula.text}) = {mass:.2f} g/mol" + (f", not {claimed:g}" if off > slack else "") + why
    rows = [
        {"name": name, "count": count, "weight": WEIGHTS[name], "mass": round(count * WEIGHTS[name], 3)}
        for name, count in formula.atoms
    ][:12]
    evidence = {"formula": formula.text, "masses": rows, "mass": round(mass, 3), "claimed": claimed}
    yield finding(step, match.start(), value.end(), kind, detail, evidence)


def _goes_on(step: str, at: int) -> bool:
    """Whether a number without a unit is only the beginning of something: "2 * 1.008 + 16", "18 and"."""
    return step[at : at + 12].strip()[:1] not in ("", ".", ",", ";", ")", "$", "\n")
