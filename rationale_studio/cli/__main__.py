"""`studio COMMAND`, one module a command: `add(commands)` declares it, `run(options)` does it."""

from __future__ import annotations

import argparse
import importlib
import sys

from rationale_studio.services.trouble import Trouble

COMMANDS = ("worker",)


def main() -> int:
    parser = argparse.ArgumentParser(prog="studio", description="Rationale Studio outside of its pages.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name in COMMANDS:
        importlib.import_module(f"rationale_studio.cli.{name}").add(commands)
    options = parser.parse_args()
    try:
        return int(options.run(options))
    except Trouble as trouble:
        print(f"\n{trouble}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
