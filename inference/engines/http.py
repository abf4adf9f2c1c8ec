"""Asking an HTTP server for JSON: kept connections, patience with one that fails or is gone. Knows no interface.

Redirects are not followed and proxies not used; the key stands in no message.
"""

from __future__ import annotations

import json
import random
import socket
import ssl
import threading
import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import Any, TypeVar
from urllib.parse import urlsplit

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
    """One server, asked from several threads at once. `retries` counts what had to be asked again."""

    def __init__(self, address: str, *, key: str = "", timeout: float = 120.0, patience: float = 300.0) -> None:
        parts = urlsplit(address)
        self.address = address.rstrip("/")
        self.timeout = timeout
        self.patience = patience
        self.retries = 0
        self._key = key
        self._secure = parts.scheme == "https"
        self._place = (parts.hostname or "", parts.port)
        self._path = parts.path.rstrip("/")
        self._idle: list[HTTPConnection] = []
        self._busy: set[HTTPConnection] = set()
        self._lock = threading.Lock()

    def ask(self, path: str, body: object, read: Callable[[Any], T], stop: threading.Event) -> T:
        """Return what `read` makes of the JSON that answers `body` (None: GET); `read` may raise Trouble.

        Trouble is tried again for `patience` seconds, with pauses that double, or as long as the server asks for.
        EngineError when the patience is at its end or `stop` is set, Refused when the server says no.
        """
        said = None if body is None else json.dumps(body).encode()
        failing, pause = 0.0, FIRST_PAUSE
        while True:
            try:
                return read(self._answer(path, said))
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
        with self._lock:
            idle, self._idle = self._idle, []
            for connection in self._busy:
                _cut(connection)
        for connection in idle:
            connection.close()

    def _gave_up(self, last: str) -> str:
        return (
            f"{self.address} gave no answer for {self.patience:g} s; the last try: {self._hidden(last)}. "
            "See that the server runs and can be reached from the workers, then resume the run"
        )

    def _answer(self, path: str, body: bytes | None) -> Any:
        status, headers, raw = self._exchange(path, body)
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

    def _exchange(self, path: str, body: bytes | None) -> tuple[int, Any, bytes]:
        """Send one request and read the whole answer; a kept connection that has gone stale is replaced once."""
        with self._lock:
            connection = self._idle.pop() if self._idle else None
        if connection is not None:
            try:
                return self._through(connection, path, body)
            except ConnectionError:
                pass
            except (OSError, HTTPException) as error:
                raise Trouble(_named(error)) from None
        try:
            return self._through(self._connect(), path, body)
        except ssl.SSLCertVerificationError as error:
            raise EngineError(f"{self.address}: the certificate is not trusted ({error.verify_message})") from None
        except UnicodeError:
            raise EngineError(f"{self.address}: this is not the name of a host") from None
        except (OSError, HTTPException) as error:
            raise Trouble(_named(error)) from None

    def _through(self, connection: HTTPConnection, path: str, body: bytes | None) -> tuple[int, Any, bytes]:
        with self._lock:
            self._busy.add(connection)
        kept = False
        try:
            headers = {"Accept": "application/json", "Content-Type": "application/json"}
            if self._key:
                headers["Authorization"] = f"Bearer {self._key}"
            connection.request("GET" if body is None else "POST", self._path + path, body, headers)
            deadline = time.monotonic() + self.timeout
            response = connection.getresponse()
            raw = _read(response, connection, deadline)
            kept = not response.will_close
            return response.status, response.headers, raw
        finally:
            with self._lock:
                self._busy.discard(connection)
                if kept:
                    self._idle.append(connection)
            if not kept:
                connection.close()

    def _connect(self) -> HTTPConnection:
        kind = HTTPSConnection if self._secure else HTTPConnection
        connection = kind(*self._place, timeout=min(self.timeout, CONNECT_SECONDS))
        connection.connect()
        connection.sock.settimeout(self.timeout)
        return connection

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


def _read(response: HTTPResponse, connection: HTTPConnection, deadline: float) -> bytes:
    """Read an answer to its end, however slowly it drips, until the deadline."""
    parts: list[bytes] = []
    size = 0
    while not response.isclosed():
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        if connection.sock is not None:
            connection.sock.settimeout(left)
        part = response.read1(65536)
        if not part:
            break
        parts.append(part)
        size += len(part)
        if size > LARGEST_ANSWER:
            raise HTTPException("the answer is larger than 64 MiB")
    if response.length:
        raise HTTPException(f"the answer broke off {response.length} bytes before its end")
    response.close()
    return b"".join(parts)


def _cut(connection: HTTPConnection) -> None:
    try:
        if connection.sock is not None:
            connection.sock.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass  # it is gone already


def _named(error: Exception) -> str:
    """Return what went wrong on the way, in words."""
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, ConnectionRefusedError):
        return "nobody listens there"
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
