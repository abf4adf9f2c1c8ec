"""A tree while it grows, in memory. Rebuilt from stored nodes and turned back into them; knows nothing about methods.

The nodes and `TreeCounts` are the whole state: stopped after any round, stored and resumed, a tree goes on as if it
had never stopped.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, fields, replace
from hashlib import blake2b
from typing import Any, NamedTuple

from inference.engines.base import Completion
from inference.prompts import Parsed
from inference.types import Fault, Node, NodeRole, Problem, Tree, TreeState, Verdict, VerdictKind

EXPAND, ROLLOUT = "expand", "rollout"
_DATA = {EXPAND: {"origin": EXPAND}, ROLLOUT: {"origin": ROLLOUT}}


class SearchNode:
    """One step (or answer) of a growing tree. `support` is -1 refuted, +1 supported, 0 undecided.

    `expanded` once children were drawn for it; `exhausted` when nothing below it is left to select.
    """

    __slots__ = (
        "seq", "parent", "text", "role", "terminal", "depth", "visits", "value_sum", "prior", "answer", "outcome",
        "round", "tokens", "verdicts", "support", "children", "origin", "draws", "expanded", "exhausted",
    )  # fmt: skip

    def __init__(self, seq: int, parent: SearchNode | None, text: str, role: NodeRole, origin: str = EXPAND) -> None:
        self.seq = seq
        self.parent = parent
        self.text = text
        self.role = role
        self.depth: int = parent.depth + 1 if parent is not None else 0
        self.visits = 0
        self.value_sum = 0.0
        self.prior: float | None = None
        self.terminal = role is NodeRole.ANSWER
        self.answer = text if self.terminal else ""
        self.outcome: int | None = None
        self.round = 0
        self.tokens = 0
        self.verdicts: tuple[Verdict, ...] = ()
        self.support = 0
        self.children: list[SearchNode] = []
        self.origin = origin
        self.draws = 1
        self.expanded = False
        self.exhausted = False

    @property
    def refuted(self) -> bool:
        """Whether a tool refuted the step; of an answer it says nothing, wrong or right."""
        return self.support < 0 and not self.terminal

    @property
    def logprob(self) -> float:
        """The step's own log-probability: that of all its tokens."""
        return (self.prior or 0.0) * self.tokens

    def frozen(self) -> Node:
        """Return the node as it is stored."""
        parent = self.parent.seq if self.parent is not None else 0
        data = _DATA[self.origin] if self.draws == 1 else {"origin": self.origin, "draws": self.draws}
        return Node(
            self.seq, parent, self.text, self.role, self.visits, self.value_sum, self.prior, self.terminal,
            self.answer, self.outcome, self.round, self.tokens, self.verdicts, data=data,
        )  # fmt: skip


class BadDraw(NamedTuple):
    """What request `number` drew and nobody can read: the line at which reading stopped, and all behind it.

    `after` is the seq of the step that it came after, 0 for none.
    """

    number: int
    after: int
    fault: Fault
    text: str
    completion: Completion


@dataclass
class TreeCounts:
    """The state of a tree beside its nodes. `tokens` were drawn, `malformed` lines dropped, `merged` draws joined.

    `memo` is what a method has to remember besides (JSON; text keys).
    """

    root_visits: int = 0
    root_value_sum: float = 0.0
    rounds_done: int = 0
    requests_done: int = 0
    tokens: int = 0
    malformed: int = 0
    merged: int = 0
    memo: dict[str, Any] = field(default_factory=dict)


@dataclass
class SearchTree:
    """A growing tree of one problem; `key` names it in a batch. Randomness is keyed by seed, problem and request.

    The support of verifiers in `trusted` counts for steps, that of all where it is empty.
    """

    problem: Problem
    seed: int
    key: str
    depth: int
    rounds: int
    counts: TreeCounts = field(default_factory=TreeCounts)
    nodes: list[SearchNode] = field(default_factory=list)
    correct: int = 0
    wrong: int = 0
    trusted: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        self.root = SearchNode(0, None, "", NodeRole.DESCRIPTION)
        self.root.visits, self.root.value_sum = self.counts.root_visits, self.counts.root_value_sum
        self._dirty: dict[int, SearchNode] = {}
        self.stored = 0
        self.faults: list[BadDraw] = []
        self._noise = blake2b(f"{self.seed}|{self.problem.key}|".encode(), digest_size=8)

    def next_seed(self) -> int:
        """Return the seed of the next request (63 bits) and count it."""
        self.counts.requests_done += 1
        noise = self._noise.copy()
        noise.update(b"%d" % self.counts.requests_done)
        return int.from_bytes(noise.digest(), "little") >> 1

    def path(self, node: SearchNode) -> tuple[str, ...]:
        """Return the texts of the steps from the root down to `node`, inclusive."""
        texts: list[str] = []
        while node.parent is not None:
            texts.append(node.text)
            node = node.parent
        texts.reverse()
        return tuple(texts)

    def chain(self, node: SearchNode) -> list[SearchNode]:
        """Return the nodes from the first step down to `node`, inclusive."""
        nodes: list[SearchNode] = []
        while node.parent is not None:
            nodes.append(node)
            node = node.parent
        nodes.reverse()
        return nodes

    def add(
        self, parent: SearchNode, role: NodeRole, text: str, origin: str, tokens: int = 0, prior: float | None = None
    ) -> SearchNode:
        """Append a node below `parent`; its verdicts come by `judge`."""
        node = SearchNode(len(self.nodes) + 1, parent, text, role, origin)
        node.tokens, node.prior = tokens, prior
        node.round = self.counts.rounds_done + 1
        self._enter(node, parent)
        self._dirty[node.seq] = node
        return node

    def judge(self, node: SearchNode, verdicts: Sequence[Verdict]) -> None:
        """Give a node its verdicts; those of an answer are its outcome."""
        node.verdicts = tuple(verdicts)
        node.support = support_of(node.verdicts, self._trusted_for(node))
        if node.terminal:
            node.outcome = node.support or None
            self._count(node)

    def _trusted_for(self, node: SearchNode) -> Collection[str]:
        return () if node.terminal else self.trusted

    def visit(self, node: SearchNode, value: float) -> None:
        """Add one visit worth `value` to a node's statistics."""
        node.visits += 1
        node.value_sum += value
        if node.seq:
            self._dirty[node.seq] = node
        else:
            self.counts.root_visits, self.counts.root_value_sum = node.visits, node.value_sum

    def choose(self, node: SearchNode, confidence: float) -> None:
        """Remember the answer that the method takes for the best so far, and how sure it is of it (0 to 1)."""
        self.counts.memo |= {"best": node.seq, "answer": node.text, "confidence": confidence}

    def note_fault(self, completion: Completion, parsed: Parsed, after: SearchNode) -> None:
        """Remember a completion that could not be read to its end, and the step after which it could not."""
        if parsed.fault is not None:
            number = int(completion.key.rpartition(":")[2])
            self.faults.append(BadDraw(number, after.seq, parsed.fault, parsed.rest, completion))

    def close_upwards(self, node: SearchNode | None) -> None:
        """Mark `node` and then its ancestors exhausted, as far as nothing below them is left to select."""
        while node is not None and node.expanded and all(child.exhausted for child in node.children):
            node.exhausted = True
            node = node.parent

    def changed(self) -> list[Node]:
        """Return, in seq order, the nodes that are new or have new statistics since `mark_stored`."""
        return [self._dirty[seq].frozen() for seq in sorted(self._dirty)]

    def mark_stored(self) -> None:
        """Say that everything `changed` returned is safe."""
        self._dirty.clear()
        self.stored = len(self.nodes)
        self.faults = []

    def frozen(self, state: TreeState = TreeState.GROWING) -> Tree:
        """Return the whole tree as it is stored."""
        return replace(self.header(state), nodes=tuple(node.frozen() for node in self.nodes))

    def header(self, state: TreeState = TreeState.GROWING) -> Tree:
        """Return the tree as it is stored, without its nodes."""
        return Tree(
            problem=self.problem, nodes=(), state=state, seed=self.seed, rounds=self.counts.rounds_done,
            visits=self.counts.root_visits, value_sum=self.counts.root_value_sum, key=self.key,
            data={name: deepcopy(getattr(self.counts, name)) for name in _IN_DATA},
        )  # fmt: skip

    def _enter(self, node: SearchNode, parent: SearchNode) -> None:
        self.nodes.append(node)
        parent.children.append(node)
        if node.origin == EXPAND:
            parent.expanded = True
        node.exhausted = node.terminal or node.depth >= self.depth
        above: SearchNode | None = parent
        while above is not None and above.exhausted and not node.exhausted:
            above.exhausted = False
            above = above.parent

    def _count(self, node: SearchNode) -> None:
        self.correct += node.outcome == 1
        self.wrong += node.outcome == -1


_IN_DATA = ("requests_done", "tokens", "malformed", "merged", "memo")


def support_of(verdicts: Iterable[Verdict], trusted: Collection[str] = ()) -> int:
    """Return -1 if any verdict refutes, else +1 if any (with `trusted`: any of theirs) supports, else 0."""
    support = 0
    for verdict in verdicts:
        if verdict.kind is VerdictKind.REFUTED:
            return -1
        if verdict.kind is VerdictKind.SUPPORTED and (not trusted or verdict.verifier in trusted):
            support = 1
    return support


def resume(tree: Tree, *, depth: int, rounds: int, trusted: frozenset[str] = frozenset()) -> SearchTree:
    """Rebuild a growing tree from its stored form; ValueError names a node whose parent or seq does not fit."""
    known = {f.name for f in fields(TreeCounts)}
    stored = deepcopy({name: value for name, value in tree.data.items() if name in known})
    counts = TreeCounts(tree.visits, tree.value_sum, tree.rounds, **stored)
    key = tree.key or tree.problem.key
    growing = SearchTree(tree.problem, tree.seed, key, depth, rounds, counts, trusted=trusted)
    for node in sorted(tree.nodes, key=lambda node: node.seq):
        _restore(growing, node)
    for restored in reversed(growing.nodes):
        growing.close_upwards(restored.parent)
    growing.mark_stored()
    return growing


def _restore(growing: SearchTree, stored: Node) -> None:
    if stored.seq != len(growing.nodes) + 1 or not 0 <= stored.parent < stored.seq:
        raise ValueError(f"tree {growing.key}: node {stored.seq} (parent {stored.parent}) does not follow on")
    parent = growing.nodes[stored.parent - 1] if stored.parent else growing.root
    data: dict[str, Any] = dict(stored.data)
    node = SearchNode(stored.seq, parent, stored.text, stored.role, data.get("origin", EXPAND))
    node.visits, node.value_sum, node.prior = stored.visits, stored.value_sum, stored.prior
    node.answer, node.outcome, node.round, node.tokens = stored.answer, stored.outcome, stored.round, stored.tokens
    node.verdicts, node.draws = stored.verdicts, data.get("draws", 1)
    node.support = support_of(node.verdicts, growing._trusted_for(node))
    growing._enter(node, parent)
    if node.terminal:
        growing._count(node)
