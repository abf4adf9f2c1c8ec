"""What a shard's new verdicts changed, when its last check is done: verdicts, and labels where a policy is given.

Old verdicts stay beside the new. A step's verdict is what the newest of each tool come to, before this run and now; its
label is the one that it has against the one that the newest verdicts of the run's tools give. Nothing is relabelled
here: that is somebody's decision (annotations.relabelling).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.db import transaction

from annotations import leases, store
from annotations.leases import Claim
from annotations.models import Node, StepChange, ToolCheck, Tree
from annotations.reviewing.fold import fold
from annotations.store import Change
from annotations.tasks.check_figures import note_end
from annotations.tasks.check_part import Part, Step
from inference import types
from inference.search import SearchParams
from inference.search.labels import count_labels, label_steps
from inference.types import RunKind, TreeState, Verdict, VerdictKind
from inference.verifiers.params import CheckParams

GROWN = "search"
Counts = dict[str, Counter[str]]


def end_shard(claim: Claim, part: Part, params: CheckParams) -> None:
    """Store what the shard's verdicts changed, and count all of its steps by before and after."""
    counts: Counts = {name: Counter() for name in ("verdicts", "labels", "kept", "dropped")}
    changes = _verdicts(part.steps, counts)
    if params.labels:
        changes += _labels(claim, part, params, counts)
    with transaction.atomic():
        leases.hold(claim)
        store.store_changes(claim.run.project_id, claim.run.pk, changes)
        note_end(claim, counts, total=len(part.steps))
    fold(claim.run.project_id)


def _verdicts(steps: Sequence[Step], counts: Counts) -> list[Change]:
    """Return the steps whose verdict is another; that one is there where none was is news only if it refutes."""
    changed: dict[int, tuple[str, VerdictKind]] = {}
    for step in steps:
        before, after = step.standing(ours=False), step.standing()
        counts["verdicts"][f"{before or 'none'}>{after or 'none'}"] += 1
        if after is not None and after != before and (before or after is VerdictKind.REFUTED):
            changed[step.node_id] = (before or "", after)
    reasons = _reasons(changed)
    return [
        Change(node, StepChange.VERDICT, before, after.value, reasons.get(node, ""))
        for node, (before, after) in changed.items()
    ]


def _reasons(changed: dict[int, tuple[str, VerdictKind]]) -> dict[int, str]:
    """Return in one sentence why each step's verdict is what it is: the tool, its version, what it says."""
    newest: dict[tuple[int, str], ToolCheck] = {}
    rows = ToolCheck.objects.filter(node__in=list(changed)).order_by("id")
    for row in rows.only("node_id", "verifier", "version", "verdict", "message", "claims"):
        newest[int(row.node_id or 0), row.verifier] = row
    found: dict[int, str] = {}
    for (node, name), row in newest.items():
        if row.verdict == changed[node][1] and node not in found:
            found[node] = f"{name} {row.version}: {_said(row)}"
    return found


def _said(row: ToolCheck) -> str:
    details = [claim.get("detail") for claim in row.claims if claim.get("verdict") == row.verdict]
    return str(next((each for each in details if each), "") or row.message or row.verdict)


def _labels(claim: Claim, part: Part, params: CheckParams, counts: Counts) -> list[Change]:
    """Return the steps of grown trees that get another label than the one they have."""
    rows = Tree.objects.filter(
        pk__in={step.tree_id for step in part.steps}, state=TreeState.DONE, source=GROWN
    ).select_related("problem", "run")
    trees = list(rows.order_by("id"))
    tools = {step.node_id: step.tools for step in part.steps}
    now = dict(Node.objects.filter(pk__in=list(tools), tree__in=trees).values_list("pk", "polarity"))
    changes: list[Change] = []
    for row, tree in zip(trees, store.read_trees(trees), strict=True):
        nodes = [_rejudged(node, tools.get(int(node.key), ())) for node in tree.nodes]
        labels = label_steps(nodes, _search(row, params))
        told = count_labels(labels)
        counts["kept"].update(told.kept)
        counts["dropped"].update(told.dropped)
        keys_by_seq = {node.seq: int(node.key) for node in nodes}
        for label in labels:
            key = keys_by_seq[label.seq]
            before, after = now.get(key), label.rating.value if label.rating else ""
            if before is None:
                continue
            counts["labels"][f"{before or 'none'}>{after or 'none'}"] += 1
            if before != after:
                changes.append(Change(key, StepChange.LABEL, before, after, label.reason.value))
    return changes


def _rejudged(node: types.Node, tools: Sequence[str]) -> types.Node:
    """Return a node with the newest verdict of each of these tools."""
    newest: dict[str, Verdict] = {each.verifier: each for each in node.verdicts if each.verifier in tools}
    return replace(node, verdicts=tuple(newest.values()))


def _search(tree: Tree, params: CheckParams) -> SearchParams:
    """Return the settings that the tree grew with, with the run's policy."""
    grown: dict[str, Any] = tree.run.params if tree.run is not None and tree.run.kind == RunKind.GENERATE else {}
    policy: dict[str, Any] = {"policy": params.policy, "min_rollouts": params.min_rollouts, "trusted": params.trusted}
    return replace(SearchParams.from_mapping(grown), **policy)
