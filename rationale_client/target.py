"""Where logs go, and how a body is posted there."""

from __future__ import annotations

import hashlib
import http.client
import json
import os
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from urllib.parse import quote, urlsplit

TIMEOUT_SECONDS = 30


class Outcome(Enum):
    """What became of a body: stored, not now (it waits in the spool), or never (it is set aside)."""

    STORED = "stored"
    LATER = "later"
    NEVER = "never"


@dataclass(frozen=True)
class Target:
    """A project of a server, with the token that opens it and the folder where bodies wait."""

    url: str
    project: str
    token: str
    spool: Path

    @classmethod
    def of(cls, project: str, url: str = "", token: str = "", spool: str = "") -> Target:
        """Fill in what the environment says; ValueError for an address that is none."""
        url = (url or os.environ.get("STUDIO_URL", "") or "http://127.0.0.1:8000").rstrip("/")
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"{url!r} is no address; expected one such as http://127.0.0.1:8000.")
        folder = spool or os.environ.get("STUDIO_SPOOL", "") or "~/.cache/rationale-studio/spool"
        place = hashlib.sha256(f"{url}\n{project}".encode()).hexdigest()[:16]
        return cls(url, project, token or os.environ.get("STUDIO_TOKEN", ""), Path(folder).expanduser() / place)


class Post:
    """A kept connection to the address that takes logs."""

    def __init__(self, target: Target) -> None:
        self.target = target
        parts = urlsplit(target.url)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self.connection = kind(parts.hostname or "", parts.port, timeout=TIMEOUT_SECONDS)
        self.path = f"{parts.path}/api/v1/projects/{quote(target.project)}/log/"

    def __call__(self, body: bytes) -> tuple[Outcome, str]:
        """Send a body; return what became of it and a sentence where something was amiss."""
        headers = {"Content-Type": "application/json", "Authorization": f"Token {self.target.token}"}
        try:
            self.connection.request("POST", self.path, body, headers)
            response = self.connection.getresponse()
            text = response.read().decode("utf-8", "replace")
        except (OSError, http.client.HTTPException) as error:
            self.connection.close()
            return Outcome.LATER, f"{self.target.url} cannot be reached ({error})"
        if response.status == 200:
            return Outcome.STORED, _refused(text)
        said = f"{self.target.url} answered {response.status}: {text[:300]}"
        # A wrong token or project can be mended while the logs wait; a body that is wrong in itself cannot.
        return (Outcome.NEVER if response.status in (400, 413, 422) else Outcome.LATER), said


def _refused(text: str) -> str:
    """Return the sentences of the nodes that a stored body lost, "" when it lost none."""
    try:
        refused = json.loads(text).get("refused", [])
    except ValueError:
        return ""
    more = f" (and {len(refused) - 5} more)" if len(refused) > 5 else ""
    return "; ".join(f"{one['where']}: {one['error']}" for one in refused[:5]) + more
