"""Import formats, one file each, in the order in which detection asks them. A new one is a file and a line here."""

from __future__ import annotations

from collections.abc import Mapping

from annotations.imports.formats import full, gsm8k, plain, predictions, prm800k, prm800k_raw, processbench
from annotations.imports.formats.base import ImportFormat, Origin

FORMATS: Mapping[str, ImportFormat] = {
    part.FORMAT.name: part.FORMAT
    for part in (
        full,
        prm800k,
        prm800k_raw,
        processbench,
        predictions,
        gsm8k,
        plain,
    )
}

__all__ = ["FORMATS", "ImportFormat", "Origin"]
