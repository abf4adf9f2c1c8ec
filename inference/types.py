"""The words of the domain as enums and frozen dataclasses. Knows nothing about engines, rows or pages.

Every other part of the studio speaks in these: search fills them, the store turns them into rows and back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Rating(StrEnum):
    """A person's (or a corpus's) judgement of one step; PRM800K writes them 1, 0 and -1."""

    CORRECT = "correct"
    NEUTRAL = "neutral"
    INCORRECT = "incorrect"

    @property
    def number(self) -> int:
        return {"correct": 1, "neutral": 0, "incorrect": -1}[self.value]

    @classmethod
    def from_number(cls, number: int) -> Rating:
        """Return the rating of PRM800K's -1, 0 or 1; any other number is a ValueError."""
        try:
            return {1: cls.CORRECT, 0: cls.NEUTRAL, -1: cls.INCORRECT}[number]
        except KeyError:
            raise ValueError(f"rating {number!r} is not one of -1, 0, 1") from None


class VerdictKind(StrEnum):
    """What a tool says of a step. What "supported" is worth depends on the tool (docs/verifiers/trust.md)."""

    SUPPORTED = "supported"
    REFUTED = "refuted"
    UNDECIDED = "undecided"


class Ending(StrEnum):
    """How the killable child that worked out a verdict ended; anything but "ok" makes the verdict undecided."""

    OK = "ok"
    TIMEOUT = "timeout"
    MEMORY = "memory"
    CRASH = "crash"


class NodeRole(StrEnum):
    """What a node of a tree is in its rationale."""

    STEP = "step"
    ANSWER = "answer"
    DESCRIPTION = "description"
    PRE_STUDY = "pre_study"
    PLAN = "plan"
    REFLECTION = "reflection"
    ACTION = "action"
    OBSERVATION = "observation"
    JUDGEMENT = "judgement"
    SUMMARY = "summary"
    UNCERTAINTY = "uncertainty"


class LabelKind(StrEnum):
    """What one label event says."""

    RATING = "rating"
    FIRST_ERROR = "first_error"
    RETRACT = "retract"


class LabelSource(StrEnum):
    """Who spoke: a person, a reviewer who decided between people, a labelled corpus, a construction."""

    PERSON = "person"
    DECISION = "decision"
    IMPORT = "import"
    PLANTED = "planted"


class Role(StrEnum):
    """A member's role in a project, strongest first."""

    OWNER = "owner"
    REVIEWER = "reviewer"
    ANNOTATOR = "annotator"
    VIEWER = "viewer"


class RunKind(StrEnum):
    GENERATE = "generate"
    SCORE = "score"
    TRAIN = "train"
    IMPORT = "import"
    EXPORT = "export"
    PLANT = "plant"
    REPLAY = "replay"
    PROBLEMS = "problems"
    PASSRATE = "passrate"
    CHECK = "check"
    POLICY = "policy"


class RunState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    PAUSED = "paused"
    CANCELLING = "cancelling"
    CANCELLED = "cancelled"
    DONE = "done"
    FAILED = "failed"


class ShardState(StrEnum):
    QUEUED = "queued"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"


class TreeState(StrEnum):
    GROWING = "growing"
    DONE = "done"
    STOPPED = "stopped"


class Queue(StrEnum):
    """The Celery queues: one process a device, one a core, threads."""

    GPU = "gpu"
    TOOLS = "tools"
    LIGHT = "light"


class FinishReason(StrEnum):
    """Why a completion ended: a stop string, the model's end token, or the token limit."""

    STOP = "stop"
    EOS = "eos"
    LENGTH = "length"


class Fault(StrEnum):
    """Why what a model drew could not be read as a step or an answer."""

    EMPTY = "empty"
    ENDLESS = "ran into the token limit"
    LONG = "a line that is too long"
    UNREADABLE = "characters that cannot be read"
    FORM = "neither a step nor an answer"


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem with its reference answer ("" when unknown). `key` identifies it to the caller (a row id as text).

    `text` holds all that a solver reads; `data` what only a tool needs (tables, a payoff matrix), as JSON values.
    """

    key: str
    text: str
    answer: str = ""
    solution: str = ""
    level: int | None = None
    kind: str = "maths"
    data: Mapping[str, Any] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Claim:
    """One checkable statement found in a step, and what the tool made of it.

    `start` and `end` are code-point offsets into the step's text; `detail` is a sentence for people, for example
    "9 - 3 = 6, not 5".
    """

    text: str
    verdict: VerdictKind
    detail: str = ""
    start: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one verifier (name and version) says of one step, with its evidence. `millis` is the time in the child.

    `input` is what the tool was given (a program, a query), `output` what came of it: small JSON objects.
    """

    kind: VerdictKind
    verifier: str
    version: str
    claims: tuple[Claim, ...] = ()
    message: str = ""
    ending: Ending = Ending.OK
    millis: float = 0.0
    input: Mapping[str, Any] | None = None
    output: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Score:
    """A scorer's number for one step or one rationale; a PRM's is p(step is correct) in [0, 1]."""

    value: float
    scorer: str
    version: str
    parts: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Label:
    """One label event: what somebody said of a step, who, and when (ISO 8601). `rating` None means unlabelled."""

    rating: Rating | None
    source: LabelSource = LabelSource.PERSON
    author: str = ""
    category: str = ""
    note: str = ""
    rewrite: str = ""
    kind: LabelKind = LabelKind.RATING
    sureness: float | None = None
    seconds: float | None = None
    created_at: str = ""
    key: str = ""
    supersedes: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a rationale with what is known of it. `key` is the caller's name for it (a node id as text)."""

    text: str
    role: NodeRole = NodeRole.STEP
    key: str = ""
    rating: Rating | None = None
    category: str = ""
    verdict: Verdict | None = None
    score: float | None = None
    value: float | None = None


@dataclass(frozen=True, slots=True)
class Rationale:
    """A path of a tree (or a free text) as one object. `outcome` is +1, -1 or None when the answer was not checked."""

    problem: Problem
    steps: tuple[Step, ...]
    answer: str = ""
    outcome: int | None = None
    key: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Node:
    """One stored step of a tree. `seq` counts creations from 1; `parent` is a seq, 0 for a first step.

    `value_sum` and `visits` are the search's (mean value = value_sum / visits; a one-step path earns up to ±2, longer
    ones less); `prior` is the mean token log-probability of the step, or None when the engine did not say.
    """

    seq: int
    parent: int
    text: str
    role: NodeRole = NodeRole.STEP
    visits: int = 0
    value_sum: float = 0.0
    prior: float | None = None
    terminal: bool = False
    answer: str = ""
    outcome: int | None = None
    round: int = 0
    tokens: int = 0
    verdicts: tuple[Verdict, ...] = ()
    scores: tuple[Score, ...] = ()
    labels: tuple[Label, ...] = ()
    data: Mapping[str, Any] = field(default_factory=dict)
    key: str = ""


@dataclass(frozen=True, slots=True)
class Tree:
    """A whole tree of one problem: the round-trip form. `nodes` are in seq order."""

    problem: Problem
    nodes: tuple[Node, ...]
    state: TreeState = TreeState.DONE
    seed: int = 0
    rounds: int = 0
    visits: int = 0
    value_sum: float = 0.0
    key: str = ""
    source: str = "search"
    data: Mapping[str, Any] = field(default_factory=dict)
