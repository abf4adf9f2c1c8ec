"""How fast the sandboxes run what models write: small programs in pydantic-monty, sympy jobs in the bubblewrap jail.

    .venv/bin/python benchmarks/sandbox.py [PROGRAMS] [JOBS]

Small programs: a mix of arithmetic on three to six lines (sums, fractions of numbers, `math`, a loop, a function), each
with numbers of its own, handed over in batches of 500 as a shard's checks are; the figure is the median of the rounds,
over wall clock, all processes on this machine's cores. Every outcome is compared with what the program must give.
Sympy jobs: one program at a time, from `run_many` to its outcome, the jail being warm; eight kinds in turn.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks._studio import figure
from inference.sandbox.base import Outcome, Program, RunEnding
from inference.sandbox.bubblewrap import BubblewrapSandbox
from inference.sandbox.choose import Sandboxes
from inference.sandbox.monty import MontySandbox

ROUNDS = 5
BATCH = 500
SMALL: tuple[tuple[str, Callable[[int], float]], ...] = (
    ("clips_april = {n}\nclips_may = clips_april / 2\nresult = clips_april + clips_may", lambda n: n + n / 2),
    ("price = {n}\ndiscount = price * 15 / 100\npaid = price - discount\nresult = round(paid, 2)",
     lambda n: round(n - n * 15 / 100, 2)),
    ("import math\nradius = {n}\narea = math.pi * radius ** 2\nresult = area", lambda n: 3.141592653589793 * n**2),
    ("total = 0\nfor day in range(1, 8):\n    total += day * {n}\nresult = total", lambda n: 28 * n),
    ("def per_week(hours, rate):\n    return hours * rate\nweeks = 4\npay = per_week({n}, 12.5)\nresult = pay * weeks",
     lambda n: n * 12.5 * 4),
    ("people = {n}\ntables = people // 6\nleft = people % 6\nif left:\n    tables += 1\nresult = tables",
     lambda n: -(-n // 6)),
)  # fmt: skip
SYMPY = (
    "x = symbols('x')\nresult = solve(x**2 - {n}, x)",
    "x = symbols('x')\nresult = solve(Eq(3*x + {n}, 17), x)[0]",
    "x = symbols('x')\nresult = simplify((x**2 - {n}**2)/(x - {n}))",
    "x = symbols('x')\nresult = integrate(x**2 + {n}, (x, 0, 3))",
    "x, y = symbols('x y')\nresult = solve([x + y - {n}, x - y - 1], [x, y])[x]",
    "result = Rational({n}, 7) + Rational(1, 3)",
    "x = symbols('x')\nresult = diff(sin({n}*x), x)",
    "result = binomial({n}, 3) + factorial(5)",
)


def main(programs: int = 4000, jobs: int = 200) -> None:
    small(programs)
    sympy(jobs)


def small(count: int) -> None:
    """Measure small programs a second."""
    kinds = [SMALL[at % len(SMALL)] for at in range(count)]
    wanted = [expected(at + 2) for at, (_, expected) in enumerate(kinds)]
    batch = [Program(code.format(n=at + 2)) for at, (code, _) in enumerate(kinds)]
    sandboxes = Sandboxes("monty")
    sandboxes.run_many(batch[:50])
    rates, millis = [], []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        outcomes: list[Outcome] = []
        for at in range(0, count, BATCH):
            outcomes += sandboxes.run_many(batch[at : at + BATCH])
        rates.append(count / (time.perf_counter() - started))
        millis += [outcome.millis for outcome in outcomes]
        for outcome, value in zip(outcomes, wanted, strict=True):
            assert outcome.ending is RunEnding.OK and abs(outcome.value - value) < 1e-9, outcome
    sandboxes.close()
    figure(
        "sandbox.programs_per_s", round(statistics.median(rates)), "1/s", programs=count,
        rounds=[round(rate) for rate in rates],
        p50_ms=round(percentile(millis, 50), 2), p95_ms=round(percentile(millis, 95), 2), sandbox=MontySandbox().name,
        cores=os.cpu_count(), load=os.getloadavg()[0],
    )  # fmt: skip


def sympy(count: int) -> None:
    """Measure the wall clock of one sympy job after another."""
    sandboxes = Sandboxes("bubblewrap")
    status = sandboxes.status()
    if not status.heavy:
        print(f"sympy jobs are not measured. {status.reason}")
        return
    jail = BubblewrapSandbox()
    started = time.perf_counter()
    jail.run_many([Program("result = 1")])
    begun = time.perf_counter() - started
    times = []
    for at in range(count):
        code = "from sympy import *\n" + SYMPY[at % len(SYMPY)].format(n=at + 5)
        started = time.perf_counter()
        (outcome,) = jail.run_many([Program(code, modules=("sympy",))])
        times.append((time.perf_counter() - started) * 1000)
        assert outcome.ending is RunEnding.OK, outcome
    jail.close()
    sandboxes.close()
    figure(
        "sandbox.sympy_p50_ms", round(percentile(times, 50), 1), "ms", jobs=count,
        p95_ms=round(percentile(times, 95), 1),
        start_s=round(begun, 2), sandbox=status.version, cores=os.cpu_count(), load=os.getloadavg()[0],
    )  # fmt: skip


def percentile(values: list[float], of: int) -> float:
    return sorted(values)[min(len(values) - 1, len(values) * of // 100)]


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
