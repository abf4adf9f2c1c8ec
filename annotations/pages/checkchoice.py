"""The tools and the policy that a form offers for a run, with what is measured of each on the project's own steps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from annotations import trust
from annotations.access import Access
from annotations.errors import BadInput
from annotations.pages import toolwords
from annotations.selectors.tools import Tools, tools
from annotations.trust import Trust
from inference.verifiers.params import AUTO, TOOLS, chain_of, tools_for

PAPER = "paper"


@dataclass(frozen=True, slots=True)
class Choice:
    """A tool that can be ticked: its name in the chain, what it is, what is measured of it here."""

    name: str
    title: str
    says: str
    told: str
    ticked: bool


@dataclass(frozen=True, slots=True)
class Offer:
    """What stands in the form: tools to tick, whether `paper` can be chosen, for whose support, and if not, why."""

    choices: list[Choice]
    trusted: tuple[str, ...]
    paper: bool
    why: list[str]

    @property
    def filled(self) -> str:
        return ", ".join(self.trusted)


def offer(access: Access, chain: str, original: Mapping[str, Any] | None = None) -> Offer:
    """Return what a form offers that has this chain; a run that is asked for again keeps the policy that it had."""
    found = tools(access)
    named = {name.strip() for name in chain.split(",")}
    newest = found.newest()
    trusted = trust.trusted((name, newest[name].trust) for name in _fitting(found, named) if name in newest)
    why = [trust.refusal(name, newest[name].trust) for name in _fitting(found, named) if name in newest]
    kept = original is not None and original.get("policy") == PAPER
    return Offer(_choices(found, named), trusted, bool(trusted) or kept, [text for text in why if text])


def _fitting(found: Tools, named: set[str]) -> list[str]:
    """Return the tools that check steps of a kind of the project's problems, and those that are named anyway."""
    fitting = found.fitting() if found.kinds else list(TOOLS)
    return [name for name, tool in TOOLS.items() if not tool.answers and (name in fitting or name in named)]


def _choices(found: Tools, named: set[str]) -> list[Choice]:
    newest = found.newest()
    free = dict.fromkeys(name for kind in found.kinds for name in tools_for((AUTO,), kind))
    told = ", ".join(TOOLS[name].title.lower() for name in free) or "none for these problems"
    every = Choice(
        AUTO, "Every tool that asks no model", "As fits the kind of the problem.", f"Now: {told}", AUTO in named
    )
    single = [
        Choice(
            name,
            TOOLS[name].title,
            TOOLS[name].says,
            _told(newest[name].trust) if name in newest else "",
            name in named,
        )
        for name in _fitting(found, named)
    ]
    return [every, *single]


def _told(found: Trust) -> str:
    """Return in one line what is measured of a tool."""
    if not found.labelled():
        return f"{found.said():,} steps checked here, none with a label"
    precision, recall = found.precision, found.recall
    rightly = f"refutes rightly {trust.percent(precision.value)} % ({toolwords.interval(precision)})"
    sees = f"sees {trust.percent(recall.value)} % of the wrong steps" if recall.of else "no wrong step labelled"
    return f"Here: {rightly if precision.of else 'no refuted step labelled'}, {sees}"


def check_policy(access: Access, settings: Mapping[str, Any], original: Mapping[str, Any] | None = None) -> None:
    """Raise BadInput unless the policy is offered for all verifiers whose support would count, or the run had it."""
    kept = original is not None and original.get("policy") == PAPER
    if settings.get("policy") != PAPER or kept:
        return
    found = tools(access)
    newest = {name: each.trust for name, each in found.newest().items()}
    counted = chain_of(str(settings.get("trusted", "")))
    if not counted:
        measured = ", ".join(trust.trusted(newest.items()))
        needed = f"name {measured} in “Trusted”" if measured else "no tool's support is known to tell anything here"
        raise BadInput(f"Policy paper counts support: {needed}.", "policy")
    for name in counted:
        try:
            trust.check_trusted(name, newest.get(name, Trust()))
        except BadInput as error:
            raise BadInput(str(error), "trusted") from None
