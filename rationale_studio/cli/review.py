"""`studio review FILE`: from a file of rollouts, scores or labels to the review page.

1. Servers start, or those that run are used; a process of its own brings the file in (rationale_studio.cli.load).
2. The web process and two workers start; the address is printed and opened.
3. The `tools` worker checks the steps with `claims` while the page is read.
4. Ctrl-C stops all that was started here.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import subprocess
import sys
import tempfile
import webbrowser
from pathlib import Path
from typing import Any

from rationale_studio import env
from rationale_studio import home as places
from rationale_studio.services.trouble import Trouble
from rationale_studio.supervisor.children import children_environment
from rationale_studio.supervisor.claim import AlreadyRunning
from rationale_studio.supervisor.studio import Studio, tell

PORTS_TRIED = 20


def add(parsers: Any) -> None:
    parser = parsers.add_parser("review", help="open the review page on a file of rollouts, scores or labels")
    parser.add_argument("file", type=Path, help="JSON lines, a JSON array or parquet")
    parser.add_argument("--project", default="", help="its name or address; else the file's name")
    parser.add_argument("--scorer", default="", help="who made scores that stand in rows without a scorer")
    parser.add_argument("--no-browser", action="store_true", help="print the address, open nothing")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    file: Path = options.file.expanduser().resolve()
    if not file.is_file():
        raise Trouble(f"There is no file {options.file}.")
    with tempfile.TemporaryDirectory(prefix="studio-review-") as folder:
        found = Path(folder) / "found.json"
        words = ("rationale_studio.cli.load", str(file), str(found), options.project, options.scorer)
        home, host = places.studio_home(), env.text("HOST", "127.0.0.1")
        try:
            ReviewStudio(home, host, port(host), words, found, opens=not options.no_browser).run()
        except AlreadyRunning as running:
            if not running.address:
                raise Trouble(str(running)) from None
            join(home, words, running.address, found, opens=not options.no_browser)
    return 0


def join(home: Path, words: tuple[str, ...], address: str, found: Path, *, opens: bool) -> None:
    """Bring the file into the studio that runs already."""
    command = [sys.executable, "-m", *words]
    if subprocess.run(command, cwd=places.CHECKOUT, env=children_environment(home), check=False).returncode:
        raise Trouble("The file was not brought in; the lines above tell why.")
    show(address, found, opens=opens)


class ReviewStudio(Studio):
    """A studio that brings a file in before it opens, and opens on its review. No worker of it needs a model."""

    queues = ("tools", "light")

    def __init__(
        self, home: Path, host: str, port: int, preparation: tuple[str, ...], found: Path, *, opens: bool
    ) -> None:
        super().__init__(home, host, port)
        self.preparation, self.found, self.opens = preparation, found, opens

    def opened(self) -> None:
        show(self.address, self.found, opens=self.opens)
        tell("Ctrl-C stops everything and keeps all data")


def show(address: str, found: Path, *, opens: bool) -> None:
    """Print where the review is, and open it where there is a browser with a window."""
    place = json.loads(found.read_text())
    tell(f"the review is open at {address}{place['review']}")
    tell(f"this link signs you in once: {address}{place['enter']}")
    windowed = sys.platform == "darwin" or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    if opens and windowed:
        webbrowser.open(f"{address}{place['enter']}")


def port(host: str) -> int:
    """Return PORT, else the first free port from 8000."""
    asked = env.number("PORT", 0, least=1, most=65535) if env.text("PORT") else 0
    if asked:
        return asked
    for number in range(8000, 8000 + PORTS_TRIED):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, number))
            except OSError:
                continue
            return number
    raise Trouble(f"The ports from 8000 to {8000 + PORTS_TRIED - 1} are taken. Choose one: PORT=9000 studio review …")
