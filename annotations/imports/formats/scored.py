"""The scores of a row: one number a step from a named scorer. Any format of whole paths may carry them."""

from __future__ import annotations

from annotations.imports.formats.base import Origin
from annotations.imports.records import BadRow, Row, StepScores, share, text

VERSION = "import"
NAME_LIMIT, VERSION_LIMIT = 60, 64


def scores_of(row: Row, steps: int, origin: Origin) -> StepScores | None:
    """Return what the row's scorer says of its steps, None if the row has no scores."""
    values = row.get("scores")
    if values is None:
        return None
    if not isinstance(values, list) or len(values) != steps:
        found = f"{len(values)} scores" if isinstance(values, list) else values
        raise BadRow("scores", f"a list of {steps} numbers from 0 to 1, one a step", found)
    scorer = text(row, "scorer", needed=False, limit=NAME_LIMIT).strip() or origin.scorer
    if not scorer:
        raise BadRow("scorer", "the name of what made the scores")
    threshold = row.get("threshold")
    return StepScores(
        scorer=scorer,
        values=tuple(None if value is None else share(value, f"scores[{at}]") for at, value in enumerate(values)),
        version=text(row, "scorer_version", needed=False, limit=VERSION_LIMIT) or VERSION,
        threshold=None if threshold is None else share(threshold, "threshold"),
    )
