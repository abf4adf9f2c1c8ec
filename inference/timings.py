"""How long many small things took, kept as counts in bands of a constant ratio. Knows nothing about what was timed.

Counts of several processes add up, and a median of them is known without keeping every time.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

LEAST_MS = 0.02
PER_DOUBLING = 4
"""Bands for each doubling: a median lies within a tenth of the true one."""
MOST = 80


def band_of(millis: float) -> int:
    """Return the band that a time in milliseconds falls into: 0 up to LEAST_MS, at most MOST."""
    if millis <= LEAST_MS:
        return 0
    return min(1 + int(PER_DOUBLING * math.log2(millis / LEAST_MS)), MOST)


def median(counts: Mapping[int, int]) -> float | None:
    """Return about the median in milliseconds of times counted by band, None where there is none."""
    half = sum(counts.values()) / 2
    seen = 0
    for band in sorted(counts):
        if counts[band] and seen + counts[band] >= half:
            within = (half - seen) / counts[band]
            return LEAST_MS * 2.0 ** ((band - 1 + within) / PER_DOUBLING) if band else LEAST_MS * within
        seen += counts[band]
    return None
