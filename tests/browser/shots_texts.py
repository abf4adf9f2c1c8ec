"""Pictures of what the tools for quotes and for logic show, in all widths and schemes. Not run with the tests."""

from __future__ import annotations

from dataclasses import asdict

import pytest

from annotations import imports, samples, store
from annotations.models import Node, ToolCheck, Tree
from inference.verifiers import verifier
from tests.browser.conftest import Opener
from tests.browser.shots import FOLDER, WIDTHS
from tests.factories import Cast

# Name of the picture, id of the solution, number of the step.
SHOWN = (
    ("evidence-number", "sample-evidence-001-wrong", 1),
    ("evidence-name", "sample-evidence-006-wrong", 2),
    ("evidence-passage", "sample-evidence-002-wrong", 2),
    ("evidence-nowhere", "sample-evidence-004-wrong", 1),
    ("evidence-stands", "sample-evidence-007-right", 2),
    ("logic-given", "sample-logic-003-wrong", 3),
    ("logic-supposed", "sample-logic-002-wrong", 3),
    ("logic-gap", "sample-logic-006-wrong", 3),
    ("logic-weights", "sample-logic-007-wrong", 2),
    ("logic-follows", "sample-logic-001-right", 4),
)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pictures(open_page: Opener, planted: tuple[Cast, Tree], scheme: str) -> None:
    team, _ = planted
    for tool in ("evidence", "logic"):
        for part, form in (("problems", "plain"), ("rationales", "predictions")):
            path = samples.SAMPLE / "tools" / f"{tool}.{part}.jsonl"
            imports.import_file(project=team.project, path=path, name=path.name, format=form, actor=team.odo)
        check_all(team, tool)
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, key, number in SHOWN:
        tree = Tree.objects.get(project=team.project, rationales__data__id=key)
        leaf = tree.rationales.get(data__id=key).leaf
        steps = line(tree, leaf.seq)
        for width, options in WIDTHS.items():
            address = f"/p/words/trees/{tree.pk}/?node={steps[number - 1].seq}"
            page = open_page(address, team.bo, color_scheme=scheme, **options)
            page.wait_for_load_state("networkidle")
            page.screenshot(path=FOLDER / f"{name}-{width}-{scheme}.png", full_page=True)


def line(tree: Tree, seq: int) -> list[Node]:
    """Return the steps from the first to the one numbered `seq`."""
    node = tree.nodes.get(seq=seq)
    return [*(line(tree, node.parent_seq) if node.parent_seq else []), node]


def check_all(team: Cast, tool: str) -> None:
    for node in Node.objects.filter(project=team.project, tree__problem__kind=tool).select_related("tree__problem"):
        above = [each.text for each in line(node.tree, node.seq)][:-1]
        verdict = verifier(tool).check(store.problem_of(node.tree.problem), above, node.text)
        ToolCheck.objects.create(
            project=team.project, node=node, verifier=tool, version="1", verdict=verdict.kind, message=verdict.message,
            claims=[asdict(claim) for claim in verdict.claims], input=store.plain_json(verdict.input),
            output=store.plain_json(verdict.output),
        )  # fmt: skip
