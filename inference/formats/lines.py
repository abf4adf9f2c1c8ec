"""Headed paragraphs: "Step 1: …", whose further lines are indented, so that no step can imitate a heading."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

INDENT = "  "
HEADING = re.compile(r"(?:(Problem)|Step (\d{1,6})|(Answer)):(?: |$)|<(verify|judge|output)>")


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A heading ("problem", "step", "answer", "verify", …), its number if it is a step, its text and its offset."""

    heading: str
    number: int
    text: str
    start: int


def folded(text: str) -> str:
    """Indent every line but the first."""
    return text.replace("\n", "\n" + INDENT)


def unfolded(line: str) -> str:
    return line.removeprefix(INDENT)


def paragraphs(text: str) -> Iterator[Paragraph]:
    """Split a text at its headings; text before the first one is a paragraph whose heading is empty."""
    heading, number, start, lines, offset = "", 0, 0, list[str](), 0
    for line in text.split("\n"):
        found = HEADING.match(line)
        if found:
            if heading or any(lines):
                yield Paragraph(heading, number, "\n".join(lines), start)
            heading, number, start = heading_of(found), int(found[2] or 0), offset
            lines = [line[found.end() :]]
        else:
            lines.append(unfolded(line))
        offset += len(line) + 1
    if heading or any(lines):
        yield Paragraph(heading, number, "\n".join(lines), start)


def heading_of(found: re.Match[str]) -> str:
    return "step" if found[2] else (found[1] or found[3] or found[4]).lower()
