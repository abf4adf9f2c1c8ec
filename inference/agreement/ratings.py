"""Who said what of which unit, as arrays of whole numbers. Knows nothing about measures."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
MISSING = -1


@dataclass(frozen=True, eq=False, slots=True)
class Ratings:
    """A place a word, by rater and unit: `unit`, `rater`, `code`, each (n,), from 0 below `units`, `raters`, `codes`.

    `group` (units,) names what a unit is drawn with in a bootstrap: the steps of one item are not independent.
    """

    unit: Ints
    rater: Ints
    code: Ints
    units: int
    raters: int
    codes: int
    group: Ints

    @classmethod
    def of(
        cls,
        unit: ArrayLike,
        rater: ArrayLike,
        code: ArrayLike,
        *,
        codes: int,
        units: int = 0,
        raters: int = 0,
        group: ArrayLike | None = None,
    ) -> Ratings:
        """Check and keep the words; `units` and `raters` count up to the largest number named if they are not given.

        ValueError for arrays of different lengths, a number out of range, or two words of one rater on one unit.
        """
        who = [np.asarray(each, dtype=np.int64).ravel() for each in (unit, rater, code)]
        if len({len(each) for each in who}) != 1:
            raise ValueError(f"expected one unit, rater and code a word, got {[len(each) for each in who]}")
        units, raters = max(units, _beyond(who[0])), max(raters, _beyond(who[1]))
        for name, values, end in zip(("unit", "rater", "code"), who, (units, raters, codes), strict=True):
            if len(values) and not (values.min() >= 0 and values.max() < end):
                raise ValueError(f"{name}: expected numbers from 0 below {end}")
        groups = np.arange(units) if group is None else np.asarray(group, dtype=np.int64).ravel()
        if len(groups) != units or (units and groups.min() < 0):
            raise ValueError(f"expected a group from 0 on for each of {units} units, got {len(groups)}")
        order = np.lexsort((who[0], who[1]))
        words = [each[order] for each in who]
        if len(order) and not (np.diff(words[0]).astype(bool) | np.diff(words[1]).astype(bool)).all():
            raise ValueError("a rater has two words on one unit")
        return cls(words[0], words[1], words[2], units, raters, codes, groups)

    @classmethod
    def table(cls, rows: ArrayLike, *, codes: int = 0, group: ArrayLike | None = None) -> Ratings:
        """Read a table (units, raters) of codes, MISSING (-1) where a rater did not speak."""
        values = np.asarray(rows, dtype=np.int64)
        if values.ndim != 2 or (values.size and values.min() < MISSING):
            raise ValueError(f"expected a table of codes from {MISSING} on, got shape {values.shape}")
        unit, rater = np.nonzero(values != MISSING)
        code = values[unit, rater]
        codes = max(codes, _beyond(code))
        return cls.of(unit, rater, code, codes=codes, units=values.shape[0], raters=values.shape[1], group=group)

    def counts(self) -> Ints:
        """Return how often each code was said of each unit: (units, codes)."""
        at = self.unit * self.codes + self.code
        return np.bincount(at, minlength=self.units * self.codes).reshape(self.units, self.codes)

    def by(self, rater: int) -> tuple[Ints, Ints]:
        """Return the units that a rater spoke of, ascending, and his codes."""
        mine = slice(*np.searchsorted(self.rater, [rater, rater + 1]).tolist())
        return self.unit[mine], self.code[mine]


def _beyond(values: Ints) -> int:
    return int(values.max()) + 1 if len(values) else 0
