"""What a labelling page does, saved in order. Each act stands or falls for itself: one refused loses no other."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from annotations import rules
from annotations.access import Access
from annotations.desk import sessionacts
from annotations.desk.doubts import explain
from annotations.desk.leasing import regain
from annotations.desk.rating import Leases, store
from annotations.desk.wire import Outcome, Rate, SessionWord, read_act, refused
from annotations.errors import BadInput, DomainError
from annotations.rules import Act

MOST_ACTS = 200
# A place that was lost in these ways is had again by labelling on.
LOST = ("expired", "returned")
# An act that met another one on its way is tried again; it meets a third one hardly ever.
TRIES = 3

SESSION_ACTS: Mapping[str, Callable[[Access, SessionWord], Outcome]] = {
    "own": sessionacts.own,
    "flag": sessionacts.flag,
    "submit": sessionacts.submit,
    "reopen": sessionacts.reopen,
    "skip": sessionacts.skip,
    "return": sessionacts.give_back,
    "keep": sessionacts.keep,
}


def save_acts(*, access: Access, acts: Sequence[object]) -> list[Outcome]:
    """Carry out acts in order and return what became of each; NotAllowed and too many acts refuse them all.

    Rating acts that follow one another are one message to the database. A repeated key answers what it answered first.
    """
    rules.check(access, Act.LABEL)
    if len(acts) > MOST_ACTS:
        raise BadInput(f"A request carries at most {MOST_ACTS} acts.", "acts")
    return _Saving(access).all(acts)


def leases(outcomes: Sequence[Outcome]) -> dict[int, datetime]:
    """Return until when each session is the person's now."""
    return {outcome.session: outcome.lease for outcome in outcomes if outcome.lease is not None}


class _Saving:
    """One request: rating acts wait until something else comes, or until a step or key comes again."""

    def __init__(self, access: Access) -> None:
        self.access = access
        self.waiting: dict[int, Rate] = {}
        self.met: set[int | UUID] = set()
        self.outcomes: dict[int, Outcome] = {}
        self.seen: dict[int, int] = {}

    def all(self, acts: Sequence[object]) -> list[Outcome]:
        for number, given in enumerate(acts):
            try:
                act = read_act(given)
            except BadInput as error:
                self.outcomes[number] = refused(_key_of(given), error)
                continue
            if isinstance(act, SessionWord):
                self.flush()
                self.outcomes[number] = self.of_session(act)
            else:
                self.rate(number, act)
        self.flush()
        return [self.outcomes[number] for number in range(len(acts))]

    def of_session(self, act: SessionWord) -> Outcome:
        try:
            return SESSION_ACTS[act.kind](self.access, act)
        except DomainError as error:
            return refused(str(act.key), error, act.session)

    def rate(self, number: int, act: Rate) -> None:
        if not self.met.isdisjoint((act.node, act.key, act.undo_of)):
            self.flush()
        self.waiting[number] = act
        self.met.update((act.node, act.key))

    def flush(self) -> None:
        """Store what waits; look closer at what was not stored, in order."""
        if not self.waiting:
            return
        acts, self.waiting = self.waiting, {}
        self.met.clear()
        found, held = store(self.access, list(acts.values()), self.seen)
        for number, act in acts.items():
            outcome = found.get(act.key) or self.closer(act)
            if "version" in outcome.more:
                self.seen[act.node] = outcome.more["version"]
            self.outcomes[number] = outcome
        held |= self.taken_back(acts, held)
        for number, act in acts.items():
            self.outcomes[number].lease = held.get(act.session)

    def closer(self, act: Rate) -> Outcome:
        for _ in range(TRIES):
            if outcome := explain(self.access, act, max(act.seen, self.seen.get(act.node, 0))):
                return outcome
            stored, _ = store(self.access, [act], self.seen)
            if stored:
                return stored[act.key]
        error = BadInput("Others save to this step at the same moment: send it again.", "node")
        return refused(str(act.key), error, act.session)

    def taken_back(self, acts: Mapping[int, Rate], held: Leases) -> Leases:
        """Take places back whose lease ran out, where somebody labels on and nobody else has taken them."""
        saved = {act.session for number, act in acts.items() if self.outcomes[number].state == "saved"}
        lost = sorted(saved - set(held))
        return regain(self.access, lost, LOST) if lost else {}


def _key_of(given: object) -> str:
    key: Any = given.get("key") if isinstance(given, Mapping) else ""
    return key[:80] if isinstance(key, str) else ""
