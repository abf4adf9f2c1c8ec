"""Trees that somebody's search logs while it runs (rationale_client writes, annotations.api.log takes)."""

from __future__ import annotations

from annotations.treelog.reading import read_log
from annotations.treelog.storing import LogReport, store_log

__all__ = ["LogReport", "read_log", "store_log"]
