"""An argument as it goes on: what is supposed, what was said before, and what is made of the next clause.

Beliefs are weighed as in Maieutic prompting (Jung et al., EMNLP 2022): the truth values that break least weight are the
best, and a belief is flipped where every best assignment denies it. A clause that is drawn from the one before counts
as a link between the two, not as a belief of its own. Knows no English.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from inference.types import VerdictKind
from inference.verifiers.logic.data import Case
from inference.verifiers.logic.formulas import Formula, Op, no
from inference.verifiers.logic.solve import Optimum, Premises, Said, best

SUPPORTED, REFUTED, UNDECIDED = VerdictKind.SUPPORTED, VerdictKind.REFUTED, VerdictKind.UNDECIDED
MAX_FLIPPED = 8
EITHER = "the premises allow it, and its opposite"


@dataclass(frozen=True, slots=True)
class Ruling:
    """What is made of a clause: `given` is the least that decides it, `supposed` what it was said under.

    `world` is a case in which all premises hold and the clause does not; `flipped` are beliefs that lose, `costs` the
    weight broken with and without the clause.
    """

    verdict: VerdictKind
    why: str
    given: tuple[Said, ...] = ()
    supposed: tuple[Said, ...] = ()
    world: Mapping[Formula, bool] = field(default_factory=dict)
    flipped: tuple[Said, ...] = ()
    costs: tuple[float, float] | None = None


@dataclass(slots=True)
class Argument:
    """The state of an argument over a case.

    `lost`: something before was not read, so that a gap proves nothing; `blind`: that may have been a supposition;
    `shadow`: the condition of an "if" before, under which what comes after it may still be meant.
    """

    case: Case
    premises: Premises
    supposed: list[Said] = field(default_factory=list)
    beliefs: list[Said] = field(default_factory=list)
    shadow: Formula | None = None
    last: Formula | None = None
    impossible: bool = False
    lost: bool = False
    blind: bool = False

    def suppose(self, said: Said | None) -> None:
        """Open a case in place of the one before; None is one that was not read."""
        self.supposed = [] if said is None else [said]
        self.impossible, self.blind, self.shadow = False, said is None, None

    def leave(self) -> None:
        self.supposed, self.impossible, self.blind, self.shadow = [], False, False, None

    def take(self, said: Said, concluded: bool) -> Ruling:
        """Return what is made of a clause, and remember it."""
        self._close(said)
        ruling = self._rule(said, concluded)
        self._remember(said, concluded)
        return ruling

    def note(self, said: Said, concluded: bool) -> None:
        """Remember a clause of an earlier step."""
        self._close(said)
        self._remember(said, concluded)

    def _close(self, said: Said) -> None:
        """Leave the supposition at the first clause after a contradiction, or that denies what was supposed."""
        denied = bool(self.supposed) and said.formula == no(self.supposed[0].formula)
        if self.impossible or denied or (self.shadow is not None and said.formula == no(self.shadow)):
            self.leave()

    def call_impossible(self) -> Ruling | None:
        """Return what is made of "a contradiction"; None where it is not clear of what."""
        self.impossible = True
        if not self.supposed:
            return None
        under = tuple(self.supposed)
        given = self.premises.why(*(each.formula for each in under))
        if given is not None:
            return Ruling(SUPPORTED, "the premises exclude what was supposed", given, under)
        if self.case.closed and not self.lost:
            world = self.premises.world(*(each.formula for each in under)) or {}
            return Ruling(REFUTED, "nothing contradicts what was supposed", (), under, world)
        return Ruling(UNDECIDED, "the premises do not exclude what was supposed", (), under)

    def _rule(self, said: Said, concluded: bool) -> Ruling:
        if self.blind:
            return Ruling(UNDECIDED, "what is supposed before it was not read")
        if self.case.graph:
            return weigh([*self.case.premises, *self.case.graph, *self.supposed], said)
        under = tuple(self.supposed)
        if said.formula.op is Op.IF:
            return self._conditional(said, under)
        ruling = self._under(said, under, concluded) if under else self._plainly(said, concluded)
        if ruling.verdict is REFUTED and self._shaded(said, under):
            return Ruling(UNDECIDED, "it may be meant under the \u201cif\u201d before it", (), under)
        return ruling

    def _shaded(self, said: Said, under: tuple[Said, ...]) -> bool:
        """Whether a clause could hold under the condition of an "if" that came before."""
        if self.shadow is None:
            return False
        weaker = Formula(Op.IF, (self.shadow, said.formula))
        return self.premises.why(*(each.formula for each in under), weaker) is None

    def _plainly(self, said: Said, concluded: bool) -> Ruling:
        """Judge a clause that nothing is supposed for: by the premises, as a conclusion, by the beliefs before."""
        ruling = _entailed(self.premises, said, ())
        if ruling is None and concluded:
            ruling = self._gap(said, ())
        if ruling is None and self.beliefs:
            own = Said(said.text, self._derived(said, concluded), said.weight)
            ruling = weigh([*self.case.premises, *self.beliefs, own], said)
            if ruling.verdict is SUPPORTED:
                ruling = None
        return ruling or Ruling(UNDECIDED, EITHER)

    def _conditional(self, said: Said, under: tuple[Said, ...]) -> Ruling:
        """Judge "if P, then Q" as Q said under P, so that a P that cannot hold makes nothing true."""
        if any(each.formula == said.formula for each in self.case.premises):
            return Ruling(
                SUPPORTED, "it is a premise", tuple(e for e in self.case.premises if e.formula == said.formula)
            )
        condition, then = said.formula.parts
        return self._under(Said(said.text, then, said.weight), (*under, Said(_condition(said.text), condition)), False)

    def _under(self, said: Said, under: tuple[Said, ...], concluded: bool) -> Ruling:
        """Judge a clause under what is supposed.

        Where that cannot hold, a clause is never refuted, for a contradiction has to be drawn from somewhere; it is
        supported where it follows although one of the clashing premises is left out.
        """
        formulas = [each.formula for each in under]
        given = self.premises.why(no(said.formula))
        if given is not None:
            return Ruling(SUPPORTED, "it follows from the premises", given)
        clash = self.premises.why(*formulas)
        if clash is None:
            ruling = _entailed(self.premises, said, under) or (self._gap(said, under) if concluded else None)
            return ruling or Ruling(UNDECIDED, EITHER, (), under)
        for each in clash:
            rest = self.premises.without(each)
            if rest.why(*formulas) is None:
                ruling = _entailed(rest, said, under)
                if ruling is not None and ruling.verdict is SUPPORTED:
                    return ruling
        return Ruling(UNDECIDED, "what is supposed cannot hold, so anything follows", (), under)

    def _gap(self, said: Said, under: tuple[Said, ...]) -> Ruling | None:
        """Refute a conclusion that does not follow, with a case to show it, where the premises are all there is."""
        if not self.case.closed or self.lost or not self.case.speaks_of(said.formula):
            return None
        world = self.premises.world(*(each.formula for each in under), no(said.formula))
        return Ruling(REFUTED, "it does not follow", (), under, world) if world else None

    def _derived(self, said: Said, concluded: bool) -> Formula:
        if concluded and self.last is not None:
            return Formula(Op.IF, (self.last, said.formula))
        return said.formula

    def _remember(self, said: Said, concluded: bool) -> None:
        if said.formula.op is Op.IF and all(each.formula != said.formula for each in self.case.premises):
            self.shadow = said.formula.parts[0]
        if self.supposed or self.blind:
            return
        self.beliefs.append(Said(said.text, self._derived(said, concluded), said.weight or 1.0))
        self.last = said.formula


def _condition(text: str) -> str:
    """Return the words of the condition of "if P, then Q"."""
    found = re.match(r"if (.+?)(?:,? then |, )", text, re.I)
    return found[1] if found else f"the condition of \u201c{text}\u201d"


def _entailed(premises: Premises, said: Said, under: tuple[Said, ...]) -> Ruling | None:
    """Return the ruling where premises and suppositions settle a clause."""
    formulas = [each.formula for each in under]
    given = premises.why(*formulas, said.formula)
    if given is not None:
        return Ruling(REFUTED, "the premises exclude it", given, under)
    given = premises.why(*formulas, no(said.formula))
    return Ruling(SUPPORTED, "it follows from the premises", given, under) if given is not None else None


def weigh(sayings: list[Said], said: Said) -> Ruling:
    """Return whether the best truth values all deny a clause, all affirm it, or differ."""
    held, denied = best(sayings, said.formula), best(sayings, no(said.formula))
    if held is None and denied is None:
        return Ruling(UNDECIDED, "the premises contradict each other")
    if denied is None or (held is not None and held.cost < denied.cost):
        return _weighed(SUPPORTED, "the best truth values all affirm it", sayings, no(said.formula), held, denied)
    if held is None or denied.cost < held.cost:
        return _weighed(REFUTED, "the best truth values all deny it", sayings, said.formula, denied, held)
    return Ruling(UNDECIDED, f"as much speaks for it as against it ({held.cost:g} broken either way)")


def _weighed(
    verdict: VerdictKind, why: str, sayings: list[Said], against: Formula, won: Optimum | None, lost: Optimum | None
) -> Ruling:
    """Return a ruling by weight, with the least of what was kept that excludes the other truth value."""
    broken = won.broken if won else ()
    kept = [each for each in sayings if each not in broken]
    flipped = tuple(each for each in broken[:MAX_FLIPPED] if won and _lost(sayings, each, won.cost))
    given = Premises(kept, (against,)).why(against) or ()
    costs = None if won is None or lost is None else (lost.cost, won.cost)
    return Ruling(verdict, why, given, (), {}, flipped, costs)


def _lost(sayings: list[Said], belief: Said, cost: float) -> bool:
    """Whether no best assignment keeps a belief."""
    kept = best(sayings, belief.formula)
    return kept is None or kept.cost > cost
