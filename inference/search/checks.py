"""Having what is new checked by the run's chain of verifiers. Knows nothing about methods, engines or what tools do.

1. Verifiers that ask no model, and the reference for answers, in one batch.
2. Those that ask a model, about steps that nobody has refuted: first what they ask, then their verdicts.
3. Those that come last, about steps that are still open: neither refuted nor supported by a verifier that informs.
"""

from __future__ import annotations

from collections.abc import Collection, Generator, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any, NamedTuple, cast

from inference.engines.base import Completion, Request
from inference.search.params import SearchParams
from inference.search.tree import SearchNode, SearchTree
from inference.search.wants import Ask, Check, CheckJob
from inference.types import Verdict, VerdictKind
from inference.verifiers import verifier
from inference.verifiers.base import Asking
from inference.verifiers.params import TOOLS, chain_of, tools_for
from inference.verifiers.wire import Draft

Checks = Generator[Ask | Check, Any, None]


class Chain(NamedTuple):
    """The verifiers of steps that know a kind of problem, by when they are asked; each in the order of the chain."""

    free: tuple[str, ...]
    asking: tuple[str, ...]
    last: tuple[str, ...]


@lru_cache(maxsize=256)
def chain_for(names: str, kind: str) -> Chain:
    """Return the verifiers that a chain ("auto, program, judge") means for a kind of problem."""
    tools = tools_for(chain_of(names), kind)
    last = tuple(name for name in tools if TOOLS[name].last)
    asking = tuple(name for name in tools if TOOLS[name].asks and name not in last)
    return Chain(tuple(name for name in tools if name not in last + asking), asking, last)


def check(tree: SearchTree, nodes: Sequence[SearchNode], params: SearchParams) -> Checks:
    """Ask for the verdicts of new nodes, in the order that stands at the head of this file, and give them theirs."""
    chain = chain_for(params.verifier, tree.problem.kind)
    asked, jobs = _jobs(tree, nodes, chain.free)
    if jobs:
        _judge(tree, asked, (yield Check(jobs)))
    if chain.asking:
        yield from _ask(tree, [node for node in nodes if not node.terminal and node.support >= 0], chain.asking, params)
    if chain.last:
        trusted = params.trusted_names
        left = [node for node in nodes if not node.terminal and is_open(node.verdicts, trusted)]
        yield from _ask(tree, left, chain.last, params)


def is_open(verdicts: Sequence[Verdict], trusted: Collection[str] = ()) -> bool:
    """Return whether a verifier that comes last is asked: nobody refuted, and no support that says something."""
    for verdict in verdicts:
        tool = TOOLS.get(verdict.verifier)
        informs = verdict.verifier in trusted or (tool is not None and tool.informs)
        if verdict.kind is VerdictKind.REFUTED or (informs and verdict.kind is VerdictKind.SUPPORTED):
            return False
    return True


def _jobs(
    tree: SearchTree, nodes: Sequence[SearchNode], tools: Sequence[str]
) -> tuple[list[SearchNode], list[CheckJob]]:
    """Return a job for each step and tool, the step after the path above it, and one for each answer; and its node."""
    asked: list[SearchNode] = []
    jobs: list[CheckJob] = []
    prefix: tuple[str, ...] = ()
    above = last = tree.root
    for node in nodes:
        if node.terminal:
            asked.append(node)
            jobs.append(CheckJob("answer", tree.problem, (), node.text))
            continue
        parent = node.parent or tree.root
        if tools and parent is not above:
            prefix = (*prefix, last.text) if parent is last else tree.path(parent)
            above = parent
        for tool in tools:
            asked.append(node)
            jobs.append(CheckJob(tool, tree.problem, prefix, node.text))
        last = node
    return asked, jobs


def _ask(tree: SearchTree, nodes: Sequence[SearchNode], tools: Sequence[str], params: SearchParams) -> Checks:
    """Have tools that ask a model check steps: what all of them ask goes out at once, and so do their checks."""
    asked, jobs = _jobs(tree, nodes, tools)
    if not jobs:
        return
    requests = [_requests(tree, job, params.programs) for job in jobs]
    everything = [request for some in requests for request in some]
    completions: list[Completion] = (yield Ask(everything, drafts=True)) if everything else []
    tree.counts.tokens += sum(completion.tokens for completion in completions)
    said = iter(completions)
    drafts = [tuple(Draft(one.text, one.choices) for _, one in zip(some, said, strict=False)) for some in requests]
    _judge(tree, asked, (yield Check([replace(job, drafts=told) for job, told in zip(jobs, drafts, strict=True)])))


def _requests(tree: SearchTree, job: CheckJob, count: int) -> list[Request]:
    """Return what a tool asks about a step, numbered and seeded as all requests of the tree are."""
    if not TOOLS[job.verifier].asks:
        return []
    found: list[Request] = []
    for request in cast(Asking, verifier(job.verifier)).requests(job, count):
        seed = tree.next_seed()
        found.append(replace(request, key=f"{tree.key}:{tree.counts.requests_done}", seed=seed))
    return found


def _judge(tree: SearchTree, nodes: Sequence[SearchNode], verdicts: Sequence[Verdict]) -> None:
    for node, verdict in zip(nodes, verdicts, strict=True):
        tree.judge(node, (*node.verdicts, verdict))
