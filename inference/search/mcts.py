"""GroundedPRM's tree search, one round of one tree. Knows nothing about other trees, engines or how tools are run.

1. Select a node by UCT.
2. Draw `children` next steps; identical ones are one node.
3. Check every step by tool; judge every answer.
4. From the first new step that is not refuted, draw one completion to the answer. Its steps become nodes.
5. Check and judge those too; reward every path that ended, and back the rewards up.
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
    few_shot_prefix,
    parse_completion,
    problem_prompt,
    reply_so_far,
    rollout_stops,
)
from inference.search.params import SearchParams
from inference.search.reward import back_up, path_reward
from inference.search.select import finished, select, step_value
from inference.search.tree import EXPAND, ROLLOUT, SearchNode, SearchTree
from inference.search.wants import Ask, Check, CheckJob, Growth, Method
from inference.types import FinishReason, Verdict

Part = Generator[Ask | Check, Any, list[SearchNode]]


def grow_round(tree: SearchTree, params: SearchParams) -> Growth:
    """Grow the tree by one round, as the steps at the head of this file say."""
    leaf = select(tree, params)
    drawn = yield from _expand(tree, leaf, params)
    rewarded = False
    for node in drawn:
        if node.terminal:
            back_up(tree, node, path_reward((), node.outcome), params.decay)
            rewarded = True
    start = next((node for node in drawn if not node.terminal and node.support >= 0), None)
    if start is not None:
        path = yield from _simulate(tree, start, params)
        _reward(tree, start, path, params)
    elif not rewarded:
        _reward_dead_end(tree, leaf, drawn, params)
    tree.close_upwards(leaf)
    tree.counts.rounds_done += 1


def _expand(tree: SearchTree, leaf: SearchNode, params: SearchParams) -> Part:
    """Draw next steps below `leaf`; return the distinct nodes drawn, in the order of the draws."""
    steps = tree.path(leaf)
    completions: list[Completion] = yield _ask(tree, steps, params, line=True)
    drawn: list[SearchNode] = []
    fresh: list[SearchNode] = []
    for completion in completions:
        for line, tokens, logprob in _read(tree, completion)[:1]:
            node = _twin(leaf, line)
            if node is None:
                node = tree.add(leaf, line.role, line.text, EXPAND)
                node.tokens, node.prior = tokens, logprob
                fresh.append(node)
            else:
                _merge(tree, node, fresh)
            if node not in drawn:
                drawn.append(node)
    yield from _check(tree, fresh, steps, params)
    return drawn


def _simulate(tree: SearchTree, start: SearchNode, params: SearchParams) -> Part:
    """Draw one completion from `start` to the answer; return its nodes, old ones where a line was known already."""
    steps = tree.path(start)
    completions: list[Completion] = yield _ask(tree, steps, params, line=False)
    path: list[SearchNode] = []
    fresh: list[SearchNode] = []
    node = start
    for line, tokens, logprob in _read(tree, completions[0]):
        twin = _twin(node, line)
        if twin is None:
            twin = tree.add(node, line.role, line.text, ROLLOUT)
            twin.tokens, twin.prior = tokens, logprob
            fresh.append(twin)
        else:
            tree.counts.merged += 1
        node = twin
        path.append(node)
    known = steps + tuple([node.text for node in path[: len(path) - len(fresh)]])
    yield from _check(tree, fresh, known, params, chain=True)
    return path


def _check(
    tree: SearchTree, nodes: Sequence[SearchNode], prefix: tuple[str, ...], params: SearchParams, *, chain: bool = False
) -> Generator[Check, Sequence[Verdict], None]:
    """Ask for the verdicts of new nodes that follow `prefix`: beside each other, or as a chain one after the other."""
    asked = [node for node in nodes if node.terminal or params.verifier]
    if not asked:
        return
    jobs: list[CheckJob] = []
    for node in asked:
        verifier = "answer" if node.terminal else params.verifier
        jobs.append(CheckJob(verifier, tree.problem, () if node.terminal else prefix, node.text))
        if chain:
            prefix = (*prefix, node.text)
    verdicts = yield Check(jobs)
    for node, verdict in zip(asked, verdicts, strict=True):
        tree.judge(node, (verdict,))


def _reward(tree: SearchTree, start: SearchNode, path: Sequence[SearchNode], params: SearchParams) -> None:
    """Back the reward up from `start`; a step of the simulation is worth the rest of the path behind it."""
    outcome = path[-1].outcome if path and path[-1].terminal else None
    values = [step_value(node, params.policy) for node in path if not node.terminal]
    back_up(tree, start, path_reward(values, outcome), params.decay)
    for done, node in enumerate(path, start=1):
        tree.visit(node, path_reward(values[done:], outcome))


def _reward_dead_end(tree: SearchTree, leaf: SearchNode, drawn: Sequence[SearchNode], params: SearchParams) -> None:
    """Nothing could be simulated: the first step counts as a path of itself alone, no step at all as 0."""
    if drawn:
        back_up(tree, drawn[0], path_reward((step_value(drawn[0], params.policy),), None), params.decay)
    else:
        back_up(tree, leaf, 0.0, params.decay)


def _ask(tree: SearchTree, steps: Sequence[str], params: SearchParams, line: bool) -> Ask:
    """Ask for the lines that follow `steps`: `children` draws of one line each, or one draw to the answer."""
    problem, reply = problem_prompt(tree.problem.text), reply_so_far(steps)
    stop, starts = (STEP_STOPS, STEP_STARTS) if line else (rollout_stops(tree.depth), END_STARTS)
    most = params.step_tokens if line else params.rollout_room(tree.depth - len(steps))
    requests: list[Request] = []
    for _ in range(params.children if line else 1):
        seed = tree.next_seed()
        requests.append(
            Request(
                f"{tree.key}:{tree.counts.requests_done}", few_shot_prefix(), problem, seed, most,
                params.temperature, params.top_p, stop, reply, starts,
            )
        )  # fmt: skip
    return Ask(requests)


def _read(tree: SearchTree, completion: Completion) -> list[tuple[Line, int, float]]:
    """Return each line that parsed with its tokens and mean token log-probability; count what did not."""
    lines, malformed = parse_completion(completion.text, cut=completion.finish is FinishReason.LENGTH)
    tree.counts.tokens += completion.tokens
    tree.counts.malformed += malformed
    costs: Sequence[tuple[int, float]] = completion.lines
    if len(costs) < len(lines):
        share = 1 / max(completion.text.count("\n") + 1, len(lines))
        costs = [(round(completion.tokens * share), completion.logprob * share)] * len(lines)
    return [(line, cost[0], cost[1] / (cost[0] or 1)) for line, cost in zip(lines, costs, strict=False)]


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


METHOD = Method(grow_round, finished)
