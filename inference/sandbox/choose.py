"""Which sandbox runs which program, and why. A program that no proven sandbox fits is not run."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum

from inference.sandbox.base import Limits, Outcome, Program, RunEnding, Sandbox
from inference.sandbox.bubblewrap import BubblewrapSandbox
from inference.sandbox.modules import MONTY_MODULES, modules_of
from inference.sandbox.monty import MontySandbox
from inference.sandbox.outcomes import unavailable
from inference.sandbox.probe import NotProven, prove_heavy, prove_light

IN_JAIL = "in bubblewrap, whose probe passed"


class Choice(StrEnum):
    """What the operator asks for (STUDIO_SANDBOX)."""

    AUTO = "auto"
    MONTY = "monty"
    BUBBLEWRAP = "bubblewrap"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Status:
    """What a worker says of its sandbox, for people.

    `name` and `version` are those in use ("none" if none is); `light` says whether small programs run, `heavy`
    whether those run that import sympy or another module of Python's; `reason` is one or two sentences.
    """

    choice: str
    name: str
    version: str
    light: bool
    heavy: bool
    reason: str

    def as_json(self) -> dict[str, object]:
        return asdict(self)


class Sandboxes:
    """The sandboxes of a worker behind one face: small programs to monty, others to bubblewrap, if each is proven.

    Nothing starts before `status` or the first program; each sandbox is proven once. Threads may call at once.
    """

    name = "sandboxes"

    def __init__(
        self,
        choice: Choice | str = Choice.AUTO,
        *,
        light: Callable[[], Sandbox] = MontySandbox,
        heavy: Callable[[], Sandbox] = BubblewrapSandbox,
    ) -> None:
        self.choice = Choice(choice)
        self._light = _Proven("pydantic-monty", light, prove_light, self.choice in (Choice.AUTO, Choice.MONTY))
        self._heavy = _Proven("bubblewrap", heavy, prove_heavy, self.choice in (Choice.AUTO, Choice.BUBBLEWRAP))

    def run_many(self, programs: Sequence[Program], limits: Limits = Limits()) -> list[Outcome]:  # noqa: B008
        """Return one outcome a program, in their order; what monty does not know is tried once more in the jail."""
        outcomes: dict[int, Outcome] = {}
        small = [at for at, program in enumerate(programs) if self._is_small(program)]
        self._run(self._light, programs, small, outcomes, limits)
        refused = [at for at in small if outcomes[at].ending is RunEnding.REFUSED]
        others = [at for at in range(len(programs)) if at not in outcomes]
        again = refused if refused and self._heavy.ready() else []
        self._run(self._heavy, programs, sorted(others + again), outcomes, limits)
        return [outcomes[at] for at in range(len(programs))]

    def status(self) -> Status:
        """Return which sandboxes are in use and why; the first call proves them, which takes a second or two."""
        light, heavy = self._light.ready(), self._heavy.ready()
        used = [each.name for each in (self._light, self._heavy) if each.ready()]
        return Status(
            choice=self.choice.value,
            name=" and ".join(name.partition(" ")[0] for name in used) or "none",
            version=", ".join(used),
            light=light or heavy,
            heavy=heavy,
            reason=self._reason(light, heavy),
        )

    def close(self) -> None:
        self._light.close()
        self._heavy.close()

    def _is_small(self, program: Program) -> bool:
        if not self._light.chosen:
            return False
        return MONTY_MODULES.issuperset(program.modules) and MONTY_MODULES.issuperset(modules_of(program.code))

    def _run(
        self,
        sandbox: _Proven,
        programs: Sequence[Program],
        places: Sequence[int],
        outcomes: dict[int, Outcome],
        limits: Limits,
    ) -> None:
        if not places:
            return
        if sandbox.ready():
            found = sandbox.sandbox().run_many([programs[at] for at in places], limits)
        else:
            found = [unavailable(self._why_not(programs[at], sandbox)) for at in places]
        outcomes.update(zip(places, found, strict=True))

    def _why_not(self, program: Program, sandbox: _Proven) -> str:
        if self.choice is Choice.NONE:
            return "no program runs on this worker: STUDIO_SANDBOX is none"
        if sandbox is self._light:
            return f"no program runs on this worker: {sandbox.why_not()}"
        foreign = sorted({*program.modules, *modules_of(program.code)} - MONTY_MODULES)
        what = f"the program imports {', '.join(foreign[:5])} and" if foreign else "the program"
        return f"{what} needs bubblewrap, which does not run on this worker: {sandbox.why_not()}"

    def _reason(self, light: bool, heavy: bool) -> str:
        if self.choice is Choice.NONE:
            return "No program runs: STUDIO_SANDBOX is none."
        if light and heavy:
            return f"Small programs run in pydantic-monty, those with sympy and other modules {IN_JAIL}."
        if heavy:
            return f"All programs run {IN_JAIL}; {self._light.why_not()}."
        if light:
            return (
                f"Small programs run in pydantic-monty. Those with other modules do not run: {self._heavy.why_not()}."
            )
        return f"No program runs: {self._light.why_not()}; {self._heavy.why_not()}."


class _Proven:
    """One sandbox, made and proven at its first use; `why` says why it is not used, "" when it is."""

    def __init__(self, title: str, make: Callable[[], Sandbox], prove: Callable[[Sandbox], None], chosen: bool) -> None:
        self.chosen = chosen
        self._make = make
        self._prove = prove
        self._lock = threading.Lock()
        self._sandbox: Sandbox | None = None
        self._why = None if chosen else f"STUDIO_SANDBOX does not choose {title}"

    @property
    def name(self) -> str:
        return self.sandbox().name

    def sandbox(self) -> Sandbox:
        if self._sandbox is None:
            self._sandbox = self._make()
        return self._sandbox

    def why_not(self) -> str:
        """Return why the sandbox is not used, "" when it is; the first call proves it."""
        with self._lock:
            if self._why is None:
                self._why = self._proof()
            return self._why

    def ready(self) -> bool:
        return not self.why_not()

    def close(self) -> None:
        if self._sandbox is not None:
            self._sandbox.close()

    def _proof(self) -> str:
        sandbox = self.sandbox()
        try:
            self._prove(sandbox)
        except NotProven as failure:
            sandbox.close()
            return str(failure)
        return ""
