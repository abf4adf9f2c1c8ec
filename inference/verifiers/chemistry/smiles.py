"""Structures as SMILES, by RDKit where it is installed (the extra "chemistry"). Knows nothing about equations."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from inference.types import VerdictKind
from inference.verifiers.chemistry.findings import Finding, finding, is_conditional
from inference.verifiers.chemistry.formulas import formulas

try:
    from rdkit import Chem, RDLogger
    from rdkit.Chem.rdMolDescriptors import CalcMolFormula

    RDLogger.DisableLog("rdApp.*")
    AVAILABLE = True
except ImportError:
    AVAILABLE = False

MISSING = "structures are not available: install the extra “chemistry”"
MAX_CHARS = 300
MAX_CLAIMS = 12
_TEXT = r"[A-Za-z0-9@+\-\[\]()=#$/\\%.:*]{1,300}"
_NAMED = re.compile(
    rf"\bSMILES(?: string| notation)?(?: of [a-z -]{{1,40}})?"
    rf"(?:(?: is|:| =)? `(?P<smiles>{_TEXT})`|(?::| =) (?P<bare>{_TEXT}))"
)


def _quoted(name: str) -> str:
    return f"`(?P<{name}>{_TEXT})`"


_SAME = re.compile(
    _quoted("one") + r" and " + _quoted("two") + r" (?:are|represent|denote|describe) (?:the )?"
    r"(?P<same>same|identical|different|distinct)"
)
_FORMULA = re.compile(r"formula of " + _quoted("smiles") + r" is `?\$?(?P<formula>[A-Z][A-Za-z0-9_{}()₀-₉]{0,60})")


def structures(step: str) -> Iterator[Finding]:
    """Yield the claims of a step about SMILES: that they can be, are the same molecule, have a formula."""
    for match in islice(_NAMED.finditer(step), MAX_CLAIMS):
        text = (match["smiles"] or match["bare"]).rstrip(".")
        if re.search(r"[CNOcno]", text):
            yield _valid(step, match, text)
    for match in islice(_SAME.finditer(step), MAX_CLAIMS):
        yield _same(step, match)
    for match in islice(_FORMULA.finditer(step), MAX_CLAIMS):
        yield _formula(step, match)


def same_structure(ours: str, theirs: str) -> bool | None:
    """Return whether two SMILES are the same molecule; None without RDKit or when the second is no SMILES."""
    reference = _canonical(theirs)
    return None if reference is None else _canonical(ours) == reference


def _molecule(text: str) -> Any:
    return Chem.MolFromSmiles(text[:MAX_CHARS]) if AVAILABLE and text else None


def _canonical(text: str) -> str | None:
    molecule = _molecule(text.strip().strip("`"))
    return None if molecule is None else str(Chem.MolToSmiles(molecule))


def _told(step: str, match: re.Match[str], holds: bool | None, detail: str) -> Finding:
    kinds = {True: VerdictKind.SUPPORTED, False: VerdictKind.REFUTED, None: VerdictKind.UNDECIDED}
    if is_conditional(step, match.start()):
        holds = None
    return finding(step, match.start(), match.end(), kinds[holds], detail if AVAILABLE else MISSING)


def _valid(step: str, match: re.Match[str], text: str) -> Finding:
    canonical = _canonical(text)
    detail = f"no molecule can be read from it: brackets, rings or valences are wrong in {text[:80]}"
    if canonical is not None:
        detail = f"{text[:80]} is {CalcMolFormula(_molecule(text))}, canonically {canonical[:80]}"
    return _told(step, match, canonical is not None if AVAILABLE else None, detail)


def _same(step: str, match: re.Match[str]) -> Finding:
    one, two = _canonical(match["one"]), _canonical(match["two"])
    if one is None or two is None:
        return _told(step, match, None, "one of them is no SMILES that can be read")
    said = match["same"] in ("same", "identical")
    detail = f"canonically {one[:80]}" + ("" if one == two else f" and {two[:80]}")
    return _told(step, match, (one == two) == said, detail)


def _formula(step: str, match: re.Match[str]) -> Finding:
    molecule, readings = _molecule(match["smiles"]), formulas(match["formula"])
    if molecule is None or not readings:
        return _told(step, match, None, "it cannot be read as a SMILES with a formula")
    known = CalcMolFormula(molecule)
    counted = formulas(known)
    holds = bool(counted) and any(each.atoms == counted[0].atoms for each in readings)
    return _told(step, match, holds, f"{match['smiles'][:80]} is {known}")
