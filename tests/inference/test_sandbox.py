"""Programs that nobody trusts: what becomes of hostile ones in every sandbox that this machine has."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from inference.sandbox.base import Limits, Outcome, Program, RunEnding, Sandbox
from inference.sandbox.bubblewrap import BubblewrapSandbox
from inference.sandbox.choose import Sandboxes
from inference.sandbox.monty import MontySandbox
from tests.inference.hostile import HOSTILE, SECRET

# A good program beside busy neighbours of its own kind may be kept from the processor for more than a second.
LIMITS = Limits(seconds=2.0)
BENIGN = Program("a = 6\nb = 7  # neighbour-program\nresult = a * b")
KINDS = {"monty": MontySandbox, "jail": BubblewrapSandbox}


@cache
def why_no_jail() -> str:
    """Return why bubblewrap cannot be used here, "" where it can."""
    sandboxes = Sandboxes("bubblewrap")
    status = sandboxes.status()
    sandboxes.close()
    return "" if status.heavy else status.reason


@pytest.fixture(scope="module", params=list(KINDS))
def sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    if request.param == "jail" and why_no_jail():
        pytest.skip(why_no_jail())
    sandbox = KINDS[request.param]()
    yield sandbox
    sandbox.close()


@pytest.fixture(scope="module")
def ended(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, tuple[Outcome, Outcome]]]:
    """Run every hostile program, a good one after each; nothing may come through to the folder or the port."""
    folder = tmp_path_factory.mktemp("outside")
    (folder / "secret").write_text(SECRET)
    os.environ["STUDIO_TEST_SECRET"] = SECRET
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0)
        places = {"secret": folder / "secret", "folder": folder, "port": server.getsockname()[1]}
        programs = [each for attempt in HOSTILE.values() for each in (attempt.program(**places), BENIGN)]
        outcomes = sandbox.run_many(programs, LIMITS)
        with pytest.raises(BlockingIOError):
            server.accept()
    del os.environ["STUDIO_TEST_SECRET"]
    assert os.listdir(folder) == ["secret"]
    assert not Path("/tmp/written").exists()  # noqa: S108
    yield dict(zip(HOSTILE, zip(outcomes[::2], outcomes[1::2], strict=True), strict=True))


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_program_ends_as_it_should_and_tells_nothing(
    name: str, sandbox: Sandbox, ended: dict[str, tuple[Outcome, Outcome]]
) -> None:
    attempt, (outcome, after) = HOSTILE[name], ended[name]
    endings = attempt.monty if isinstance(sandbox, MontySandbox) else attempt.jail
    assert outcome.ending in endings, outcome.error
    assert outcome.ending is not RunEnding.OK or outcome.value in attempt.harmless
    assert (outcome.ending is RunEnding.OK) == (outcome.error == "")
    assert SECRET not in repr(outcome)
    assert len(repr(outcome)) < 12_000
    assert (after.ending, after.value) == (RunEnding.OK, 42)


def test_a_sandbox_answers_after_its_process_was_killed(sandbox: Sandbox) -> None:
    assert sandbox.run_many([BENIGN])[0].value == 42
    served = getattr(sandbox, "_keeper", None) or sandbox._warm  # type: ignore[attr-defined]
    served.process.kill()
    served.process.wait()
    assert [each.value for each in sandbox.run_many([BENIGN] * 3)] == [42] * 3


def test_a_sandbox_ends_with_the_process_that_started_it(sandbox: Sandbox) -> None:
    """The parent is killed while a program loops; what it had started must be gone soon after."""
    script = f"""
import threading, time
from inference.sandbox.base import Limits, Program
from {type(sandbox).__module__} import {type(sandbox).__name__} as Kind
sandbox = Kind(1)
sandbox.run_many([Program("result = 1")])
threading.Thread(target=sandbox.run_many, args=([Program("while True: pass")], Limits(2.0)), daemon=True).start()
time.sleep(0.3)
print((getattr(sandbox, "_keeper", None) or sandbox._warm).process.pid, flush=True)
time.sleep(60)
"""
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    started = _family(int(parent.stdout.readline()))
    parent.kill()
    parent.wait()
    parent.stdout.close()
    until = time.monotonic() + 10
    while started & _living().keys() and time.monotonic() < until:
        time.sleep(0.05)
    assert len(started) > 1
    assert not started & _living().keys()


def _family(pid: int) -> set[int]:
    """Return a process and all that it has started, directly or not."""
    parents, family = _living(), {pid}
    while more := {each for each, parent in parents.items() if parent in family} - family:
        family |= more
    return family


def _living() -> dict[int, int]:
    """Return the parent of each process; one that has ended and was not reaped does not count."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent = stat.read_text().rpartition(")")[2].split()[:2]
        except (OSError, ValueError):
            continue
        if state != "Z":
            parents[int(stat.parent.name)] = int(parent)
    return parents


def test_results_are_exact(sandbox: Sandbox) -> None:
    programs = {
        "7 // 2": 3,
        "2**60": {"exact": str(2**60)},
        "-(10**40)": {"exact": "-1" + "0" * 40},
        "1 / 4": 0.25,
        "[1, (2, 3), {'x': 4}]": [1, [2, 3], {"x": 4}],
        "{3, 1, 2}": [1, 2, 3],
        "float('inf')": {"text": "inf"},
        "None": None,
        "[round(2.675, 2), round(24.05, 1), round(2.5), round(-7.5), round(1234, -2), round(1e300, 2)]":
            [2.67, 24.1, 2, -8, 1200, 1e300],
        "'a' + chr(0) + 'b'": "a\ufffdb",
        "__import__('decimal').Decimal('1.10')": {"exact": "1.10"},
    }  # fmt: skip
    for expression, outcome in zip(programs, sandbox.run_many([_assigns(each) for each in programs]), strict=True):
        assert (outcome.ending, outcome.value) == (RunEnding.OK, programs[expression]), (expression, outcome)


def _assigns(expression: str) -> Program:
    if expression.startswith("__import__"):
        return Program("from decimal import Decimal\nresult = Decimal('1.10')")
    return Program(f"result = {expression}")


def test_a_program_runs_the_same_way_twice(sandbox: Sandbox) -> None:
    chance = Program("import random\nresult = [random.random(), list({'b', 'a', 'c'})]")
    once, twice = sandbox.run_many([chance, chance])
    assert once.value == twice.value


def test_faults_are_told_in_words(sandbox: Sandbox) -> None:
    divided, unset, unreadable, unnamed = sandbox.run_many(
        [Program("a = 1\nb = a / 0"), Program("total = 3"), Program("a ="), Program("a = 1", result="no name")]
    )
    assert divided.error.startswith("the program failed with ZeroDivisionError") and "(line 2)" in divided.error
    assert unset.error == "the program ended without setting 'result'"
    assert "SyntaxError" in unreadable.error
    assert unnamed.ending is RunEnding.ERROR


def test_numbers_of_sympy_are_exact() -> None:
    if why_no_jail():
        pytest.skip(why_no_jail())
    code = (
        "from sympy import *\nfrom fractions import Fraction\nx = symbols('x')\n"
        "result = [solve(x**2 - 4, x), Rational(1, 3), sqrt(2), Integer(2)**70, Float(0.5), true, x + 1, oo,"
        " solveset(x**2 - 1, x), Fraction(3, 4)]"
    )
    jail = BubblewrapSandbox(1)
    (outcome,) = jail.run_many([Program(code)])
    jail.close()
    assert outcome.value == [
        [-2, 2], {"exact": "1/3"}, {"exact": "sqrt(2)"}, {"exact": str(2**70)}, 0.5, True, {"text": "x + 1"},
        {"text": "oo"}, [-1, 1], {"exact": "3/4"},
    ]  # fmt: skip
