"""`python -m rationale_studio.cli`: the program `studio`."""

from __future__ import annotations

import sys

from rationale_studio.cli import main

sys.exit(main())
