"""The verifiers' registry lines and the settings of their pool. Loads no verifier: pages and forms read this too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from inference.engines import fields
from inference.engines.fields import SettingError, setting

MAX_CHILDREN = 64
AUTO = "auto"
NO_LABELS = "none"
POLICIES = (NO_LABELS, "veto", "paper")


@dataclass(frozen=True, slots=True)
class Tool:
    """What is known of a verifier without loading it.

    `path` is MODULE:CLASS; `says` one sentence on what it decides; `kinds` the kinds of problem that it knows, none for
    all. `asks`: a language model is asked first; `runs`: programs run in the sandbox first; `informs`: by construction
    its "supported" says something of the step, and not only of the arithmetic in it; `last`: it is only asked about
    steps that all others left open. `looks_back`: its verdict may hang on the steps before; without it, equal steps of
    a problem have one verdict wherever they stand.
    """

    path: str
    title: str
    says: str
    kinds: tuple[str, ...] = ()
    asks: bool = False
    runs: bool = False
    informs: bool = False
    last: bool = False
    answers: bool = False
    looks_back: bool = True


TOOLS: dict[str, Tool] = {
    "claims": Tool(
        "inference.verifiers.claims:ClaimsVerifier",
        "Equations and inequalities",
        "Every equation and inequality of a step, computed exactly.",
        kinds=("maths",),
    ),
    "program": Tool(
        "inference.verifiers.program:ProgramVerifier",
        "Independent program",
        "What a step sets out to find, computed by programs that a model wrote without seeing what it found.",
        kinds=("maths",),
        asks=True,
        runs=True,
        informs=True,
    ),
    "sql": Tool(
        "inference.verifiers.sql:SqlVerifier",
        "Database queries",
        "Queries run on the problem's tables and on made rows, and what a step says of what they give.",
        kinds=("sql",),
    ),
    "units": Tool(
        "inference.verifiers.units:UnitsVerifier",
        "Units",
        "Quantities with their units: whether they may be added, and are equal.",
        kinds=("units", "physics"),
        looks_back=False,
    ),
    "chemistry": Tool(
        "inference.verifiers.chemistry:ChemistryVerifier",
        "Chemistry",
        "Formulas, molar masses and reaction equations: atoms and charges on both sides.",
        kinds=("chemistry",),
    ),
    "answer": Tool(
        "inference.verifiers.answer:AnswerVerifier",
        "Final answer",
        "A final answer against the reference.",
        informs=True,
        answers=True,
    ),
    "judge": Tool(
        "inference.verifiers.judge:JudgeVerifier",
        "Judge",
        "How likely a language model holds a step to be right, asked where all others leave it open.",
        asks=True,
        informs=True,
        last=True,
    ),
    "trace": Tool(
        "inference.verifiers.trace:TraceVerifier",
        "Runs of code",
        "What a step says of a run, held against a recorded run; a function that it holds, run on the tests.",
        kinds=("code",),
        runs=True,
    ),
    "game": Tool(
        "inference.verifiers.game:GameVerifier",
        "Games",
        "Dominance, best responses, payoffs and equilibria of a two-player game, worked out exactly.",
        kinds=("game",),
    ),
    "evidence": Tool(
        "inference.verifiers.evidence:EvidenceVerifier",
        "Quotes and passages",
        "Every quote of a step, held against the passages word by word, with its numbers and names.",
        kinds=("evidence",),
    ),
    "logic": Tool(
        "inference.verifiers.logic:LogicVerifier",
        "Premises and beliefs",
        "What a step says, held against the premises, or against the best truth values of weighted beliefs.",
        kinds=("logic",),
        informs=True,
    ),
}
"""One line a verifier. `answers` marks the one that is asked about final answers and never about steps."""


def chain_of(text: str) -> tuple[str, ...]:
    """Return the names in "auto, program, judge", each once; ValueError names one that is no verifier of steps."""
    named = tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
    known = [name for name, tool in TOOLS.items() if not tool.answers]
    for name in named:
        if name != AUTO and name not in known:
            raise ValueError(f"expected {AUTO}, {', '.join(known)} or several of them with commas, got {name!r}")
    return named


def check_named(verifier: str, trusted: str) -> None:
    """Raise SettingError, which names the setting, for a verifier that there is not; only names can be trusted."""
    for name, text in (("verifier", verifier), ("trusted", trusted)):
        try:
            named = chain_of(text)
        except ValueError as error:
            raise SettingError(name, str(error)) from None
        if name == "trusted" and AUTO in named:
            raise SettingError(name, f"expected verifiers by their names, got {AUTO!r}")


def tools_for(chain: Sequence[str], kind: str) -> tuple[str, ...]:
    """Return the verifiers of a chain that know this kind of problem, in order; `auto`: all that ask no model."""
    found: list[str] = []
    for name in chain:
        meant = [each for each, tool in TOOLS.items() if not (tool.asks or tool.answers)] if name == AUTO else [name]
        found += [each for each in meant if not TOOLS[each].kinds or kind in TOOLS[each].kinds]
    return tuple(dict.fromkeys(found))


@dataclass(frozen=True)
class CheckParams:
    """How stored steps are checked again, and by which policy their labels are worked out from the new verdicts."""

    verifier: str = setting(
        AUTO, "Tools that check, with commas between; auto: all that know the kind of problem and ask no model"
    )
    kind: str = setting("", "Only steps of problems of this kind; empty for all")
    policy: str = setting(
        NO_LABELS,
        "Labels by the new verdicts, to compare with those that the steps have. none: no labels; veto: a refuted step "
        "is wrong, support counts nothing; paper: kept where value and verdict agree",
        choices=POLICIES,
    )
    min_rollouts: int = setting(
        4, "Complete paths through a step, none of them correct, before it is labelled wrong", minimum=1, maximum=1000
    )
    trusted: str = setting(
        "", "Tools whose support counts under the policy paper, with commas between; empty for all that checked"
    )
    programs: int = setting(3, "Texts asked of the model for each step by a tool that asks one", minimum=1, maximum=64)

    def __post_init__(self) -> None:
        fields.check(self)
        check_named(verifier=self.verifier, trusted=self.trusted)
        if not self.chain:
            raise SettingError("verifier", f"expected {AUTO} or the name of a tool, got nothing")

    @property
    def chain(self) -> tuple[str, ...]:
        return chain_of(self.verifier)

    @property
    def asks(self) -> bool:
        """Whether a tool that was named asks a model."""
        return any(name != AUTO and TOOLS[name].asks for name in self.chain)

    @property
    def labels(self) -> bool:
        return self.policy != NO_LABELS

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any]) -> CheckParams:
        """Build the settings from form or JSON values; SettingError names the field that does not fit."""
        return fields.from_mapping(cls, values)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class PoolParams:
    """How many children check steps at once and what each may use; ValueError for anything out of range."""

    children: int = field(default=2, metadata={"help": "Child processes that check steps at once, 1 to 64."})
    memory_mb: int = field(default=1024, metadata={"help": "Memory that one child may allocate, in MiB, at least 16."})
    chunk: int = field(default=32, metadata={"help": "Steps sent to a child at once, 1 to 1000."})

    def __post_init__(self) -> None:
        for name, low, high in (("children", 1, MAX_CHILDREN), ("memory_mb", 16, 1_048_576), ("chunk", 1, 1000)):
            value = getattr(self, name)
            if not isinstance(value, int) or not low <= value <= high:
                raise ValueError(f"{name} must be a whole number from {low} to {high}, not {value!r}")
