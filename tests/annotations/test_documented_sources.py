"""The examples of docs/sources.md, run as they stand beside a worker."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.cache import cache
from django.db import connection

from annotations.models import PassRate, Problem, Run
from tests.factories import cast, engine
from tests.workers import StartWorker, start_worker

__all__ = ["start_worker"]
ROOT = Path(__file__).parents[2]
BASH = shutil.which("bash") or "/bin/sh"


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
@pytest.mark.django_db(transaction=True)
def test_problems_are_generated_measured_and_grown_as_written(live_server: object, start_worker: StartWorker) -> None:
    cache.clear()
    engine(project=cast("word-problems").project)
    start_worker("gpu")
    text = (ROOT / "docs" / "sources.md").read_text()
    blocks = re.findall(r"^```sh\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)
    script = "set -euo pipefail\n" + "\n".join(blocks).replace("http://127.0.0.1:8000", str(live_server))
    database = connection.settings_dict
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "DATABASE_URL": f"postgresql://{database['USER']}@/{database['NAME']}?host={database['HOST']}",
    }
    done = subprocess.run([BASH, "-xc", script], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr[-1500:]
    assert Problem.objects.filter(source="reasoning_gym").count() == 40
    assert PassRate.objects.count() == Problem.objects.count() == 80
    grown = Run.objects.get(kind="generate")
    assert grown.input["band"] == [0.2, 0.8]
    (python,) = re.findall(r"^```python\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)
    said = subprocess.run([sys.executable, "-c", python], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert said.count("Greatest Common Divisor") == 3
