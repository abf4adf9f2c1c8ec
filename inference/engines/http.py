"""Asking an HTTP server for JSON: kept connections, patience with one that fails or is gone. Knows no interface.

Redirects are not followed and proxies not used; the key stands in no message.
"""

from __future__ import annotations

import json
import random
import socket
import threading
import time
from collections.abc import Callable
from contextlib import closing, suppress
from email.utils import parsedate_to_datetime
from http.client import IncompleteRead
from ssl import SSLCertVerificationError
from typing import Any, TypeVar
from urllib.parse import urlsplit
from weakref import WeakSet

from urllib3 import BaseHTTPResponse, HTTPConnectionPool, Timeout, connection_from_url
from urllib3.connection import HTTPConnection
from urllib3.exceptions import HTTPError, LocationValueError, ProtocolError

from inference.engines.base import EngineError

T = TypeVar("T")
CONNECT_SECONDS = 10.0
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 5.0
LARGEST_ANSWER = 64 * 2**20
SHOWN = 300
RETRIED = (408, 409, 425, 429)
ADVICE = {
    400: "Check the engine's model, seeds and structured settings",
    401: "Check the API key that the engine's secret_env names",
    403: "Check the API key that the engine's secret_env names",
    404: "Check the engine's address (it ends in /v1 as a rule) and model",
    422: "Check the engine's model, seeds and structured settings",
}


class Trouble(Exception):
    """Something that may pass; `after` is how many seconds the server asks to wait."""

    def __init__(self, what: str, after: float = 0.0) -> None:
        super().__init__(what)
        self.after = after


class Refused(EngineError):
    """The server will not answer this request, however often it is asked."""

    def __init__(self, message: str, status: int, said: str) -> None:
        super().__init__(message)
        self.status = status
        self.said = said


class Server:
    """One server, asked from several threads at once, `places` as a rule. `retries` counts what was asked again."""

    def __init__(
        self, address: str, *, key: str = "", timeout: float = 120.0, patience: float = 300.0, places: int = 1
    ) -> None:
        self.address = address.rstrip("/")
        self.timeout = timeout
        self.patience = patience
        self.places = places
        self.retries = 0
        self._key = key
        self._path = urlsplit(self.address).path
        self._lock = threading.Lock()
        self._made: WeakSet[HTTPConnection] = WeakSet()
        self._pool = self._fill()

    def ask(self, path: str, body: object, read: Callable[[Any], T], stop: threading.Event) -> T:
        """Return what `read` makes of the JSON that answers `body` (None: GET); `read` may raise Trouble.

        Trouble is tried again for `patience` seconds, with pauses that double, or as long as the server asks for.
        EngineError when the patience is at its end or `stop` is set, Refused when the server says no.
        """
        said = None if body is None else json.dumps(body).encode()
        failing, pause = 0.0, FIRST_PAUSE
        while True:
            try:
                return read(self._answer(path, said, stop))
            except Trouble as trouble:
                failing = failing or time.monotonic()
                left = failing + self.patience - time.monotonic()
                if stop.is_set() or left <= 0:
                    raise EngineError(self._gave_up(str(trouble))) from None
                with self._lock:
                    self.retries += 1
                stop.wait(min(left, max(trouble.after, pause * random.uniform(0.5, 1.0))))  # noqa: S311
                pause = min(2 * pause, LONGEST_PAUSE)

    def drop(self) -> None:
        """Cut every connection, so that whoever waits for an answer stops waiting."""
        idle, self._pool = self._pool, self._fill()
        idle.close()
        with self._lock:
            sockets = [connection.sock for connection in self._made]
        for one in filter(None, sockets):
            with suppress(OSError):  # it is gone already
                one.shutdown(socket.SHUT_RDWR)

    def _gave_up(self, last: str) -> str:
        return (
            f"{self.address} gave no answer for {self.patience:g} s; the last try: {self._hidden(last)}. "
            "See that the server runs and can be reached from the workers, then resume the run"
        )

    def _answer(self, path: str, body: bytes | None, stop: threading.Event) -> Any:
        status, headers, raw = self._exchange(path, body, stop)
        if status == 200:
            try:
                return json.loads(raw.decode("utf-8", errors="replace"))
            except (ValueError, RecursionError):
                raise Trouble(f"an answer that is not JSON: {self._shown(raw)}") from None
        said = self._shown(raw)
        if status in RETRIED or status >= 500:
            raise Trouble(f"status {status}: {said}", _seconds(headers.get("Retry-After", "")))
        advice = ADVICE.get(status, "Check the engine's address: redirects are not followed")
        raise Refused(f"{self.address}{path} answered {status}: {said}. {advice}", status, said)

    def _exchange(
        self, path: str, body: bytes | None, stop: threading.Event, *, again: bool = True
    ) -> tuple[int, Any, bytes]:
        """Send one request and read the whole answer; a connection that breaks is replaced once, unless by `drop`."""
        deadline = time.monotonic() + self.timeout
        try:
            method = "GET" if body is None else "POST"
            response = self._pool.urlopen(method, self._path + path, body, redirect=False, preload_content=False)
            with closing(response):
                return response.status, response.headers, _read(response, deadline)
        except LocationValueError:
            raise EngineError(f"{self.address}: this is not the name of a host") from None
        except HTTPError as error:
            cause = _cause(error)
            if isinstance(cause, SSLCertVerificationError):
                raise EngineError(f"{self.address}: the certificate is not trusted ({cause.verify_message})") from None
            stale = isinstance(error, ProtocolError) and isinstance(cause, ConnectionError)
            if not stale or not again or stop.is_set():
                raise Trouble(_named(cause)) from None
        return self._exchange(path, body, stop, again=False)

    def _fill(self) -> HTTPConnectionPool:
        """Return a pool for the address that notes the connections it makes: nobody else knows those in use."""
        headers = {"Accept": "application/json", "Content-Type": "application/json"}
        if self._key:
            headers["Authorization"] = f"Bearer {self._key}"
        time_out = Timeout(connect=CONNECT_SECONDS, total=self.timeout)
        try:
            pool = connection_from_url(
                self.address, maxsize=self.places, retries=False, timeout=time_out, headers=headers
            )
        except LocationValueError:
            raise EngineError(f"{self.address}: this is not the name of a host") from None
        make: Any = pool.ConnectionCls

        def noted(**settings: Any) -> Any:
            connection = make(**settings)
            with self._lock:
                self._made.add(connection)
            return connection

        pool.ConnectionCls = noted  # type: ignore[assignment]
        return pool

    def _shown(self, raw: bytes) -> str:
        """Return what the server said, short, on one line and without the key."""
        text = raw.decode("utf-8", errors="replace")
        try:
            found = json.loads(text)
            error = found.get("error", found)
            text = str(error.get("message", error) if isinstance(error, dict) else error)
        except (ValueError, RecursionError, AttributeError):
            pass
        return self._hidden(" ".join(text.split()))[:SHOWN] or "nothing"

    def _hidden(self, text: str) -> str:
        return text.replace(self._key, "…") if self._key else text


def _read(response: BaseHTTPResponse, deadline: float) -> bytes:
    """Read an answer to its end, however slowly it drips, until the deadline."""
    parts: list[bytes] = []
    size = 0
    while part := response.read1(65536, decode_content=False):
        parts.append(part)
        size += len(part)
        left = deadline - time.monotonic()
        if size > LARGEST_ANSWER:
            raise Trouble("the answer is larger than 64 MiB")
        if left <= 0:
            raise Trouble("no answer in time")
        # There is none once the answer is whole: its connection may be another thread's by now.
        if sock := getattr(response.connection, "sock", None):
            sock.settimeout(left)
    return b"".join(parts)


def _cause(error: HTTPError) -> BaseException:
    """Return what lies under an error of urllib3's: its cause or its last argument."""
    inner = error.__cause__ or (error.args or (error,))[-1]
    return inner if isinstance(inner, BaseException) else error


def _named(error: BaseException) -> str:
    """Return what went wrong on the way, in words."""
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, ConnectionRefusedError):
        return "nobody listens there"
    if isinstance(error, IncompleteRead) and error.expected:
        return f"the answer broke off {error.expected} bytes before its end"
    return str(error) or type(error).__name__


def _seconds(value: str) -> float:
    """Return what Retry-After asks for, in seconds; 0 for what cannot be read."""
    try:
        return min(3600.0, max(0.0, float(value)))
    except ValueError:
        pass
    try:
        return min(3600.0, max(0.0, parsedate_to_datetime(value).timestamp() - time.time()))
    except (TypeError, ValueError):
        return 0.0
