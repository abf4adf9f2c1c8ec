"""The wording in which people and models speak of games, as patterns over marked texts (names.marked).

None of them backtracks beyond a few words: every repetition is short and bounded.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from inference.verifiers.game.names import ANY_ACTION, ANY_PLAYER, NUMBER

HYPOTHETICAL = re.compile(
    r"\b(?:suppose|assum\w{1,4}|imagine|would|could|might|may|whether|check\w{0,3}|unless|claim\w{0,2}|wrong\w{0,2}|"
    r"incorrect\w{0,2}|to see|verify|let us|let's|test|instead of|rather than|no longer|neither|unclear)\b",
    re.I,
)
IF = re.compile(r"\b(?:if|when|once|until|provided)\b", re.I)
_HOW = r"(?:(?P<how>strictly|weakly|strict|weak)(?:ly)?\s)?"
_NOT = r"(?P<not>not\s|never\s|no longer\s)?"
_EQUILIBRIUM = r"(?:nash\sequilibri(?:um|a)|equilibri(?:um|a)|saddle\spoints?|NE)\b"
_ADJECTIVES = (
    r"(?:(?:only|unique|pure|strict|two|three|both|mixed|pure-strategy|mixed-strategy|pure\sstrategy|a|an|the)\s){0,5}"
)
_PLAYS = r"(?:plays|chooses|picks|selects|playing|choosing|picking|goes|goes\sfor)"
_GETS = r"(?:gets|receives|earns|obtains|has\sa\spayoff\sof|gets\sa\spayoff\sof|has\spayoff)"
_PAYS = r"(?:pays|gives|yields|earns|gets|brings)"
_OUT = r"(?:eliminated|removed|deleted|discarded|crossed\sout|ruled\sout|dropped)"
_REMOVE = (
    r"(?:eliminat(?:e|es|ing|ed)|remov(?:e|es|ing|ed)|delet(?:e|es|ing|ed)|discard(?:s|ing|ed)?|cross(?:es|ing)?\sout)"
)


@dataclass(frozen=True, slots=True)
class Counts:
    """Patterns around cells: what may follow cells that are equilibria, and what may stand before them."""

    is_one: re.Pattern[str]
    are_these: re.Pattern[str]


COUNTS = Counts(
    re.compile(
        rf"\s?,?\s?(?:is|are|was|both\sare|are\sboth|is\s(?:therefore|thus|indeed|also|then|clearly|in\sfact)|are\salso)\s"
        rf"{_NOT}{_ADJECTIVES}{_EQUILIBRIUM}",
        re.I,
    ),
    re.compile(
        rf"\b(?P<only>only\s|unique\s)?(?:(?:pure|strict|nash)(?:[\s-]strategy)?\s){{0,2}}{_EQUILIBRIUM}"
        r"(?:\s(?:of|in)\s(?:the|this|pure)\s?(?:game|strategies|strategy)?){0,2}\s?(?:is|are|:|at|=|,\snamely|is\sat|are\sat)"
        r"\s?(?P<not>not\s)?(?:the\s(?:profile|cell|outcome)s?\s|at\s|both\s)?$",
        re.I,
    ),
)


def act(group: str) -> str:
    """Return the pattern of an action, with what people write in front of one."""
    before = rf"(?:(?:(?:the\s)?(?:strategy|action)|playing|choosing|to\splay|{ANY_PLAYER})\s)?"
    return rf"{before}(?P<{group}>{ANY_ACTION})"


def player(group: str) -> str:
    return rf"(?P<{group}>{ANY_PLAYER})"


def profile(one: str, two: str) -> str:
    """Return the pattern of a cell: "(T, L)", "(Row: T, Column: L)"."""
    inner = rf"(?:{ANY_PLAYER}\s?(?::|plays|=)?\s)?"
    return rf"\(\s?{inner}(?P<{one}>{ANY_ACTION})\s?,\s?{inner}(?P<{two}>{ANY_ACTION})\s?\)"


PROFILE = re.compile(profile("r", "c"))


@lru_cache(maxsize=1)
def patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Return (kind, pattern) pairs; what stands first wins where two would match the same words."""
    spelt = (
        *_dominance(),
        *_elimination(),
        *_responses(),
        *_mixtures(),
        *_payoffs(),
        *_others(),
    )
    return tuple((kind, re.compile(f"(?i:{text})" if kind in _ANY_CASE else text)) for kind, text in spelt)


_ANY_CASE = frozenset({"none_dominated", "count", "value"})


def _dominance() -> tuple[tuple[str, str], ...]:
    x, y, p = act("x"), act("y"), player("p")
    neither = r"(?P<both>[Nn]either\splayer\shas\sa|[Nn]o\splayer\shas\sa)"
    negated = r"(?P<not>does\snot\s|doesn't\s|do\snot\s|never\s)?"
    return (
        ("dominates", rf"{x}(?:\salso)?\s{negated}{_HOW}dominat(?:es|e|ing)(?:\s(?P<how2>strictly|weakly))?\s{y}"),
        ("dominates", rf"{y}\s(?:is|being|are)\s{_NOT}{_HOW}dominated\sby\s{x}(?!\s(?:and|with)\s)"),
        ("dominated", rf"{x}\s(?:is|being)\s(?:therefore\s|thus\s|also\s|now\s|then\s)?{_NOT}(?:a\s)?{_HOW}dominated\b"
                      rf"(?!\sby\s(?!a\s?mix))"),
        ("dominant", rf"{x}\s(?:is|being)\s(?:therefore\s|thus\s|also\s|clearly\s)?{_NOT}(?:a|the|his|her|their)?\s?"
                     rf"(?:{p}'s\s)?{_HOW}dominant\b"),
        ("dominant", rf"{p}'s\s{_HOW}dominant\s(?:strategy|action)\sis\s{_NOT}(?:to\splay\s)?{x}"),
        ("dominant", rf"{p}\shas\sa\s{_HOW}dominant\s(?:strategy|action)\s?[:,(]\s?(?:namely\s)?{x}"),
        ("none_dominant", rf"(?:{p}\s(?:has\sno|does\snot\shave\sa)|{neither})\s"
                          rf"{_HOW}dominant\s(?:strategy|action)"),
        ("none_dominated", r"(?:no\s(?:strategy|action)\sis|there\s(?:are|is)\sno|neither\splayer\shas\sa)\s"
                           rf"{_HOW}dominated\b"),
    )  # fmt: skip


def _elimination() -> tuple[tuple[str, str], ...]:
    x = act("x")
    kinds = r"(?:(?:the\s)?(?:(?:strictly|weakly)\s)?(?:dominated\s)?(?:strategy|action|row|column)\s|the\s)?"
    left = r"(?:leaves|leaving|yields|results\sin|leads\sto|gives|selects|outcome\sis)\s(?:only\s|us\swith\s)?"
    return (
        ("eliminated", rf"(?i:{_REMOVE})\s{kinds}{x}"),
        (
            "eliminated",
            rf"{x}\s(?:can\sbe|is|gets|must\sbe|will\sbe|should\sbe)\s(?:therefore\s|thus\s|also\s|then\s)?{_OUT}",
        ),
        ("survives", rf"(?i:[Ee]limination[^.()]{{0,80}}?){left}{profile('r', 'c')}"),
        ("survives", rf"(?i:only\s){profile('r', 'c')}\s(?:survives|remains|is\sleft)"),
    )


def _responses() -> tuple[tuple[str, str], ...]:
    x, o, p, q = act("x"), act("o"), player("p"), ANY_PLAYER
    given = rf"(?i:if|when|against|given(?:\sthat)?|since|as)\s(?:{q}\s{_PLAYS}\s)?{o}\s?,?\s(?:then\s)?"
    best = r"best\s(?:response|reply|answer)"
    return (
        ("response", rf"(?:{p}'s\s)?{best}(?:\sof\sthe\s\w{{1,12}}(?:\splayer)?)?\s(?:to|against)\s"
                     rf"(?:{q}\s{_PLAYS}\s|{q}'s\s)?{o}\s(?:is|=|:)\s{_NOT}(?:to\splay\s)?{x}"),
        ("response", rf"{x}\sis\s(?:therefore\s|thus\s|indeed\s|also\s)?{_NOT}(?:a|the|his|her)?\s?(?:{p}'s\s)?"
                     rf"(?:(?:unique|only)\s)?{best}\s(?:to|against)\s(?:{q}\s{_PLAYS}\s|{q}'s\s)?{o}"),
        ("response", rf"{given}{p}(?:'s\s{best}\sis|\sprefers|\sbest\sresponds\swith|\sdoes\sbest\swith|"
                     rf"\sshould\splay|\sshould\schoose|\swill\splay|\swill\schoose|\schooses|\sis\sbetter\soff(?:\swith)?)\s"
                     rf"(?:to\splay\s|playing\s)?{x}"),
        ("response", rf"{given}(?:the\s)?{best}\sis\s{_NOT}(?:to\splay\s)?{x}"),
    )  # fmt: skip


def _mixtures() -> tuple[tuple[str, str], ...]:
    x, p = act("x"), player("p")
    given = rf"(?:[a-z]\s?=\s?)?(?P<n>{NUMBER})"
    return (
        (
            "chance",
            rf"(?:{p}\s{_PLAYS}\s)?{x}\s(?:is\splayed\s)?with\s(?:a\s)?(?:probability|prob\.?|weight|chance)\s(?:of\s)?{given}",
        ),
        ("chance", rf"(?:{p}\s{_PLAYS}\s)?{x}\swith\s{given}(?:\sprobability)?"),
        (
            "chance",
            rf"(?i:probability)\s(?:of\s|that\s)?(?:{p}\s{_PLAYS}\s)?(?:for\s)?{x}\s(?:is|=|equals)\s(?P<n>{NUMBER})",
        ),
        ("chance", rf"(?<!\w)[Ppq]\(\s?(?P<x>{ANY_ACTION})\s?\)\s?=\s?(?P<n>{NUMBER})"),
        ("chance", rf"(?<![\w.(])(?P<n>{NUMBER})\son\s{x}"),
        ("chance", rf"{p}\s{_PLAYS}\s{x}\s(?P<n>{NUMBER})\sof\sthe\stime"),
    )


def _payoffs() -> tuple[tuple[str, str], ...]:
    x, y, o, p, q = act("x"), act("y"), act("o"), player("p"), ANY_PLAYER
    cell, one, two = profile("r", "c"), rf"(?P<n>{NUMBER})", rf"(?P<m>{NUMBER})"
    pair = rf"\(?\s?{one}\s?(?:,|,?\sand)\s{two}\s?\)?|\(\s?(?P<n2>{NUMBER})\s?,\s?(?P<m2>{NUMBER})\s?\)"
    given = rf"(?i:against|if|when|given)\s(?:that\s)?(?:{q}\s{_PLAYS}\s)?{o}"
    second = rf"(?:\s?,?\s(?:and|while|but|whereas)\s(?:playing\s)?{y}\s(?:only\s)?(?:{_PAYS}\s(?:only\s)?)?{two})?"
    return (
        ("cell", rf"{cell}\s?(?::|=|,\s(?:where|with)\s(?:the\s)?payoffs\s(?:are|of)|"
                 rf"(?:gives|yields|has|pays|results\sin|leads\sto)(?:\s(?:the\s)?payoffs?(?:\sof)?)?)\s?(?:{pair})"),
        ("cell", rf"[Pp]ayoffs?\s(?:at|in|of|for|from)\s{cell}\s(?:is|are|=)\s(?:{pair})"),
        ("payoff", rf"(?:(?i:at|in|under|with|from)\s){cell}\s?,?\s{p}\s{_GETS}\s{one}"),
        ("payoff", rf"{p}\s{_GETS}\s{one}\s(?:at|in|from|under)\s{cell}"),
        ("payoff", rf"{p}'s\spayoff\s(?:at|in|from|under|of)\s{cell}\s(?:is|=)\s{one}"),
        ("against", rf"{given}\s?,?\s(?:then\s)?(?:playing\s)?{x}\s{_PAYS}\s(?:{p}\s)?{one}{second}"),
        ("against", rf"{given}\s?,?\s(?:then\s)?{p}\s{_GETS}\s{one}\s(?:from|by|with|playing|for)\s{x}"
                    rf"(?:\s?,?\s(?:and|but|versus|vs\.?|against)\s(?:only\s)?{two}\s(?:from|by|with|playing|for)\s{y})?"),
        ("against", rf"{x}\s{_PAYS}\s(?:{p}\s)?{one}\s(?:against|when\s{q}\s{_PLAYS}|if\s{q}\s{_PLAYS})\s{o}"),
    )  # fmt: skip


def _others() -> tuple[tuple[str, str], ...]:
    p = player("p")
    count = r"(?P<count>no|exactly\sone|only\sone|one|a\sunique|two|exactly\stwo|three|exactly\sthree|four|five)"
    which = r"(?:(?P<which>pure|mixed|completely\smixed)(?:[\s-]strategy)?\s)?"
    return (
        ("count", rf"\b(?:there\s(?:is|are|exists?)|has|have)\s{count}\s{which}{_EQUILIBRIUM}"
                  r"(?:\sin\s(?P<which2>pure|mixed)\b)?"),
        ("value", rf"\bvalue\sof\s(?:the|this)\sgame\s(?:is|=|equals)\s(?P<n>{NUMBER})"),
        ("value", rf"{p}'s\s(?:expected\s)?payoff\sin\s(?:the|this|that)\s(?P<which>mixed)?(?:-strategy\s|\s)?"
                  rf"(?i:nash\s)?equilibrium\s(?:is|=|equals)\s(?P<n>{NUMBER})"),
        ("pareto", rf"{profile('r', 'c')}\s(?P<not>does\snot\s|doesn't\s)?[Pp]areto[\s-]dominates?\s"
                   rf"{profile('s', 'd')}"),
        ("efficient", rf"{profile('r', 'c')}\sis\s{_NOT}[Pp]areto[\s-](?:efficient|optimal)"),
    )  # fmt: skip
