"""`studio worker --join URL`: work for a studio that runs on another machine."""

from __future__ import annotations

import argparse
import signal
import time
from collections.abc import Mapping
from types import FrameType
from typing import Any

import psycopg

from inference.types import RunKind
from rationale_studio import env
from rationale_studio import home as places
from rationale_studio.services import listening
from rationale_studio.services.trouble import Trouble
from rationale_studio.supervisor.children import Child, worker_plan
from rationale_studio.supervisor.studio import LOOK_SECONDS, QUEUES, end_all, tell

# Without the studio's files a machine can grow trees and measure pass rates, and nothing that reads uploads or writes
# data sets.
WITHOUT_FILES = "generate,passrate"
# With them all but imports, which may have to make accounts for the people that a file names.
WITH_FILES = ",".join(kind.value for kind in RunKind if kind != RunKind.IMPORT)


def add(commands: Any) -> None:
    parser = commands.add_parser("worker", help="work for a studio on another machine")
    parser.add_argument(
        "--join",
        default=env.text("STUDIO_JOIN"),
        metavar="URL",
        help="what `make studio LISTEN=1` prints; or STUDIO_JOIN",
    )
    parser.add_argument("--queue", default="gpu", choices=QUEUES, help="which work it takes (default: gpu)")
    parser.add_argument("--files", default="", metavar="FOLDER", help="the studio's files, where machines share them")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Keep a worker alive until a signal ends it; it finishes its slice first."""
    try:
        environment = joined(options)
    except ValueError as error:
        raise Trouble(f"--join: {error}.") from None
    check(environment)
    home = places.make_home(places.studio_home())
    (home / "logs").mkdir(exist_ok=True)
    child = Child(worker_plan(home, options.queue), environment)
    stopped: list[int] = []

    def stop(number: int, frame: FrameType | None) -> None:
        stopped.append(number)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)
    child.start()
    tell(f"works on the queue {options.queue}; its log is {child.plan.log}   (Ctrl-C ends it, no work is lost)")
    while not stopped:
        if line := child.watch():
            tell(line)
        time.sleep(LOOK_SECONDS)
    end_all([child])
    return 0


def joined(options: argparse.Namespace) -> Mapping[str, str]:
    environment = listening.joined(options.join)
    home = {"STUDIO_HOME": str(places.studio_home()), "DJANGO_SETTINGS_MODULE": "rationale_studio.settings"}
    files = {"STUDIO_KINDS": WITHOUT_FILES}
    if options.files:
        files = {"STUDIO_KINDS": WITH_FILES, "STUDIO_FILES": options.files}
    return {**environment, **home, **files}


def check(environment: Mapping[str, str]) -> None:
    """Say at once what is wrong with the way there."""
    address = environment["DATABASE_URL"]
    try:
        psycopg.connect(address, connect_timeout=10).close()
    except psycopg.OperationalError as error:
        why = str(error).strip().splitlines()[-1]
        raise Trouble(f"The studio's database at {env.hidden(address)} does not let this machine in: {why}") from None
