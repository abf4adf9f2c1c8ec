"""What of the engine's raw speed a search keeps: SmolLM2, real verifiers, every round written to disk.

    engine_efficiency.py [--engine hf|vllm|openai_http] [--model FOLDER] [--trees 60] [--rounds 2] [--serial 3]

1. Grow the trees, in lockstep or (an engine that batches continuously) each on its own, and note every request with
   the tokens that it drew.
2. Replay the same requests, each to its known length, through `generate` with all known in advance.
3. Grow some of the trees one at a time.

The first may pass 1 with hf: a completion goes on from the step just drawn, whose keys and values the replay reads
anew. vLLM's replay finds every prompt in its cache, which the search has filled. The vllm engine runs in an environment
of its own (make bench-vllm); openai_http takes --address.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, TextIO

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from inference.engines import Completion, Engine, EngineSpec, Request, make_engine
from inference.engines.base import More, Progress, Usage
from inference.prompts import few_shot_prefix, problem_prompt
from inference.search import RoundStats, SearchParams, SearchTree, finished, new_tree, run_round
from inference.search.flow import Flow
from inference.types import Problem, Verdict
from inference.verifiers.pool import Pool
from inference.verifiers.wire import CheckJob

ROOT = Path(__file__).resolve().parents[1]
CHECK_SECONDS = 1.0


class Noted:
    """An engine that notes each request with the completion it led to."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.id, self.info = engine.id, engine.info
        self.requests: dict[str, Request] = {}
        self.drawn: dict[str, Completion] = {}

    @property
    def usage(self) -> Usage:
        return self.engine.usage

    def generate(
        self, requests: Sequence[Request], *, progress: Progress | None = None, more: More | None = None
    ) -> list[Completion]:
        """Draw through the engine; `more` is always there, as searches ask."""
        assert more is not None
        self.requests |= {request.key: request for request in requests}

        def noting(ended: Sequence[Completion]) -> Sequence[Request]:
            self.drawn |= {completion.key: completion for completion in ended}
            added = more(ended)
            self.requests.update({request.key: request for request in added})
            return added

        return self.engine.generate(requests, progress=progress, more=noting)

    def close(self) -> None:
        """The engine inside is closed by whoever made it."""

    def replay(self) -> list[Request]:
        """Return the requests made to run to the length that each drew, longest first."""
        known = [
            replace(request, max_tokens=self.drawn[key].tokens, stop=())
            for key, request in self.requests.items()
            if self.drawn[key].tokens
        ]
        return sorted(known, key=lambda request: (request.max_tokens, len(request.reply)), reverse=True)


@dataclass
class Totals:
    """Sums over the rounds of one way of growing."""

    seconds: float = 0.0
    cpu_seconds: float = 0.0
    stats: RoundStats = field(default_factory=RoundStats)
    usage: Usage = field(default_factory=Usage)

    def add(self, stats: RoundStats) -> None:
        for name, value in asdict(stats).items():
            setattr(self.stats, name, getattr(self.stats, name) + value)

    @property
    def useful(self) -> float:
        """Tokens kept in nodes, a second."""
        return self.stats.kept_tokens / self.seconds


class Orchard:
    """Trees for a flow, in memory; what is drawn is written before it is used, as the studio does."""

    def __init__(self, trees: Sequence[SearchTree], params: SearchParams, out: TextIO, totals: Totals) -> None:
        self.waiting = list(trees)[::-1]
        self.params = params
        self.out = out
        self.totals = totals
        self.changed: list[SearchTree] = []

    def next_tree(self) -> SearchTree | None:
        return self.waiting.pop() if self.waiting else None

    def known(self, request: Request) -> Completion | None:
        return None

    def keep(self, drawn: Sequence[Completion], asked: Sequence[Request]) -> None:
        self.out.write("".join(json.dumps(asdict(one)) + "\n" for one in drawn))
        self.out.flush()

    def ended(self, tree: SearchTree) -> bool:
        self.changed.append(tree)
        return not finished(tree, self.params)

    def store(self, stats: RoundStats) -> None:
        self.totals.add(stats)
        write(self.changed, self.out)
        self.changed = []

    def close(self) -> None:
        """Nothing belongs to the mill's thread."""


def grow(trees: list[SearchTree], engine: Engine, pool: Pool, params: SearchParams, out: TextIO) -> Totals:
    """Grow the trees to their end, each round written and synced; prompts, checks and writing count."""
    totals = Totals()
    began, cpu_began, before = time.perf_counter(), time.process_time(), engine.usage

    def check(jobs: Sequence[CheckJob]) -> list[Verdict]:
        return pool.check_many(jobs, CHECK_SECONDS)

    if engine.info.continuous:
        Flow(Orchard(trees, params, out, totals), check, params, engine.info.max_batch).run(engine)
    while not all(finished(tree, params) for tree in trees):
        totals.add(run_round(trees, engine, check, params))
        write(trees, out)
    totals.seconds = time.perf_counter() - began
    totals.cpu_seconds = time.process_time() - cpu_began
    totals.usage = engine.usage.since(before)
    return totals


def write(trees: Sequence[SearchTree], out: TextIO) -> None:
    for tree in trees:
        rows = [asdict(replace(node, data=dict(node.data))) for node in tree.changed()]
        out.write(json.dumps([tree.key, asdict(tree.counts), rows]) + "\n")
        tree.mark_stored()
    out.flush()
    os.fsync(out.fileno())


def problems(count: int) -> list[Problem]:
    """Return sample problems, spread over all levels."""
    lines = (ROOT / "annotations/sample/problems.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    chosen = [rows[number * len(rows) // count] for number in range(min(count, len(rows)))]
    return [Problem(row["id"], row["problem"], row["answer"], level=row["level"]) for row in chosen]


def replay(engine: Engine, requests: Sequence[Request]) -> tuple[int, float, float]:
    """Return the tokens drawn and the seconds (wall, CPU) taken with every request known in advance."""
    began, cpu_began = time.perf_counter(), time.process_time()
    tokens = sum(completion.tokens for completion in engine.generate(requests))
    return tokens, time.perf_counter() - began, time.process_time() - cpu_began


def measure(options: argparse.Namespace) -> list[dict[str, Any]]:
    engine = make_engine(
        EngineSpec(
            kind=options.engine, model=options.model, address=options.address, max_batch=options.max_batch,
            threads=options.threads, memory=options.memory, seeds="engine",
        )
    )  # fmt: skip
    try:
        return compare(engine, options)
    finally:
        engine.close()


def compare(engine: Engine, options: argparse.Namespace) -> list[dict[str, Any]]:
    params = SearchParams(rounds=options.rounds, hard_rounds=options.rounds, early_stop=False)
    cast = problems(options.trees)
    engine.generate([Request("warm", few_shot_prefix(), problem_prompt("One and one?"), 1, 2)])
    with Pool() as pool, tempfile.TemporaryFile("w", encoding="utf-8") as out:
        pool.check_many([CheckJob("claims", cast[0], (), "1 + 1 = 2")], CHECK_SECONDS)
        noted = Noted(engine)
        trees = [new_tree(problem, params, options.seed) for problem in cast]
        together = grow(trees, noted, pool, params, out)
        raw = replay(engine, noted.replay())
        alone = Totals()
        for problem in cast[:: max(1, len(cast) // options.serial)][: options.serial]:
            one = grow([new_tree(problem, params, options.seed)], engine, pool, params, out)
            alone.seconds += one.seconds
            alone.cpu_seconds += one.cpu_seconds
            alone.stats.kept_tokens += one.stats.kept_tokens
    return report(engine, together, alone, raw, options)


def report(
    engine: Engine, together: Totals, alone: Totals, raw: tuple[int, float, float], options: argparse.Namespace
) -> list[dict[str, Any]]:
    stats, replayed = together.stats, raw[0] / raw[1]
    usage, by_cpu = together.usage, stats.kept_tokens / together.cpu_seconds
    detail = {
        "useful_tokens_per_s": round(together.useful, 1),
        "replay_tokens_per_s": round(replayed, 1),
        "drawn_tokens_per_s": round(stats.tokens / together.seconds, 1),
        "mean_in_flight": round(usage.row_seconds / max(usage.busy_seconds, 1e-9), 1),
        "busy_share": round(usage.busy_seconds / together.seconds, 3),
        "cached_share": round(usage.cached_tokens / max(usage.prompt_tokens, 1), 3),
        "serial_tokens_per_s": round(alone.useful, 1),
        "kept_share": round(stats.kept_tokens / stats.tokens, 3),
        "check_share": round(stats.check_seconds / together.seconds, 3),
        "nodes": stats.nodes,
        "malformed": stats.malformed,
        "merged": stats.merged,
        "tokens": stats.tokens,
        "seconds": round(together.seconds, 1),
        "trees": options.trees,
        "rounds": options.rounds,
        "serial_trees": options.serial,
        "load_average": os.getloadavg()[0],
        "threads": options.threads,
        "engine": asdict(engine.info),
    }
    if options.engine == "hf":
        detail["ratio_by_cpu_time"] = round(by_cpu / (raw[0] / raw[2]), 3)
        detail["vs_serial_by_cpu_time"] = round(by_cpu / (alone.stats.kept_tokens / alone.cpu_seconds), 3)
    name = {"openai_http": "http"}.get(options.engine, options.engine)
    ratios = {f"{name}_ratio": together.useful / replayed, f"{name}_vs_serial": together.useful / alone.useful}
    return [
        {"name": f"engine_efficiency.{name}", "value": round(value, 3), "unit": "ratio", "detail": detail}
        for name, value in ratios.items()
    ]


def default_model() -> str:
    """Return where set-up puts the model, as the settings say."""
    from rationale_studio import settings

    return str(Path(settings.MODELS_DIR) / settings.DEFAULT_MODEL)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engine", default="hf", choices=("hf", "vllm", "openai_http"))
    parser.add_argument("--address", default="")
    parser.add_argument("--memory", type=float, default=0.3)
    parser.add_argument("--model", default=os.environ.get("BENCH_MODEL", ""))
    parser.add_argument("--trees", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--serial", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--max-batch", type=int, default=0)
    parser.add_argument("--threads", type=int, default=0)
    options = parser.parse_args()
    if options.engine != "openai_http":
        options.model = options.model or default_model()
    for figure in measure(options):
        print(json.dumps(figure))


if __name__ == "__main__":
    main()
