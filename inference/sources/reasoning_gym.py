"""Problems of reasoning-gym's generators (Stojanovski et al. 2025, Apache-2.0) whose answers can be checked.

The package as a whole imports solvers and games that are not needed here, one of which has to be compiled. So its
folders are entered as plain packages and only the modules of the chosen generators run.

Left out are generators whose answer cannot be told from a wrong one by value: the fraction to be simplified and the
number to be factorised equal their own answers, and guesses at sequences have several right answers.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from hashlib import blake2b
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

from inference.sources.base import Sourced
from inference.sources.params import GENERATORS, INSTALL, REASONING_GYM
from inference.types import Problem

PACKAGE = "reasoning_gym"
BLOCK = 1000
"""A data set of the package draws some of its choices at once, so problems come in blocks of one size."""
MOST_REPEATS = 2000

# The module of each generator and what it is told for each difficulty from 1 to 5; one entry where it knows none.
Knobs = tuple[Mapping[str, Any], ...]


def _ranges(*names: str, of: tuple[tuple[tuple[int, int], ...], ...], **fixed: Any) -> Knobs:
    """Return min_x and max_x of each name for every difficulty."""
    return tuple(
        {f"{end}_{name}": value for name, pair in zip(names, pairs, strict=True)
         for end, value in zip(("min", "max"), pair, strict=True)} | fixed
        for pairs in of
    )  # fmt: skip


SUMS = (((2, 2), (1, 1)), ((2, 3), (1, 2)), ((3, 4), (2, 2)), ((4, 5), (2, 3)), ((5, 6), (3, 4)))
MODULES: dict[str, tuple[str, Knobs]] = {
    "gsm_symbolic": ("arithmetic.gsm_symbolic.gsm_symbolic", ({},)),
    "aiw": ("logic.aiw", ({},)),
    "leg_counting": (
        "arithmetic.leg_counting",
        _ranges(
            "animals", "instances",
            of=(((2, 2), (1, 5)), ((2, 3), (1, 8)), ((3, 4), (2, 12)), ((4, 6), (2, 15)), ((6, 10), (2, 15))),
        ),
    ),
    "simple_geometry": ("geometry.simple_geometry", _ranges("sides", of=tuple(((n, n),) for n in (3, 4, 5, 6, 7)))),
    "dice": (
        "arithmetic.dice",
        tuple({"num_dice": dice, "max_dice_size": size} for dice, size in ((2, 4), (2, 6), (3, 6), (3, 8), (4, 12))),
    ),
    "simple_equations": (
        "algebra.simple_equations",
        _ranges(
            "terms", "value",
            of=(((2, 2), (1, 10)), ((2, 2), (1, 30)), ((2, 3), (1, 30)), ((2, 4), (1, 100)), ((3, 5), (1, 100))),
        ),
    ),
    "basic_arithmetic": ("arithmetic.basic_arithmetic", _ranges("terms", "digits", of=SUMS)),
    "chain_sum": ("arithmetic.chain_sum", _ranges("terms", "digits", of=SUMS)),
    "decimal_chain_sum": (
        "arithmetic.decimal_chain_sum",
        _ranges("terms", "digits", "decimal_places", of=tuple((*pair, (1, 2)) for pair in SUMS)),
    ),
    "products": (
        "arithmetic.products",
        _ranges(
            "terms", "digits",
            of=(((2, 2), (1, 1)), ((2, 2), (1, 2)), ((2, 2), (2, 2)), ((2, 2), (2, 3)), ((3, 3), (2, 3))),
        ),
    ),
    "gcd": (
        "arithmetic.gcd",
        _ranges(
            "numbers", "value",
            of=(((2, 2), (1, 20)), ((2, 2), (1, 60)), ((2, 2), (1, 200)), ((2, 2), (1, 1000)), ((3, 3), (1, 1000))),
        ),
    ),
    "lcm": (
        "arithmetic.lcm",
        _ranges(
            "numbers", "value",
            of=(((2, 2), (1, 10)), ((2, 2), (1, 20)), ((2, 2), (1, 40)), ((2, 2), (1, 100)), ((3, 3), (1, 100))),
        ),
    ),
}  # fmt: skip


class NotInstalled(Exception):
    """The package of the generators is missing; the message says what to do."""


class GymSource:
    """One generator of reasoning-gym as a source; `difficulty` None takes its difficulties in turn."""

    id: str = REASONING_GYM

    def __init__(self, name: str, difficulty: int | None = None) -> None:
        module, self.knobs = MODULES[name]
        self.name, self.difficulty = name, difficulty
        self.make = _data_set(module)
        self.package: Any = sys.modules[f"{PACKAGE}.{module}"]
        self.blocks: dict[tuple[int, int, int], Any] = {}

    def problems(self, *, seed: int, count: int) -> Iterator[Sourced]:
        """Yield up to `count` problems with different texts; fewer where the generator repeats itself too long."""
        seen: set[str] = set()
        number = repeats = 0
        while len(seen) < count and repeats < MOST_REPEATS:
            made = self._made(seed, number)
            number += 1
            if made.problem.text in seen:
                repeats += 1
                continue
            repeats = 0
            seen.add(made.problem.text)
            yield made

    def _made(self, seed: int, number: int) -> Sourced:
        """Return problem `number`: of one difficulty, or of each difficulty in turn."""
        grades = len(self.knobs)
        if self.difficulty is None:
            number, at = divmod(number, grades)
        else:
            at = self.difficulty - 1
        row = self._block(seed, at, number // BLOCK)[number % BLOCK]
        level = at + 1 if grades > 1 else GENERATORS[f"{self.id}/{self.name}"].level
        text, answer = str(row["question"]).strip(), str(row["answer"]).strip()
        template = f"{self.name}/{at + 1}" if grades > 1 else self.name
        return Sourced(Problem(f"s{seed}-{number}", text, answer, level=level), self._steps(row), template)

    def _steps(self, row: Any) -> tuple[str, ...]:
        """Return the worked solution, unchecked, where the package gives one or what a legs' count is made of."""
        told = row["metadata"]
        if self.name == "gsm_symbolic":
            return tuple(line for line in str(told["answer_cot"]).splitlines() if line and not line.startswith("####"))
        if self.name == "leg_counting":
            return leg_steps(told["animals"], self.package.ANIMALS)
        return ()

    def _block(self, seed: int, at: int, block: int) -> Any:
        key = (seed, at, block)
        if key not in self.blocks:
            # The package adds a problem's number to the seed, so that near seeds would share problems.
            mixed = blake2b(f"{self.name}|{at}|{seed}|{block}".encode(), digest_size=6).digest()
            self.blocks[key] = self.make(seed=int.from_bytes(mixed, "big"), size=BLOCK, **self.knobs[at])
        return self.blocks[key]


def leg_steps(animals: Mapping[str, int], legs: Mapping[str, int]) -> tuple[str, ...]:
    """Return a step for each animal and one for the sum of their legs."""
    each = {name: count * legs[name] for name, count in animals.items()}
    steps = [
        f"The legs of {count} {name} are {count} * {legs[name]} = {each[name]}." for name, count in animals.items()
    ]
    if len(each) > 1:
        steps.append(f"All together have {' + '.join(map(str, each.values()))} = {sum(each.values())} legs.")
    return tuple(steps)


def installed() -> bool:
    """Return whether the package is there, without importing any of it."""
    return PACKAGE in sys.modules or find_spec(PACKAGE) is not None


def _data_set(module: str) -> Any:
    """Return a function that makes a data set of the generator that `module` of the package defines."""
    if not installed():
        raise NotInstalled(f"reasoning-gym is not installed here: {INSTALL}.")
    _enter(module)
    # Its curricula and its factory import one another; this way round it works.
    import_module(f"{PACKAGE}.coaching")
    found = import_module(f"{PACKAGE}.{module}")
    registered = import_module(f"{PACKAGE}.factory").DATASETS.values()
    data_set, config = next(pair for pair in registered if pair[0].__module__ == found.__name__)
    return lambda **told: data_set(config(**told))


def _enter(module: str) -> None:
    """Make the package and the folder of a module importable without running what they import."""
    for name in (PACKAGE, f"{PACKAGE}.{module.partition('.')[0]}"):
        if name in sys.modules:
            continue
        spec = find_spec(name)
        if spec is None or not spec.submodule_search_locations:
            raise NotInstalled(f"This reasoning-gym has no {name}: {INSTALL}.")
        folder = ModuleType(name)
        folder.__path__ = [str(Path(place)) for place in spec.submodule_search_locations]
        folder.__spec__ = spec
        sys.modules[name] = folder
