"""A claim of a chemistry step with what the page shows beside it. Knows nothing about how it was found."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from inference.types import Claim, VerdictKind
from inference.verifiers.chemistry.equations import CHARGE, Balance

MAX_TEXT = 160
_CONDITION = re.compile(
    r"\b(?:if|whether|when|once|until|unless|make sure|ensure|check(?: that)?|need|must|should|let|to be|want|verify|"
    r"would|not sure)\b[^.\n]{0,60}$",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Finding:
    """A claim and its evidence (JSON values by name of the part that the page shows)."""

    claim: Claim
    evidence: Mapping[str, Any] = field(default_factory=dict)


def finding(
    text: str, start: int, end: int, kind: VerdictKind, detail: str, evidence: Mapping[str, Any] | None = None
) -> Finding:
    """Return the finding on text[start:end]."""
    shown = " ".join(text[start:end].split()).replace("->", "→")
    shown = shown if len(shown) <= MAX_TEXT else shown[: MAX_TEXT - 1] + "…"
    return Finding(Claim(shown, kind, detail, start, end), evidence or {})


def is_conditional(text: str, at: int) -> bool:
    """Whether what stands at `at` is asked for or supposed, not said."""
    return _CONDITION.search(text[max(0, at - 80) : at]) is not None or "?" in text[at : at + 60].split("\n")[0]


def atom_table(balance: Balance, text: str) -> dict[str, Any]:
    """Return the atoms of an equation for the page: one row an element."""
    rows: Sequence[Mapping[str, Any]] = [
        {"name": name, "left": str(left), "right": str(right), "wrong": left != right}
        for name, left, right in balance.rows
        if name != CHARGE or left or right
    ]
    return {"equation": " ".join(text.split())[:MAX_TEXT], "atoms": list(rows)[:12]}
