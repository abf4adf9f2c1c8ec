"""The example scripts run as written, and their trees arrive."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from rest_framework.authtoken.models import Token

from annotations.models import Node, Score, Tree
from tests.factories import cast
from tests.webs import Web, web
from tests.workers import ROOT

__all__ = ["web"]
SNAPSHOT = {
    "logs": [
        {
            "nodes": {str(n): {"id": n, "data": {"state": f"blocks {n}"}} for n in range(3)},
            "edges": {
                "0": {"id": 0, "source": 0, "target": 1, "data": {"Q": 0.5, "action": "unstack red"}},
                "1": {"id": 1, "source": 1, "target": 2, "data": {"reward": 1.0}},
            },
        }
    ]
}
ROW = {
    "question": "What is 2 + 3 * 4?",
    "final_answer": "14",
    "reasoning_steps": {
        "text": "What is 2 + 3 * 4?",
        "mc_value": 0.75,
        "children": [{"text": "3 * 4 = 12", "mc_value": 1.0, "children": [{"text": "2 + 12 = 14", "mc_value": 1.0}]}],
    },
}


@pytest.mark.django_db(transaction=True)
def test_the_examples_log_their_trees(web: Web, tmp_path: Path) -> None:
    token = Token.objects.create(user=cast().bo).key
    environment = {**os.environ, "STUDIO_URL": web.url, "STUDIO_TOKEN": token, "STUDIO_SPOOL": str(tmp_path / "spool")}
    (tmp_path / "snapshot.json").write_text(json.dumps(SNAPSHOT))
    (tmp_path / "rows.jsonl").write_text(json.dumps(ROW) + "\n")

    def run(name: str, *arguments: str) -> str:
        command = [sys.executable, f"examples/{name}.py", "words", *arguments]
        environment["PYTHONPATH"] = str(ROOT)
        done = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=True
        )  # noqa: S603
        return done.stdout.strip()

    assert run("my_mcts") == "the studio has the tree"
    assert run("llm_reasoners", str(tmp_path / "snapshot.json"), "Stack the blocks.") == "2 steps: the studio has them"
    assert run("openr", str(tmp_path / "rows.jsonl")) == "2 steps: the studio has them"
    assert Tree.objects.filter(state="done").count() == 3
    assert Tree.objects.get(problem__text__startswith="Reach 24").correct_paths > 0
    stacked = (
        Node.objects.filter(tree__problem__text="Stack the blocks.").order_by("seq").values_list("text", "value_sum")
    )
    assert list(stacked) == [("unstack red", 0.5), ('{"state": "blocks 2"}', 1.0)]
    assert list(Score.objects.filter(scorer="mc_value").values_list("value", flat=True)) == [1.0, 1.0]
