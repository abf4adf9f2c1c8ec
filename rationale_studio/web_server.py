"""The web server: `python -m rationale_studio.web_server --bind 0.0.0.0:8000`."""

from __future__ import annotations

import argparse
import gc
import multiprocessing
import os
import signal
from collections.abc import Callable
from typing import Any

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings

from rationale_studio import env
from rationale_studio.services.process import die_with

OWNER = "STUDIO_WEB_OWNER"
"""The process id of the server, for its worker processes."""
STOP_SECONDS = 5
# Each thread keeps a database connection, for as long as it may.
THREAD_IDLE_SECONDS = 600
HEADER_SECONDS = 30


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bind", default="127.0.0.1:8000", metavar="HOST:PORT")
    host, _, port = parser.parse_args().bind.rpartition(":")
    # A worker process begins afresh, also one that is started later in place of one that ended.
    multiprocessing.set_start_method("spawn")
    os.environ[OWNER] = str(os.getpid())
    Granian(
        "rationale_studio.web_server:application",
        factory=True,
        address=host.strip("[]"),
        port=int(port),
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=HEADER_SECONDS * 1000),
        websockets=False,
        # One process keeps memory low; each of its threads keeps a database connection.
        workers=env.number("STUDIO_WEB_PROCESSES", 1, least=1, most=64),
        blocking_threads=env.number("STUDIO_THREADS", 8, least=1, most=64),
        blocking_threads_idle_timeout=THREAD_IDLE_SECONDS,
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_SECONDS,
    ).serve()


def application() -> Callable[..., Any]:
    """Return the application of a worker process, which ends with its server.

    What start-up made is kept out of the collector's rounds, and they become rarer: a page makes no cycles that count.
    """
    if ask := die_with(int(os.environ[OWNER]), signal.SIGTERM):
        ask()
    from rationale_studio.wsgi import application as wsgi

    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)

    def at_once(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        """Hand a whole answer over as a list: it goes out in one piece, where an iterator's parts go one by one."""
        answer: Any = wsgi(environ, start_response)
        if getattr(answer, "streaming", True):
            return answer
        answer.close()
        return [answer.content]

    return at_once


if __name__ == "__main__":
    main()
