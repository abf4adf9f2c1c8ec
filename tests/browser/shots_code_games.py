"""Pictures of what the trace and game verifiers found, in all widths and schemes. Not run with the tests."""

from __future__ import annotations

from dataclasses import asdict

import pytest

from annotations import imports, samples, store
from annotations.models import Node, ToolCheck, Tree
from inference.types import Verdict
from inference.verifiers.game import GameVerifier
from tests.browser.conftest import Opener
from tests.browser.shots import FOLDER, WIDTHS
from tests.factories import Cast
from tests.inference.trace_cast import verdict

# Name of the picture, the tool, the problem, and the step of its wrong rationale (from 0).
SHOWN = (
    ("trace", "trace", "sample-code-001", 2),
    ("trace-loop", "trace", "sample-code-005", 2),
    ("trace-tests", "trace", "sample-code-006", 1),
    ("game", "game", "sample-game-002", 1),
    ("game-mixed", "game", "sample-game-005", 1),
    ("game-three", "game", "sample-game-004", 0),
)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pictures(open_page: Opener, planted: tuple[Cast, Tree], scheme: str) -> None:
    team, _ = planted
    for tool in ("trace", "game"):
        for part, form in (("problems", "plain"), ("rationales", "predictions")):
            path = samples.SAMPLE / "tools" / f"{tool}.{part}.jsonl"
            imports.import_file(project=team.project, path=path, name=path.name, format=form, actor=team.odo)
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, tool, source, at in SHOWN:
        node = checked(tool, source, at)
        for width, options in WIDTHS.items():
            address = f"/p/words/trees/{node.tree_id}/?node={node.seq}"
            page = open_page(address, team.bo, color_scheme=scheme, **options)
            page.wait_for_load_state("networkidle")
            page.screenshot(path=FOLDER / f"evidence-{name}-{width}-{scheme}.png", full_page=True)


def checked(tool: str, source: str, at: int) -> Node:
    """Check the steps of a problem's wrong rationale and return the one to look at."""
    tree = Tree.objects.filter(problem__source_ref=source).latest("pk")
    steps: dict[int, tuple[str, ...]] = {0: ()}
    shown = None
    for node in tree.nodes.filter(role="step").order_by("seq"):
        prefix = steps[node.parent_seq or 0]
        steps[node.seq] = (*prefix, node.text)
        found = verdict_on(tool, node, prefix)
        ToolCheck.objects.create(
            project_id=node.project_id, node=node, verifier=found.verifier, version=found.version, verdict=found.kind,
            message=found.message, claims=[asdict(claim) for claim in found.claims], millis=1.0,
            input=store.plain_json(found.input), output=store.plain_json(found.output),
        )  # fmt: skip
        if len(prefix) == at and found.kind == "refuted":
            shown = node
    assert shown is not None
    return shown


def verdict_on(tool: str, node: Node, prefix: tuple[str, ...]) -> Verdict:
    problem = store.problem_of(node.tree.problem)
    if tool == "trace":
        return verdict(problem, node.text, *prefix)
    return GameVerifier().check(problem, prefix, node.text)
