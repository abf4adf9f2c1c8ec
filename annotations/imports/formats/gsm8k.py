"""GSM8K: question, and an answer of steps with calculator marks whose last line is "#### answer"."""

from __future__ import annotations

import re

from annotations.imports.formats.base import ImportFormat, Origin
from annotations.imports.records import BadRow, ProblemRow, Row, text

MARK = re.compile(r"<<[^<>\n]*>>")
FINAL = "####"


def fits(row: Row) -> bool:
    answer = row.get("answer")
    return isinstance(row.get("question"), str) and isinstance(answer, str) and FINAL in answer


def parse(row: Row, origin: Origin) -> ProblemRow:
    """Keep the answer field as given in data, and a solution without marks for people to read."""
    given = text(row, "answer")
    steps, mark, answer = given.rpartition(FINAL)
    if not mark or not answer.strip():
        raise BadRow("answer", "steps and a last line “#### answer”", given[-60:])
    others = {name: value for name, value in row.items() if name not in {"question", "answer"}}
    return ProblemRow(
        text=text(row, "question"),
        answer=answer.strip(),
        solution=MARK.sub("", steps).strip(),
        source="gsm8k",
        data={**others, "answer_field": given},
    )


FORMAT = ImportFormat(
    name="gsm8k",
    title="GSM8K",
    description="question, and an answer of steps with calculator marks that ends with #### and the answer.",
    fits=fits,
    parse=parse,
)
