"""Units that people convert between without saying so. Knows nothing about steps or programs.

Only units of one family are converted, and only where both sides name theirs.
"""

from __future__ import annotations

import re
from fractions import Fraction

_FAMILIES: dict[str, dict[str, Fraction]] = {
    family: {names: Fraction(factor) for names, factor in units.items()}
    for family, units in {
        "time": {
            "second seconds sec secs": "1", "minute minutes min mins": "60", "hour hours hr hrs": "3600",
            "day days": "86400", "week weeks": "604800",
        },
        "calendar": {"month months": "1", "year years": "12"},
        "length": {
            "mm millimeter millimeters millimetre millimetres": "1",
            "cm centimeter centimeters centimetre centimetres": "10",
            "m meter meters metre metres": "1000", "km kilometer kilometers kilometre kilometres": "1000000",
        },
        "distance": {"inch inches": "1", "foot feet ft": "12", "yard yards yd": "36", "mile miles": "63360"},
        "mass": {"mg milligram milligrams": "1", "g gram grams": "1000", "kg kilogram kilograms": "1000000"},
        "weight": {"ounce ounces oz": "1", "pound pounds lb lbs": "16", "ton tons": "32000"},
        "volume": {"ml milliliter milliliters millilitre millilitres": "1", "l liter liters litre litres": "1000"},
        "measure": {
            "teaspoon teaspoons": "1", "tablespoon tablespoons": "3", "cup cups": "48", "pint pints": "96",
            "quart quarts": "192", "gallon gallons": "768",
        },
        "money": {"cent cents": "1", "dollar dollars $": "100"},
        "count": {"dozen dozens": "12"},
        "share": {"% percent": "1"},
        "scale": {"k thousand": "1000", "million": "1000000", "billion": "1000000000"},
    }.items()
}  # fmt: skip
_UNITS: dict[str, tuple[str, Fraction]] = {
    name: (family, factor)
    for family, units in _FAMILIES.items()
    for names, factor in units.items()
    for name in names.split()
}  # fmt: skip
_FACTORS = {
    family: frozenset(one / other for one in units.values() for other in units.values() if one != other)
    for family, units in _FAMILIES.items()
}
_FACTORS["count"] = frozenset((Fraction(12), Fraction(1, 12)))
_FACTORS["scale"] = frozenset(Fraction(10) ** power for power in (-9, -6, -3, 3, 6, 9))
_FACTORS["share"] = frozenset((Fraction(100), Fraction(1, 100)))
_WORD = re.compile(r"\s{0,3}([A-Za-z]{1,12}+)")
_WORDS = re.compile(r"[A-Za-z]++|[%$]")
_POWER = re.compile(r"\s?(?:\^|²|³|\*\*|/)")


def unit_after(text: str, end: int) -> str:
    """Return the unit word that follows text[:end], "" where none is known ("5 cm^2" and "5 km/h" name no length)."""
    match = _WORD.match(text, end)
    if match is None or _POWER.match(text, match.end()):
        return ""
    return match[1].lower() if match[1].lower() in _UNITS else ""


def unit_in(remark: str) -> str:
    """Return the only unit that a program's remark names, "" for none, several, or a rate; "second" is an ordinal."""
    words = [word.lower() for word in _WORDS.findall(remark[:200])]
    found = {word for word in words if word in _UNITS and word != "second"}
    families = {_UNITS[word] for word in found}
    rate = "per" in words or "/" in remark or "square" in words or "cubic" in words
    return min(found) if len(families) == 1 and not rate else ""


def family(unit: str) -> str:
    """Return what a unit measures, "" for an unknown one."""
    return _UNITS[unit][0] if unit in _UNITS else ""


def factor(one: str, other: str) -> Fraction | None:
    """Return what a value in `one` is multiplied by to be in `other`, None where they measure different things."""
    if not family(one) or family(one) != family(other):
        return None
    return _UNITS[one][1] / _UNITS[other][1]


def may_convert(unit: str, ratio: Fraction) -> bool:
    """Whether values with this ratio may be one quantity in two units, one of which is `unit`."""
    return ratio in _FACTORS.get(family(unit), frozenset())
