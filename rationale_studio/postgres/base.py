"""The backend itself; Django looks for it under this name."""

from __future__ import annotations

import select

from django.db.backends.postgresql.base import DatabaseWrapper as PostgresWrapper


class DatabaseWrapper(PostgresWrapper):
    """A kept connection is checked before each request without a round trip, which would cost as much as a query.

    A server that went away has closed the socket, so there is something to read (its end); only then, or after an
    error, is the server asked.
    """

    def is_usable(self) -> bool:
        connection = self.connection
        if self.errors_occurred or connection is None or connection.closed or _speaks(connection.pgconn.socket):
            return bool(super().is_usable())
        return True


def _speaks(descriptor: int) -> bool:
    """Return whether something came in on a connection that should be silent."""
    poller = select.poll()
    poller.register(descriptor, select.POLLIN | select.POLLERR | select.POLLHUP)
    return bool(poller.poll(0))
