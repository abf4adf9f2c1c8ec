"""The examples of docs/api.md are one script; here it runs as it stands against a live server."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from django.core.cache import cache

from annotations.models import LabelEvent, Run
from tests.api.asking import with_file
from tests.factories import cast, fill

BASH = shutil.which("bash") or "/bin/sh"
DOCS = Path(__file__).parents[2] / "docs" / "api.md"


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
@pytest.mark.django_db(transaction=True)
def test_every_example_of_the_documentation_works(live_server: object, tmp_path: Path) -> None:
    cache.clear()
    team = cast("word-problems")
    with_file(fill(team.project, team.ada))
    blocks = re.findall(r"^```sh\n(.*?)^```", DOCS.read_text(), flags=re.MULTILINE | re.DOTALL)
    script = "set -euo pipefail\n" + "\n".join(blocks).replace("http://127.0.0.1:8000", str(live_server))
    done = subprocess.run([BASH, "-xc", script], cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr[-1500:]
    assert sorted(Run.objects.values_list("kind", flat=True)) == [
        "check",
        "export",
        "generate",
        "generate",
        *["import"] * 3,
    ]
    assert LabelEvent.objects.filter(author=team.bo).count() == 2
    assert (tmp_path / "trees.jsonl").read_bytes() == b"{}\n"
