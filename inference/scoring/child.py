"""The process that reads steps: `python -m inference.scoring.child FOLDER SPEC`. One JSON line of paths in, blocks out.

1. Load the model and read a line of our own with it, so that nothing is left to import.
2. Give up privileges (inference.confine).
3. For each line on stdin, a list of [problem, steps], write its blocks and an end; stop when stdin ends.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import IO

from inference.confine import confine_child
from inference.scoring.frames import write_frame
from inference.scoring.lm import FrozenModel
from inference.scoring.paths import TextPath
from inference.scoring.reader import Block
from inference.scoring.spec import FeatureError, FeatureSpec


def main(folder: str, spec: str) -> None:
    parent = os.getppid()
    # Libraries print; what they say must not fall between the messages.
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    try:
        model = FrozenModel(FeatureSpec.from_dict(json.loads(spec)), Path(folder))
        for _ in model.read([TextPath("How many are 1 and 1?", ("1 + 1 = 2",))]):
            pass
        confine_child(parent=parent)
        write_frame(out, {"type": "ready"})
        for line in sys.stdin.buffer:
            paths = [TextPath(problem, tuple(steps)) for problem, steps in json.loads(line)]
            for block in model.read(paths):
                _write(out, block)
            write_frame(out, {"type": "end"})
    except FeatureError as error:
        write_frame(out, {"type": "error", "message": str(error)})


def _write(out: IO[bytes], block: Block) -> None:
    places = [[path, step, row] for (path, step), row in block.places.items()]
    head = {
        "type": "block",
        "places": places,
        "size": block.rows.shape[1],
        "tokens": block.tokens,
        "cut": block.cut,
    }
    write_frame(out, head, block.rows.tobytes())


if __name__ == "__main__":
    main(*sys.argv[1:])
