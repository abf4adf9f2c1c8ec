"""Shares of an accelerator's memory, lent to workers by the database. Knows nothing about what they load.

1. A worker asks for a share before it loads an engine or starts a training. It is granted where it fits beside the
   others' shares and nobody has waited longer; else the worker waits in the queue, and everybody sees for whom.
2. A holder looks after each slice, and while trees grow, whether somebody waits for what it holds (`wanted`). It then
   ends its rounds, closes its engine and gives its share back.
3. The heartbeat renews; shares of a worker that died end with its lease.
"""

from __future__ import annotations

import socket
from dataclasses import dataclass

from django.conf import settings
from django.db import connection, transaction

from annotations.models import DeviceLease

LOCK = "SELECT pg_advisory_xact_lock(hashtext('studio device'), hashtext(%s))"
GONE = "DELETE FROM annotations_devicelease WHERE host = %s AND until < now()"
ASK = """
INSERT INTO annotations_devicelease AS l (host, device, owner, share, purpose, granted, until)
VALUES (%(host)s, %(device)s, %(owner)s, %(share)s, %(purpose)s, false, now() + %(lease)s * interval '1 second')
ON CONFLICT (host, device, owner) DO UPDATE SET purpose = EXCLUDED.purpose, until = EXCLUDED.until,
    share = EXCLUDED.share, granted = l.granted AND l.share >= EXCLUDED.share
"""
GRANT = """
UPDATE annotations_devicelease l SET granted = true
WHERE l.host = %(host)s AND l.device = %(device)s AND l.owner = %(owner)s
  AND (l.granted OR (
      l.share + (SELECT coalesce(sum(o.share), 0) FROM annotations_devicelease o
                 WHERE o.host = l.host AND o.device = l.device AND o.owner <> l.owner AND o.granted) <= 1.0001
      AND NOT EXISTS (SELECT FROM annotations_devicelease o
                      WHERE o.host = l.host AND o.device = l.device AND NOT o.granted AND o.asked_at < l.asked_at)))
"""
WANTED = """
SELECT o.purpose FROM annotations_devicelease o JOIN annotations_devicelease l
    ON l.host = o.host AND l.device = o.device AND l.owner = %s AND l.granted
WHERE NOT o.granted AND o.until > now() ORDER BY o.asked_at LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class Share:
    """What is asked for: a share in (0, 1] of a device of this machine ("" is none: nothing to lend), and what for."""

    device: str
    share: float
    purpose: str


def ask(owner: str, wanted: Share) -> bool:
    """Ask for a share, in place of the one that this worker has on the device; return whether it is granted."""
    if not wanted.device:
        return True
    host = socket.gethostname()
    facts: dict[str, str | float] = {
        "host": host,
        "device": wanted.device,
        "owner": owner,
        "share": wanted.share,
        "purpose": wanted.purpose[:200],
        "lease": settings.LEASE_SECONDS,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(LOCK, [f"{host} {wanted.device}"])
        cursor.execute(GONE, [host])
        cursor.execute(ASK, facts)
        cursor.execute(GRANT, facts)
        return bool(cursor.rowcount)


def renew(owner: str) -> None:
    """Prolong what a worker holds and waits for, from its heartbeat."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE annotations_devicelease SET until = now() + %s * interval '1 second' WHERE owner = %s",
            [settings.LEASE_SECONDS, owner],
        )


def give_back(owner: str) -> None:
    """End what a worker holds and waits for."""
    DeviceLease.objects.filter(owner=owner).delete()


def wanted(owner: str) -> str:
    """Return what somebody waits for that this worker holds, "" for nothing."""
    with connection.cursor() as cursor:
        cursor.execute(WANTED, [owner])
        row = cursor.fetchone()
    return "" if row is None else str(row[0])


def holders(device: str, but: str) -> str:
    """Return, in words, what the others hold of a device of this machine."""
    rows = DeviceLease.objects.filter(host=socket.gethostname(), device=device, granted=True).exclude(owner=but)
    return ", ".join(f"{row.purpose} ({row.share:.0%})" for row in rows.order_by("id"))
