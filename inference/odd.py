"""What of a model's text is for a machine rather than for a reader. It stays as it was written and is shown as such."""

from __future__ import annotations

import re

_ODD = re.compile(
    r"(?P<markup></?[a-z][a-z0-9]*(?:\s+[a-z-]+\s*=[^<>]{0,200})?\s*/?>|<!--)"
    r"|(?P<control_tokens><\|[a-z_]{1,40}\|>|\[/?INST\]|</?s>)"
    r"|(?P<instructions>\bsystem prompt\b"
    r"|\b(?:ignore|disregard|forget) (?:all|any|your|(?:the )?(?:previous|prior|above|rules|instructions))\b)",
    re.IGNORECASE,
)


def oddities(text: str) -> tuple[str, ...]:
    """Return which of "markup", "control tokens" and "instructions" (to whoever reads on) a text holds."""
    if not _ODD.search(text):
        return ()
    return tuple(dict.fromkeys(found.lastgroup.replace("_", " ") for found in _ODD.finditer(text) if found.lastgroup))
