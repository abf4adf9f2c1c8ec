"""What the pool and its children say to each other: jobs and verdicts as length-prefixed JSON. Knows no processes.

JSON and not pickle, because the pool may be root and must not unpickle what a child sends.
"""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass
from typing import Any

from inference.sandbox.base import Outcome, RunEnding
from inference.types import Claim, Ending, Problem, Verdict, VerdictKind

MAX_FRAME = 64 * 2**20
_LENGTH = struct.Struct("!I")


@dataclass(frozen=True, slots=True)
class Draft:
    """What a model said of a step: a text, or (`choices`) the log-probabilities of the continuations asked about."""

    text: str
    choices: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class CheckJob:
    """One thing to check: a step after its prefix, or (verifier "answer") a final answer as `step`.

    `drafts` are there for a verifier that asks a model, `runs` for one that has programs run, in the order asked.
    """

    verifier: str
    problem: Problem
    prefix: tuple[str, ...]
    step: str
    drafts: tuple[Draft, ...] = ()
    runs: tuple[Outcome, ...] = ()


def frame(message: Any) -> bytes:
    """Return a message as bytes to send."""
    body = json.dumps(message, ensure_ascii=True, separators=(",", ":")).encode("ascii")
    return _LENGTH.pack(len(body)) + body


def receive(connection: socket.socket) -> Any:
    """Return the next message of a blocking socket; EOFError when the other end is gone."""
    (length,) = _LENGTH.unpack(_exactly(connection, _LENGTH.size))
    return json.loads(_exactly(connection, length))


def _exactly(connection: socket.socket, count: int) -> bytes:
    parts = []
    while count:
        part = connection.recv(min(count, 2**20))
        if not part:
            raise EOFError
        parts.append(part)
        count -= len(part)
    return b"".join(parts)


class Inbox:
    """Bytes of a non-blocking socket, cut into messages; ValueError for a message that is no JSON or too long."""

    def __init__(self) -> None:
        self.buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[Any]:
        self.buffer += data
        while len(self.buffer) >= _LENGTH.size:
            (length,) = _LENGTH.unpack_from(self.buffer)
            if length > MAX_FRAME:
                raise ValueError("a message is too long")
            end = _LENGTH.size + length
            if len(self.buffer) < end:
                return
            body = bytes(self.buffer[_LENGTH.size : end])
            del self.buffer[:end]
            yield json.loads(body)


def jobs_out(jobs: Sequence[CheckJob]) -> list[Any]:
    """Return jobs as JSON values; a problem that several jobs share is written once."""
    problems = list(dict.fromkeys(job.problem for job in jobs))
    places = {problem: at for at, problem in enumerate(problems)}
    rows = [
        [
            job.verifier, places[job.problem], job.prefix, job.step,
            [[each.text, each.choices] for each in job.drafts], [astuple(each) for each in job.runs],
        ]
        for job in jobs
    ]  # fmt: skip
    return [[[p.key, p.text, p.answer, p.solution, p.level, p.kind, p.data] for p in problems], rows]


def jobs_in(values: Sequence[Any]) -> list[CheckJob]:
    """Return what jobs_out wrote."""
    problems = [Problem(*each) for each in values[0]]
    return [
        CheckJob(
            name, problems[at], tuple(prefix), step,
            tuple(Draft(text, tuple(choices)) for text, choices in drafts),
            tuple(Outcome(RunEnding(ending), *rest) for ending, *rest in runs),
        )
        for name, at, prefix, step, drafts, runs in values[1]
    ]  # fmt: skip


def verdict_out(verdict: Verdict) -> list[Any]:
    """Return a verdict as JSON values."""
    claims = [[each.text, each.verdict, each.detail, each.start, each.end] for each in verdict.claims]
    return [
        verdict.kind, verdict.verifier, verdict.version, claims, verdict.message, verdict.ending, verdict.millis,
        verdict.input, verdict.output,
    ]  # fmt: skip


def verdict_in(value: Sequence[Any]) -> Verdict:
    """Return the verdict that verdict_out wrote; ValueError or TypeError when it is none."""
    kind, verifier, version, rows, message, ending, millis, given, found = value
    claims = tuple(
        Claim(str(text), VerdictKind(verdict), str(detail), int(start), int(end))
        for text, verdict, detail, start, end in rows
    )
    return Verdict(
        VerdictKind(kind), str(verifier), str(version), claims, str(message), Ending(ending), float(millis),
        _object(given), _object(found),
    )  # fmt: skip


def _object(value: Any) -> dict[str, Any] | None:
    if value is not None and not isinstance(value, dict):
        raise TypeError("evidence is an object or nothing")
    return value
