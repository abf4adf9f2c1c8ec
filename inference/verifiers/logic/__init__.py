"""The logic verifier: what the clauses of a step say, held against premises or a graph of beliefs. Knows no pools.

A problem's data is read (data, english, words), the steps are cut into clauses (discourse), and every clause is
ruled on (argument) by a SAT solver, or by MaxSAT where beliefs are weighed (solve).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from inference.types import Claim, Problem, Verdict, VerdictKind
from inference.verifiers.logic.argument import Argument, Ruling
from inference.verifiers.logic.data import Case, case_of
from inference.verifiers.logic.discourse import MAX_CHARS, Mood, Sentence, opens, sentences
from inference.verifiers.logic.english import formula
from inference.verifiers.logic.formulas import Formula, Op, TooLarge, atoms
from inference.verifiers.logic.shown import cut, evidence, given
from inference.verifiers.logic.solve import Overrun, Premises, Said
from inference.verifiers.logic.words import Unread, plain

MAX_EARLIER_STEPS = 40
MAX_EARLIER_CLAUSES = 120
_ANSWER = re.compile(r"(?:(?:so|thus|therefore),? )?(?:the )?(?:final )?answer(?: is)?:? ?", re.I)
_LIST = re.compile(r",? and |, ?|; ?| & ")


@dataclass(frozen=True, slots=True)
class _Clause:
    """A sentence with what was read of it: a formula, or why there is none."""

    sentence: Sentence
    formula: Formula | None = None
    unread: str = ""


class LogicVerifier:
    """Refutes a step that the premises exclude or that the best truth values of the beliefs deny."""

    id: str = "logic"
    version: str = "1"
    params: Mapping[str, object] = MappingProxyType({})

    def applies(self, problem: Problem) -> bool:
        """Whether the problem has premises or beliefs."""
        return problem.kind == "logic" and any(problem.data.get(name) for name in ("facts", "rules", "beliefs"))

    def check(self, problem: Problem, prefix: Sequence[str], step: str) -> Verdict:
        """Return the verdict on `step`, which follows the steps `prefix`; offsets of claims are into `step`."""
        try:
            case = case_of(problem.data)
        except (ValueError, RecursionError) as error:
            return self._undecided(f"the problem's data: {error}")
        earlier = [_read(each, case) for text in prefix[-MAX_EARLIER_STEPS:] for each in sentences(text)]
        clauses = [_read(each, case) for each in sentences(step)]
        try:
            rulings = _rule(case, earlier[-MAX_EARLIER_CLAUSES:], clauses)
        except (TooLarge, Overrun) as error:
            return self._undecided(f"too much to work out: {error}")
        if isinstance(rulings, str):
            return self._undecided(rulings)
        return self._verdict(case, clauses, rulings, step)

    def check_answer(self, problem: Problem, given: str) -> Verdict:
        """Return the verdict on a final answer: names in any order, or statements, held against the reference."""
        if not problem.answer.strip() or not given.strip():
            return self._undecided("there is no reference answer" if given.strip() else "no answer was given")
        ours, theirs = (_ANSWER.sub("", text[:2000].strip().strip(".")) for text in (given, problem.answer))
        if plain(ours) == plain(theirs) or _names(ours) == _names(theirs):
            return Verdict(VerdictKind.SUPPORTED, self.id, self.version, (), f"{cut(ours)} is the reference")
        said, right = (_facts(text, problem.data) for text in (ours, theirs))
        if said is not None and said == right:
            return Verdict(
                VerdictKind.SUPPORTED, self.id, self.version, (), f"{cut(ours)} says what the reference says"
            )
        if (said is None) != (right is None):
            return self._undecided(f"{cut(ours)} could not be compared with {cut(theirs)}")
        message = f"{cut(ours)} is not {cut(theirs)}"
        return Verdict(VerdictKind.REFUTED, self.id, self.version, (), message)

    def _verdict(
        self, case: Case, clauses: Sequence[_Clause], rulings: Sequence[tuple[_Clause, Ruling]], step: str
    ) -> Verdict:
        found = [_claim(clause, ruling, step) for clause, ruling in rulings]
        kinds = [ruling.verdict for _, ruling in rulings]
        unread = [each for each in clauses if each.unread]
        kind = VerdictKind.UNDECIDED
        if VerdictKind.REFUTED in kinds:
            kind = VerdictKind.REFUTED
        elif kinds and set(kinds) == {VerdictKind.SUPPORTED} and not unread:
            kind = VerdictKind.SUPPORTED
        shown = [(clause.sentence.text, ruling) for clause, ruling in rulings if not clause.unread]
        return Verdict(
            kind, self.id, self.version, tuple(found), _message(kind, found, unread, step),
            input=given(case) if shown else None, output=evidence(shown, case.words) if shown else None,
        )  # fmt: skip

    def _undecided(self, message: str) -> Verdict:
        return Verdict(VerdictKind.UNDECIDED, self.id, self.version, (), message[:900])


def _read(sentence: Sentence, case: Case) -> _Clause:
    if sentence.mood in (Mood.NOTHING, Mood.MAYBE, Mood.BEYOND, Mood.IMPOSSIBLE):
        return _Clause(sentence)
    try:
        return _Clause(sentence, case.read(sentence.text))
    except Unread as error:
        return _Clause(sentence, None, str(error))


def _rule(case: Case, earlier: Sequence[_Clause], clauses: Sequence[_Clause]) -> list[tuple[_Clause, Ruling]] | str:
    """Return a ruling on every clause that asserts something, in order; a text where the premises are of no use."""
    said = [each.formula for each in (*earlier, *clauses) if each.formula is not None]
    premises = Premises(case.premises, said)
    clash = premises.why()
    if clash is not None:
        return "the premises contradict each other: " + "; ".join(each.text for each in clash[:4])
    argument = Argument(case, premises)
    for clause in earlier:
        _follow(argument, clause)
    rulings = [(clause, _follow(argument, clause, judged=True)) for clause in clauses]
    return [(clause, ruling) for clause, ruling in rulings if ruling is not None]


def _follow(argument: Argument, clause: _Clause, *, judged: bool = False) -> Ruling | None:
    """Move the argument on by a clause; return the ruling on what it asserts."""
    mood, sentence = clause.sentence.mood, clause.sentence
    if mood in (Mood.NOTHING, Mood.MAYBE):
        if opens(sentence.text, frozenset(argument.case.words.kinds)):
            argument.suppose(None)
        return None
    if mood is Mood.BEYOND:
        argument.leave()
        return None
    if mood is Mood.IMPOSSIBLE and not judged:
        argument.impossible = True
        return None
    if mood is Mood.IMPOSSIBLE:
        return argument.call_impossible()
    if mood is Mood.SUPPOSES:
        argument.suppose(Said(sentence.text, clause.formula) if clause.formula is not None else None)
        return None
    if clause.formula is None:
        argument.lost = True
        if opens(sentence.text, frozenset(argument.case.words.kinds)):
            argument.suppose(None)
        return Ruling(VerdictKind.UNDECIDED, f"not read: {clause.unread}")
    said = Said(sentence.text, clause.formula, sentence.weight)
    concluded = mood is Mood.CONCLUDES
    if not judged:
        argument.note(said, concluded)
        return None
    return argument.take(said, concluded)


def _claim(clause: _Clause, ruling: Ruling, step: str) -> Claim:
    sentence = clause.sentence
    why = ruling.why
    if ruling.given:
        why = f"{why}: {'; '.join(cut(each.text) for each in ruling.given[:6])}"
    text = cut(step[sentence.start : sentence.end]) if clause.unread else cut(sentence.text)
    return Claim(text, ruling.verdict, why, sentence.start, sentence.end)


def _message(kind: VerdictKind, found: Sequence[Claim], unread: Sequence[_Clause], step: str) -> str:
    if kind is VerdictKind.REFUTED:
        message = "; ".join(f"{each.text}: {each.detail}" for each in found if each.verdict is kind)
    elif kind is VerdictKind.SUPPORTED:
        message = f"all {len(found)} clauses follow" if len(found) > 1 else found[0].detail
    elif unread:
        message = f"{len(unread)} of {len(found)} clauses not read: {unread[0].unread}"
    elif found:
        message = "; ".join(dict.fromkeys(each.detail for each in found if each.verdict is kind))
    else:
        message = "nothing is asserted"
    cut_off = f"; only the first {MAX_CHARS} characters were read" if len(step) > MAX_CHARS else ""
    return message[:900] + cut_off


def _names(text: str) -> frozenset[str]:
    return frozenset(each for part in _LIST.split(text) if (each := plain(part)))


def _facts(text: str, data: Mapping[str, object]) -> frozenset[Formula] | None:
    """Return the statements and denials of an answer such as "A is a knight and B is a knave"; None for other texts."""
    try:
        case = case_of(data)
        made = formula(text, case.words)
    except (ValueError, RecursionError):
        return None
    parts = made.parts if made.op is Op.AND else (made,)
    single = all(part.op is Op.ATOM or (part.op is Op.NOT and part.parts[0].op is Op.ATOM) for part in parts)
    return frozenset(parts) if single and any(True for _ in atoms(made)) else None
