"""Wrong solutions whose first error is known, made from worked ones. A kind of error is a file and a line here."""

from __future__ import annotations

from collections.abc import Mapping

from inference.planted import arithmetic, copied, dropped, miscopied, operand, operation, quantity, unit
from inference.planted.kinds import Kind
from inference.planted.plant import Planted, plant, plant_some
from inference.planted.worked import Unfit, Worked, read

KINDS: Mapping[str, Kind] = {
    part.KIND.id: part.KIND
    for part in (
        operand,
        operation,
        quantity,
        dropped,
        copied,
        unit,
        miscopied,
        arithmetic,
    )
}

__all__ = ["KINDS", "Kind", "Planted", "Unfit", "Worked", "plant", "plant_some", "read"]
