"""What docs/planted.md shows in Python runs as it is written."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "planted.md"


def test_the_python_of_the_page_runs() -> None:
    (code,) = re.findall(r"```python\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.S)
    said = io.StringIO()

    with contextlib.redirect_stdout(said):
        exec(code, {})  # noqa: S102 our own page

    assert said.getvalue().count("at step") == 3


def test_every_kind_stands_in_the_table() -> None:
    from inference.planted import KINDS

    text = DOCUMENT.read_text(encoding="utf-8")
    for kind in KINDS.values():
        row = next(line for line in text.split("\n") if line.startswith(f"| `{kind.id}`"))
        assert row.endswith("| false |" if kind.breaks else "| computed correctly |")
