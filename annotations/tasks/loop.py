"""A worker's loop: claim a shard for a slice, do it, store, look again; and the heartbeat that keeps its lease.

1. Claim (annotations.leases). Too many attempts without a stored slice: the shard fails, with a sentence.
2. Do one slice by the run's kind (annotations.tasks.kinds). The slice calls `tick` whenever it gets on.
3. The heartbeat renews the lease only while ticks come, so that a hung slice loses it.
4. `tick` raises when the run is cancelled, the lease is lost or the worker must stop; then nothing is stored.
"""

from __future__ import annotations

import logging
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection

from annotations import devices, leases
from annotations.desk.tending import tend
from annotations.devices import Share
from annotations.errors import DomainError, LeaseLost
from annotations.reviewing.fold import fold_all
from annotations.tasks.kinds import SLICES, Finished
from annotations.tasks.resident import Resident
from inference.engines.base import EngineError
from inference.types import Queue, ShardState

if TYPE_CHECKING:
    from collections.abc import Iterator

    from annotations.leases import Claim

log = logging.getLogger(__name__)
LOOK_SECONDS = 2.0
DEVICE_SECONDS = 0.5
STOP_SECONDS = 5.0
# A worker that has only just started has better to do than to prove its sandbox, which the first program does as well.
PROVE_SECONDS = 15.0
# The queues whose workers have programs of models' run.
CHECKING = (Queue.GPU, Queue.TOOLS)
LOOPS: list[WorkLoop] = []


class Cancelled(Exception):
    """The run was cancelled: drop the slice."""


class Stopping(Exception):
    """The worker must end: give the shard back."""


class WorkLoop:
    """The working thread and the heartbeat thread of one worker process."""

    def __init__(self, queue: Queue, number: int = 0, name: str = "") -> None:
        self.queue = queue
        self.name = name or leases.worker_name(queue) + (f"/{number}" if number else "")
        self.resident = Resident(self.name)
        self.claim: Claim | None = None
        self.held: list[Claim] = []
        self.broken_off: list[Claim] = []
        self.note = ""
        self.sandbox: dict[str, object] = {}
        self.ticks = 0
        self.patience_until = 0.0
        self.interrupt: Exception | None = None
        self.stop_at: float | None = None
        self._look = threading.Event()
        self._stopped = threading.Event()
        self._threads = [
            threading.Thread(target=self._work_forever, name="work", daemon=True),
            threading.Thread(target=self._beat_forever, name="heartbeat", daemon=True),
        ]
        if queue in CHECKING:
            self._threads.append(threading.Thread(target=self._prove_sandbox, name="sandbox", daemon=True))

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def look_now(self) -> None:
        self._look.set()

    def stop(self) -> None:
        """Ask the loop to end: the slice in hand has a few seconds to finish."""
        self.stop_at = self.stop_at or time.monotonic() + STOP_SECONDS
        self._look.set()

    def join(self) -> None:
        self._threads[0].join(STOP_SECONDS + 1)
        self._stopped.set()
        self._threads[1].join(2)

    def tick(self, amount: object = 1) -> None:
        """Say that the slice gets on; raises when it must not."""
        self.ticks += 1
        if self.interrupt is not None:
            raise self.interrupt
        if self.stop_at is not None and time.monotonic() > self.stop_at:
            raise Stopping

    @contextmanager
    def patient(self, seconds: float) -> Iterator[None]:
        """Keep the lease without ticks for at most `seconds`: loading a model says nothing on the way."""
        self.patience_until = time.monotonic() + seconds
        try:
            yield
        finally:
            self.patience_until = 0.0
            self.ticks += 1

    def borrow(self, share: Share) -> None:
        """Wait until a share of a device is granted, and say for whom; it is this worker's until it gives it back."""
        try:
            while not devices.ask(self.name, share):
                self.note = f"waits for {share.device}, which is lent to {devices.holders(share.device, self.name)}"
                self.tick()
                self._look.wait(DEVICE_SECONDS)
        except Exception:
            devices.give_back(self.name)
            raise
        finally:
            self.note = ""

    def give_way(self) -> bool:
        """Free the engine and its device if somebody waits for that; return whether it was so."""
        if not (self.resident.device and devices.wanted(self.name)):
            return False
        self.resident.free_engine()
        return True

    def run_once(self) -> bool:
        """Claim and do one slice; return whether there was one."""
        if self.broken_off:
            leases.excuse(self.broken_off)
            self.broken_off = []
        claim = leases.claim(queue=self.queue, owner=self.name, engine_id=self.resident.engine_id)
        if claim is None:
            return False
        self.interrupt, self.claim = None, claim
        try:
            self._do(claim)
        finally:
            self.claim, self.held, self.note = None, [], ""
        return True

    def _do(self, claim: Claim) -> None:
        if leases.cancelled(claim.run.pk):
            leases.release(claim, ShardState.CANCELLED)
            return
        if claim.attempts > leases.MAX_ATTEMPTS:
            sentence = f"Gave up after {leases.MAX_ATTEMPTS} attempts: the worker died or hung each time."
            leases.release(claim, ShardState.FAILED, claim.shard.error or sentence)
            return
        try:
            done = SLICES[claim.run.kind](claim, self)
            leases.release(claim, ShardState.DONE if done is Finished.YES else ShardState.QUEUED)
        except Cancelled:
            leases.release(claim, ShardState.CANCELLED)
        except Stopping:
            leases.release(claim)
        except LeaseLost:
            log.warning("%s lost shard %s; its slice is dropped", self.name, claim.shard.pk)
        except (DomainError, EngineError) as error:
            leases.release(claim, ShardState.FAILED, str(error))
        except (OperationalError, InterfaceError):
            self.broken_off = list({each.shard.pk: each for each in (claim, *self.held)}.values())
            raise
        except Exception as error:
            log.exception("slice of shard %s failed", claim.shard.pk)
            last = claim.attempts >= leases.MAX_ATTEMPTS
            sentence = f"{type(error).__name__}: {error}"
            leases.release(claim, ShardState.FAILED if last else ShardState.QUEUED, sentence)

    def _tidy(self) -> bool:
        """Do what a light worker does while nothing is asked for; return whether there was anything."""
        return self.queue is Queue.LIGHT and any((fold_all() > 0, tend()))

    def _work_forever(self) -> None:
        while self.stop_at is None:
            try:
                busy = self.run_once() or self._tidy()
                self.give_way()
            except (OperationalError, InterfaceError) as error:
                log.warning("the database is away (%s); trying again", str(error).strip())
                connection.close()
                busy = False
            if not busy:
                self._look.wait(LOOK_SECONDS)
                self._look.clear()
        self.resident.close()
        connection.close()

    def _beat_forever(self) -> None:
        seen = -1
        while not self._stopped.wait(min(settings.LEASE_SECONDS / 3, 3)):
            try:
                seen = self._beat(seen)
            except (OperationalError, InterfaceError):
                connection.close()
        try:
            leases.sign_off(self.name)
        finally:
            connection.close()

    def _prove_sandbox(self) -> None:
        """Find out, beside the work, what the sandbox is; the heartbeat tells it."""
        if not self._stopped.wait(PROVE_SECONDS):
            self.sandbox = self.resident.prove_sandbox()

    def _beat(self, seen: int) -> int:
        claim, held, ticks = self.claim, self.held, self.ticks
        doing = "" if claim is None else f"{claim.run.kind} run {claim.run.pk}, shard {claim.shard.number}"
        leases.beat(
            name=self.name, queue=self.queue, engine=self.resident.engine_name, doing=doing,
            run_id=None if claim is None else claim.run.pk, note=self.note, sandbox=self.sandbox,
        )  # fmt: skip
        devices.renew(self.name)
        if claim is None:
            return ticks
        alive = ticks != seen or time.monotonic() < self.patience_until
        if alive and not leases.renew(held or [claim]):
            self.interrupt = LeaseLost("another worker holds the shard")
        if leases.cancelled(claim.run.pk):
            self.interrupt = Cancelled()
        return ticks
