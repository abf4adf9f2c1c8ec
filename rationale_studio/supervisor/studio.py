"""The supervisor's own life: start in order, watch, stop in the opposite order."""

from __future__ import annotations

import signal
import sys
import time
from pathlib import Path
from types import FrameType

from rationale_studio import home as places
from rationale_studio.services import embedded, listening
from rationale_studio.services.postgres import Postgres
from rationale_studio.services.process import spawn, wait_until
from rationale_studio.services.trouble import Trouble, network_warning
from rationale_studio.services.valkey import Valkey
from rationale_studio.supervisor.children import Child, children_environment, web_plan, worker_plan
from rationale_studio.supervisor.claim import accepts, check_port, claimed

QUEUES = ("gpu", "tools", "light")
LOOK_SECONDS = 0.2
FIRST_PAGE_SECONDS = 60.0
EVERYWHERE = "0.0.0.0"  # noqa: S104 compared, not bound
REVIVAL_PAUSES = (1.0, 2.0, 4.0, 8.0)


class Stopped(Exception):
    """Somebody asked the studio to stop while it was still starting."""


class Studio:
    """Everything that one data folder runs on one machine."""

    # The module that makes the database ready, and the queues that get a worker.
    preparation: tuple[str, ...] = ("rationale_studio.supervisor.prepare",)
    queues: tuple[str, ...] = QUEUES

    def __init__(self, home: Path, host: str, port: int) -> None:
        self.home, self.host, self.port = places.make_home(home), host, port
        self.address = f"http://{host}:{port}"
        self.stopping = False
        self.servers = embedded.servers(home)
        environment = children_environment(home)
        self.web = Child(web_plan(home, host, port), environment)
        self.workers = [Child(worker_plan(home, queue), environment) for queue in self.queues]

    def run(self) -> None:
        """Start, watch until a signal comes, and stop whatever was started however this ends."""
        with claimed(self.home, self.address):
            check_port(self.host, self.port)
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, self.on_signal)
            try:
                self.start()
                self.watch()
            except Stopped:
                pass
            finally:
                self.stop()

    def on_signal(self, number: int, frame: FrameType | None) -> None:
        self.stopping = True

    def start(self) -> None:
        """Start servers, prepare the database, then web and workers together."""
        warning = network_warning(self.home)
        if warning:
            tell(f"warning: {warning}")
        for server in self.servers:
            tell(f"{server.name} runs already" if server.running() else f"starting {server.name}")
            server.start()
            self.heed_signals()
        self.prepare()
        self.admit_workers()
        for child in (self.web, *self.workers):
            child.start()
        queues = ", ".join(self.queues)
        tell(f"starting the web server and {len(self.workers)} workers ({queues}); logs in {self.home}/logs")
        self.await_first_page()
        self.opened()

    def opened(self) -> None:
        tell(f"the studio is open at {self.address}   (Ctrl-C stops everything and keeps all data)")
        self.tell_how_to_join()

    def heed_signals(self) -> None:
        if self.stopping:
            raise Stopped

    def prepare(self) -> None:
        """Migrate, collect and seed in a process that then gives its memory back."""
        child = spawn(
            [sys.executable, "-m", *self.preparation],
            log=None, cwd=places.CHECKOUT, environment=children_environment(self.home),
        )  # fmt: skip
        while child.poll() is None:
            if self.stopping:
                child.terminate()
                child.wait()
                raise Stopped
            time.sleep(0.05)
        if child.returncode:
            raise Trouble("The database could not be made ready; the lines above tell why.")

    def admit_workers(self) -> None:
        """Let workers of other machines in, where LISTEN asks for it; their broker then needs its password here too."""
        postgres = next((server for server in self.servers if isinstance(server, Postgres)), None)
        if listening.address() is None or postgres is None:
            return
        there = listening.chosen(self.home)
        if not accepts(self.listens_on, there.postgres_port):
            raise Trouble("PostgreSQL runs already without LISTEN: end the command that started it, then start again.")
        listening.admit(postgres.address(), there.password)
        for child in (self.web, *self.workers):
            child.environment = {**child.environment, "CELERY_BROKER_URL": there.broker_url(self.listens_on)}

    @property
    def listens_on(self) -> str:
        bind = listening.address() or ""
        return "127.0.0.1" if bind == EVERYWHERE else bind

    def tell_how_to_join(self) -> None:
        if listening.address() is not None and self.servers:
            url = listening.chosen(self.home).join_url(listening.own_name())
            tell("a worker on another machine joins with (whoever reads this line can join):")
            tell(f"    .venv/bin/studio worker --join '{url}'")

    def await_first_page(self) -> None:
        def ready() -> bool:
            return self.stopping or accepts(self.host, self.port) or self.web.process is None or dead(self.web)

        wait_until(ready, FIRST_PAGE_SECONDS)
        self.heed_signals()
        if dead(self.web):
            raise Trouble(f"The web server did not start; {self.web.plan.log} tells why.")

    def watch(self) -> None:
        """Keep everything running until a signal comes."""
        while not self.stopping:
            for server in self.servers:
                if not server.running():
                    self.revive(server)
            for child in (self.web, *self.workers):
                line = child.watch()
                if line:
                    tell(line)
            time.sleep(LOOK_SECONDS)

    def revive(self, server: Postgres | Valkey) -> None:
        """Start a dead server again; after a crash its orphans may hold its memory for some seconds."""
        tell(f"{server.name} ended; starting it again; its log is {server.log}")
        for pause in REVIVAL_PAUSES:
            try:
                server.start()
                return
            except Trouble as trouble:
                tell(str(trouble))
            wait_until(lambda: self.stopping, pause)
            self.heed_signals()
        server.start()

    def stop(self) -> None:
        """Web, then workers (which finish their slice), then Valkey, then PostgreSQL."""
        for name, children in (("the web server", [self.web]), ("the workers", self.workers)):
            if any(child.process for child in children):
                tell(f"stopping {name}")
                end_all(children)
        for server in reversed(self.servers):
            tell(f"stopping {server.name}")
            server.stop()
        tell("stopped; all data are kept")


def end_all(children: list[Child]) -> None:
    for child in children:
        child.ask_to_end()
    began = time.monotonic()
    for child in children:
        if not child.await_end(began + child.plan.grace_seconds):
            tell(f"{child.plan.name} did not end in {child.plan.grace_seconds:.0f} s and was killed; no data are lost")


def dead(child: Child) -> bool:
    return child.process is not None and child.process.poll() is not None


def tell(line: str) -> None:
    print(f"  {line}", flush=True)
