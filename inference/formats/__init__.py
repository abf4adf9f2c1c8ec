"""Rationale formats, one file each. A new one is a file and a line here. Imports no model library."""

from __future__ import annotations

from collections.abc import Mapping

from inference.formats import bare_answer, numbered, verify_judge
from inference.formats.base import Format, ParseError, Rendered, Segment

FORMATS: Mapping[str, Format] = {
    part.FORMAT.name: part.FORMAT
    for part in (
        numbered,
        verify_judge,
        bare_answer,
    )
}

__all__ = ["FORMATS", "Format", "ParseError", "Rendered", "Segment"]
