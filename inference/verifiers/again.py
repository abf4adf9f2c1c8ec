"""When two checks are the same check, and how a model is asked the same thing again. Knows nothing about rows.

A verdict may be taken over where problem, step and (for a verifier that looks back) all steps before are the same, but
for blanks that say nothing. Case is kept: x and X are two variables.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from hashlib import blake2b
from typing import Any

from inference.engines.base import Request
from inference.types import Claim, Problem

_BLANKS = re.compile(r"(?<=\S)[ \t]{2,}(?=\S)")
_QUOTES = frozenset("'\"`")


@lru_cache(maxsize=4096)
def normalised(text: str) -> str:
    """Return a text without blanks that say nothing: at line ends, around it, and doubled ones inside a line.

    Indentation stays, and every blank of a line that quotes something, for there a blank may be part of a value.
    """
    lines = [_line(line) for line in text.replace("\r\n", "\n").strip("\r\n").split("\n")]
    return "\n".join(lines).rstrip()


def _line(line: str) -> str:
    line = line.rstrip()
    return line if "  " not in line and "\t" not in line or not _QUOTES.isdisjoint(line) else _BLANKS.sub(" ", line)


def mark_of(problem: Problem) -> bytes:
    """Return a digest of all that a verifier may read of a problem."""
    read = [problem.kind, problem.text, problem.answer, problem.solution, dict(problem.data)]
    return blake2b(json.dumps(read, sort_keys=True, default=str).encode("utf-8", "replace"), digest_size=20).digest()


def cache_key(mark: bytes, prefix: Sequence[str], step: str, *, looks_back: bool) -> str:
    """Return what equal checks of one verifier and version have in common: 40 hexadecimal digits.

    `mark` is the problem's `mark_of`; `prefix` (left out unless the verifier looks back) and `step` are `normalised`.
    """
    digest = blake2b(mark, digest_size=20)
    for text in (*prefix, step) if looks_back else (step,):
        said = text.encode("utf-8", "replace")
        digest.update(b"%d:" % len(said) + said)
    return digest.hexdigest()


def asked_hash(engine: Mapping[str, Any], count: int) -> str:
    """Return what stands for the way a model was asked: which model, and for how many texts a step."""
    said = json.dumps([dict(engine), count], sort_keys=True, default=str)
    return blake2b(said.encode(), digest_size=16).hexdigest()


def addressed(requests: Sequence[Request], *, seed: int, verifier: str, node: str) -> list[Request]:
    """Return a verifier's requests about one step, with keys "VERIFIER:NODE:NUMBER" (from 1) and seeds of their own.

    `seed` is the run's; the same step asked in the same run gets the same noise, whoever asks and when.
    """
    return [
        replace(request, key=f"{verifier}:{node}:{number}", seed=_seed(seed, verifier, node, number))
        for number, request in enumerate(requests, start=1)
    ]


def _seed(seed: int, verifier: str, node: str, number: int) -> int:
    noise = blake2b(f"{seed}|{verifier}|{node}|{number}".encode(), digest_size=8).digest()
    return int.from_bytes(noise, "little") >> 1


def placed(claims: Sequence[Claim], step: str) -> tuple[Claim, ...]:
    """Return claims of an equal step with their places in this one, which may have other blanks; (0, 0): not found."""
    return tuple(each if step[each.start : each.end] == each.text else _moved(each, step) for each in claims)


def _moved(claim: Claim, step: str) -> Claim:
    at = step.find(claim.text)
    return replace(claim, start=max(at, 0), end=at + len(claim.text) if at >= 0 else 0)
