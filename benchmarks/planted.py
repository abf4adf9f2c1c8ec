"""Plants errors in generated word problems (and GSM8K where the file is there) and asks the claims verifier of each.

Prints the share that an exact evaluation of the text alone upholds, the speed, and what share of the planted steps
`claims` refutes by kind of error. Every wrong solution is drawn before it is counted: none is thrown away unseen.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(CHECKOUT))

from benchmarks._studio import figure  # noqa: E402
from inference.planted import KINDS, Planted, Unfit, Worked, plant_some, read  # noqa: E402
from inference.sources.templates import TemplateSource  # noqa: E402
from inference.types import Problem, VerdictKind  # noqa: E402
from inference.verifiers.claims import ClaimsVerifier  # noqa: E402
from inference.verifiers.claims.evaluate import evaluate  # noqa: E402
from inference.verifiers.claims.extract import links  # noqa: E402
from inference.verifiers.claims.parser import parse  # noqa: E402

MARK = re.compile(r"<<[^<>\n]*>>")
Solution = tuple[str, tuple[str, ...], str]


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--data", type=Path, default=CHECKOUT.parent / "shared" / "data")
    arguments.add_argument("--problems", type=int, default=400)
    asked = arguments.parse_args()
    began = time.perf_counter()
    made = [
        (each.problem.text, each.steps, each.problem.answer)
        for each in TemplateSource().problems(seed=7, count=asked.problems)
    ]
    figure("planted.problems_per_s", round(asked.problems / (time.perf_counter() - began), 1), "1/s")
    report("planted", made)
    gsm8k = asked.data / "gsm8k_train.jsonl"
    if gsm8k.exists():
        report("planted.gsm8k", list(gsm8k_solutions(gsm8k, asked.problems)))
    else:
        print(f"{gsm8k} is not there: GSM8K is left out", file=sys.stderr)


def gsm8k_solutions(path: Path, most: int) -> Iterator[Solution]:
    """Yield the first solutions of the file as the importer reads them."""
    with path.open(encoding="utf-8") as file:
        for row in map(json.loads, list(file)[:most]):
            steps, _, answer = row["answer"].rpartition("####")
            lines = tuple(line.strip() for line in MARK.sub("", steps).split("\n") if line.strip())
            yield row["question"], lines, answer.strip()


def report(name: str, solutions: list[Solution]) -> None:
    """Plant, time, check and print."""
    began = time.perf_counter()
    found: list[tuple[Worked, Planted]] = []
    unfit: Counter[str] = Counter()
    for problem, steps, answer in solutions:
        try:
            worked = read(problem, steps, answer)
        except Unfit as error:
            unfit[str(error).partition("'")[0]] += 1
            continue
        found += [(worked, each) for each in plant_some(worked, list(KINDS.values()), seed=7, many=4)]
    seconds = time.perf_counter() - began
    upheld = sum(holds(worked, each) for worked, each in found)
    caught = seen_by_claims(found)
    figure(
        f"{name}.valid", round(upheld / len(found), 4), "share", planted=len(found), solutions=len(solutions),
        unfit=sum(unfit.values()), unfit_because=dict(unfit.most_common(5)),
    )  # fmt: skip
    figure(f"{name}.per_s", round(len(found) / seconds, 1), "1/s")
    total = sum(seen for seen, _ in caught.values())
    figure(f"{name}.claims_recall", round(total / len(found), 4), "share", by_kind={
        kind: {"caught": seen, "planted": count, "share": round(seen / count, 3)}
        for kind, (seen, count) in sorted(caught.items())
    })  # fmt: skip


def seen_by_claims(found: list[tuple[Worked, Planted]]) -> dict[str, tuple[int, int]]:
    """Return for each kind how many wrong steps the verifier refutes, and of how many."""
    verifier = ClaimsVerifier()
    counts: dict[str, tuple[int, int]] = {}
    for worked, each in found:
        at = each.first_error
        verdict = verifier.check(Problem("p", worked.problem), each.steps[:at], each.steps[at])
        seen, count = counts.get(each.kind, (0, 0))
        counts[each.kind] = seen + (verdict.kind is VerdictKind.REFUTED), count + 1
    return counts


def holds(worked: Worked, each: Planted) -> bool:
    """Judge a wrong solution by its text and exact arithmetic alone, apart from how it was planted and checked.

    The steps before the error are the right ones; the step with the error comes to a value that the right step does
    not have; the equations after it are true; the last value is not the answer.
    """
    right = worked.texts
    at, missing = each.first_error, len(right) - len(each.steps)
    if each.steps[:at] != right[:at] or missing not in (0, 1):
        return False
    values = [results(step) for step in each.steps]
    wrong = [shown for _, shown in values[at]]
    if not wrong or wrong == [shown for _, shown in results(right[at + missing])]:
        return False
    broken = any(value != shown for value, shown in values[at])
    later = all(value == shown for step in values[at + 1 :] for value, shown in step)
    last = next((shown for step in reversed(values) for _, shown in reversed(step)), None)
    return later and broken == each.breaks and last != worked.answer and Fraction(each.answer) == last


def results(step: str) -> list[tuple[Fraction, Fraction]]:
    """Return (value of the expression, number shown) for each equation of a step."""
    pairs = [(evaluate(parse(link.left.tokens)), evaluate(parse(link.right.tokens))) for link in links(step)]
    return [(Fraction(str(left)), Fraction(str(right))) for left, right in pairs]


if __name__ == "__main__":
    main()
