"""What a deducibility scorer ranks rightly: pairs of a right and a wrong step of GSM8K problems that trained nothing.

Reads the steps with the studio's own reader (cached) and trains the studio's own head, on the features of the language
model and on counts of words. `--data` names the folder with gsm8k_train.jsonl; without it made-up stories serve.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(CHECKOUT))

from benchmarks._studio import figure  # noqa: E402
from inference.planted import Unfit, Worked, read  # noqa: E402
from inference.planted.pairs import StepPair, step_pairs  # noqa: E402
from inference.scoring.features import FeatureSource  # noqa: E402
from inference.scoring.spec import spec_of  # noqa: E402
from inference.sources.templates import TemplateSource  # noqa: E402
from inference.trainers.params import DEDUCIBILITY, HeadParams  # noqa: E402
from inference.trainers.ranking import accuracy, fit_ranking, pair_rows, paths_of, ranked  # noqa: E402
from inference.trainers.split import place_of  # noqa: E402

FILE = "gsm8k_train.jsonl"
MARK = re.compile(r"<<[^<>\n]*>>")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--data", type=Path, default=CHECKOUT.parent / "shared" / "data")
    arguments.add_argument("--model", type=Path, default=CHECKOUT / ".studio" / "models" / "SmolLM2-135M-Instruct")
    arguments.add_argument("--cache", type=Path, default=CHECKOUT / ".studio" / "features")
    arguments.add_argument("--problems", type=int, default=500)
    given = arguments.parse_args()
    params = HeadParams(objective=DEDUCIBILITY)
    file = given.data / FILE
    rows = gsm8k(file) if file.exists() else stories(given.problems)
    solutions = list(islice(followed(rows), given.problems))
    train, test = (
        pairs_of([each for each in solutions if (place_of(each.problem) < params.held_out) is held], params)
        for held in (False, True)
    )
    for kind in ("hf", "words"):
        measure(kind, train, test, params, given, FILE if file.exists() else "stories")


def measure(
    kind: str, train: list[StepPair], test: list[StepPair], params: HeadParams, given: argparse.Namespace, data: str
) -> None:
    spec = spec_of(kind, given.model)
    with FeatureSource(spec, given.model, given.cache, lambda: None) as source:
        trained, held = (pair_rows(side, source.read(paths_of(side))) for side in (train, test))
        counts = source.counts
    head = fit_ranking(trained, spec, params)
    found = accuracy(ranked(head, held), held.pairs)
    detail = {**found, "data": data, "train_pairs": len(trained.pairs), "problems": len(set(trained.groups)),
              "l2": head.config["l2_chosen"], "tokens": counts.tokens, "seconds": round(counts.seconds, 1)}  # fmt: skip
    figure(f"deducibility.pairs_{kind}", round(found["accuracy"], 4), "share", **detail)


def pairs_of(solutions: list[Worked], params: HeadParams) -> list[StepPair]:
    made = step_pairs(solutions, seed=params.seed, planted=params.planted, elsewhere=params.elsewhere)
    return [pair for several in made for pair in several]


def followed(rows: Iterator[tuple[str, list[str], str]]) -> Iterator[Worked]:
    for problem, steps, answer in rows:
        try:
            yield read(problem, steps, answer)
        except Unfit:
            continue


def gsm8k(file: Path) -> Iterator[tuple[str, list[str], str]]:
    for line in file.open(encoding="utf-8"):
        row = json.loads(line)
        body, _, answer = row["answer"].rpartition("####")
        steps = [MARK.sub("", part).strip() for part in body.split("\n") if part.strip()]
        yield row["question"], steps, answer.strip()


def stories(count: int) -> Iterator[tuple[str, list[str], str]]:
    for made in TemplateSource().problems(seed=0, count=count):
        yield made.problem.text, list(made.steps), made.problem.answer


if __name__ == "__main__":
    main()
