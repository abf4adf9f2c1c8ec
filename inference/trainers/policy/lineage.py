"""What an adapter has learnt from so far: kept beside its weights, so that no problem both trains and measures."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from inference.engines.fields import SettingError
from inference.sources.base import Sourced
from inference.trainers.policy.corpus import drawing, mark, worked
from inference.trainers.policy.params import PolicyParams

NAME = "training.json"


def trainings(adapter: Path) -> list[dict[str, Any]]:
    """Return the trainings of an adapter, the first one first; none where nothing says how it was made."""
    try:
        told = json.loads((adapter / NAME).read_text())
    except FileNotFoundError:
        return []
    except json.JSONDecodeError as error:
        raise ValueError(f"{adapter / NAME}: expected JSON ({error})") from None
    return [*told.pop("before", []), told]


def write(out: Path, told: Mapping[str, Any], start: Path | None) -> None:
    """Write how an adapter was made, after how the one that it started from was."""
    before = trainings(start) if start else []
    (out / NAME).write_text(json.dumps({**({"before": before} if before else {}), **told}, indent=1) + "\n")


class Drawn(NamedTuple):
    """Worked examples to learn from, and problems to be tried; `reach` counts how many were drawn to find those."""

    examples: list[Sourced]
    own: list[Sourced]
    reach: int


def draw(params: PolicyParams, own: int = 0, seen: Collection[str] = ()) -> Drawn:
    """Draw a training's generated problems: its examples, then `own` ones whose mark is none of `seen`."""
    drawn = drawing(seed=params.seed, most_steps=params.most_steps, largest=params.largest)
    examples = list(islice(drawn, params.examples))
    tried = list(islice(((at, one) for at, one in enumerate(drawn, 1) if mark(one) not in seen), own))
    if len(examples) + len(tried) < params.examples + own:
        raise ValueError(
            f"expected {params.examples + own} problems of at most {params.most_steps} steps,"
            f" the generators gave {len(examples) + len(tried)}"
        )
    return Drawn(examples, [one for _, one in tried], tried[-1][0] if tried else 0)


def seen(past: Sequence[Mapping[str, Any]]) -> set[str]:
    """Return the marks of what trainings gone by have drawn or were given; ValueError where that cannot be read."""
    found: set[str] = set()
    for one in past:
        try:
            params = PolicyParams.from_mapping(one["params"])
            count = params.examples + int(one.get("own", 0))
        except (KeyError, TypeError, SettingError) as error:
            raise ValueError(f"{NAME}: expected the settings of a training ({error})") from None
        drawn = worked(seed=params.seed, count=count, most_steps=params.most_steps, largest=params.largest)
        found |= {*map(mark, drawn), *one.get("given", [])}
    return found
