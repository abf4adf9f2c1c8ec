"""The object that a search holds: one tree, filled node by node."""

from __future__ import annotations

from itertools import count
from uuid import uuid4

from rationale_client.sender import Sender, sender_for
from rationale_client.target import Target
from rationale_client.words import Done, Node, Opening, Update


class TreeLogger:
    """Writes one tree of a search into a studio while the search runs.

    Every call only appends to a buffer; a thread of the process sends it. What cannot be sent waits in a folder (the
    spool) and is sent when the server is back, by this process or the next one that logs to the same project; a node
    that was sent twice is stored once. A process that is killed loses at most what it logged in the last quarter of a
    second.

    `project` is the project's slug. `url` and `token` default to STUDIO_URL (http://127.0.0.1:8000) and STUDIO_TOKEN,
    `spool` to STUDIO_SPOOL (~/.cache/rationale-studio/spool). `problem` is the text that the tree is for, `answer` its
    reference answer. `scorer` names whose numbers `score` are. Threads may share one; each process makes its own.
    """

    def __init__(
        self,
        project: str,
        *,
        problem: str = "",
        answer: str = "",
        name: str = "",
        scorer: str = "logged",
        url: str = "",
        token: str = "",
        spool: str = "",
    ) -> None:
        self.key = uuid4().hex
        self._target = Target.of(project, url, token, spool)
        self._sender: Sender = sender_for(self._target)
        self._numbers = count(1)
        self._last, self._closed = 0, False
        opening = Opening(problem or f"Logged tree {name or self.key[:8]}", answer, name, scorer)
        self._sender.put((self.key, opening))

    def node(
        self,
        parent: int | None,
        text: str,
        *,
        score: float | None = None,
        value: float | None = None,
        visits: int = 1,
        answer: str = "",
        correct: bool | None = None,
    ) -> int:
        """Add a step under `parent` (None: a first step) and return its number, from 1.

        `score` is p(the step is correct) in [0, 1]; `value` the mean value of the search, over `visits` visits. A step
        that ends its path has an `answer`, and `correct` where it is known.
        """
        if self._closed:
            raise ValueError("this tree is done; log another search into a new TreeLogger.")
        if parent is not None and not 0 < parent <= self._last:
            raise ValueError(f"parent {parent} is no node of this tree; expected 1 to {self._last}, or None.")
        if not isinstance(text, str):
            raise TypeError(f"text must be a str, not {type(text).__name__}.")
        number = next(self._numbers)
        self._last = number
        self._sender.put((self.key, Node(number, parent, text, score, value, visits, answer, correct)))
        return number

    def update(self, node: int, *, value: float, visits: int) -> None:
        """Set a node's mean value and visit count as the search goes on."""
        if self._closed:
            raise ValueError("this tree is done: its values stay.")
        self._sender.put((self.key, Update(node, value, visits)))

    def done(self, timeout: float = 10.0) -> bool:
        """Close the tree and wait for what was logged; return whether the server has it (else the spool does)."""
        if not self._closed:
            self._closed = True
            self._sender.put((self.key, Done()))
        return self._sender.flush(timeout)
