"""Steps with verdicts and labels by the dozen, for what is measured of tools."""

from __future__ import annotations

from annotations.models import LabelEvent, LabelScheme, Node, Problem, Project, ToolCheck, Tree, User


def steps(project: Project, problem: Problem, count: int, text: str = "So there are {n} pens.") -> list[Node]:
    """Make a finished tree of first steps."""
    key = f"steps {Tree.objects.count()}"
    tree = Tree.objects.create(
        project=project, problem=problem, state="done", node_count=count, external_key=key, source="import"
    )
    made = [Node(project=project, tree=tree, seq=seq, depth=1, text=text.format(n=seq)) for seq in range(1, count + 1)]
    return Node.objects.bulk_create(made)


def checked(nodes: list[Node], verdict: str, verifier: str = "claims", version: str = "1", **fields: object) -> None:
    """Store a verdict on each step; a list in `fields` holds one value a step."""
    ToolCheck.objects.bulk_create(
        ToolCheck(
            project_id=node.project_id, node=node, verifier=verifier, version=version, verdict=verdict,
            **{name: value[at] if isinstance(value, list) else value for name, value in fields.items()},
        )
        for at, node in enumerate(nodes)
    )  # fmt: skip


def said(
    nodes: list[Node], rating: str, source: str = "import", author: User | None = None, category: str = ""
) -> None:
    """Store a label on each step, of a person or of a corpus."""
    scheme = LabelScheme.objects.filter(project_id=nodes[0].project_id).latest("version") if nodes else None
    LabelEvent.objects.bulk_create(
        LabelEvent(
            project_id=node.project_id, node=node, scheme=scheme, rating=rating, category=category, author=author,
            voter=f"u{author.pk}" if author else f"{source}:{node.pk}", source="person" if author else source,
        )
        for node in nodes
    )  # fmt: skip
