"""`python -m inference.trainers.policy --base MODEL --out FOLDER`: train an adapter; progress as JSON lines.

Every setting of params.py is an option. --measure N samples N held-out problems with and without the adapter.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from inference.engines import EngineSpec, make_engine
from inference.engines.fields import SettingError, describe
from inference.trainers.policy.corpus import held_out, lines, worked
from inference.trainers.policy.lora import train_adapter
from inference.trainers.policy.params import PolicyParams
from inference.trainers.policy.solved import solved_share


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m inference.trainers.policy", description=(__doc__ or "")[:0])
    parser.add_argument("--base", required=True, type=Path, help="folder of the model, weights in safetensors")
    parser.add_argument("--out", required=True, type=Path, help="folder that the adapter is written to")
    parser.add_argument("--measure", type=int, default=0, metavar="N", help="held-out problems to measure on")
    for one in describe(PolicyParams):
        parser.add_argument(f"--{one.name.replace('_', '-')}", default=one.default, help=f"{one.help} ({one.default})")
    options = parser.parse_args()
    try:
        params = PolicyParams.from_mapping({one.name: getattr(options, one.name) for one in describe(PolicyParams)})
    except SettingError as error:
        print(f"{error}", file=sys.stderr)
        return 2
    kind = {"most_steps": params.most_steps, "largest": params.largest}
    seen = worked(seed=params.seed, count=params.examples, **kind)
    say(train_adapter(options.base, [lines(one) for one in seen], params, options.out, say))
    if options.measure:
        problems = held_out(count=options.measure, **kind, seen=seen)
        for name, adapter in (("base", ""), ("adapter", str(options.out))):
            engine = make_engine(EngineSpec(model=str(options.base), adapter=adapter, threads=params.threads))
            found = solved_share(engine, problems)
            engine.close()
            say({"policy": name, "solved": found.solved, "asked": found.asked, "low": round(found.low, 4),
                 "high": round(found.high, 4), "parsed": round(found.parsed, 4)})  # fmt: skip
    return 0


def say(what: dict[str, Any]) -> None:
    print(json.dumps(what), flush=True)


if __name__ == "__main__":
    sys.exit(main())
