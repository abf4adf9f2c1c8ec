"""What is measured in what: "the area is 12 m" cannot be. Knows nothing about sides or readings."""

from __future__ import annotations

from inference.verifiers.claims.words import words as word_set
from inference.verifiers.units.table import Dims, words

_UNIT_OF = {
    "area": "m2", "volume": "m3", "speed": "m/s", "velocity": "m/s", "acceleration": "m/s2", "force": "N",
    "density": "kg/m3", "pressure": "Pa", "momentum": "Ns", "frequency": "Hz", "voltage": "V", "resistance": "Ω",
    "perimeter": "m", "circumference": "m", "mass": "kg", "energy": "J", "power": "W", "radius": "m", "diameter": "m",
}  # fmt: skip
# Before a name they leave its kind as it is: "charge density" and "force per unit area" are something else.
_HARMLESS = word_set(
    "the a an its his her their this that total average mean initial final net resulting surface kinetic "
    "potential required maximum minimum overall mechanical base new so then thus therefore hence and where "
    "constant"
)
_POWERS = {"m2": (("m", 2),), "m3": (("m", 3),), "m/s": (("m", 1), ("s", -1)), "m/s2": (("m", 1), ("s", -2)),
           "kg/m3": (("kg", 1), ("m", -3)), "Ns": (("N", 1), ("s", 1))}  # fmt: skip

QUANTITIES = frozenset(_UNIT_OF) | word_set(
    "distance length height width depth time weight work temperature value total"
)


def expected(name: tuple[str, ...]) -> tuple[str, Dims] | None:
    """Return (word, dimension) of the quantity that the words before a relation name; None where they name none."""
    if not name:
        return None
    head, before = (name[-1], name[:-1]) if len(name[-1]) > 1 else (name[0], ())
    if head not in _UNIT_OF or (before and before[-1] not in _HARMLESS):
        return None
    totals = [0] * 7
    for unit, exponent in _POWERS.get(_UNIT_OF[head], ((_UNIT_OF[head], 1),)):
        for at, each in enumerate(words()[unit][0].dims):
            totals[at] += exponent * each
    return head, tuple(totals)
