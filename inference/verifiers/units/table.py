"""What unit words mean: factors and dimensions, taken from pint's definitions once. Knows nothing about text.

pint's own parser never sees model text (its exponents and names are unbounded); only the words below are looked up.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

BASES = ("m", "kg", "s", "A", "K", "mol", "cd")
_PINT_BASES = ("meter", "kilogram", "second", "ampere", "kelvin", "mole", "candela")
Dims = tuple[int, ...]
NONE: Dims = (0,) * len(BASES)
KELVIN: Dims = (0, 0, 0, 0, 1, 0, 0)
CELSIUS, FAHRENHEIT = "°C", "°F"
ZERO = {"K": 0.0, CELSIUS: 273.15, FAHRENHEIT: 459.67 * 5 / 9}


@dataclass(frozen=True, slots=True)
class Meaning:
    """One meaning of a unit word: `factor` to SI base units, exponents of BASES, and its name for people."""

    factor: float
    dims: Dims
    name: str


# Words : names in pint, the likeliest first : prefixes that the words take (* for written-out ones).
_UNITS = """
m : meter minute : pnuµμcdkM
metre metres meter meters : meter : *
s sec secs : second : fpnuµμm
second seconds : second : *
g : gram standard_gravity : nuµμmk
gram grams gramme grammes : gram : *
A amp amps ampere amperes : ampere : nuµμmk
K kelvin kelvins : kelvin : mk
mol : mole : nuµμmk
mole moles : mole : *
Hz : hertz : kMGT
hertz : hertz : *
N : newton : nuµμmkM
newton newtons : newton : *
Pa : pascal : mhkMG
pascal pascals : pascal : *
J : joule : nuµμmkMGT
joule joules : joule : *
W : watt : nuµμmkMGT
watt watts : watt : *
C : coulomb delta_degree_Celsius : pnuµμmk
coulomb coulombs : coulomb : *
V : volt : nuµμmkM
volt volts : volt : *
Ω Ω ohm ohms : ohm : mkM
F : farad delta_degree_Fahrenheit : pnuµμm
farad farads : farad : *
T : tesla : nuµμm
tesla teslas : tesla : *
Wb weber webers : weber :
H : henry : nuµμm
henry henries : henry : *
S siemens : siemens : nuµμm
L l : liter : nuµμmcd
litre litres liter liters : liter : *
eV : electron_volt : mkMGT
min mins minute minutes : minute :
h hr hrs hour hours : hour :
d day days : day :
week weeks : week :
year years yr yrs : year common_year :
t tonne tonnes : tonne :
ton tons : short_ton tonne long_ton :
ha hectare hectares : hectare :
acre acres : acre :
bar bars : bar : m
atm atmosphere atmospheres : atmosphere :
mmHg : mmHg :
psi : psi :
cal calorie calories : calorie kilocalorie :
kcal kilocalorie kilocalories : kilocalorie :
Wh : watt_hour : kMG
in inch inches : inch :
ft foot feet : foot :
yd yard yards : yard :
mi mile miles : mile :
oz ounce ounces : ounce fluid_ounce :
lb lbs pound pounds : pound force_pound :
mph : mile_per_hour :
kph kmh : kilometer_per_hour :
knot knots : knot :
rad radian radians : radian :
° deg degree degrees : degree delta_degree_Celsius delta_degree_Fahrenheit :
amu u : unified_atomic_mass_unit :
pint pints : US_pint imperial_pint :
quart quarts : quart imperial_quart :
gal gallon gallons : gallon imperial_gallon :
cup cups : cup :
dyn dyne dynes : dyne :
erg ergs : erg :
Å : angstrom :
hp horsepower : horsepower :
°C : delta_degree_Celsius :
°F : delta_degree_Fahrenheit :
cd candela candelas : candela :
Gy : gray : m
Sv : sievert : mµ
"""
_LETTERS = {
    "f": -15, "p": -12, "n": -9, "u": -6, "µ": -6, "μ": -6, "m": -3, "c": -2, "d": -1, "h": 2, "k": 3, "M": 6, "G": 9,
    "T": 12,
}  # fmt: skip
_NAMES = {
    "pico": -12, "nano": -9, "micro": -6, "milli": -3, "centi": -2, "deci": -1, "hecto": 2, "kilo": 3, "mega": 6,
    "giga": 9, "tera": 12,
}  # fmt: skip
# More often a word or a time of day than a unit.
_NEVER = frozenset({"pm", "um", "us"})
_OWN = {"kilometer_per_hour": "kilometer / hour"}


@cache
def words() -> dict[str, tuple[Meaning, ...]]:
    """Return every word of a unit with its meanings, the likeliest first. Reads pint's registry: call it early."""
    found: dict[str, tuple[Meaning, ...]] = {}
    registry = _registry()
    for line in _UNITS.strip().splitlines():
        names, pints, prefixes = (field.strip() for field in line.split(":"))
        meanings = tuple(_meaning(registry, name) for name in pints.split())
        for name in names.split():
            found[name] = meanings
            powers = _NAMES if prefixes == "*" else {letter: _LETTERS[letter] for letter in prefixes}
            for prefix, power in powers.items():
                found.setdefault(prefix + name, (_prefixed(meanings[0], prefix, power),))
    return {word: meanings for word, meanings in found.items() if word not in _NEVER}


def _meaning(registry: Any, name: str) -> Meaning:
    quantity = registry.Quantity(1.0, _OWN.get(name, name)).to_base_units()
    units = {str(unit): round(exponent) for unit, exponent in quantity.unit_items()}
    dims = tuple(units.get(base, 0) for base in _PINT_BASES)
    return Meaning(float(quantity.magnitude), dims, name.removeprefix("delta_").replace("_", " "))


def _prefixed(unit: Meaning, prefix: str, power: int) -> Meaning:
    return Meaning(unit.factor * 10.0**power, unit.dims, f"{prefix}-{unit.name}")


@cache
def _registry() -> Any:
    from pint import UnitRegistry

    return UnitRegistry()


def written(dims: Dims) -> str:
    """Return a dimension in base units: "kg·m²/s²", "no unit"."""
    order = (1, 0, 2, 3, 4, 5, 6)
    over = "·".join(_power(BASES[at], dims[at]) for at in order if dims[at] > 0)
    under = [_power(BASES[at], -dims[at]) for at in order if dims[at] < 0]
    if not under:
        return over or "no unit"
    below = under[0] if len(under) == 1 else f"({'·'.join(under)})"
    return f"{over or '1'}/{below}"


def _power(name: str, exponent: int) -> str:
    return name if exponent == 1 else name + "".join("⁰¹²³⁴⁵⁶⁷⁸⁹"[int(digit)] for digit in str(exponent))
