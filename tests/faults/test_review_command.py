"""`studio review FILE`: one command from a file to the page, with refused rows and verdicts; Ctrl-C ends all."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.request import HTTPCookieProcessor, OpenerDirector, build_opener

import pytest

from rationale_studio import home as places
from rationale_studio.home import CHECKOUT
from rationale_studio.services.process import wait_until

pytestmark = pytest.mark.long
STEPS = ["Ann has 9 - 3 = 6 pears.", "So she has 6 + 1 = 8 in all."]
BLOCK = """
import sys

class Refuses:
    def find_spec(self, name, *rest):
        if name.split(".")[0] in ("torch", "transformers"):
            raise ImportError(name)

sys.meta_path.insert(0, Refuses())
"""


@pytest.fixture
def started(tmp_path: Path) -> subprocess.Popen[str]:
    """A studio of its own on a file with four good rows and two bad ones, on a machine without torch."""
    row = {"problem": "Ann has 9 pears, eats 3, gets 1. How many?", "steps": STEPS, "first_error": 1}
    scored = [{**row, "scores": [0.9, 0.95], "scorer": "a"}, {**row, "scores": [0.9, 0.1], "scorer": "b"}]
    others = [{**row, "problem": f"Question {n}?", "scores": [0.2, 0.3], "scorer": "a"} for n in range(2)]
    bad = [{**row, "scores": [0.9], "scorer": "a"}, {**row, "scores": [0.9, float("nan")], "scorer": "a"}]
    file = tmp_path / "rollouts.json"
    file.write_text(json.dumps([*scored, *bad, *others]))
    (tmp_path / "sitecustomize.py").write_text(BLOCK)
    home = Path(tempfile.mkdtemp(prefix="rs-test-"))
    environment = {**os.environ, "STUDIO_HOME": str(places.make_home(home)), "PYTHONPATH": f"{tmp_path}:{CHECKOUT}"}
    for name in ("PORT", "DATABASE_URL", "CELERY_BROKER_URL", "DJANGO_SETTINGS_MODULE"):
        environment.pop(name, None)
    command = [sys.executable, "-m", "rationale_studio.cli", "review", str(file), "--no-browser"]
    with (tmp_path / "log").open("w") as log:
        return subprocess.Popen(command, env=environment, stdout=log, stderr=log, text=True)


def test_a_file_is_under_review_in_one_command(started: subprocess.Popen[str], tmp_path: Path) -> None:
    log = tmp_path / "log"
    try:
        assert wait_until(lambda: "signs you in once" in log.read_text() or started.poll() is not None, 60)
        said = log.read_text()
        assert "2 rows refused" in said and "scores[1]: expected a number from 0 to 1, found 'nan'" in said, said
        browser = build_opener(HTTPCookieProcessor(CookieJar()))
        page = browser.open(re.findall(r"once: (\S+)", said)[0]).read().decode()
        assert "<strong>1</strong> step" in page or "a × labels" in page
        review = re.findall(r"open at (\S+)", said)[0]
        assert wait_until(lambda: "6 + 1 = 7, not 8" in asked(browser, review), 40, 0.5), asked(browser, review)
    finally:
        started.send_signal(signal.SIGINT)
        assert started.wait(30) == 0
    assert "stopped; all data are kept" in log.read_text()


def asked(browser: OpenerDirector, review: str) -> str:
    time.sleep(0.2)
    return browser.open(f"{review}?matrix=check").read().decode()
