"""What labels bring: the learning curve of planted errors, and the PRM head against baselines on PRM800K.

Reads the steps with the studio's own reader (one pass, cached) and trains the studio's own head. Problems that measure
never train. `--data` names the folder with prm800k_phase1_train.parquet; where it is absent that part is left out.
ProcessBench is not touched.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from random import Random

import numpy as np

CHECKOUT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(CHECKOUT))

from benchmarks._studio import figure  # noqa: E402
from inference.planted import KINDS, plant_some, read  # noqa: E402
from inference.planted.tree import tree_of  # noqa: E402
from inference.scoring.features import FeatureSource  # noqa: E402
from inference.scoring.paths import paths_to  # noqa: E402
from inference.scoring.spec import FeatureSpec, spec_of  # noqa: E402
from inference.scoring.surface import counts  # noqa: E402
from inference.sources.templates import TemplateSource, topic_names  # noqa: E402
from inference.trainers.curve import Point, Side, baselines, change, points  # noqa: E402
from inference.trainers.first_error import RatedPath, rated_paths  # noqa: E402
from inference.trainers.params import HeadParams  # noqa: E402
from inference.trainers.split import place_of  # noqa: E402
from inference.types import Rating  # noqa: E402

RELEASED = (200, 1000, 5000)
HELD_OUT_TOPICS = 2
PER_PROBLEM = 4
# Measured on: of planted problems, of PRM800K's.
PLANTED_SHARE, SHARE = 0.2, 0.25


@dataclass(frozen=True, slots=True)
class LabelledTree:
    """A problem with its steps (seq to parent and text), those rated, and what its template is called."""

    problem: str
    nodes: dict[int, tuple[int, str]]
    correct: dict[int, bool]
    topic: str = ""


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--data", type=Path, default=CHECKOUT.parent / "shared" / "data")
    arguments.add_argument("--model", type=Path, default=CHECKOUT / ".studio" / "models" / "SmolLM2-135M-Instruct")
    arguments.add_argument("--cache", type=Path, default=CHECKOUT / ".studio" / "features")
    arguments.add_argument("--planted", type=int, default=900, help="Problems with planted errors; 0 for none.")
    arguments.add_argument("--prm800k", type=int, default=400, help="Problems of PRM800K; 0 for none.")
    arguments.add_argument("--steps", type=int, default=16, help="Rated steps drawn of each PRM800K problem.")
    asked = arguments.parse_args()
    spec = spec_of("hf", asked.model)
    reader = Reader(spec, asked.model, asked.cache)
    parquet = asked.data / "prm800k_phase1_train.parquet"
    if asked.prm800k and parquet.exists():
        against_baselines(reader, list(prm800k_trees(parquet, asked.prm800k, asked.steps)))
    elif asked.prm800k:
        print(f"{parquet} is not there: PRM800K is left out", file=sys.stderr)
    if asked.planted:
        planted_curve(reader, list(planted_trees(asked.planted)))


def planted_trees(problems: int) -> Iterator[LabelledTree]:
    for made in TemplateSource().problems(seed=11, count=problems):
        worked = read(made.problem.text, made.steps, made.problem.answer)
        wrong = plant_some(worked, list(KINDS.values()), seed=11, many=PER_PROBLEM)
        nodes = tree_of(worked, made.problem.answer, wrong)
        rated = {node.seq: node.rating is Rating.CORRECT for node in nodes if node.rating}
        texts = {node.seq: (node.parent, node.text) for node in nodes}
        yield LabelledTree(made.problem.text, texts, rated, made.template.partition("/")[0])


def prm800k_trees(path: Path, problems: int, steps: int) -> Iterator[LabelledTree]:
    """Yield trees of human ratings (neutral counts as correct), `steps` rated steps of each problem by lot."""
    columns = ["instruction", "responses", "next_response", "rating"]
    rated: dict[str, dict[tuple[str, ...], list[int]]] = {}
    for row in import_module("pyarrow.parquet").read_table(path, columns=columns).to_pylist():
        if row["rating"] is not None:
            step = (*row["responses"], row["next_response"])
            rated.setdefault(row["instruction"], {}).setdefault(step, []).append(int(row["rating"]))
    names = Random(0).sample(sorted(rated), min(problems, len(rated)))  # noqa: S311 no secret
    for name in names:
        here = sorted(rated[name])
        drawn = Random(name).sample(here, min(steps, len(here)))  # noqa: S311 no secret
        yield _tree(name, {step: max(rated[name][step], key=rated[name][step].count) >= 0 for step in drawn})


def _tree(problem: str, drawn: dict[tuple[str, ...], bool]) -> LabelledTree:
    beginnings = sorted(
        {step[:end] for step in drawn for end in range(1, len(step) + 1)}, key=lambda each: (len(each), each)
    )
    seq = {each: at for at, each in enumerate(beginnings, 1)}
    nodes = {seq[each]: (seq.get(each[:-1], 0), each[-1]) for each in beginnings}
    return LabelledTree(problem, nodes, {seq[step]: right for step, right in drawn.items()})


class Reader:
    """Reads the rated steps of trees through the studio's cache and tells how far it is."""

    def __init__(self, spec: FeatureSpec, model: Path, cache: Path) -> None:
        self.spec, self.model, self.cache = spec, model, cache

    def side(self, trees: Sequence[LabelledTree], rounds: int = 20) -> Side:
        """Return the rated steps of the trees, tree by tree, with features and wholly rated paths."""
        features: list[np.ndarray[tuple[int], np.dtype[np.float16]]] = []
        plain: list[list[float]] = []
        correct: list[bool] = []
        groups: list[str] = []
        paths: list[RatedPath] = []
        with FeatureSource(self.spec, self.model, self.cache, lambda: None) as source:
            for start in range(0, len(trees), rounds):
                batch = trees[start : start + rounds]
                wanted = [paths_to(tree.problem, tree.nodes, tree.correct) for tree in batch]
                found = source.read([path for several in wanted for path in several])
                for tree, several in zip(batch, wanted, strict=True):
                    keys = {seq: key for path in several for seq, key in zip(path.seqs, path.keys(), strict=True)}
                    rows = {
                        seq: len(groups) + at
                        for at, seq in enumerate(seq for seq in tree.correct if keys[seq] in found)
                    }
                    features += [found[keys[seq]] for seq in rows]
                    plain += [counts(tree.nodes[seq][1], depth(tree, seq)) for seq in rows]
                    correct += [tree.correct[seq] for seq in rows]
                    groups += [tree.problem] * len(rows)
                    parents = {seq: parent for seq, (parent, _) in tree.nodes.items()}
                    paths += rated_paths(parents, tree.correct, rows, tree.problem)
                print(
                    f"{start + len(batch)} of {len(trees)} trees, {source.counts.tokens_per_s:.0f} tokens/s",
                    file=sys.stderr,
                )
        return Side(
            np.stack(features).astype(np.float32), np.array(plain, dtype=np.float32), np.array(correct), groups, paths
        )


def depth(tree: LabelledTree, seq: int) -> int:
    found = 0
    while seq:
        seq, found = tree.nodes[seq][0], found + 1
    return found


def planted_curve(reader: Reader, trees: Sequence[LabelledTree]) -> None:
    """Release planted labels, and measure on held-out problems and, the last head, on topics it never saw."""
    unseen = set(topic_names()[-HELD_OUT_TOPICS:])
    known = [tree for tree in trees if tree.topic not in unseen]
    train = reader.side([tree for tree in known if place_of(tree.problem) >= PLANTED_SHARE])
    test = reader.side([tree for tree in known if place_of(tree.problem) < PLANTED_SHARE])
    found = list(points(train, test, RELEASED, reader.spec, HeadParams()))
    gain = change(found[0], found[-1], test, labels=len(train.groups) + len(test.groups))
    figure(
        "learning_curve.gain_low", rounded(gain.low), "AUROC", gain=rounded(gain.value), high=rounded(gain.high),
        points=told(found), baselines=told(baselines(train.first(RELEASED[-1]), test, reader.spec, HeadParams())),
        measured_on=f"{len(test.groups)} steps of {len(set(test.groups))} held-out problems",
    )  # fmt: skip
    elsewhere = reader.side([tree for tree in trees if tree.topic in unseen])
    last = list(points(train, elsewhere, RELEASED[-1:], reader.spec, HeadParams()))
    figure("learning_curve.unseen_topics", rounded(last[0].auroc.value), "AUROC", points=told(last))


def against_baselines(reader: Reader, trees: Sequence[LabelledTree]) -> None:
    """Compare the head that all labels train with the best baseline on the same held-out steps."""
    train = reader.side([tree for tree in trees if place_of(tree.problem) >= SHARE])
    test = reader.side([tree for tree in trees if place_of(tree.problem) < SHARE])
    heads = list(points(train, test, (*RELEASED, len(train.groups)), reader.spec, HeadParams()))
    others = baselines(train, test, reader.spec, HeadParams())
    best = max(others, key=lambda point: point.auroc.value)
    gain = change(best, heads[-1], test, labels=len(train.groups) + len(test.groups))
    figure(
        "learning_curve.auroc_gain_low", rounded(gain.low), "AUROC", gain=rounded(gain.value), high=rounded(gain.high),
        over=best.name, heads=told(heads), baselines=told(others), correct_share=rounded(float(test.correct.mean())),
        measured_on=f"{len(test.groups)} steps of {len(set(test.groups))} held-out problems of PRM800K",
    )  # fmt: skip


def told(found: Iterable[Point]) -> list[dict[str, object]]:
    return [
        {name: rounded(value) if isinstance(value, float) else value for name, value in each.as_dict().items()}
        for each in found
    ]


def rounded(value: float | None) -> float:
    return round(float("nan") if value is None else value, 4)


if __name__ == "__main__":
    main()
