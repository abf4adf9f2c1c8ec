"""`python -m inference.trainers.policy --base MODEL --out FOLDER`: train an adapter; progress as JSON lines.

Every setting of params.py is an option. --start ADAPTER goes on from an adapter, --own N lets the policy try N fresh
problems first and learns from its own verified solutions too, --measure N samples N held-out problems before and after.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from inference.engines import EngineError, EngineSpec
from inference.engines.fields import SettingError, describe
from inference.trainers.policy.params import PolicyParams
from inference.trainers.policy.recipe import Recipe, train_policy


def main() -> int:
    options = arguments()
    try:
        params = PolicyParams.from_mapping({one.name: getattr(options, one.name) for one in describe(PolicyParams)})
        engine = EngineSpec(model=str(options.base.expanduser().absolute()), adapter=str(options.start or ""))
        train_policy(Recipe(engine, params, options.out, own=options.own, measured=options.measure), say)
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


def say(what: dict[str, Any]) -> None:
    print(json.dumps(what), flush=True)


if __name__ == "__main__":
    sys.exit(main())
