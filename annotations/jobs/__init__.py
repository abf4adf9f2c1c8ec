"""Asking for work and handing it out. The database is the truth: a Celery message only wakes a worker.

A run is cut into shards when it is made. A worker claims a shard for one slice under a growing fence number, stores
under that fence, and looks again.
"""

from __future__ import annotations

from annotations.jobs.asking import (
    DEFAULT_SHARD,
    granted,
    growing_run,
    problems,
    request_export,
    request_generation,
    request_import,
    request_planting,
    request_replay,
    request_scoring,
    request_training,
)
from annotations.jobs.control import cancel_run, pause_run, resume_run, settle, stop_tree
from annotations.jobs.making import cut, new_run, queue_of, run_of_one, wake

__all__ = [
    "DEFAULT_SHARD",
    "cancel_run",
    "cut",
    "granted",
    "growing_run",
    "new_run",
    "pause_run",
    "problems",
    "queue_of",
    "request_export",
    "request_generation",
    "request_import",
    "request_planting",
    "request_replay",
    "request_scoring",
    "request_training",
    "resume_run",
    "run_of_one",
    "settle",
    "stop_tree",
    "wake",
]
