"""The thread that sends: one a process and target, first in first out, through the spool while the server is away."""

from __future__ import annotations

import atexit
import logging
import os
import threading
import time
from collections import deque
from multiprocessing.util import Finalize

from rationale_client.spool import Spool
from rationale_client.target import Outcome, Post, Target
from rationale_client.words import Entry, Opening, body

PAUSE_SECONDS = 0.25
BODY_ENTRIES = 1000
# Past this many entries in memory, bodies are written to the spool and not held for the server.
HELD_ENTRIES = 50_000
FIRST_RETRY, LONGEST_RETRY = 0.25, 4.0

log = logging.getLogger("rationale_client")


class Sender:
    """Buffers entries and sends them. `put` never waits, whatever the server does."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self.entries: deque[Entry] = deque()
        self.put = self.entries.append
        self._openings: dict[str, Opening] = {}
        self._spool = Spool(target.spool)
        self._spool.adopt()
        self._post = Post(target)
        self._retry, self._retry_at, self._said = FIRST_RETRY, 0.0, ""
        self._sent = threading.Condition()
        self._asked = threading.Event()
        self._flushes_asked = self._flushes_done = 0
        self._delivered, self._ending = True, False
        self._thread = threading.Thread(target=self._run, name="rationale-client", daemon=True)
        self._thread.start()

    def flush(self, timeout: float) -> bool:
        """Wait until everything put before is sent, at most `timeout` seconds; return whether the server has it."""
        with self._sent:
            self._flushes_asked += 1
            mine = self._flushes_asked
            self._asked.set()
            self._sent.wait_for(lambda: self._flushes_done >= mine and self._delivered, timeout)
            return self._flushes_done >= mine and self._delivered

    def close(self) -> None:
        """Send or spool what is left; called when the process ends."""
        if not self._thread.is_alive():
            return
        self._ending = True
        self._asked.set()
        self._thread.join(10)

    def _run(self) -> None:
        while True:
            self._asked.wait(PAUSE_SECONDS)
            self._asked.clear()
            ending, asked = self._ending, self._flushes_asked
            self._send_all()
            with self._sent:
                self._flushes_done = asked
                self._delivered = not self._spool.waiting()
                self._sent.notify_all()
            if ending:
                self._spool.close()
                return

    def _send_all(self) -> None:
        """Send what waits in the spool, then what is new; once one body waits, those after it wait behind it."""
        direct = self._drain()
        while self.entries:
            new = body(self._taken(), self._openings)
            if direct and len(self.entries) <= HELD_ENTRIES:
                outcome, said = self._post(new)
                if outcome is Outcome.STORED:
                    self._tell(said)
                    continue
                if outcome is Outcome.LATER:
                    self._put_off(said)
            direct = False
            self._keep(new)
        if not direct:
            self._drain()

    def _taken(self) -> list[Entry]:
        return [self.entries.popleft() for _ in range(min(len(self.entries), BODY_ENTRIES))]

    def _keep(self, new: bytes) -> None:
        """Put a body into the spool; a full disk holds the sender up, not the search."""
        while True:
            try:
                self._spool.put(new)
                return
            except OSError as error:
                self._put_off(f"the spool cannot be written ({error})")
            if self._post(new)[0] is Outcome.STORED:
                return
            if self._ending:
                log.critical("Lost %d bytes of logs: neither the server nor the spool takes them.", len(new))
                return
            time.sleep(1)

    def _drain(self) -> bool:
        """Send the bodies of the spool in their order; return whether none is left."""
        waiting = self._spool.waiting()
        if waiting and time.monotonic() < self._retry_at and not self._ending:
            return False
        for path in waiting:
            outcome, said = self._post(path.read_bytes())
            if outcome is Outcome.LATER:
                self._put_off(said)
                return False
            if outcome is Outcome.NEVER:
                log.error("Set aside as %s: %s", self._spool.set_aside(path, said), said)
                continue
            path.unlink()
            self._retry, self._said = FIRST_RETRY, ""
            self._tell(said)
            if len(self.entries) > HELD_ENTRIES:
                return False
        return True

    def _tell(self, refused: str) -> None:
        if refused:
            log.warning("The studio refused some of what was logged: %s", refused)

    def _put_off(self, said: str) -> None:
        if said and said != self._said:
            log.warning("%s; logs wait in %s", said, self.target.spool)
            self._said = said
        self._retry_at = time.monotonic() + self._retry
        self._retry = min(self._retry * 2, LONGEST_RETRY)


_senders: dict[Target, Sender] = {}
_making = threading.Lock()


def sender_for(target: Target) -> Sender:
    """Return the process's sender for a target."""
    with _making:
        if target not in _senders:
            sender = _senders[target] = Sender(target)
            # Children of multiprocessing end without the handlers of atexit.
            Finalize(None, sender.close, exitpriority=0)
        return _senders[target]


def close_all() -> None:
    for sender in list(_senders.values()):
        sender.close()


def _forked() -> None:
    """A child has no thread of its parent's: it starts senders of its own, with nothing of the parent's to send."""
    global _making
    _senders.clear()
    _making = threading.Lock()


atexit.register(close_all)
os.register_at_fork(after_in_child=_forked)
