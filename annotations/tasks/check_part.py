"""The steps of one shard of a run that checks, in memory: what each tool has said of them, and which checks are open.

1. Tools that ask no model check every step of a kind that they know.
2. Tools that ask one check the steps that nobody of the chain has refuted.
3. Those that come last check what nobody has refuted and nobody whose support informs has supported.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from annotations import store
from annotations.models import Engine, Node, Problem, Run, RunShard, ToolCheck
from annotations.selectors.checks import checked_trees
from annotations.store import Same
from inference.types import NodeRole, VerdictKind
from inference.types import Problem as Asked
from inference.verifiers import verifier
from inference.verifiers.again import asked_hash, cache_key, mark_of, normalised
from inference.verifiers.params import TOOLS, CheckParams, chain_of, tools_for
from inference.verifiers.wire import CheckJob

# Among verifiers a refutation goes before support, and that before "undecided".
STRENGTH = {VerdictKind.UNDECIDED: 1, VerdictKind.SUPPORTED: 2, VerdictKind.REFUTED: 3}


class Way(NamedTuple):
    """How a tool checks in this run: its version, and what stands for the model that it asks."""

    version: str
    params_hash: str


class Known(NamedTuple):
    """A verdict that a step has; `ours`: given in this run."""

    verifier: str
    version: str
    params_hash: str
    verdict: VerdictKind
    ours: bool


@dataclass(slots=True)
class Step:
    """A stored step with the steps before it, and what is known of it, oldest first."""

    node_id: int
    tree_id: int
    problem: Asked
    mark: bytes
    prefix: tuple[str, ...]
    text: str
    tools: tuple[str, ...]
    known: list[Known] = field(default_factory=list)

    def has(self, name: str, way: Way) -> bool:
        return any((each.verifier, each.version, each.params_hash) == (name, *way) for each in self.known)

    def standing(self, *, by: Iterable[str] | None = None, ours: bool = True) -> VerdictKind | None:
        """Return what the newest verdicts (of these tools; without this run's unless `ours`) come to, None for none."""
        newest = {each.verifier: each.verdict for each in self.known if ours or not each.ours}
        kinds = [kind for name, kind in newest.items() if by is None or name in by]
        return max(kinds, key=lambda kind: STRENGTH[kind], default=None)

    def informed(self, trusted: Iterable[str]) -> bool:
        """Whether a tool supports the step whose support says something of the step."""
        newest = {each.verifier: each.verdict for each in self.known if each.verifier in self.tools}
        told = {name for name, kind in newest.items() if kind is VerdictKind.SUPPORTED}
        return any(TOOLS[name].informs or name in trusted for name in told)


@dataclass(slots=True)
class Part:
    """The steps of a shard and the ways of the run's tools."""

    steps: list[Step]
    ways: Mapping[str, Way]
    trusted: tuple[str, ...] = ()

    def stages(self) -> list[Callable[[], list[tuple[Step, str]]]]:
        """Return what is open in each stage, asked anew each time: an earlier stage's verdicts decide on the next."""
        return [self.free, self.asking, self.last]

    def free(self) -> list[tuple[Step, str]]:
        return self._open(self.steps, lambda name: not (TOOLS[name].asks or TOOLS[name].last))

    def asking(self) -> list[tuple[Step, str]]:
        return self._open(self._unrefuted(), lambda name: TOOLS[name].asks and not TOOLS[name].last)

    def last(self) -> list[tuple[Step, str]]:
        left = [step for step in self._unrefuted() if not step.informed(self.trusted)]
        return self._open(left, lambda name: TOOLS[name].last)

    def left(self) -> int:
        """Return how many steps have checks open, as far as is known now."""
        return len({step.node_id for stage in self.stages() for step, _ in stage()})

    def same(self, step: Step, name: str) -> Same:
        """Return what this check has in common with others that come to the same."""
        tool = TOOLS[name]
        prefix = [normalised(text) for text in step.prefix] if tool.looks_back else ()
        return Same(
            name, *self.ways[name], cache_key(step.mark, prefix, normalised(step.text), looks_back=tool.looks_back)
        )

    def learn(self, step: Step, name: str, verdict: VerdictKind) -> None:
        step.known.append(Known(name, *self.ways[name], verdict, True))

    def _unrefuted(self) -> list[Step]:
        return [step for step in self.steps if step.standing(by=step.tools) is not VerdictKind.REFUTED]

    def _open(self, steps: Sequence[Step], meant: Callable[[str], bool]) -> list[tuple[Step, str]]:
        return [
            (step, name) for step in steps for name in step.tools if meant(name) and not step.has(name, self.ways[name])
        ]


def job_of(step: Step, name: str) -> CheckJob:
    return CheckJob(name, step.problem, step.prefix, step.text)


def read_part(run: Run, shard: RunShard, params: CheckParams) -> Part:
    """Read the steps of a shard: three queries, and what was said of them."""
    span = shard.checkpoint
    trees = checked_trees(run.project_id, kinds=run.input.get("kinds", []), run_id=run.parent_run_id)
    rows = dict(trees.filter(pk__range=(span["first"], span["last"])).values_list("pk", "problem_id"))
    problems = {row.pk: store.problem_of(row) for row in Problem.objects.filter(pk__in=set(rows.values()))}
    marks = {key: mark_of(problem) for key, problem in problems.items()}
    tools = {key: _tools(params, problem) for key, problem in problems.items()}
    steps: list[Step] = []
    prefixes: dict[tuple[int, int], tuple[str, ...]] = {}
    nodes = Node.objects.filter(tree_id__in=rows).order_by("tree_id", "seq")
    fields = ("pk", "tree_id", "seq", "parent_seq", "text", "role", "removed")
    for key, tree, seq, above, text, role, removed in nodes.values_list(*fields):
        prefix = prefixes.get((tree, above or 0), ())
        prefixes[tree, seq] = (*prefix, text)
        if role == NodeRole.STEP and not removed:
            asked = rows[tree]
            steps.append(Step(key, tree, problems[asked], marks[asked], prefix, text, tools[asked]))
    _read_known(steps, run.pk)
    names = {name for each in tools.values() for name in each}
    return Part(steps, {name: _way(run, params, name) for name in names}, chain_of(params.trusted))


def _tools(params: CheckParams, problem: Asked) -> tuple[str, ...]:
    return tuple(name for name in tools_for(params.chain, problem.kind) if verifier(name).applies(problem))


def _read_known(steps: Sequence[Step], run_id: int) -> None:
    by_id = {step.node_id: step for step in steps}
    rows = ToolCheck.objects.filter(node__in=list(by_id)).order_by("id")
    fields = ("node_id", "run_id", "verifier", "version", "params_hash", "verdict")
    for node, run, name, version, params_hash, verdict in rows.values_list(*fields):
        by_id[node].known.append(Known(name, version, params_hash, VerdictKind(verdict), run == run_id))


def _way(run: Run, params: CheckParams, name: str) -> Way:
    engine = run.engine if TOOLS[name].asks else None
    hashed = "" if engine is None else asked_hash(_identity(engine), params.programs)
    return Way(verifier(name).version, hashed)


def _identity(engine: Engine) -> dict[str, Any]:
    """Return what makes an engine say what it says; its speed and its place do not."""
    return {
        "kind": engine.kind, "model": engine.model, "revision": engine.revision, "dtype": engine.dtype,
        "adapter": engine.limits.get("adapter", ""),
    }  # fmt: skip
