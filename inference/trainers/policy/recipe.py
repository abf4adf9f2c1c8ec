"""A whole training of a policy: draw, let it try, train, measure. The command and the run go this one way."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from inference.engines import EngineSpec, make_engine
from inference.engines.base import Engine, EngineError, Progress
from inference.sources import NotInstalled, Sourced
from inference.trainers.policy import lineage
from inference.trainers.policy.corpus import held_out, lines, mark
from inference.trainers.policy.lora import check_adapter, modules, train_adapter
from inference.trainers.policy.own import SAMPLES, kept, mixed
from inference.trainers.policy.params import PolicyParams
from inference.trainers.policy.sampling import sample
from inference.trainers.policy.solved import solved_share

Say = Callable[[dict[str, Any]], None]
TOLD_EVERY = 500


@dataclass(frozen=True, slots=True)
class Recipe:
    """What is trained. The engine's model is the base; its adapter, if any, is what the training goes on from.

    `paths` are verified solutions learnt from besides the generated ones, `own` fresh problems that the policy tries
    first, `measured` held-out problems that base, start and new adapter are sampled on. `out` gets the adapter.
    """

    engine: EngineSpec
    params: PolicyParams
    out: Path
    paths: tuple[Sourced, ...] = ()
    own: int = 0
    measured: int = 0


def train_policy(recipe: Recipe, say: Say) -> dict[str, Any]:
    """Train and return the figures: those of `train_adapter`, counts of examples and paths, and "policies" measured.

    `say` gets what happens as it happens and may raise to stop. EngineError and ValueError say what is missing.
    """
    modules()
    start = Path(recipe.engine.adapter) if recipe.engine.adapter else None
    if start:
        check_adapter(start)
    try:
        seen = lineage.seen(lineage.trainings(start)) if start else set()
        drawn = lineage.draw(recipe.params, recipe.own, seen)
    except NotInstalled as error:
        raise EngineError(str(error)) from None
    own = [*recipe.paths, *_solve(recipe, drawn.own, say)]
    texts = [lines(one) for one in mixed(drawn.examples, own, recipe.params.seed)]
    given = sorted({mark(one) for one in recipe.paths})
    told = {"own": drawn.reach, "own_paths": len(own), **({"given": given} if given else {})}
    figures = train_adapter(recipe.engine, texts, recipe.params, recipe.out, say, told)
    say(figures)
    seen |= {*map(mark, drawn.examples), *map(mark, drawn.own), *given}
    policies = list(_measure(recipe, seen, say)) if recipe.measured else []
    return {**figures, "examples": len(drawn.examples), "own_paths": len(own), "policies": policies}


def _solve(recipe: Recipe, problems: Sequence[Sourced], say: Say) -> list[Sourced]:
    """Return the verified solutions that the policy as it is finds to `problems`."""
    if not problems:
        return []
    engine = _engine(recipe, recipe.engine.adapter)
    telling = _telling({"own_problems": len(problems)}, say)
    attempts = sample(engine, problems, many=SAMPLES, seed=recipe.params.seed, progress=telling)
    engine.close()
    found = kept(attempts)
    right = sum(one.right for one in attempts)
    say({"own_problems": len(problems), "samples": len(attempts), "right": right, "own_paths": len(found)})
    return found


def _measure(recipe: Recipe, seen: Collection[str], say: Say) -> Iterator[dict[str, Any]]:
    """Yield and tell how many held-out problems the base, the adapter gone on from and the new adapter solve."""
    kind = {"most_steps": recipe.params.most_steps, "largest": recipe.params.largest}
    problems = held_out(count=recipe.measured, **kind, seen=seen)
    start = {"start": recipe.engine.adapter} if recipe.engine.adapter else {}
    for name, adapter in {"base": "", **start, "adapter": str(recipe.out)}.items():
        engine = _engine(recipe, adapter)
        found = {"policy": name, **solved_share(engine, problems, progress=_telling({"policy": name}, say)).as_dict()}
        engine.close()
        say(found)
        yield found


def _engine(recipe: Recipe, adapter: str) -> Engine:
    return make_engine(replace(recipe.engine, adapter=adapter, threads=recipe.params.threads or recipe.engine.threads))


def _telling(what: dict[str, Any], say: Say) -> Progress:
    """Return a progress that tells the tokens drawn so far, some hundred at a time."""
    drawn = told = 0

    def progress(tokens: int) -> None:
        nonlocal drawn, told
        drawn += tokens
        if drawn >= told + TOLD_EVERY:
            told = drawn
            say({**what, "sampled_tokens": drawn})

    return progress
