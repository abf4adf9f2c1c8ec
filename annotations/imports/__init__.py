"""Files become rows: read, checked, staged by COPY, merged. The same file twice is the same as once."""

from __future__ import annotations

from annotations.imports.detection import detect
from annotations.imports.formats import FORMATS
from annotations.imports.identity import content_hash
from annotations.imports.loading import import_file
from annotations.imports.report import ImportReport

__all__ = ["FORMATS", "ImportReport", "content_hash", "detect", "import_file"]
