"""Growing trees on an engine that batches continuously: one slice goes on until the run has no shard left.

1. The worker claims further shards of its run whenever its engine could take more requests.
2. Completions are rows before a tree sees them; a tree that was broken off replays them.
3. Rounds are stored as they end, under the fences of their shards; a shard ends when its last tree has.
4. When other work waits (leases.waiting) or the run is paused, no round is begun any more: those under way end, and
   the shards go back.
"""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Sequence
from hashlib import blake2b
from typing import TYPE_CHECKING

from django.db import connection, transaction

from annotations import devices, leases, store
from annotations.leases import Claim
from annotations.models import Tree
from annotations.store import Drawn, TreeChange
from annotations.tasks.growing import change_of, note_figures
from annotations.tasks.guiding import guide_of
from inference.engines.base import Completion, Engine, Request
from inference.prompts import readable
from inference.search import RoundStats, SearchParams, SearchTree, resume_tree
from inference.search.flow import Flow
from inference.types import FinishReason, ShardState, TreeState
from inference.verifiers.figures import since

if TYPE_CHECKING:
    from annotations.tasks.loop import WorkLoop

LOOK_SECONDS = 2.0
TURN_SECONDS = 20.0
"""How long a run keeps a worker while another project waits for one."""


def flow_slice(claim: Claim, loop: WorkLoop, engine: Engine) -> bool:
    """Grow the run's trees until none is left or other work waits; return whether the claim has trees left."""
    params = SearchParams.from_mapping(claim.run.params)
    guide = guide_of(claim.run, params, loop)
    ledger = Shards(claim, loop, params, engine)
    flow = Flow(ledger, loop.resident.check, params, engine.info.max_batch, guide=guide, draining=ledger.draining)
    try:
        flow.run(engine, loop.tick)
    finally:
        ledger.give_back()
    return claim.shard.pk in ledger.left


class Shards:
    """The shards of one run that this worker holds, as the ledger of a flow (inference.search.flow.Ledger)."""

    def __init__(self, claim: Claim, loop: WorkLoop, params: SearchParams, engine: Engine) -> None:
        self.first = claim
        self.loop = loop
        self.params = params
        self.engine = engine
        self.claims: dict[int, Claim] = {}
        self.left: Counter[int] = Counter()
        self._shard_of: dict[str, int] = {}
        self._waiting: deque[SearchTree] = deque()
        self._known: dict[tuple[str, int], Drawn] = {}
        self._changes: dict[str, TreeChange] = {}
        self._stats = RoundStats()
        self._used = engine.usage
        self._checked = loop.resident.tool_figures()
        self._began = self._looked = time.monotonic()
        self._none_until = 0.0
        self._stopped: set[str] = set()
        self._dropped: set[str] = set()
        self._drain = False
        self._take(claim)

    def next_tree(self) -> SearchTree | None:
        """Return the next tree of the shards held, or of another shard of the run that nobody has."""
        if not self._waiting and time.monotonic() >= self._none_until:
            claim = leases.claim(
                queue=self.loop.queue, owner=self.loop.name, engine_id=self.loop.resident.engine_id,
                run_id=self.first.run.pk,
            )  # fmt: skip
            if claim is None:
                self._none_until = time.monotonic() + LOOK_SECONDS
            else:
                self._take(claim)
        while self._waiting:
            tree = self._waiting.popleft()
            if tree.key not in self._stopped:
                return tree
            self._gone(tree.key)
        return None

    def known(self, request: Request) -> Completion | None:
        """Return what was drawn for this very request before the work was broken off."""
        tree, _, number = request.key.rpartition(":")
        drawn = self._known.pop((tree, int(number)), None)
        if drawn is None or drawn.asked != asked_of(request):
            return None
        lines = tuple((tokens, logprob) for tokens, logprob in drawn.lines)
        return Completion(
            request.key,
            drawn.text,
            drawn.tokens,
            drawn.logprob,
            FinishReason(drawn.finish),
            lines,
            tuple(drawn.choices),
        )

    def keep(self, drawn: Sequence[Completion], asked: Sequence[Request]) -> None:
        rows: list[Drawn] = []
        for one, request in zip(map(readable, drawn), asked, strict=True):
            tree, _, number = one.key.rpartition(":")
            rows.append(
                Drawn(int(tree), int(number), asked_of(request), one.text, one.tokens, one.logprob, one.finish.value,
                      one.lines, one.choices)
            )  # fmt: skip
        with transaction.atomic():
            leases.hold(*self._holding(str(row.tree_id) for row in rows))
            store.keep_completions(self.first.run.project_id, rows)

    def ended(self, tree: SearchTree) -> bool:
        change = change_of(tree, self.params)
        tree.mark_stored()
        before = self._changes.get(tree.key)
        self._changes[tree.key] = change if before is None else change.after(before)
        if tree.key in self._stopped:
            self._dropped.add(tree.key)
        return change.state is TreeState.GROWING and tree.key not in self._dropped

    def store(self, stats: RoundStats) -> None:
        self._stats.add(stats)
        if not self._changes:
            return
        changes, self._changes = list(self._changes.values()), {}
        used, checked = self.engine.usage, self.loop.resident.tool_figures()
        with transaction.atomic():
            held = self._holding(change.tree.key for change in changes)
            leases.hold(*held)
            store.store_round(project_id=self.first.run.project_id, run_id=self.first.run.pk, changes=changes)
            store.forget_completions({int(change.tree.key): change.tree.data["requests_done"] for change in changes})
            parts, tools = [(self._stats, used.since(self._used))], since(checked, self._checked)
            note_figures(held[0], parts, self.engine.info, tools, timed=True)
        self._stats, self._used, self._checked = RoundStats(), used, checked
        for change in changes:
            if change.state is not TreeState.GROWING or change.tree.key in self._dropped:
                self._gone(change.tree.key)

    def close(self) -> None:
        connection.close()

    def draining(self) -> bool:
        """Return whether other work waits for this worker, looked up every two seconds; once it does it stays so."""
        now = time.monotonic()
        if not self._drain and now - self._looked >= LOOK_SECONDS:
            self._looked = now
            name = leases.waiting(self.first, turn_over=now - self._began > TURN_SECONDS)
            name = name or (devices.wanted(self.loop.name) if self.loop.resident.device else "")
            paused = leases.stopped(self.first.run.pk) is not None
            self._drain = bool(name) or paused or self.loop.stop_at is not None
            self._stopped = {str(key) for key in store.stopped_among(int(key) for key in self._shard_of)}
            if name:
                self.loop.note = f"ends its rounds: {name} waits"
        return self._drain

    def give_back(self) -> None:
        """Release the shards that were claimed besides the first; what they stored stays."""
        self.loop.note = ""
        self.loop.held = []
        gone = ShardState.CANCELLED if leases.cancelled(self.first.run.pk) else ShardState.QUEUED
        for key, claim in self.claims.items():
            if key != self.first.shard.pk:
                leases.release(claim, gone)

    def _take(self, claim: Claim) -> None:
        rows = Tree.objects.filter(shard=claim.shard, state=TreeState.GROWING)
        trees = store.read_trees(rows.select_related("problem").order_by("id"))
        self._known |= {
            (str(drawn.tree_id), drawn.number): drawn
            for drawn in store.read_completions([int(tree.key) for tree in trees])
        }
        self.claims[claim.shard.pk] = claim
        self._shard_of |= dict.fromkeys([tree.key for tree in trees], claim.shard.pk)
        self.left[claim.shard.pk] = len(trees)
        self._waiting += [resume_tree(tree, self.params) for tree in trees]
        self.loop.held = list(self.claims.values())
        if not trees:
            self._end(claim.shard.pk)

    def _gone(self, key: str) -> None:
        """Count a tree as ended, and with the last one its shard."""
        shard = self._shard_of.pop(key)
        self.left[shard] -= 1
        if not self.left[shard]:
            self._end(shard)

    def _end(self, shard: int) -> None:
        del self.left[shard]
        claim = self.claims.pop(shard)
        self.loop.held = list(self.claims.values())
        leases.release(claim, ShardState.DONE)

    def _holding(self, keys: object) -> list[Claim]:
        shards = {self._shard_of[key] for key in keys}  # type: ignore[attr-defined]
        return [self.claims[shard] for shard in shards]


def asked_of(request: Request) -> int:
    """Return 63 bits that stand for everything that was asked, the key aside."""
    said = (
        request.prefix, request.prompt, request.reply, request.seed, request.max_tokens, request.temperature,
        request.top_p, request.stop, request.line_starts, *([request.choices] if request.choices else []),
    )  # fmt: skip
    return int.from_bytes(blake2b(repr(said).encode(errors="replace"), digest_size=8).digest(), "little") >> 1
