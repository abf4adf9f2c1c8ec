"""The program `studio`. Each command is a module with `add(parsers)`, which sets `run` to what it does."""

from __future__ import annotations

import argparse
import sys

from rationale_studio.cli import review, worker
from rationale_studio.services.trouble import Trouble

COMMANDS = (review, worker)


def main() -> int:
    """Run the command that the arguments name; return the exit status."""
    parser = argparse.ArgumentParser(prog="studio", description="Grow, check, correct and export reasoning data.")
    parsers = parser.add_subparsers(required=True, metavar="COMMAND")
    for command in COMMANDS:
        command.add(parsers)
    options = parser.parse_args()
    try:
        return int(options.run(options))
    except Trouble as trouble:
        print(f"\n{trouble}", file=sys.stderr)
        return 1
