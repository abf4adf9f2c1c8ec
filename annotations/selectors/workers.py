"""What living workers say of themselves. Workers are of the site: whoever may see a project may see them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models.functions import Now

from annotations.access import Access
from annotations.models import Worker
from annotations.selectors.runs import ALIVE_SECONDS
from inference.types import Queue


@dataclass(frozen=True, slots=True)
class SandboxOfWorker:
    """A living worker that checks steps, and where it has models' programs run.

    `status` has choice, name, version, light, heavy and reason (inference.sandbox.choose.Status), or is empty until the
    worker knows.
    """

    worker: Worker
    status: dict[str, Any]


def sandbox_status(access: Access) -> list[SandboxOfWorker]:
    """Return what the living workers that check steps say of their sandboxes, by queue and name."""
    alive = Worker.objects.filter(
        queue__in=(Queue.GPU, Queue.TOOLS),
        stopped_at__isnull=True,
        seen_at__gt=Now() - timedelta(seconds=ALIVE_SECONDS),
    )
    return [SandboxOfWorker(worker, worker.sandbox) for worker in alive.order_by("queue", "name")]
