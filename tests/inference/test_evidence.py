"""What the evidence verifier makes of quotes: true, changed, from elsewhere, from nowhere, or left open."""

from __future__ import annotations

import json

import pytest

from inference.types import Ending, Problem, Verdict, VerdictKind
from inference.verifiers import verifier
from inference.verifiers.evidence.quotes import MAX_CHARS, MAX_QUOTES
from inference.verifiers.pool import CheckJob, Pool, PoolParams

SUPPORTED, REFUTED, UNDECIDED = VerdictKind.SUPPORTED, VerdictKind.REFUTED, VerdictKind.UNDECIDED

PASSAGES = [
    {
        "id": "1",
        "title": "Harlow Point",
        "text": "The Harlow lighthouse was built in 1874 by Ines Calder, an engineer from Leith. "
        "It did not survive the storm of 1903. "
        "Its keeper, Tomás Brill, wrote: “The sea came in at the door.”",
    },
    {
        "id": "2",
        "title": "The Second Tower",
        "text": "Workers raised the second tower between 1905 and 1908, using 4,200 blocks of granite. Its lamp "
        "could be seen from 24 miles away. The keeper’s house was finished before the tower, and 35% of the cost was "
        "paid by the town of Marren.",
    },
    {"id": "3", "title": "", "text": "Marren Bay froze twice, in 1895 and in 1929. No ship was lost in either winter."},
]
ASKED = "Is the claim “The first tower stood for thirty years” true? Who paid for the second tower?"
TEXT = "\n\n".join(f"Passage {row['id']}: {row['text']}" for row in PASSAGES) + f"\n\nQuestion: {ASKED}"


def checked(step: str, *prefix: str, passages: object = PASSAGES) -> Verdict:
    return verifier("evidence").check(Problem("1", TEXT, kind="evidence", data={"passages": passages}), prefix, step)


STANDING = {
    "word by word": 'Passage 1 says "was built in 1874 by Ines Calder".',
    "curly marks": "Passage 1 says “It did not survive the storm of 1903.”",
    "single marks": "Passage 1 says 'an engineer from Leith'.  It goes on: 'It did not survive the storm'.",
    "case, spaces and a full stop within": '"THE HARLOW  lighthouse was built in 1874,"\nso it is old.',
    "an ellipsis": '"The Harlow lighthouse was built… by Ines Calder" (Passage 1).',
    "three dots": '"Workers raised the second tower ... using 4,200 blocks of granite" [2]',
    "a word put in brackets": '"[The house] was finished before the tower" [2].',
    "a block quote": "From passage 2:\n> Its lamp could be seen\n> from 24 miles away.\n",
    "a block quote with its credit": "> No ship was lost in either winter.\n> — Passage 3",
    "a quote in the passage": 'The keeper wrote "The sea came in at the door."',
    "an accent left out": 'Passage 1: "Its keeper, Tomas Brill, wrote".',
    "a number without its comma": 'It took "4200 blocks of granite".',
    "a numeral for digits": 'Passage 2 says "seen from 24 miles away" and passage 3 "froze twice, in 1895".',
    "a percent sign": 'Passage 2 says "35 percent of the cost was paid by the town of Marren".',
    "small words": 'Passage 2 says "the keeper\'s house was finished before the tower and the 35% of the cost".',
    "no passage named": 'We read that "the second tower" and "Its lamp could be seen from 24 miles away".',
    "either of two passages": 'Passages 1 and 3 tell of it: "No ship was lost in either winter".',
    "a letter for a number": '"No ship was lost in either winter" (Passage C).',
    "no quote, but its names and numbers": "Passage 1 says that Ines Calder built the lighthouse in 1874.",
}


@pytest.mark.parametrize("name", STANDING)
def test_a_quote_that_stands_is_supported(name: str) -> None:
    verdict = checked(STANDING[name])
    assert verdict.kind is SUPPORTED, verdict


def had(passage: int, quoted: str, stands: str) -> str:
    return f"“{quoted}” where passage {passage} has “{stands}”"


FALSE = {
    "another year": ('Passage 1 says "was built in 1847 by Ines Calder".', had(1, "1847", "1874")),
    "another name": (
        'Passage 1 says "built in 1874 by Thomas Reed, an engineer from Leith".',
        had(1, "Thomas Reed", "Ines Calder"),
    ),
    "a no left out": ('"It did survive the storm of 1903."', "“not” of passage 1 was left out"),
    "a no put in": (
        'Passage 2: "Its lamp could not be seen from 24 miles away"',
        "“not” does not stand in passage 2",
    ),
    "a turned word": ('"The keeper\'s house was finished after the tower" [2]', had(2, "after", "before")),
    "another numeral": ('"Its lamp could be seen from twenty miles away"', had(2, "twenty", "24")),
    "a number after an ellipsis": (
        '"The Harlow lighthouse … did not survive the storm of 1913"',
        had(1, "1913", "1903"),
    ),
    "another share": ('"45% of the cost was paid by the town of Marren"', had(2, "45", "35")),
    "a block quote with another number": (
        "According to passage 2:\n> Workers raised the second tower between 1905 and 1918",
        had(2, "1918", "1908"),
    ),
    "another place": ('Passage 2 says "paid by the town of Harlow".', had(2, "Harlow", "Marren")),
    "another passage": (
        'According to passage 1, "Its lamp could be seen from 24 miles away".',
        "stands in passage 2, not in passage 1",
    ),
    "another passage in brackets": (
        '"No ship was lost in either winter" [2].',
        "stands in passage 3, not in passage 2",
    ),
    "nowhere": ('Passage 2 says "the mayor laid the last stone himself".', "stands in no passage"),
    "nowhere, with no word of saying": (
        '"The crew was saved by fishermen from Oban," so nobody died.',
        "stands in no passage",
    ),
    "nowhere, with a number": ('The text reads "cost 900 pounds".', "stands in no passage"),
    "nowhere, in a block": ("> The harbour master resigned in the spring.", "stands in no passage"),
    "one right, one changed": (
        'Passage 3 says "No ship was lost in either winter" and "in 1895 and in 1939".',
        had(3, "1939", "1929"),
    ),
}


@pytest.mark.parametrize("name", FALSE)
def test_a_quote_that_no_passage_has_is_refuted_and_says_why(name: str) -> None:
    step, why = FALSE[name]
    verdict = checked(step)
    assert (verdict.kind, verdict.message) == (REFUTED, why), verdict


OPEN = {
    "no quote": "The tower was raised in three years.",
    "two words": 'The "old tower" was lost.',
    "a short quote that stands": 'It was built by "Ines Calder".',
    "scare quotes": 'The "eternal sea tower" stood for 29 years.',
    "a title": 'See "The Second Tower" for more.',
    "a title of something else": 'He had read "The Lives of the Northern Keepers" twice.',
    "words of the question": 'We are asked whether "The first tower stood for thirty years" holds.',
    "a claim that is denied": 'Passage 3 does not say "the bay froze again in 1940".',
    "a supposition": 'If passage 1 said "was built in 1880 by Ines Calder", it would be younger.',
    "a claim that is called false": 'The claim "It was built in 1880 by Ines Calder" is false.',
    "another wording": 'Passage 1 says "The lighthouse had been constructed by Ines Calder in 1874".',
    "one word exchanged": '"Workers constructed the second tower between 1905 and 1908".',
    "a name left out": 'Passage 1 says "The lighthouse was built in 1874 by Ines Calder".',
    "a name for a pronoun": 'Passage 1 says "The lighthouse did not survive the storm of 1903".',
    "in other words": 'In other words, "the people paid a third of all costs".',
    "words of one's own": 'We rephrase it as "who gave money for the tower".',
    "most words changed": 'Passage 2 tells us "who else paid for the tower".',
    "an idiom": 'It was "better late than never" for the builders.',
    "a name for a situation": 'This is a "two for the price of one and a half" situation.',
    "a statement that is weighed": '"The tower was paid for by all of the fishermen" follows from this.',
    "an option": 'Option B, "the tower was a gift of the queen herself", fits best.',
    "a computed value": 'The answer is "29 years".',
    "inches": 'It was 5" wide and 6" high, and 7" deep.',
    "apostrophes": "The keepers' house and the town's 'seventies tower were the builders' pride.",
    "no quote, and another year": "Passage 1 says that Ines Calder built the lighthouse in 1880.",
    "no quote, and nothing to look for": "Passage 1 says that it was built long ago.",
    "a passage that does not exist": "Passage 9 says that Ines Calder built it.",
    "no words": "",
    "only marks": '"" “” > [1] …',
}


@pytest.mark.parametrize("name", OPEN)
def test_what_is_no_sure_quotation_is_left_open(name: str) -> None:
    verdict = checked(OPEN[name])
    assert verdict.kind is UNDECIDED, verdict
    assert verdict.message


def test_words_of_an_earlier_step_are_no_quotation_of_a_passage() -> None:
    verdict = checked(
        'As said, "so the tower took three years", which fits.', "So the tower took three years to raise."
    )
    assert (verdict.kind, verdict.message) == (UNDECIDED, "words of an earlier step")


def test_the_evidence_marks_the_changed_words_on_both_sides() -> None:
    verdict = checked('Passage 1 says "was built in 1847 by Ines Calder".')
    assert verdict.output is not None
    [shown] = verdict.output["quotes"]
    assert shown["said"] == [
        ("was built in ", "found"),
        ("1847", "differs"),
        (" ", "found"),
        ("by Ines Calder", "found"),
    ]
    assert ("1874", "differs") in shown["found"]
    assert "".join(text for text, _ in shown["found"]).startswith("The Harlow lighthouse was built in 1874 by Ines")
    [claim] = verdict.claims
    assert (
        'Passage 1 says "was built in 1847 by Ines Calder".'[claim.start : claim.end]
        == '"was built in 1847 by Ines Calder"'
    )


BROKEN = {
    "none": (None, "passages: expected a list of {id, title, text}"),
    "a text": ("Passage 1", "passages: expected a list of {id, title, text}"),
    "no text": ([{"id": "1"}], "passages, number 1: expected an object with a field text"),
    "too many": ([{"text": ""}] * 61, "passages: at most 60 are read, got 61"),
    "too long": ([{"text": "a " * 60_001}], "passages: at most 120,000 characters are read"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_passages_are_undecided_with_what_was_expected(name: str) -> None:
    passages, why = BROKEN[name]
    verdict = checked('"It did not survive"', passages=passages)
    assert (verdict.kind, verdict.message) == (UNDECIDED, f"the problem's data: {why}")


HOSTILE = {
    "a long sum": '"' + "1 + " * 1500 + '1"',
    "digits": 'Passage 1 says "' + "9" * 5900 + '".',
    "a tower": 'Passage 1 says "10**10**10 = 1 and more of it".',
    "braces": '"' + "{" * 3000 + "a b c d" + "}" * 900 + '"',
    "open marks": '"a ' * 2000,
    "apostrophes": "'a " * 2000,
    "apostrophes in words": "'" + "a'" * 2900,
    "curly marks": "\u201ca " * 2000,
    "quotes": '"one two three four five" ' * 230,
    "dots": '"' + "a... " * 1100 + '"',
    "blocks": "> a b c d e\n" * 490,
    "brackets": '"' + "[a" * 2900 + '"',
    "citations": "passage 1, " * 540 + '"x y z w"',
    "mixed scripts": '"\u0430bc \u4e2d\u6587 \u0639\u0631\u0628 \u0e44\u0e17\u0e22 \ud7a3 \u00df \ufb01 \u0130 \u212b"',
    "combining marks": '"' + "a\u0301\u0302" * 1900 + '"',
    "surrogates and nulls": '"3 \x00 4 = 12 \ud800 and so on"',
    "a hundred thousand characters": '"It did not survive the storm" ' + "x y " * 25_000,
    "words like the passage": '"' + "the tower was built in 1874 by " * 190 + '"',
}


def test_hostile_text_ends_by_itself_in_a_confined_child() -> None:
    data = {"passages": [*PASSAGES, {"id": "long", "text": "the tower was built in 1874 of 9 blocks by me. " * 2000}]}
    problem = Problem("1", TEXT, kind="evidence", data=data)
    jobs = [CheckJob("evidence", problem, (), text) for text in HOSTILE.values()]
    with Pool(PoolParams(children=1), verifiers={"evidence": "inference.verifiers.evidence:EvidenceVerifier"}) as pool:
        verdicts = pool.check_many(jobs, 20)
    assert [each.ending for each in verdicts] == [Ending.OK] * len(HOSTILE)
    assert max(len(json.dumps([each.input, each.output], ensure_ascii=False)) for each in verdicts) < 6000
    assert max(len(each.claims) for each in verdicts) <= 2 * MAX_QUOTES
    assert str(MAX_CHARS) in verdicts[list(HOSTILE).index("a hundred thousand characters")].message
