"""Both servers together, for whoever needs them: the supervisor, a management command, the tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from rationale_studio import env
from rationale_studio import home as places
from rationale_studio.services.postgres import Postgres
from rationale_studio.services.process import locked
from rationale_studio.services.valkey import Valkey


@dataclass(frozen=True)
class Needs:
    """Which servers are the studio's own; the others' addresses stand in the environment."""

    postgres: bool
    valkey: bool


def needs() -> Needs:
    return Needs(postgres=not env.text("DATABASE_URL"), valkey=not env.text("CELERY_BROKER_URL"))


def servers(home: Path, wanted: Needs | None = None) -> list[Postgres | Valkey]:
    """Return the embedded servers in the order in which they start; they stop in the reverse order."""
    wanted = wanted or needs()
    kinds: list[type[Postgres | Valkey]] = [Postgres] * wanted.postgres + [Valkey] * wanted.valkey
    return [kind(home) for kind in kinds]


@contextmanager
def borrowed(home: Path, wanted: Needs | None = None) -> Iterator[None]:
    """Give a command the servers: those that run, or its own, which stop when no other command uses them."""
    places.make_home(home)
    users = home / "commands.lock"
    mine: list[Postgres | Valkey] = []
    with ExitStack() as using:
        using.enter_context(locked(users, shared=True))
        try:
            mine = [server for server in servers(home, wanted) if server.start()]
            yield
        finally:
            using.close()
            if mine:
                with locked(users, waiting="Another command uses the servers: waiting for its end to stop them."):
                    for server in reversed(mine):
                        server.stop()
