"""What the chemistry verifier makes of formulas, equations, masses and amounts, and what it must leave open."""

from __future__ import annotations

from typing import cast

import pytest

from inference.types import Problem, Verdict, VerdictKind
from inference.verifiers import verifier
from inference.verifiers.base import AnswerTool
from inference.verifiers.chemistry.elements import SYMBOLS
from inference.verifiers.chemistry.formulas import formulas
from inference.verifiers.chemistry.smiles import AVAILABLE

SUPPORTED, REFUTED, UNDECIDED = VerdictKind.SUPPORTED, VerdictKind.REFUTED, VerdictKind.UNDECIDED
SKELETON = "Skeleton: Fe + O2 -> Fe2O3"


def checked(step: str, *prefix: str) -> Verdict:
    return verifier("chemistry").check(Problem("1", "", kind="chemistry"), prefix, step)


FORMULAS = {
    "H2O": "H2 O", "C6H12O6": "C6 H12 O6", "Ca(OH)2": "Ca H2 O2", "CuSO4·5H2O": "Cu H10 O9 S", "SO₄²⁻": "O4 S -2",
    "Fe^{3+}": "Fe +3", r"\mathrm{H_2O}": "H2 O", "K4[Fe(CN)6]": "C6 Fe K4 N6", "Al2(SO4)3(aq)": "Al2 O12 S3",
    "e-": "-1", "CO": "C O", "Co": "Co", "Cu2+": "Cu +2", "NaCl(s)": "Cl Na",
}  # fmt: skip


@pytest.mark.parametrize(("text", "atoms"), FORMULAS.items())
def test_formulas_are_read_however_they_are_written(text: str, atoms: str) -> None:
    formula = formulas(text)[0]
    told = [f"{symbol}{count if count > 1 else ''}" for symbol, count in formula.atoms]
    assert " ".join([*told, *([f"{formula.charge:+d}"] if formula.charge else [])]) == atoms


@pytest.mark.parametrize("text", ["", "Hello", "H0", "(OH", "Xx2", "the", "2H", "()", "H" * 90])
def test_what_is_no_formula_has_no_reading(text: str) -> None:
    assert formulas(text) == ()


def test_all_elements_are_known() -> None:
    assert len(SYMBOLS) == 118


HOLDS = [
    "2 H2 + O2 -> 2 H2O",
    "The balanced equation is CH4 + 2 O2 → CO2 + 2 H2O, which is exothermic.",
    r"$\ce{2H2 + O2 -> 2H2O}$",
    "MnO4- + 8 H+ + 5 e- -> Mn2+ + 4 H2O",
    "N2 + 3 H2 = 2 NH3",
    r"$C_3H_8 + 5 O_2 \rightarrow 3 CO_2 + 4 H_2O$",
    "H2 + 1/2 O2 -> H2O",
    "Fe2O3(s) + 3 CO(g) -> 2 Fe(s) + 3 CO2(g).",
    "M(H2O) = 18.02 g/mol",
    "M(H2O) = 2 * 1.008 + 15.999 = 18.02 g/mol",
    "The molar mass of water (H2O) is 18 g/mol.",
    "M(NaCl) = 58.5 g/mol",
    "M(Fe) = 55.85 g/mol",
    "The molar mass of CuSO4·5H2O is 249.7 g/mol.",
    "C6H12O6 has 6 carbon atoms, 12 hydrogen atoms and 6 oxygen atoms.",
    "C6H12O6 contains 24 atoms in total.",
    "n = m/M = 36 g / 18 g/mol = 2 mol",
    "2 mol H2O * (1 mol O2 / 2 mol H2O) = 1 mol O2",
    "m = 0.5 mol * 58.44 g/mol = 29.22 g NaCl",
    "c = 0.5 mol / 0.25 L = 2 mol/L",
]


@pytest.mark.parametrize("step", HOLDS)
def test_what_fits_is_supported(step: str) -> None:
    verdict = checked(step)
    assert verdict.kind is SUPPORTED, verdict


FALSE = {
    "2 H2 + O2 -> 3 H2O": "not balanced: H: 4 left, 6 right; O: 2 left, 3 right",
    "The balanced equation is CH4 + O2 -> CO2 + 2 H2O.": "not balanced: O: 2 left, 4 right",
    "H2 + O2 -> H2O is balanced.": "not balanced: O: 2 left, 1 right",
    "2 H2 + O2 -> 2 H2O is not balanced.": "balanced: as many atoms of each on both sides",
    "2 Fe3+ + Cu -> Fe2+ + Cu2+ + Fe": "not balanced: charge: 6 left, 4 right",
    "M(CO2) = 12 + 16 = 28 g/mol": "M(CO2) = 44.01 g/mol, not 28",
    "The molar mass of NaCl is 68.44 g/mol.": "M(NaCl) = 58.44 g/mol, not 68.44",
    "M(O2) = 16.00 g/mol": "M(O2) = 32.00 g/mol, not 16",
    "C6H12O6 has 6 carbon atoms and 8 oxygen atoms.": "C6H12O6 has 6 O atoms",
    "Ca(OH)2 has 4 atoms.": "Ca(OH)2 has 5 atoms",
    "n(H2O) = 36 g / 18 g/mol = 3 mol": "36 g / 18 g/mol = 2 mol, not 3 mol",
    "n = 36 g * 18 g/mol = 648 mol": "36 g * 18 g/mol is in kg²/mol, 648 mol in mol",
}


@pytest.mark.parametrize(("step", "evidence"), FALSE.items())
def test_what_does_not_fit_is_refuted_with_the_reason(step: str, evidence: str) -> None:
    verdict = checked(step)
    assert (verdict.kind, verdict.message) == (REFUTED, evidence)


def test_a_sentence_about_the_equation_means_the_last_one_before_it() -> None:
    assert checked("The equation is balanced.", "Fe + O2 -> Fe2O3").kind is REFUTED
    assert checked("The equation is not balanced.", "Fe + O2 -> Fe2O3").kind is SUPPORTED
    assert checked("There are 3 oxygen atoms on the left.", "Fe + O2 -> Fe2O3").kind is REFUTED
    assert checked("There are 3 oxygen atoms on the right.", "Fe + O2 -> Fe2O3").kind is SUPPORTED


OPEN = {
    "no chemistry": "Let us see what is given.",
    "a skeleton": SKELETON,
    "an equation without coefficients": "Fe + O2 -> Fe2O3",
    "balancing under way": "First balance carbon: C3H8 + O2 -> 3 CO2 + H2O",
    "oxidation numbers": "The oxidation number of S in H2SO4 is +6.",
    "a question": "Is H2 + O2 -> H2O balanced?",
    "a condition": "Check whether H2 + O2 -> H2O is balanced.",
    "no elements": "2 A + B -> 3 C",
    "a word that is a symbol": "He has 2 helium atoms.",
    "algebra": "So N + 2 B = 3 N.",
    "words": "glucose + oxygen -> carbon dioxide + water",
    "atoms of a part": "CH3CH2OH has 2 hydrogen atoms on the second carbon.",
    "several molecules": "2 molecules of H2O contain 4 hydrogen atoms.",
    "other weights": "M(CO2) = 44.1 g/mol",
    "a weight that is not known": "M(Og) = 294 g/mol",
    "kelvin or potassium": "T = 298 K",
    "half a reaction": "The reduction half-reaction: MnO4- + 4 H+ -> Mn2+ + 2 H2O",
    "a mechanism": "The nucleophile attacks the carbonyl carbon.",
    "a structure" if not AVAILABLE else "a structure in prose": "The SMILES is not known.",
}


@pytest.mark.parametrize("step", OPEN.values(), ids=OPEN.keys())
def test_what_is_not_sure_is_left_open(step: str) -> None:
    verdict = checked(step)
    assert verdict.kind is UNDECIDED, verdict
    assert verdict.message


def test_the_evidence_counts_the_atoms_of_each_element() -> None:
    step = "So 2 H2 + O2 -> 3 H2O."
    verdict = checked(step)
    (claim,) = verdict.claims
    assert step[claim.start : claim.end] == "2 H2 + O2 -> 3 H2O"
    assert verdict.output is not None
    assert verdict.output["findings"][0]["atoms"] == [
        {"name": "H", "left": "4", "right": "6", "wrong": True},
        {"name": "O", "left": "2", "right": "3", "wrong": True},
    ]


ANSWERS = {
    ("O2 + 2 H2 -> 2 H2O", "2 H2 + O2 -> 2 H2O"): SUPPORTED,
    ("4 H2 + 2 O2 → 4 H2O", "2 H2(g) + O2(g) -> 2 H2O(l)"): SUPPORTED,
    ("H2 + O2 -> H2O", "2 H2 + O2 -> 2 H2O"): REFUTED,
    ("C6H12O6", "C6H12O6"): SUPPORTED,
    ("C6H12O5", "C6H12O6"): REFUTED,
    ("CH3COOH", "C2H4O2"): UNDECIDED,
    ("2000 mg", "2 g"): SUPPORTED,
    ("3 mol", "2 mol"): REFUTED,
    ("water", "2 H2 + O2 -> 2 H2O"): UNDECIDED,
    ("18.02", "18.02"): SUPPORTED,
}


@pytest.mark.parametrize(("answers", "kind"), ANSWERS.items(), ids=str)
def test_final_answers_are_compared_as_what_they_are(answers: tuple[str, str], kind: VerdictKind) -> None:
    given, reference = answers
    problem = Problem("1", "", answer=reference, kind="chemistry")
    assert cast(AnswerTool, verifier("chemistry")).check_answer(problem, given).kind is kind


def test_without_rdkit_a_structure_is_left_open_and_says_what_to_install() -> None:
    if AVAILABLE:
        pytest.skip("RDKit is installed")
    verdict = checked("The SMILES is `CCO`.")
    assert (verdict.kind, verdict.message) == (
        UNDECIDED,
        "structures are not available: install the extra “chemistry”",
    )


@pytest.mark.skipif(not AVAILABLE, reason='RDKit is not installed: pip install ".[chemistry]"')
@pytest.mark.parametrize(
    ("step", "kind"),
    [
        ("The SMILES is `CCO`.", SUPPORTED),
        ("The SMILES string `C(C)(C)(C)(C)C` has five bonds on one carbon.", REFUTED),
        ("`CCO` and `OCC` are the same molecule.", SUPPORTED),
        ("`CCO` and `COC` are the same molecule.", REFUTED),
        ("`CCO` and `COC` are different.", SUPPORTED),
        ("The formula of `CCO` is C2H6O.", SUPPORTED),
        ("The formula of `CCO` is C2H4O.", REFUTED),
    ],
)
def test_structures_are_read_by_rdkit(step: str, kind: VerdictKind) -> None:
    assert checked(step).kind is kind


HOSTILE = {
    "empty": "",
    "digits": "9" * 50_000 + " H2 -> H2O",
    "a long sum": "1 + " * 1500 + "O2 -> H2O",
    "a tower": "H10**10**10 -> H",
    "brackets": "(" * 3000 + "H2 -> H2O",
    "braces": "{" * 5000 + "H2O" + "}" * 5000 + " -> H2",
    "arrows": "H2 -> " * 3000,
    "pluses": "H2 + " * 3000 + "-> H2O",
    "formulas": "C6H12O6 has " * 3000,
    "numbers": "C6H12O6 has " + "6 carbon atoms, " * 1000 + "6 oxygen atoms",
    "mixed scripts": "Ｈ２ + Ο2 -> Н2О \ud800 \x00 ₂₂₂",
    "a hundred thousand characters": "the molar mass of " * 6000,
    "hydrates": "CuSO4" + "·5H2O" * 1500 + " -> CuSO4",
    "balanced": "balanced " * 1500,
}


@pytest.mark.parametrize("step", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_text_ends_by_itself(step: str) -> None:
    verdict = checked(step, step)
    assert verdict.kind is not REFUTED or step.startswith("H2 + ")
