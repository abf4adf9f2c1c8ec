"""What workers do. Only this package imports engines, search, verifiers, scoring and trainers.

A message only wakes a worker; the work is done in a thread of its own (annotations.tasks.loop), which also looks for
work by itself, so that a lost message or an absent broker costs seconds, not work.
"""

from __future__ import annotations

from typing import Any

from celery import shared_task
from celery.signals import worker_ready, worker_shutdown, worker_shutting_down

from annotations.tasks.loop import LOOPS, WorkLoop
from inference.types import Queue

# Imports and exports wait for disk and database: two side by side.
THREADS = {Queue.GPU: 1, Queue.TOOLS: 1, Queue.LIGHT: 2}


@shared_task(name="annotations.tasks.wake", ignore_result=True)
def wake(queue: str) -> None:
    """Make the loops of this process look for work now."""
    for loop in LOOPS:
        if loop.queue == queue:
            loop.look_now()


@worker_ready.connect
def start_loops(sender: Any, **_: Any) -> None:
    for queue in sender.app.amqp.queues.consume_from:
        if queue in set(Queue):
            for number in range(THREADS[Queue(queue)]):
                loop = WorkLoop(Queue(queue), number)
                LOOPS.append(loop)
                loop.start()


@worker_shutting_down.connect
def ask_loops_to_stop(**_: Any) -> None:
    for loop in LOOPS:
        loop.stop()


@worker_shutdown.connect
def stop_loops(**_: Any) -> None:
    ask_loops_to_stop()
    for loop in LOOPS:
        loop.join()
