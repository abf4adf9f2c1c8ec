"""A chemical formula to its atoms and charge, as plain text, Unicode or LaTeX. Knows nothing about equations."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache

from inference.verifiers.chemistry.elements import SYMBOLS

MAX_CHARS = 80
MAX_DEPTH = 4
MAX_ATOMS = 100_000
_SUBSCRIPTS = str.maketrans("₀₁₂₃₄₅₆₇₈₉₊₋−–", "0123456789+---")
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", "0123456789+-")
_RAISED = re.compile(r"[⁰¹²³⁴-⁹⁺⁻]++")
_STATE = re.compile(r"\s?\((?:s|l|g|aq|cr|graphite)\)$", re.I)
_COMMAND = re.compile(r"\\(?:mathrm|text|ce|rm|left|right|,)\s?")
_DOT = re.compile(r"\s?(?:\\cdot|[·•∙⋅*])\s?")
_CHARGE = re.compile(r"\^\{?(?:(\d{1,2})?([+-])|([+-])(\d{1,2}))\}?$")
_PLAIN_CHARGE = re.compile(r"(\d{0,4})([+-])$")
_TOKEN = re.compile(r"([A-Z][a-z]?)|([(\[{])|([)\]}])|_?\{?(\d{1,4})\}?|(_)")
_ELECTRON = re.compile(r"e\^?\{?-\}?$")


@dataclass(frozen=True, slots=True)
class Formula:
    """Atoms by symbol, and the charge. `text` is the formula without its state, digits on the line."""

    text: str
    atoms: tuple[tuple[str, int], ...]
    charge: int = 0

    def count(self, symbol: str) -> int:
        return dict(self.atoms).get(symbol, 0)


@lru_cache(maxsize=4096)
def formulas(text: str) -> tuple[Formula, ...]:
    """Return the readings of a formula, none when it is none; "Fe3+" and "O2-" have two, the ion's charge first."""
    if not text or len(text) > MAX_CHARS:
        return ()
    text = _RAISED.sub(lambda found: f"^{found[0].translate(_SUPERSCRIPTS)}", _STATE.sub("", text.strip()))
    text = _COMMAND.sub("", text.translate(_SUBSCRIPTS)).strip("$ ")
    if _ELECTRON.fullmatch(text):
        return (Formula("e-", (), -1),)
    readings = []
    for body, charge in _charges(text):
        atoms = _hydrated(body)
        if atoms:
            shown = body.replace("_", "").replace("{", "").replace("}", "")
            readings.append(Formula(shown, tuple(sorted(atoms.items())), charge))
    return tuple(readings)


def _charges(text: str) -> list[tuple[str, int]]:
    """Return (text without charge, charge) for every way to read the end of a formula."""
    found = _CHARGE.search(text)
    if found:
        size, sign = found[1] or found[4] or "1", found[2] or found[3]
        return [(text[: found.start()], int(f"{sign}{size}"))]
    found = _PLAIN_CHARGE.search(text)
    if found is None:
        return [(text, 0)]
    digits, sign = found[1], found[2]
    body = text[: found.start()]
    whole = (body + digits, int(f"{sign}1"))
    if not digits or digits[-1] == "0":
        return [whole]
    ion = (body + digits[:-1], int(f"{sign}{digits[-1]}"))
    return [ion, whole]


def _hydrated(text: str) -> Counter[str] | None:
    """Return the atoms of a formula and of the parts that a dot ties to it: CuSO4·5H2O."""
    total: Counter[str] = Counter()
    for at, part in enumerate(_DOT.split(text)):
        times = re.match(r"\d{1,3}", part) if at else None
        atoms = _atoms(part[times.end() :] if times else part)
        if atoms is None:
            return None
        for symbol, count in atoms.items():
            total[symbol] += count * (int(times[0]) if times else 1)
    return total if 0 < sum(total.values()) <= MAX_ATOMS else None


def _atoms(text: str) -> Counter[str] | None:
    stack: list[Counter[str]] = [Counter()]
    last: Counter[str] = Counter()
    at = 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None or found[5]:
            return None
        at = found.end()
        if found[1]:
            if found[1] not in SYMBOLS:
                at -= len(found[1]) - 1
                if found[1][0] not in SYMBOLS or len(found[1]) == 1 or text[at].islower():
                    return None
            last = _add(stack[-1], Counter([text[found.start() : at]]))
        elif found[2]:
            stack.append(Counter())
            if len(stack) > MAX_DEPTH:
                return None
        elif found[3]:
            if len(stack) == 1:
                return None
            last = _add(stack[-2], stack.pop())
        elif found[4]:
            if not last or int(found[4]) == 0:
                return None
            for symbol, count in last.items():
                stack[-1][symbol] += count * (int(found[4]) - 1)
            last = Counter()
    return stack[0] if len(stack) == 1 else None


def _add(total: Counter[str], part: Counter[str]) -> Counter[str]:
    total.update(part)
    return part
