"""`python -m inference.trainers.policy --base MODEL --out FOLDER`: train an adapter; progress as JSON lines.

Every setting of params.py is an option. --start ADAPTER goes on from an adapter, --own N lets the policy try N fresh
problems first and learns from its own verified solutions too, --measure N samples N held-out problems before and after.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from inference.engines import EngineError, EngineSpec, make_engine
from inference.engines.fields import SettingError, describe
from inference.sources.base import Sourced
from inference.trainers.policy import lineage
from inference.trainers.policy.corpus import held_out, lines
from inference.trainers.policy.lora import check_adapter, modules, train_adapter
from inference.trainers.policy.own import SAMPLES, kept, mixed
from inference.trainers.policy.params import PolicyParams
from inference.trainers.policy.sampling import sample
from inference.trainers.policy.solved import solved_share

TOLD_EVERY = 5000


def main() -> int:
    options = arguments()
    try:
        given = {one.name: getattr(options, one.name) for one in describe(PolicyParams)}
        train(options, PolicyParams.from_mapping(given))
    except (SettingError, EngineError, ValueError) as error:
        print(f"{error}", file=sys.stderr)
        return 2
    return 0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m inference.trainers.policy", description=(__doc__ or "")[:0])
    parser.add_argument("--base", required=True, type=Path, help="folder of the model, weights in safetensors")
    parser.add_argument("--out", required=True, type=Path, help="folder that the adapter is written to")
    parser.add_argument("--start", type=Path, help="folder of an adapter to go on from; its rank and layers stay")
    parser.add_argument("--own", type=int, default=0, metavar="N", help="fresh problems that the policy tries first")
    parser.add_argument("--measure", type=int, default=0, metavar="N", help="held-out problems to measure on")
    for one in describe(PolicyParams):
        parser.add_argument(f"--{one.name.replace('_', '-')}", default=one.default, help=f"{one.help} ({one.default})")
    return parser.parse_args()


def train(options: argparse.Namespace, params: PolicyParams) -> None:
    """Draw, let the policy try, train, measure."""
    modules()
    past = []
    if options.start:
        check_adapter(options.start)
        past = lineage.trainings(options.start)
    seen = lineage.seen(past)
    drawn = lineage.draw(params, options.own, seen)
    own = solve_some(options, params, drawn.own)
    learnt = mixed(drawn.examples, own, params.seed)
    told = {"own": drawn.reach, "own_paths": len(own)}
    texts = [lines(one) for one in learnt]
    say(train_adapter(options.base, texts, params, options.out, say, start=options.start, told=told))
    if options.measure:
        kind = {"most_steps": params.most_steps, "largest": params.largest}
        seen += [*drawn.examples, *drawn.own]
        measure(options, params, held_out(count=options.measure, **kind, seen=seen))


def solve_some(options: argparse.Namespace, params: PolicyParams, problems: Sequence[Sourced]) -> list[Sourced]:
    """Return the verified solutions that the policy as it is finds to `problems`."""
    if not problems:
        return []
    tokens = 0

    def progress(drawn: int) -> None:
        nonlocal tokens
        tokens += drawn
        if tokens % TOLD_EVERY < drawn:
            say({"own_problems": len(problems), "sampled_tokens": tokens})

    engine = make_engine(spec(options, params, options.start))
    attempts = sample(engine, problems, many=SAMPLES, seed=params.seed, progress=progress)
    engine.close()
    found = kept(attempts)
    right = sum(one.right for one in attempts)
    say({"own_problems": len(problems), "samples": len(attempts), "right": right, "own_paths": len(found)})
    return found


def measure(options: argparse.Namespace, params: PolicyParams, problems: Sequence[Sourced]) -> None:
    """Say how many held-out problems the base, the adapter gone on from and the new adapter solve."""
    for name, adapter in (("base", None), ("start", options.start), ("adapter", options.out)):
        if adapter is not None or name == "base":
            engine = make_engine(spec(options, params, adapter))
            say({"policy": name, **solved_share(engine, problems).as_dict()})
            engine.close()


def spec(options: argparse.Namespace, params: PolicyParams, adapter: Path | None) -> EngineSpec:
    return EngineSpec(model=str(options.base), adapter=str(adapter or ""), threads=params.threads)


def say(what: dict[str, Any]) -> None:
    print(json.dumps(what), flush=True)


if __name__ == "__main__":
    sys.exit(main())
