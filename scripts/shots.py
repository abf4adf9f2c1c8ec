"""Takes pictures of the pages with sample data into build/shots (tests/browser/shots.py lists them)."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[1]


def main() -> int:
    """Return pytest's exit status; names given as arguments choose the schemes (light, dark)."""
    chosen = ["-k", " or ".join(sys.argv[1:])] if sys.argv[1:] else []
    return int(pytest.main([str(CHECKOUT / "tests" / "browser" / "shots.py"), "-p", "no:cacheprovider", *chosen]))


if __name__ == "__main__":
    sys.exit(main())
