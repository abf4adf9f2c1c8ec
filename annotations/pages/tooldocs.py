"""What the documentation says of a tool, for the page about it. Links to other files of it are left out."""

from __future__ import annotations

import re
from functools import cache

from django.conf import settings
from django.utils.safestring import SafeString

from annotations.pages.markdown import render

FOLDER = settings.BASE_DIR / "docs" / "verifiers"
NAME = re.compile(r"[a-z_]{1,40}")
# A link that leads out of the page stays: [text](https://…); one to another file becomes its text.
TO_A_FILE = re.compile(r"\[([^\[\]]{1,200})\]\((?!https?://)[^()\s]{1,200}\)")


@cache
def about(name: str) -> SafeString | None:
    """Return docs/verifiers/NAME.md as safe HTML without its title; None where there is none."""
    path = FOLDER / f"{name}.md"
    if not NAME.fullmatch(name) or not path.is_file():
        return None
    _title, _, text = path.read_text(encoding="utf-8").partition("\n")
    return render(TO_A_FILE.sub(r"\1", text))
