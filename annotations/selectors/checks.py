"""Which stored steps can be checked: trees by run and kind of problem. A tree that the studio still grows waits."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from django.db.models import Exists, OuterRef, Q, QuerySet

from annotations.models import Node, Problem, ToolCheck, Tree
from inference.types import NodeRole, TreeState
from inference.verifiers.params import tools_for

# Of a verdict `c`: the newest that its tool gave on the step.
STANDS = """NOT EXISTS (
    SELECT FROM annotations_toolcheck later
    WHERE later.node_id = c.node_id AND later.verifier = c.verifier AND later.id > c.id)"""


def known_kinds(project_id: int, chain: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return the kinds of the project's problems that a tool of the chain knows, with those tools."""
    kinds = Problem.objects.filter(project=project_id).order_by("kind").values_list("kind", flat=True).distinct()
    return {kind: tools for kind in kinds if (tools := tools_for(chain, kind))}


def checked_trees(project_id: int, *, kinds: Collection[str], run_id: int | None = None) -> QuerySet[Tree]:
    """Return the trees of these kinds of problem (None: of any run) whose steps may be checked, by id."""
    trees = Tree.objects.filter(project=project_id, problem__kind__in=list(kinds)).order_by("id")
    trees = trees.exclude(Q(state=TreeState.GROWING) & Q(shard__isnull=False))
    return trees if run_id is None else trees.filter(run=run_id)


def with_unchecked(trees: QuerySet[Tree]) -> QuerySet[Tree]:
    """Return those of the trees that hold a step of which no tool has said anything."""
    seen = ToolCheck.objects.filter(node=OuterRef("pk"))
    steps = Node.objects.filter(tree=OuterRef("pk"), role=NodeRole.STEP, removed=False)
    return trees.filter(Exists(steps.filter(~Exists(seen))))
