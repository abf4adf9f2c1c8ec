"""How far a model's judgements of steps can be trusted: calibration, ranking, and what the judge decides.

    .venv/bin/python benchmarks/judge.py [--model FOLDER] [--steps 200] [--data FOLDER]

1. Steps of ProcessBench (gsm8k) up to and with the first wrong one, where the file is there, and steps of generated
   word problems: as they are, and with an error planted in them.
2. One question a step to the hf engine on this machine; the verdicts are the judge's own.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(CHECKOUT))

from benchmarks._studio import figure  # noqa: E402
from inference.engines import Engine, EngineSpec, make_engine  # noqa: E402
from inference.intervals import wilson  # noqa: E402
from inference.planted import KINDS, Unfit, plant, read  # noqa: E402
from inference.sources.templates import TemplateSource  # noqa: E402
from inference.stats import auroc_interval  # noqa: E402
from inference.types import Problem, Verdict, VerdictKind  # noqa: E402
from inference.verifiers.calibration import calibration  # noqa: E402
from inference.verifiers.judge import JudgeVerifier  # noqa: E402
from inference.verifiers.wire import CheckJob, Draft  # noqa: E402

Rated = tuple[CheckJob, bool]
"""A step to be judged, and whether it is right."""
DEFAULT = CHECKOUT / ".studio" / "models" / "SmolLM2-135M-Instruct"


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--model", default=str(DEFAULT))
    arguments.add_argument("--steps", type=int, default=200)
    arguments.add_argument("--data", type=Path, default=CHECKOUT.parent / "shared" / "data")
    asked = arguments.parse_args()
    engine = make_engine(EngineSpec(kind="hf", model=asked.model, chat=False))
    sources = {"planted": planted(), "processbench": processbench(asked.data / "processbench_gsm8k.json")}
    for name, steps in sources.items():
        report(name, engine, [step for step, _ in zip(steps, range(asked.steps), strict=False)])


def processbench(path: Path) -> Iterator[Rated]:
    """Yield steps of solutions in a shuffled order; what follows a first error was not rated and is left out."""
    rows = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
    random.Random(3).shuffle(rows)  # noqa: S311
    for row in rows:
        first = row["label"]
        steps = row["steps"] if first < 0 else row["steps"][: first + 1]
        for at, step in enumerate(steps):
            yield CheckJob("judge", Problem(row["id"], row["problem"]), tuple(steps[:at]), step), at != first


def planted() -> Iterator[Rated]:
    """Yield a step of each generated solution: by turns the one with a planted error, and the right one."""
    kinds = list(KINDS.values())
    for number, made in enumerate(TemplateSource().problems(seed=11, count=2_000)):
        try:
            worked = read(made.problem.text, made.steps, made.problem.answer)
        except Unfit:
            continue
        wrong = plant(worked, kinds[number // 2 % len(kinds)], seed=7)
        if wrong is None:
            continue
        at = wrong.first_error
        steps = wrong.steps if number % 2 else made.steps
        yield CheckJob("judge", Problem(str(number), made.problem.text), tuple(steps[:at]), steps[at]), not number % 2


def report(name: str, engine: Engine, steps: list[Rated]) -> None:
    """Judge the steps and print what came of it."""
    if not steps:
        print(f"no steps of {name}: left out", file=sys.stderr)
        return
    began = time.perf_counter()
    verdicts = judged(engine, [job for job, _ in steps])
    seconds = time.perf_counter() - began
    told = [(verdict, right, job.problem.key) for verdict, (job, right) in zip(verdicts, steps, strict=True)]
    known = [(float(verdict.output["p"]), right, key) for verdict, right, key in told if verdict.output]
    found = calibration((p, right) for p, right, _ in known)
    rank = auroc_interval([p for p, _, _ in known], [right for _, right, _ in known], [key for *_, key in known])
    figure(f"judge.{name}.steps_per_s", round(len(steps) / seconds, 2), "1/s", steps=len(steps))
    figure(f"judge.{name}.auroc", round(rank.value, 3), "", low=round(rank.low, 3), high=round(rank.high, 3))
    bins = [[each.low, each.n, round(each.mean_p, 3), round(each.share_right, 3)] for each in found.bins]
    figure(
        f"judge.{name}.ece", round(found.ece, 3), "", brier=round(found.brier, 3), brier_of_base=round(found.always, 3),
        wrong=round(1 - sum(right for _, right, _ in known) / len(known), 3), bins_from_n_p_right=bins,
    )  # fmt: skip
    for kind in (VerdictKind.REFUTED, VerdictKind.SUPPORTED):
        rights = [right for verdict, right, _ in told if verdict.kind is kind]
        wrong = rights.count(False)
        low, high = wilson(wrong, len(rights))
        value = round(wrong / len(rights), 3) if rights else 0.0
        figure(f"judge.{name}.wrong_when_{kind}", value, "share", n=len(rights), low=round(low, 3), high=round(high, 3))


def judged(engine: Engine, jobs: list[CheckJob]) -> list[Verdict]:
    """Return the judge's verdict on each, from what the engine says."""
    judge = JudgeVerifier()
    requests = [replace(judge.requests(job, 1)[0], key=str(number)) for number, job in enumerate(jobs)]
    drawn = engine.generate(requests)
    return [
        judge.weigh(replace(job, drafts=(Draft(one.text, one.choices),))) for job, one in zip(jobs, drawn, strict=True)
    ]


if __name__ == "__main__":
    main()
