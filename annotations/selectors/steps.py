"""One step of a tree with its path: full texts, evidence, every visible label, what a label form starts from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from annotations.access import Access
from annotations.errors import NotFound
from annotations.models import LabelEvent, Node, ToolCheck
from annotations.selectors.labels import current_by_node, resolve, voter_of
from annotations.selectors.projects import newest_scheme
from annotations.selectors.trees import Spot, TreeMap, one_tree
from inference.odd import oddities
from inference.types import Claim, Ending, NodeRole, Problem, Rating, Rationale, Step, Verdict, VerdictKind


@dataclass(slots=True)
class PathStep:
    """A step of the path as it is read. `number` counts from 1 at the first step."""

    number: int
    spot: Spot
    text: str
    answer: str
    prior: float | None
    checks: list[ToolCheck] = field(default_factory=list)
    labels: list[LabelEvent] = field(default_factory=list)

    @property
    def odd(self) -> tuple[str, ...]:
        """What of the text is for a machine rather than for a reader."""
        return oddities(self.text)

    @property
    def standing(self) -> list[ToolCheck]:
        """Each tool's newest verdict, the newest first."""
        return list({check.verifier: check for check in self.checks}.values())[::-1]

    @property
    def earlier(self) -> list[ToolCheck]:
        """What tools said before that: by an older version, or asked in another way; the newest first."""
        newest = {id(check) for check in self.standing}
        return [check for check in reversed(self.checks) if id(check) not in newest]

    @property
    def refutation(self) -> str:
        """The first refuted claim's sentence, "" where nothing is refuted."""
        for check in self.standing:
            if check.verdict == VerdictKind.REFUTED:
                told = [claim for claim in check.claims if isinstance(claim, dict)]
                claims = [claim for claim in told if claim.get("verdict") == VerdictKind.REFUTED]
                return str(claims[0].get("detail") or claims[0].get("text")) if claims else check.message
        return ""

    @property
    def version(self) -> int:
        """The newest visible event: each voter's current event is his newest."""
        return max((int(event.pk) for event in self.labels), default=0)


@dataclass(frozen=True, slots=True)
class StepPage:
    """The selected step with its path, the viewer's own label and the categories to choose from."""

    path: list[PathStep]
    here: PathStep
    mine: LabelEvent | None
    others: list[LabelEvent]
    categories: list[dict[str, Any]]


def step_page(access: Access, whole: TreeMap, seq: int) -> StepPage:
    """Return everything known about a step and its path: four queries."""
    spots = whole.path(seq)
    by_id = {spot.id: PathStep(number, spot, "", "", None) for number, spot in enumerate(spots, 1)}
    rows = Node.objects.filter(project=access.project, pk__in=by_id).values_list("id", "text", "answer", "prior")
    for node_id, text, answer, prior in rows:
        step = by_id[node_id]
        step.text, step.answer, step.prior = text, answer, prior
    for check in ToolCheck.objects.filter(project=access.project, node__in=by_id).order_by("id"):
        by_id[int(check.node_id or 0)].checks.append(check)
    for node_id, events in current_by_node(access, by_id).items():
        by_id[node_id].labels = events
    path = list(by_id.values())
    here = path[-1]
    me = voter_of(access.user.pk)
    scheme = newest_scheme(access)
    return StepPage(
        path=path,
        here=here,
        mine=next((event for event in here.labels if event.voter == me), None),
        others=[event for event in here.labels if event.voter != me and event.rating is not None],
        categories=[row for row in scheme.categories if row.get("active", True)] if scheme else [],
    )


@dataclass(frozen=True, slots=True)
class StepPlace:
    """Where a step stands: its tree, its number there, its depth; and what it says."""

    tree_id: int
    seq: int
    depth: int
    text: str


def place_of(access: Access, node_id: int) -> StepPlace:
    found = (
        Node.objects.filter(project=access.project, pk=node_id).values_list("tree_id", "seq", "depth", "text").first()
    )
    if found is None:
        raise NotFound("There is no such step.")
    return StepPlace(*found)


def path_rationale(access: Access, tree_id: int, page: StepPage) -> Rationale:
    """Return the path as a rationale for inference.formats; the resolved rating stands for the voters'."""
    tree = one_tree(access, tree_id)
    asked = tree.problem
    last = page.here
    told = last.spot.role == NodeRole.ANSWER
    return Rationale(
        problem=Problem(str(asked.pk), asked.text, asked.answer, asked.solution, asked.level, asked.kind),
        steps=tuple(_step(step) for step in (page.path[:-1] if told else page.path)),
        answer=last.answer,
        outcome=last.spot.outcome,
        key=str(last.spot.id),
    )


def _step(step: PathStep) -> Step:
    event = resolve(step.labels)
    return Step(
        text=step.text,
        role=NodeRole(step.spot.role),
        key=str(step.spot.id),
        rating=None if event is None else Rating(str(event.rating)),
        category="" if event is None else event.category,
        verdict=_verdict(step.standing),
        score=step.spot.prm,
        value=step.spot.value,
    )


def _verdict(checks: list[ToolCheck]) -> Verdict | None:
    refuted = [check for check in checks if check.verdict == VerdictKind.REFUTED]
    check = next(iter(refuted or checks), None)
    if check is None:
        return None
    claims = tuple(
        Claim(str(row.get("text", "")), VerdictKind(row.get("verdict", "undecided")), str(row.get("detail", "")))
        for row in check.claims
    )
    return Verdict(
        VerdictKind(check.verdict), check.verifier, check.version, claims, check.message, Ending(check.ending)
    )
