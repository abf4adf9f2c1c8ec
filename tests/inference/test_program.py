"""What the program verifier makes of steps whose programs and values are given, and what it must leave open."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest

from inference.sandbox.base import Outcome, RunEnding
from inference.types import Problem, Verdict, VerdictKind
from inference.verifiers.program import ProgramVerifier
from inference.verifiers.wire import CheckJob, Draft, jobs_in, jobs_out

SUPPORTED, REFUTED, UNDECIDED = VerdictKind.SUPPORTED, VerdictKind.REFUTED, VerdictKind.UNDECIDED
TOOL = ProgramVerifier()
SHOP = Problem(
    "1",
    "Ines sold 48 clips at the fair in April, and half as many in May. A clip costs $5, a "
    "pin 30 cents and a pen $2.35. She sorts 90 boxes in 45 minutes; 15 of the 60 trays are red. 7 friends "
    "share 100 beads.",
)
PREFIX = ("Ines sold 48/2 = 24 clips in May.",)


@dataclass(frozen=True)
class Tried:
    """One draft in short: its last expression, what the run gave (an Outcome for no value), and the unit it names."""

    expression: str
    gave: Any = None
    unit: str = ""


def weighed(step: str, *tried: Tried, problem: Problem = SHOP, prefix: tuple[str, ...] = PREFIX) -> Verdict:
    drafts = tuple(Draft(f"result = {each.expression}  # {each.unit}") for each in tried)
    job = CheckJob("program", problem, prefix, step, drafts)
    outcomes = [each.gave if isinstance(each.gave, Outcome) else Outcome(RunEnding.OK, each.gave) for each in tried]
    return TOOL.weigh(CheckJob("program", problem, prefix, step, drafts, tuple(outcomes[: len(TOOL.programs(job))])))


HOLDS = {
    "a whole number": ("So she sold 48 + 24 = 72 clips altogether.", Tried("48 + 24", 72)),
    "a float that is whole": ("In May she sold 48/2 = 24 clips.", Tried("48 / 2", 24.0)),
    "another way to the same value": ("Altogether that is 72 clips.", Tried("48 * 3 / 2", 72.0)),
    "what was worked out in words": ("Twenty-four and 48 clips make 72 clips.", Tried("48 + 24", 72)),
    "the end of a chain, not its middle": ("She earns 5*48 = 240 = $240 in April.", Tried("5 * 48", 240)),
    "money with cents": ("Two pens cost 2 * 2.35 = $4.70.", Tried("2 * 2.35", 4.7)),
    "money that is rounded to cents": ("A third of a pen's price is 2.35/3 = $0.78.", Tried("2.35 / 3", 0.78333333)),
    "a decimal rounded to the places it shows": ("Each gets 100/7 = 14.29 beads.", Tried("100 / 7", 14.2857142857)),
    "a decimal cut at the places it shows": ("Each gets 100/7 = 14.28 beads.", Tried("100 / 7", 14.2857142857)),
    "a value that is said to be about right": ("Each gets about 14 beads.", Tried("100 / 7", 14.2857142857)),
    "an approximate sign": ("Each gets 100/7 ≈ 14 beads.", Tried("100 / 7", 14.2857142857)),
    "a fraction": ("The share of a friend is 1/7.", Tried("1 / 7", 1 / 7)),
    "an exact fraction": (r"Each gets $\frac{100}{7}$ beads.", Tried("100 / 7", {"exact": "100/7"})),
    "a mixed number": ("She would need 2 1/2 hours for them.", Tried("5 / 2", 2.5)),
    "a percent as a share": ("The red part of the trays is 15/60 = 25%.", Tried("15 / 60", 0.25)),
    "a share as a percent": ("The red part of the trays is 0.25.", Tried("15 / 60 * 100", 25.0, "%")),
    "minutes and hours": ("She sorts for 45 * 4 / 60 = 3 hours.", Tried("45 * 4", 180, "minutes")),
    "dollars and cents": ("A dozen pins cost 12 * 30 = 360 cents.", Tried("12 * 0.3", 3.6, "dollars")),
    "dozens": ("She sold 48/12 = 4 dozen clips.", Tried("48 / 12", 4, "dozen")),
    "two of three programs": ("In all 72 clips.", Tried("48 + 24", 72), Tried("48 - 24", 24), Tried("24 + 48", 72)),
    "several values": ("April brings 48*5 = $240 and May 24*5 = $120.", Tried("[48 * 5, 24 * 5]", [240, 120])),
    "the last of several": ("April brings 48*5 = $240 and May 24*5 = $120.", Tried("24 * 5", 120)),
    "a negative value": ("The profit is -5 dollars.", Tried("90 - 100 + 5", -5)),
    "a restated answer": ("The answer is 48.", Tried("48", 48)),
}


@pytest.mark.parametrize("case", HOLDS.values(), ids=HOLDS.keys())
def test_a_step_that_says_what_the_programs_find_is_supported(case: tuple[Any, ...]) -> None:
    verdict = weighed(*case)
    assert verdict.kind is SUPPORTED, verdict


FAILS = {
    "another operator": (
        "Ines sold 48*2 = 96 clips in May.", Tried("48 / 2", 24.0), "48 / 2 = 24, the step says 96",
    ),
    "another number": ("In all she sold 48+90 = 138 clips.", Tried("48 + 24", 72), "48 + 24 = 72, the step says 138"),
    "a misread number": ("She earns 84*5 = $420 in April.", Tried("48 * 5", 240), "48 * 5 = 240, the step says $420"),
    "a wrong value in words": ("So she sold 70 clips in all.", Tried("48 + 24", 72), "48 + 24 = 72, the step says 70"),
    "off by one": ("In all she sold 73 clips.", Tried("48 + 24", 72), "48 + 24 = 72, the step says 73"),
    "a wrong decimal": ("Each gets 100/7 = 14.39 beads.", Tried("100 / 4", 25.0), "the step says 14.39"),
    "a decimal that needs no rounding": ("A pen and a half cost $3.60.", Tried("2.35 * 2", 4.7), "the step says $3.60"),
    "far from about right": ("Each gets about 20 beads.", Tried("100 / 7", 14.2857), "14.2857, the step says 20"),
    "a wrong percent": ("The red part of the trays is 40%.", Tried("15 / 60", 0.25), "= 0.25, the step says 40%"),
    "a wrong conversion": ("She sorts for 4 hours.", Tried("45 * 4", 180, "minutes"), "180, the step says 4 hours"),
    "by a majority": (
        "In all 91 clips.", Tried("48 + 24", 72), Tried("48 + 48", 96), Tried("24 + 48", 72),
        "48 + 24 = 72 (2 of 3 programs), the step says 91",
    ),
    "one of several values": (
        "April brings 48*5 = $240 and May 48*5 + 5 = $245.", Tried("[48 * 5, 24 * 5]", [240, 120]), "gives 120, the",
    ),
    "an early one of several values": (
        "April brings 90*5 = $450 and May 24*5 = $120.", Tried("[48 * 5, 24 * 5]", [240, 120]), "the step says $450",
    ),
    "the end of a chain": ("In all 48 + 24 = 72 - 2 = 70 clips.", Tried("48 + 24", 72), "= 72, the step says 70"),
    "a whole number in place of another": ("She packs 13 boxes.", Tried("90 / 45", 2.0), "90 / 45 = 2, the step says"),
}  # fmt: skip


@pytest.mark.parametrize("case", FAILS.values(), ids=FAILS.keys())
def test_a_step_that_says_something_else_is_refuted_and_the_message_says_why(case: tuple[Any, ...]) -> None:
    *tried, why = case
    verdict = weighed(*tried)
    assert verdict.kind is REFUTED, verdict
    assert why in verdict.message


def ended(ending: RunEnding, error: str) -> Outcome:
    return Outcome(ending, error=error)


OPEN = {
    "no model was asked": ("In all 72 clips.", "no model was asked"),
    "they disagree": ("In all 72 clips.", Tried("48 + 24", 72), Tried("48 + 48", 96), "disagree: 72, 96"),
    "no majority": ("In all 9 clips.", Tried("48", 48), Tried("24", 24), Tried("90", 90), "the programs disagree"),
    "one of three gave a value": (
        "In all 9 clips.", Tried("48 + 24", 72), Tried("open(48)"), Tried("77 + 48"), "only 1 of 3 programs gave",
    ),
    "the program failed": (
        "In all 72 clips.", Tried("48 / 0", ended(RunEnding.ERROR, "division by zero")), "division by zero",
    ),
    "the program took too long": ("In all 72 clips.", Tried("48 ** 9", ended(RunEnding.TIMEOUT, "2 s")), "timeout: 2"),
    "no sandbox": ("In all 72 clips.", Tried("48", ended(RunEnding.UNAVAILABLE, "no sandbox is set up")), "no sandbox"),
    "the draft is no program": ("In all 72 clips.", Tried("the sum"), "not an expression: the sum"),
    "a number from nowhere": ("In all 72 clips.", Tried("48 + 37"), "37 stands neither in the problem"),
    "a guess": ("In all she sold 72 clips.", Tried("100 - 10 * 2 - 8", True), "bool is no number"),
    "no value in the step": ("Ines sold half as many clips in May.", Tried("48 / 2", 24), "states no value"),
    "an equation to solve": ("We know that 2x + 3 = 7.", Tried("48 / 2", 24), "states no value"),
    "a question": ("Is that 48 + 24 = 73 clips?", Tried("48 + 24", 72), "states no value"),
    "an inequality": ("So 48 > 24.", Tried("48 / 2", 24), "states no value"),
    "no words that say what is found": ("48 * 2 = 96", Tried("48 / 2", 24), "words do not say"),
    "two units in one quantity": ("It takes 1 hour and 30 minutes.", Tried("90", 90), "in several units"),
    "perhaps a whole number of things": ("Each gets 14 beads.", Tried("100 / 7", 14.2857), "as a whole number"),
    "perhaps rounded on the way": ("Two thirds of that are $1.58.", Tried("2.35 * 2 / 3", 1.56667), "rounded numbers"),
    "the other direction": ("She is left with 24 clips.", Tried("24 - 48", -24), "differ in sign only"),
    "perhaps in another unit": ("She sorts for 3 hours.", Tried("45 * 4", 180), "one quantity in two units"),
    "perhaps in dozens": ("She sold 48/12 = 4 dozen clips.", Tried("48", 48, "clips"), "in two units"),
    "another kind of quantity": ("She sorts for 3 hours.", Tried("48 * 5", 240, "dollars"), "counts dollars, the step"),
    "equal numbers of other units": ("She sorts for 3 hours.", Tried("24 / 8", 3, "minutes"), "counts minutes"),
    "the answer to another part": ("April brings 48*5 = $240, May 24*4 = $96.", Tried("48 * 5", 240), "another value"),
    "too many results": ("In all 72 clips.", Tried("[48, 24, 60]", [48, 24, 60]), "has 3 values, not 1"),
    "text as a result": ("In all 72 clips.", Tried("48", {"text": "<clips>"}), "dict is no number"),
    "an infinite result": ("In all 72 clips.", Tried("48", float("inf")), "inf is no number"),
    "too long a step": ("In all 72 clips. " * 200, Tried("48 + 24", 72), "longer than 2000 characters"),
}  # fmt: skip


@pytest.mark.parametrize("case", OPEN.values(), ids=OPEN.keys())
def test_what_cannot_be_told_is_undecided_and_says_why(case: tuple[Any, ...]) -> None:
    *tried, why = case
    verdict = weighed(*tried)
    assert verdict.kind is UNDECIDED, verdict
    assert why in verdict.message


OBJECTIVES = {
    "Ines sold 48*2 = 96 clips in May.": "Ines sold [?] clips in May.",
    "Step 2: The cost is 48*$5 = $240.": "The cost is $[?].",
    "Since she sold 48 clips, she earned 48 * 5 = $240.": "Since she sold __ clips, she earned $[?].",
    "In 3 weeks she earns 48 + 24 = 72 dollars.": "In __ weeks she earns [?] dollars.",
    "On day 2 she sold 48 + 24 = 72 clips.": "On day 2 she sold [?] clips.",
    "A clip costs $5, so April brings $240.": "A clip costs $5, so April brings $[?].",
    "48 clips in April - 24 clips in May = 24 clips more.": "[?] clips more.",
    "There are <<48/2=24>>24 clips and 24 + 48 = 72 in all.": "There are __ clips and [?] in all.",
    r"The share is $\frac{1}{2} = 50\%$.": "The share is [?]%.",
    "x = 48/2 = 24": "x = [?]",
}  # fmt: skip


@pytest.mark.parametrize(("step", "asked"), OBJECTIVES.items())
def test_a_model_is_shown_the_words_of_a_step_and_neither_its_value_nor_what_it_computes_with(
    step: str, asked: str
) -> None:
    request = TOOL.requests(CheckJob("program", SHOP, PREFIX, step), 1)[0]
    assert request.prompt.endswith(f"\nFind: {asked}\n")


def test_requests_share_their_beginnings_and_only_the_first_is_the_likeliest() -> None:
    early, late = (CheckJob("program", SHOP, PREFIX * many, "In all she sold 72 clips.") for many in (1, 2))
    first, *others = TOOL.requests(late, 3)
    earlier = TOOL.requests(early, 1)[0]
    assert {first.prefix, *(each.prefix for each in others)} == {earlier.prefix}
    assert first.prompt.startswith(earlier.prompt.partition("Find:")[0])
    assert [each.temperature for each in (first, *others)] == [0.0, 0.7, 0.7]
    assert TOOL.requests(CheckJob("program", SHOP, (), "Let us think."), 3) == ()


REFUSED = {
    "": "it is empty",
    "let a = 48 / 2": "no line says what the result is",
    "import os\nresult = 48": "a line is no assignment: import os",
    "result = __import__('os')": "only abs, ceil",
    "result = 48 .real": "attribute is not allowed",
    "result = [48] * 10**9": "a list stands where a number should",
    "result = may / 2": "may is not known at that line",
    "let sum = 48\nresult = sum": "sum cannot be a name",
    "result = '48'": "a constant is no number",
    "result = 48 if 1 else 24": "ifexp is not allowed",
    "result = 1 + 1": "it uses no number of the problem",
    "result = 12": "it uses no number of the problem",
    "let a = 48; b = 2\nresult = a": "not an expression",
}


@pytest.mark.parametrize(("draft", "why"), REFUSED.items())
def test_a_draft_beyond_the_grammar_is_not_run_and_says_why(draft: str, why: str) -> None:
    job = CheckJob("program", SHOP, (), "In all 72 clips.", (Draft(draft),))
    assert TOOL.programs(job) == ()
    assert why in TOOL.weigh(job).message


def test_a_program_keeps_its_remarks_and_imports_only_what_it_calls() -> None:
    text = "```python\n# trays\ntrays = 90 / 60  # trays each\nlet whole = ceil(trays)\nresult = whole  # trays\n\nor"
    job = CheckJob("program", SHOP, (), "She fills 2 trays.", (Draft(text),))
    (program,) = TOOL.programs(job)
    assert program.code == (
        "from math import ceil\ntrays = 90 / 60  # trays each\nwhole = ceil(trays)\nresult = whole  # trays"
    )


ADVERSARIAL = (
    "", "1" * 1900, "1" * 100_000, "{" * 1500, r"\frac{" * 300, "1 + " * 1500, "1 + " * 480 + "1 = 2",
    "= 10**10**10 is 5", "1/" * 900, "1,000" * 300, "<<" * 900, "½ + ٣ = पांच яблок 12", "漢字 12 = 13",
    "\x00 is 5 \ud800", "5 hours and " * 150, "=1x" * 60, "so " * 600 + "5", "is" + "a" * 1990, "-" * 1999,
    "a" * 100_000 + " = 5",
)  # fmt: skip


@pytest.mark.parametrize("text", ADVERSARIAL, ids=range(len(ADVERSARIAL)))
def test_hostile_text_as_step_as_problem_and_as_draft_is_never_an_error(text: str) -> None:
    for problem, step, draft in (
        (text, "In all 72 clips.", "result = 48"),
        (SHOP.text, text, "result = 48"),
        (SHOP.text, "In all 72 clips.", text),
    ):
        job = CheckJob("program", Problem("1", problem), (text,), step, (Draft(draft),))
        TOOL.requests(job, 2)
        runs = tuple(Outcome(RunEnding.OK, 48) for _ in TOOL.programs(job))
        assert TOOL.weigh(CheckJob("program", job.problem, job.prefix, step, job.drafts, runs)).kind is not SUPPORTED


def test_the_evidence_shows_programs_values_and_the_difference_and_stays_small() -> None:
    verdict = weighed("In all 91 clips.", *[Tried("48 + 24", 72, "clips " * 20)] * 2, Tried("48 +", None))
    assert verdict.input == {
        "objective": "In all [?] clips.",
        "programs": [*[f"result = 48 + 24  # {'clips ' * 20}".strip()] * 2, "result = 48 +  # "],
    }  # fmt: skip
    assert verdict.output == {
        "values": ["72", "72", "not read: not an expression: 48 +"], "said": "91", "agreed": "72", "votes": "2 of 3",
        "difference": "19", "units": ["", ""],
    }  # fmt: skip
    long = weighed("In all 91 clips.", *[Tried("48 + 24" + " + 48" * 35, 72, "x" * 150)] * 40)
    assert len(json.dumps([long.input, long.output])) < 6000


def test_a_job_with_drafts_and_runs_survives_the_way_to_the_child() -> None:
    job = CheckJob("program", SHOP, PREFIX, "In all 72 clips.", (Draft("result = 48"),), (Outcome(RunEnding.OK, 48),))
    assert jobs_in(json.loads(json.dumps(jobs_out([job])))) == [job]
