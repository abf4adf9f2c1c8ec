"""What the logic verifier makes of steps: what premises exclude, what follows from them, and what they leave open."""

from __future__ import annotations

import json
from typing import cast

import pytest

from inference.types import Ending, Problem, Verdict, VerdictKind
from inference.verifiers import verifier
from inference.verifiers.base import AnswerTool
from inference.verifiers.logic.discourse import MAX_CHARS
from inference.verifiers.pool import CheckJob, Pool, PoolParams

SUPPORTED, REFUTED, UNDECIDED = VerdictKind.SUPPORTED, VerdictKind.REFUTED, VerdictKind.UNDECIDED

# A is a knave, B a knight, C a knave.
ISLAND = {
    "opposites": [["knight", "knave"]],
    "teller": "knight",
    "facts": ["A says that B is a knave", "B says that A and C are of the same kind", "C says that A is a knight"],
}
HOUSE = {
    "facts": ["Tom is a cat", "Tom is quiet", "Rex is not quiet", "Either Rex is a dog or Rex is a fox"],
    "rules": [
        "All cats are animals",
        "If someone is quiet and an animal, then they are happy",
        "No happy animal is a dog",
        "If Rex is a fox, then the hens are gone",
        "Rex barks only if Rex is a dog",
    ],
}
THEFT = {
    "statements": {"s1": "The cook stole the spoon", "s2": "The butler stole the spoon", "s3": "The maid was asleep"},
    "rules": ["Exactly one of s1 and s2 is true", "If s3, then s2", "s1 unless the door was open"],
}
BATS = {
    "beliefs": [
        {"id": "b1", "text": "Bats are birds", "weight": 1},
        {"id": "b2", "text": "Bats are mammals", "weight": 3},
        {"id": "b3", "text": "Bats lay eggs", "weight": 1},
        {"id": "b4", "text": "Bats sleep by day", "weight": 1},
        {"id": "b5", "text": "Bats sleep by night", "weight": 1},
    ],
    "links": [
        {"kind": "xor", "from": "b1", "to": "b2"},
        {"kind": "supports", "from": "b1", "to": "b3", "weight": 2},
        {"kind": "contradicts", "from": "b2", "to": "b3"},
        {"kind": "contradicts", "from": "b4", "to": "b5"},
    ],
}
CASES = {"island": ISLAND, "closed island": {**ISLAND, "closed": True}, "house": HOUSE, "theft": THEFT, "bats": BATS}


def checked(case: str, step: str, *prefix: str) -> Verdict:
    return verifier("logic").check(Problem("1", "", kind="logic", data=CASES[case]), prefix, step)


FOLLOWS = (
    ("island", "A is a knave."),
    ("island", "So B is a knight and C isn't a knight."),
    ("island", "Therefore A and C are both knaves."),
    ("island", "Exactly one of A, B and C is a knight."),
    ("island", "If B is a knave, then A is a knight."),
    ("island", "We know that A says that B is a knave."),
    ("island", "Since A is a knave, what A says is false, so B must be a knight."),
    ("island", "Suppose A is a knight. Then B is a knave."),
    ("island", "Suppose A is a knight. This is a contradiction, so A is a knave."),
    ("island", "Neither A nor C is a knight, because A is lying."),
    ("island", "Either A or B is a knight, but not both."),
    ("island", "A and B are of different kinds."),
    ("house", "Tom is a cat, and all cats are animals, so Tom is an animal."),
    ("house", "Hence Tom is happy."),
    ("house", "Tom isn't a dog."),
    ("house", "If the hens aren't gone, then Rex is a dog."),
    ("house", "Everyone who is a cat is an animal."),
    ("house", "Suppose Rex is not a dog. Then Rex is a fox, so the hens are gone."),
    ("theft", "s1 and s2 cannot both be true."),
    ("theft", "If the maid was asleep, the cook did not steal the spoon."),
    ("bats", "Bats are mammals."),
    ("bats", "So b1 is false and bats do not lay eggs."),
)


@pytest.mark.parametrize(("case", "step"), FOLLOWS)
def test_what_follows_is_supported(case: str, step: str) -> None:
    verdict = checked(case, step)
    assert verdict.kind is SUPPORTED, verdict


FALSE = (
    ("island", "A is a knight.", "A is a knight: the premises exclude it: "),
    ("island", "So A is a knave. Therefore C is a knight.", "C is a knight: the premises exclude it: "),
    ("island", "Step 3: Hence B is certainly a knave.", "the premises exclude it"),
    ("island", "At least two. All of A, B and C are knights.", "the premises exclude it"),
    ("island", "A says that B is a knight.", "the premises exclude it"),
    ("island", "If A is a knave, then C is a knight.", "the premises exclude it"),
    ("island", "Suppose B is a knight. Then A is a knight.", "A says that B is a knave"),
    ("island", "A is telling the truth.", "the premises exclude it"),
    ("closed island", "Suppose B is a knight. That is a contradiction.", "nothing contradicts what was supposed"),
    ("house", "Rex is quiet.", "Rex is quiet: the premises exclude it: Rex is not quiet"),
    ("house", "Tom is happy, so Tom is a dog.", "No happy animal is a dog"),
    ("house", "Tom is not an animal.", "All cats are animals"),
    ("house", "Neither is sure, but Rex is neither. Rex is not a dog and Rex is not a fox.", "Either Rex is a dog"),
    ("house", "Suppose Rex is not a fox. Then Rex is not a dog.", "Either Rex is a dog or Rex is a fox"),
    (
        "theft",
        "The cook stole the spoon and the butler stole the spoon.",
        "Exactly one of “The cook stole the spoon” and",
    ),
    ("theft", "Suppose the maid was asleep. So the cook stole the spoon.", "If “The maid was asleep”, then “The"),
    ("bats", "Bats are birds.", "the best truth values all deny it: "),
    ("bats", "b3 holds.", "“Bats are mammals” contradicts “Bats lay eggs”"),
)


@pytest.mark.parametrize(("case", "step", "why"), FALSE)
def test_what_cannot_hold_is_refuted_with_the_premises_that_exclude_it(case: str, step: str, why: str) -> None:
    verdict = checked(case, step)
    assert verdict.kind is REFUTED, verdict
    assert why in verdict.message


OPEN = (
    ("house", "Rex is a dog.", "the premises allow it, and its opposite"),
    ("house", "Rex is happy.", "the premises allow it, and its opposite"),
    ("house", "The hens are gone.", "the premises allow it, and its opposite"),
    ("house", "Tom is tall.", "the premises allow it, and its opposite"),
    ("house", "He is a cat.", "“he” is nobody who is named"),
    ("house", "Tom is a cat and Tom is quiet or Rex is a dog.", "“and” and “or” in one sentence"),
    ("house", "Perhaps Rex is quiet.", "nothing is asserted"),
    ("house", "Is Tom a dog?", "nothing is asserted"),
    ("house", "Let us look at the rules one by one.", "nothing is asserted"),
    ("house", "Suppose Rex is quiet.", "nothing is asserted"),
    ("house", "Tom purrs in the kitchen, so he sleeps.", "not read"),
    (
        "house",
        "Suppose that he barks. Then Rex is quiet.",
        "clauses not read: “he barks” is no statement of the problem",
    ),
    ("house", "Tom is happy. The sofa belongs elsewhere.", "1 of 2 clauses not read"),
    ("island", "Suppose A is a knight. Then D is a knight.", "what is supposed cannot hold, so anything follows"),
    ("island", "Suppose B is a knight. That is a contradiction.", "the premises do not exclude what was supposed"),
    ("island", "B is the only knight.", "not read"),
    ("theft", "The cook stole the spoon.", "the premises allow it, and its opposite"),
    ("bats", "Bats sleep by day.", "as much speaks for it as against it"),
    ("bats", "", "nothing is asserted"),
)


@pytest.mark.parametrize(("case", "step", "why"), OPEN)
def test_what_the_premises_leave_open_or_nobody_can_read_is_undecided(case: str, step: str, why: str) -> None:
    verdict = checked(case, step)
    assert verdict.kind is UNDECIDED, verdict
    assert why in verdict.message


def test_a_supposition_reaches_into_the_next_steps_until_it_is_given_up() -> None:
    open_case = "Suppose Rex is not a dog."
    assert checked("house", "Then the hens are gone.", open_case).kind is SUPPORTED
    assert checked("house", "Then the hens are gone.").kind is UNDECIDED
    assert checked("house", "So the hens are gone.", open_case, "In either case, Tom is happy.").kind is UNDECIDED
    shut = ("Suppose A is a knight. Then B is a knave.", "But C says that A is a knight, a contradiction.")
    assert checked("island", "So A is a knight.", *shut).kind is REFUTED


ARGUMENTS = (
    ("closed island", "Let's start by assuming A is a knight.", "Since A is a knight, B must be a knave.",
     "So A and C are of different kinds, and C is a knave - contradiction.", "So A is a knave, as B is not."),
    ("closed island", "If A is a knight, then A's statement is true, so B is a knave.",
     "Then A and C are not the same kind. So C is a knave.", "Then A is a knave, as C lies.", "Thus B is a knight."),
    ("closed island", "What if C were a knight?", "Then A is a knight, so B is a knave.",
     "Contradiction.", "So C is a knave (and A is one)."),
    ("closed island", "Let us try A as a knight.", "B is a knave.", "That is impossible.", "Hence A is a knave."),
    ("closed island", "Case 1", "A is a knight.", "B is a knave.", "Case 2: A is a knave.", "B is a knight."),
    ("house", "Say Rex is quiet.", "Rex is quiet and a dog.", "Suppose Tom is a dog; then Tom is not happy."),
)  # fmt: skip


@pytest.mark.parametrize("steps", ARGUMENTS)
def test_what_may_be_said_under_a_supposition_is_not_refuted(steps: tuple[str, ...]) -> None:
    case, *said = steps
    verdicts = [checked(case, step, *said[:at]) for at, step in enumerate(said)]
    assert [each.message for each in verdicts if each.kind is REFUTED] == []


def test_a_conclusion_with_a_gap_is_refuted_by_a_case_only_where_the_premises_are_all_there_is() -> None:
    case = {"opposites": [["knight", "knave"]], "teller": "knight", "facts": ["A says that B is a knight"]}
    for closed, kind in ((False, UNDECIDED), (True, REFUTED)):
        problem = Problem("1", "", kind="logic", data={**case, "closed": closed})
        verdict = verifier("logic").check(problem, (), "So A is a knight.")
        assert verdict.kind is kind
    assert verdict.output is not None
    assert verdict.output["clauses"][0]["world"] == ["A: knave", "B: knave"]
    assert verifier("logic").check(problem, (), "So A is a prince.").kind is UNDECIDED
    assert verifier("logic").check(problem, ("They all look alike.",), "So A is a knight.").kind is UNDECIDED


def test_a_step_is_outweighed_only_by_beliefs_of_their_own() -> None:
    two = ("The butler stole the spoon.", "The door was not open.")
    assert checked("theft", "The maid was asleep and the cook stole the spoon.").kind is REFUTED
    assert checked("theft", "The cook stole the spoon.", two[0]).kind is UNDECIDED
    assert checked("theft", "Probably the cook stole the spoon.", two[0]).kind is REFUTED
    drawn = ("The maid was asleep.", "So the butler stole the spoon.")
    assert checked("theft", "The maid was not asleep.", *drawn).kind is UNDECIDED


def test_the_evidence_names_the_least_that_excludes_it_and_the_beliefs_that_lose() -> None:
    house, bats = checked("house", "Rex is quiet.").output, checked("bats", "Bats are birds.").output
    assert house is not None
    assert bats is not None
    [clause] = house["clauses"]
    assert (clause["text"], clause["given"]) == ("Rex is quiet", ["Rex is not quiet"])
    [clause] = bats["clauses"]
    assert [each["text"] for each in clause["flipped"]] == ["Bats are birds", "Bats lay eggs"]
    assert clause["costs"] == [4.0, 3.0]


ANSWERS = (
    ("B", "b.", SUPPORTED),
    ("A and C", "C, A", SUPPORTED),
    ("A is a knave and B is a knight", "The answer is: B is a knight, A is a knave.", SUPPORTED),
    ("A is a knave and B is a knight", "A isn't a knight and B is a knight", SUPPORTED),
    ("B", "A and B", REFUTED),
    ("A is a knave and B is a knight", "A and B are knaves", REFUTED),
    ("A is a knave and B is a knight", "only one of them", UNDECIDED),
    ("B", "", UNDECIDED),
)


@pytest.mark.parametrize(("reference", "given", "kind"), ANSWERS)
def test_answers_are_sets_of_names_or_of_statements(reference: str, given: str, kind: VerdictKind) -> None:
    problem = Problem("1", "", reference, kind="logic", data=ISLAND)
    verdict = cast(AnswerTool, verifier("logic")).check_answer(problem, given)
    assert verdict.kind is kind, verdict


BROKEN = (
    ({"facts": ["A is red", "A is not red"]}, "the premises contradict each other: "),
    ({}, "expected facts, rules, or beliefs and links"),
    ({"facts": "A is red"}, "facts: expected a list of at most 200"),
    ({"facts": [1]}, "facts: expected a list of sentences"),
    ({"facts": ["A is red"], "opposites": ["knight"]}, "opposites: expected pairs of words"),
    ({"statements": ["A"]}, "statements: expected an object {id: text}"),
    ({"beliefs": [{"id": 1}]}, "beliefs, number 1: expected an object {id, text, weight}"),
    ({"beliefs": [{"id": "a", "text": "x", "weight": 0}]}, "beliefs, number 1: weight: expected a number above 0"),
    ({"beliefs": [], "links": [{"kind": "or"}]}, "links, number 1: expected a kind of supports, contradicts, xor"),
    ({"links": [{"kind": "xor", "from": "a", "to": "b"}]}, "links, number 1: from: expected the id of a belief"),
)  # fmt: skip


@pytest.mark.parametrize(("data", "why"), BROKEN)
def test_broken_data_are_undecided_with_what_was_expected(data: dict[str, object], why: str) -> None:
    verdict = verifier("logic").check(Problem("1", "", kind="logic", data=data), (), "A is red.")
    assert verdict.kind is UNDECIDED
    assert why in verdict.message


HOSTILE = {
    "a long sum": "1 + " * 1500,
    "digits": "A is " + "9" * 5900,
    "a tower": "So 10**10**10 is a knight.",
    "ifs": "if " * 1900,
    "ands": "A is a knight and " * 20,
    "ors": "A is a knight or " * 20 + "B is a knave",
    "nots": "not " * 90 + "A is a knight.",
    "says": "A says that B says that " * 14 + "C is a knight.",
    "commas": "A, " * 130 + "B are knights.",
    "either": "either A is a knight or " * 15,
    "unless": "A is a knight unless " * 18,
    "braces": "{" * 3000 + "A is a knight" + "}" * 2900,
    "sentences": "A is a knight. " * 390,
    "suppositions": "Suppose A is a knight. Then B is a knight. " * 130,
    "contradictions": "This contradicts that. " * 250,
    "markers": "So thus hence therefore we know that " * 150,
    "spaces": " " * 5000 + "A is a knight" + " " * 900,
    "mixed scripts": "\u0410 is \u4e00 \u0639\u0631\u0628 \ud7a3 knight. \u0130s B a knave",
    "surrogates and nulls": "A \x00 is \ud800 a knight.",
    "a hundred thousand characters": "A is a knight. " * 6_700,
}


def test_hostile_text_and_large_graphs_end_by_themselves_in_a_confined_child() -> None:
    problem = Problem("1", "", kind="logic", data=ISLAND)
    beliefs = [{"id": f"n{at}", "text": f"Number {at} is even", "weight": 1 + at % 7} for at in range(200)]
    links = [{"kind": "xor", "from": f"n{at % 200}", "to": f"n{(at * 7 + 3) % 200}", "weight": 2} for at in range(400)]
    graph = Problem("2", "", kind="logic", data={"beliefs": beliefs, "links": links})
    facts = [f"P{at} is red" for at in range(200)]
    rules = [f"All red x{at} things are x{at + 1}" for at in range(60)]
    many = Problem("3", "", kind="logic", data={"facts": facts, "rules": rules})
    jobs = [CheckJob("logic", problem, (), text) for text in HOSTILE.values()]
    jobs += [CheckJob("logic", graph, (), "Number 7 is even."), CheckJob("logic", many, (), "P1 is not red.")]
    with Pool(PoolParams(children=1), verifiers={"logic": "inference.verifiers.logic:LogicVerifier"}) as pool:
        verdicts = pool.check_many(jobs, 20)
    assert [each.ending for each in verdicts] == [Ending.OK] * len(jobs)
    assert max(len(json.dumps([each.input, each.output], ensure_ascii=False)) for each in verdicts) < 6000
    assert str(MAX_CHARS) in verdicts[list(HOSTILE).index("a hundred thousand characters")].message
    assert "too much to work out" in verdicts[-1].message
