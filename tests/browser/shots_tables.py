"""Pictures of the evidence on queries, quantities and chemistry, in all widths and schemes. Not run with the tests."""

from __future__ import annotations

from dataclasses import asdict

import pytest

from annotations import imports, samples, store
from annotations.models import Node, ToolCheck, Tree
from inference.types import NodeRole
from inference.verifiers import verifier
from tests.browser.conftest import Opener
from tests.browser.shots import FOLDER, PAST_ALL, WIDTHS
from tests.factories import Cast

# Verifier, and how a step begins whose evidence is looked at.
STEPS = (
    ("sql", "Cheap means"),
    ("sql", "Join the two"),
    ("sql", "The first is on top"),
    ("sql", "`SELECT AVG(minutes)"),
    ("units", "The area of the base is A = 0.4 m +"),
    ("units", "\\(E = \\frac{1}{2} \\cdot 0.15 \\text{ kg} \\cdot 40"),
    ("units", "That is 25080 J = 2.508"),
    ("chemistry", "The balanced equation is C3H8 + 4"),
    ("chemistry", "M(CO2) = 12.01 + 16.00"),
    ("chemistry", "(NH4)2SO4 has 2 nitrogen atoms, 4"),
    ("chemistry", "n = 36.0 g * 18.02"),
)


def checked_samples(team: Cast) -> None:
    """Bring the sample rationales in and store what the tools say of their steps."""
    for name in ("sql", "units", "chemistry"):
        for part, form in (("problems", "plain"), ("rationales", "predictions")):
            path = samples.SAMPLE / "tools" / f"{name}.{part}.jsonl"
            imports.import_file(project=team.project, path=path, name=path.name, format=form, actor=team.odo)
        tool = verifier(name)
        for tree in Tree.objects.filter(project=team.project).select_related("problem"):
            problem = store.problem_of(tree.problem)
            prefixes: dict[int, tuple[str, ...]] = {0: ()}
            for node in tree.nodes.order_by("seq") if tool.applies(problem) else ():
                prefix = prefixes[node.parent_seq or 0]
                prefixes[node.seq] = (*prefix, node.text)
                store_check(node, tool.check(problem, prefix, node.text), name)


def store_check(node: Node, verdict: object, name: str) -> None:
    from inference.types import Verdict

    assert isinstance(verdict, Verdict)
    ToolCheck.objects.create(
        project_id=node.project_id, node=node, verifier=name, version=verdict.version, verdict=verdict.kind,
        message=verdict.message, claims=[asdict(each) for each in verdict.claims], millis=0.8,
        input=store.plain_json(verdict.input), output=store.plain_json(verdict.output),
    )  # fmt: skip


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pictures(open_page: Opener, planted: tuple[Cast, Tree], scheme: str) -> None:
    team, _ = planted
    checked_samples(team)
    FOLDER.mkdir(parents=True, exist_ok=True)
    for at, (name, begins) in enumerate(STEPS):
        node = Node.objects.filter(text__startswith=begins, checks__verifier=name).first()
        assert node is not None, begins
        assert node.role in (NodeRole.STEP, NodeRole.ANSWER)
        address = f"/p/words/trees/{node.tree_id}/?node={node.seq}"
        for width, options in WIDTHS.items():
            page = open_page(address, team.ada, color_scheme=scheme, **options)
            page.wait_for_load_state("networkidle")
            page.evaluate(PAST_ALL)
            page.screenshot(path=FOLDER / f"tables-{at:02}-{name}-{width}-{scheme}.png", full_page=True)
