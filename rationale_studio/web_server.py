"""Gunicorn's settings: `gunicorn -c python:rationale_studio.web_server rationale_studio.wsgi`."""

from __future__ import annotations

import gc
from typing import Any

from rationale_studio import env

# One process keeps memory low; each of its threads keeps a database connection.
workers = env.number("STUDIO_WEB_PROCESSES", 1, least=1, most=64)
worker_class = "gthread"
threads = env.number("STUDIO_THREADS", 8, least=1, most=64)
# An import of a large file may take a while; a page never does.
timeout = 120
graceful_timeout = 5
keepalive = 30
control_socket_disable = True


def post_worker_init(worker: Any) -> None:
    """Keep what start-up made out of the collector's rounds, and make them rarer: a page makes no cycles that count."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
