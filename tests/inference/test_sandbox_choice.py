"""Which sandbox runs what, why, and that nothing runs where none holds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import pytest

from inference.sandbox import bubblewrap, seccomp
from inference.sandbox.base import Limits, Outcome, Program, RunEnding, Sandbox
from inference.sandbox.choose import Choice, Sandboxes
from inference.sandbox.modules import modules_of
from inference.sandbox.outcomes import outcome_of, unavailable
from inference.sandbox.probe import SYMPY
from inference.sandbox.values import TooLong, to_json

OK = RunEnding.OK


class Fake:
    """A sandbox that gives each program the answer that a rule says, and remembers what it was given."""

    def __init__(self, name: str, answer: Callable[[Program], Outcome]) -> None:
        self.name = name
        self.answer = answer
        self.ran: list[str] = []

    def run_many(self, programs: Sequence[Program], limits: Limits = Limits()) -> list[Outcome]:  # noqa: B008
        self.ran += [program.code for program in programs]
        return [self.answer(program) for program in programs]

    def close(self) -> None:
        self.ran.append("closed")


def monty(program: Program) -> Outcome:
    """Answer as monty does: the probe's sums, no files, no `yield`."""
    if "open(" in program.code or "yield" in program.code:
        return Outcome(RunEnding.REFUSED, error="not here", sandbox="light 1")
    return Outcome(OK, 42, sandbox="light 1")


def jail(program: Program, came_through: Sequence[str] = ()) -> Outcome:
    if program == SYMPY:
        return Outcome(OK, [-2, 2], sandbox="heavy 2")
    if "attempt(" in program.code:
        return Outcome(OK, list(came_through), sandbox="heavy 2")
    return Outcome(OK, "from the jail", sandbox="heavy 2")


def sandboxes(
    choice: str = "auto", light: Callable[[Program], Outcome] = monty, heavy: Callable[[Program], Outcome] = jail
) -> tuple[Sandboxes, Fake, Fake]:
    small, large = Fake("light 1", light), Fake("heavy 2", heavy)
    return Sandboxes(choice, light=lambda: small, heavy=lambda: large), small, large


SUM = Program("result = 40 + 2")
ROOTS = Program("from sympy import sqrt\nresult = sqrt(2)")
NAMED = Program("result = sqrt(2)", modules=("sympy",))
YIELDS = Program("def each():\n    yield 1\nresult = list(each())")


def test_small_programs_go_to_monty_and_the_rest_to_the_jail() -> None:
    both, _, _ = sandboxes()
    assert [each.sandbox for each in both.run_many([SUM, ROOTS, NAMED, YIELDS, SUM])] == [
        "light 1", "heavy 2", "heavy 2", "heavy 2", "light 1",
    ]  # fmt: skip
    assert both.status().as_json() == {
        "choice": "auto", "name": "light and heavy", "version": "light 1, heavy 2", "light": True, "heavy": True,
        "reason": "Small programs run in pydantic-monty, those with sympy and other modules in bubblewrap, "
        "whose probe passed.",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("heavy", "why"),
    [
        (lambda program: unavailable("bubblewrap is not installed"), "bubblewrap is not installed"),
        (
            lambda program: jail(program, ["read /etc/passwd", "start a process"]),
            "the probe failed: a program could read /etc/passwd, start a process",
        ),
        (lambda program: Outcome(OK, [-2, 3]), "the probe failed: a program gave [-2, 3], not [-2, 2]"),
        (lambda program: Outcome(RunEnding.CRASH, error="it fell"), "the probe failed: it fell"),
    ],
)
def test_a_jail_that_is_not_proven_runs_nothing_and_says_why(heavy: Callable[[Program], Outcome], why: str) -> None:
    both, small, large = sandboxes(heavy=heavy)
    total, roots, lists = both.run_many([SUM, ROOTS, YIELDS])
    assert (total.ending, lists.ending) == (OK, RunEnding.REFUSED)
    assert roots == unavailable(
        f"the program imports sympy and needs bubblewrap, which does not run on this worker: {why}"
    )
    assert ROOTS.code not in small.ran + large.ran and large.ran[-1] == "closed"
    status = both.status()
    assert (status.light, status.heavy, status.version) == (True, False, "light 1")
    assert why in status.reason


def test_an_open_monty_is_not_used_either() -> None:
    both, _, _ = sandboxes(light=lambda program: Outcome(OK, 42))
    assert both.run_many([SUM])[0].ending is RunEnding.UNAVAILABLE
    assert "a program could read /etc/passwd" in both.status().reason


def test_the_operator_chooses() -> None:
    ran = {}
    for choice in Choice:
        both, _, _ = sandboxes(choice)
        outcomes = both.run_many([SUM, ROOTS])
        ran[choice.value] = [each.sandbox or each.error for each in outcomes]
    without = "the program imports sympy and needs bubblewrap, which does not run on this worker: "
    assert ran == {
        "auto": ["light 1", "heavy 2"],
        "monty": ["light 1", without + "STUDIO_SANDBOX does not choose bubblewrap"],
        "bubblewrap": ["heavy 2", "heavy 2"],
        "none": ["no program runs on this worker: STUDIO_SANDBOX is none"] * 2,
    }
    with pytest.raises(ValueError, match="subprocess"):
        Sandboxes("subprocess")


def test_without_bubblewrap_the_status_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    alone: Sandbox = bubblewrap.BubblewrapSandbox()
    (outcome,) = alone.run_many([SUM])
    assert outcome == unavailable("bubblewrap is not installed (on Debian and Ubuntu: apt install bubblewrap)")


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("import sympy as sp, math\nfrom fractions import Fraction", ("fractions", "math", "sympy")),
        ("def f():\n    import os.path\n    from numpy.linalg import det", ("numpy", "os")),
        ("from . import sibling", ()),
        ("important = 1", ()),
        ("import ", ()),
        ("import sympy\n" + "(" * 3000, ()),
        ("import sympy\nx = " + "1 + " * 1500 + "1", ("sympy",)),
        ("import sympy\nx = " + "-" * 15000 + "1", ()),
        ("import a\0b", ()),
        ("import sympy\n" + "x" * 100_000, ()),
    ],
)
def test_what_a_program_imports_is_read_from_its_text(code: str, names: tuple[str, ...]) -> None:
    assert modules_of(code) == names


def test_values_have_bounds() -> None:
    assert to_json([True, 2**53, 2**53 + 1, Fraction(1, 3), {1: None}, object], 200) == [
        True, 2**53, {"exact": str(2**53 + 1)}, {"exact": "1/3"}, {"1": None}, {"text": "<class 'object'>"},
    ]  # fmt: skip
    nested: list[Any] = []
    for _ in range(1000):
        nested = [nested]
    for large in ("x" * 101, list(range(101)), {str(n): n for n in range(60)}, 10**2000, nested):
        with pytest.raises(TooLong):
            to_json(large, 100)


@pytest.mark.parametrize(
    "said", [[], ["ok"], ["fine", 1, "", "", 0], ["ok", 1, "", "", "soon"], {"ok": 1}, ["ok", 1, "", "", 0, 0]]
)
def test_what_is_no_outcome_is_not_taken_for_one(said: Any) -> None:
    with pytest.raises((ValueError, TypeError)):
        outcome_of(said, Limits(), "a sandbox")


def test_no_system_calls_are_listed_for_an_unknown_machine() -> None:
    with pytest.raises(ValueError, match="riscv64"):
        seccomp.program("riscv64")
    assert all(len(seccomp.program(machine)) % 8 == 0 for machine in seccomp.ALLOWED)
