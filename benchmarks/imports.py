"""Imports 10,000 plain problems with the command into a PostgreSQL of its own, committed, duplicates looked for.

The figure is the time of `import_file` inside the command (start-up of Python and Django left out; both are shown).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]
PROBLEMS = 10_000
TIMES = 3


def write_problems(path: Path) -> None:
    """Write distinct word problems of some 150 characters with answer, level and id."""
    with path.open("w", encoding="utf-8") as file:
        for number in range(PROBLEMS):
            boxes, each = number // 97 + 3, number % 97 + 2
            text = (
                f"A shop packs {boxes} boxes with {each} apples in each and sells {number} of the apples on Monday. "
                "How many apples are packed into the boxes altogether?"
            )
            row = {"id": f"p{number}", "problem": text, "answer": str(boxes * each), "level": 1}
            file.write(json.dumps(row) + "\n")


def command(*words: str) -> str:
    whole = [sys.executable, str(CHECKOUT / "manage.py"), *words]
    return subprocess.run(whole, check=True, capture_output=True, text=True, cwd=CHECKOUT).stdout  # noqa: S603


def measure(path: Path) -> list[dict[str, float]]:
    """Import the file into a fresh project each time; return seconds of import_file and of the whole command."""
    from annotations.models import Project

    found = []
    for number in range(TIMES):
        slug = f"imports-{number}"
        Project.objects.create(name=slug, slug=slug)
        started = time.perf_counter()
        report = json.loads(command("import_data", str(path), "--project", slug, "--json"))
        whole = time.perf_counter() - started
        assert report["problems_new"] == PROBLEMS, report
        found.append({"import_s": report["seconds"], "command_s": round(whole, 3)})
    again = json.loads(command("import_data", str(path), "--project", "imports-0", "--json"))
    assert again["problems_new"] == 0, again
    return found


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="rs-bench-") as home:
        os.environ["STUDIO_HOME"] = home
        os.environ["DJANGO_SETTINGS_MODULE"] = "rationale_studio.settings"
        for name in ("DATABASE_URL", "CELERY_BROKER_URL"):
            os.environ.pop(name, None)
        sys.path.insert(0, str(CHECKOUT))
        import django

        from rationale_studio.services.embedded import Needs, borrowed

        with borrowed(Path(home), Needs(postgres=True, valkey=True)):
            django.setup()
            command("migrate", "-v0")
            path = Path(home) / "problems.jsonl"
            write_problems(path)
            runs = measure(path)
    best = min(run["import_s"] for run in runs)
    print(
        json.dumps(
            {
                "name": "imports.problems_per_s",
                "value": round(PROBLEMS / best),
                "unit": "1/s",
                "detail": {"problems": PROBLEMS, "timed": "import_file in the command, best of three", "runs": runs},
            }
        )
    )


if __name__ == "__main__":
    main()
