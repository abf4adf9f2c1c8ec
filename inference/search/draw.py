"""Drawing the lines that follow a path, making nodes of them, having them checked. Knows nothing about any method.

What is drawn below one node twice is one node: identical siblings are merged, within a draw and with what stood there.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Any

from inference.engines.base import Completion, Request
from inference.prompts import (
    END_STARTS,
    STEP_STARTS,
    STEP_STOPS,
    Line,
    Parsed,
    few_shot_prefix,
    parse_completion,
    problem_prompt,
    reply_so_far,
    rollout_stops,
)
from inference.search.checks import check
from inference.search.params import SearchParams
from inference.search.tree import EXPAND, ROLLOUT, SearchNode, SearchTree
from inference.search.wants import Ask, Check
from inference.types import FinishReason

Drawn = Generator[Ask | Check, Any, list[list[SearchNode]]]


def next_steps(tree: SearchTree, leaves: Sequence[SearchNode], params: SearchParams, count: int) -> Drawn:
    """Draw `count` next lines below each of `leaves`, all at once, and check what is new.

    Returns for every leaf the distinct nodes drawn, in the order of the draws.
    """
    requests = [request for leaf in leaves for request in _requests(tree, leaf, params, count, line=True)]
    completions: list[Completion] = yield Ask(requests)
    fresh: list[SearchNode] = []
    drawn = [_branch(tree, leaf, completions[at * count : (at + 1) * count], fresh) for at, leaf in enumerate(leaves)]
    yield from check(tree, fresh, params)
    return drawn


def to_the_end(tree: SearchTree, starts: Sequence[SearchNode], params: SearchParams, count: int = 1) -> Drawn:
    """Draw `count` completions to the answer from each of `starts`, all at once, and check what is new.

    Returns the path that each completion took below its start: old nodes where a line was known already; it ends in
    an answer, or earlier where the completion broke off.
    """
    requests = [request for start in starts for request in _requests(tree, start, params, count, line=False)]
    completions: list[Completion] = yield Ask(requests)
    fresh: list[SearchNode] = []
    paths = [_follow(tree, starts[at // count], completion, fresh) for at, completion in enumerate(completions)]
    yield from check(tree, fresh, params)
    return paths


def _requests(tree: SearchTree, node: SearchNode, params: SearchParams, count: int, *, line: bool) -> list[Request]:
    """Ask `count` times for the lines that follow `node`: for one line, or for all lines to the answer."""
    steps = tree.path(node)
    problem, reply = problem_prompt(tree.problem.text), reply_so_far(steps)
    stop, starts = (STEP_STOPS, STEP_STARTS) if line else (rollout_stops(tree.depth), END_STARTS)
    most = params.step_tokens if line else params.rollout_room(tree.depth - len(steps))
    requests: list[Request] = []
    for _ in range(count):
        seed = tree.next_seed()
        requests.append(
            Request(
                f"{tree.key}:{tree.counts.requests_done}", few_shot_prefix(), problem, seed, most,
                params.temperature, params.top_p, stop, reply, starts,
            )
        )  # fmt: skip
    return requests


def _branch(
    tree: SearchTree, leaf: SearchNode, completions: Sequence[Completion], fresh: list[SearchNode]
) -> list[SearchNode]:
    """Add the first line of every completion below `leaf`, new ones to `fresh` too; return the distinct nodes."""
    drawn: list[SearchNode] = []
    new: list[SearchNode] = []
    for completion in completions:
        lines, parsed = _read(tree, completion)
        if not lines:
            tree.note_fault(completion, parsed, leaf)
        for line, tokens, logprob in lines[:1]:
            node = _twin(leaf, line)
            if node is None:
                node = tree.add(leaf, line.role, line.text, EXPAND, tokens, logprob)
                new.append(node)
            else:
                _merge(tree, node, new)
            if node not in drawn:
                drawn.append(node)
    fresh += new
    return drawn


def _follow(tree: SearchTree, start: SearchNode, completion: Completion, fresh: list[SearchNode]) -> list[SearchNode]:
    """Add the lines of a completion as a chain below `start`, new nodes to `fresh` too; return the chain."""
    path: list[SearchNode] = []
    node = start
    lines, parsed = _read(tree, completion)
    for line, tokens, logprob in lines:
        twin = _twin(node, line)
        if twin is None:
            twin = tree.add(node, line.role, line.text, ROLLOUT, tokens, logprob)
            fresh.append(twin)
        else:
            tree.counts.merged += 1
        node = twin
        path.append(node)
    tree.note_fault(completion, parsed, node)
    return path


def _read(tree: SearchTree, completion: Completion) -> tuple[list[tuple[Line, int, float]], Parsed]:
    """Return each line that parsed with its tokens and mean token log-probability, and what did not; count both."""
    parsed = parse_completion(completion.text, cut=completion.finish is FinishReason.LENGTH)
    lines = parsed.lines
    tree.counts.tokens += completion.tokens
    tree.counts.malformed += parsed.malformed
    costs: Sequence[tuple[int, float]] = completion.lines
    if len(costs) < len(lines):
        share = 1 / max(completion.text.count("\n") + 1, len(lines))
        costs = [(round(completion.tokens * share), completion.logprob * share)] * len(lines)
    return [(line, cost[0], cost[1] / (cost[0] or 1)) for line, cost in zip(lines, costs, strict=False)], parsed


def _twin(parent: SearchNode, line: Line) -> SearchNode | None:
    for child in parent.children:
        if child.text == line.text and child.role is line.role:
            return child
    return None


def _merge(tree: SearchTree, node: SearchNode, fresh: Sequence[SearchNode]) -> None:
    """A step drawn twice is one node; how often it was drawn at once is kept with it."""
    tree.counts.merged += 1
    if node in fresh:
        node.draws += 1
