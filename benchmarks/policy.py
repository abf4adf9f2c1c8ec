"""How many held-out word problems does the demo policy solve, without and with its adapter?

Set-up: SmolLM2-135M-Instruct of the data folder, the adapter that comes with the studio (or --adapter FOLDER), problems
of the three generators that it was trained on (own stories, legs, GSM-like ones; at most three steps, no number above
50), from a seed that no training draws from and none with the text of a problem that it has learnt from; one sampled
solution a problem with the studio's few-shot prompt, its answer checked. Both policies get the same problems and seeds.
The figure is the ratio of the shares; the detail has both with Wilson intervals, and the bound that pairs the lower of
one with the upper of the other.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks._studio import figure

MODEL, ADAPTER = "SmolLM2-135M-Instruct", "smollm2-words"


def main() -> None:
    from inference import adapters
    from inference.engines import EngineSpec, make_engine
    from inference.trainers.policy import lineage
    from inference.trainers.policy.corpus import held_out
    from inference.trainers.policy.params import PolicyParams
    from inference.trainers.policy.solved import solved_share
    from rationale_studio import home

    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--problems", type=int, default=200)
    parser.add_argument("--adapter", type=Path, default=adapters.FOLDER / ADAPTER)
    parser.add_argument("--threads", type=int, default=0)
    options = parser.parse_args()
    if not options.adapter.is_dir():
        print(f"There is no adapter at {options.adapter}: train one (docs/policy.md) and name it with --adapter.")
        return
    model = home.models_folder(home.studio_home()) / MODEL
    learnt = lineage.seen(lineage.trainings(options.adapter))
    kind = PolicyParams()
    problems = held_out(count=options.problems, most_steps=kind.most_steps, largest=kind.largest, seen=learnt)
    found: dict[str, Any] = {}
    for name, adapter in (("base", ""), ("adapter", str(options.adapter))):
        engine = make_engine(EngineSpec(model=str(model), adapter=adapter, threads=options.threads))
        found[name] = solved_share(engine, problems)
        engine.close()
    base, adapted = found["base"], found["adapter"]
    detail = {f"{name}_{part}": round(getattr(one, part), 4) for name, one in found.items()
              for part in ("solved", "share", "low", "high", "parsed")}  # fmt: skip
    least = adapted.low / base.high if base.high else 0.0
    # A base that solves nothing is taken to have solved one, so that the ratio stays a number.
    lift = adapted.share / (base.share or 1 / base.asked)
    figure("policy.lift", round(lift, 2), "x", problems=base.asked, lift_low=round(least, 2), **detail)


if __name__ == "__main__":
    main()
