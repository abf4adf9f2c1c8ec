"""A completions server on loopback: it answers as the scripted engine does, and fails as it is told to."""

from __future__ import annotations

import json
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from inference.engines.base import Request
from inference.engines.scripted import complete
from inference.types import FinishReason

HANG_SECONDS = 20.0


class Stub:
    """What the server does and has seen. `plan` holds one act for each of the next calls; then it answers.

    An act is a status, (status, Retry-After), the bytes of an answer, "drop" or "hang".
    """

    def __init__(self) -> None:
        self.plan: deque[Any] = deque()
        self.delay = 0.0
        self.key = ""
        self.names = ["small"]
        self.logprobs = True
        self.tops: dict[str, Any] = {}
        self.most_tops = 20
        self.at_most = 1000
        self.context = 10**6
        self.asked: list[dict[str, Any]] = []
        self.calls = self.rows = self.most_calls = self.most_rows = 0
        self.released = threading.Event()
        self.lock = threading.Lock()
        self.server: ThreadingHTTPServer | None = None
        self.port = 0

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def start(self) -> None:
        """Listen, on the port of the time before if there was one."""
        self.released.clear()
        self.server = _Threads(("127.0.0.1", self.port), type("Bound", (_Handler,), {"stub": self}))
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        """Go away: calls in flight are cut off."""
        self.released.set()
        if self.server is not None:
            self.server.shutdown()
            self.server.server_close()
            self.server = None

    def came(self, body: dict[str, Any]) -> None:
        with self.lock:
            self.asked.append(body)
            self.calls, self.rows = self.calls + 1, self.rows + body["n"]
            self.most_calls, self.most_rows = max(self.most_calls, self.calls), max(self.most_rows, self.rows)

    def went(self, body: dict[str, Any]) -> None:
        with self.lock:
            self.calls, self.rows = self.calls - 1, self.rows - body["n"]

    def answer(self, body: dict[str, Any]) -> dict[str, Any]:
        """Return what a vLLM server would, drawn by the scripted engine with seeds that count up from the call's."""
        head, mark, tail = body["prompt"].rpartition("Problem:")
        question, _, reply = tail.partition("\n")
        base = Request("", head, f"{mark}{question}\n", 0, body["max_tokens"], stop=tuple(body.get("stop", ())))
        choices = []
        for index in range(min(body["n"], self.at_most)):
            seed = body.get("seed", 0) + index
            drawn = complete(Request("", head, base.prompt, seed, base.max_tokens, stop=base.stop, reply=reply))
            choices.append(self.weighed() if body["logprobs"] else self.choice(index, drawn.text, drawn.finish))
        tokens = sum(len(choice["text"]) // 4 + 1 for choice in choices)
        usage = {"prompt_tokens": len(body["prompt"]) // 4, "completion_tokens": tokens}
        usage["prompt_tokens_details"] = {"cached_tokens": len(head) // 4}  # type: ignore[assignment]
        return {"choices": choices[::-1], "usage": usage}

    def weighed(self) -> dict[str, Any]:
        """Answer a call for the likeliest tokens with `tops`, of which the first was drawn."""
        first = next(iter(self.tops), "")
        logprobs = {"tokens": [first], "token_logprobs": [self.tops.get(first)], "top_logprobs": [self.tops]}
        return {"index": 0, "text": first, "finish_reason": "length", "logprobs": logprobs}

    def choice(self, index: int, text: str, finish: FinishReason) -> dict[str, Any]:
        said: dict[str, Any] = {"index": index, "text": text, "finish_reason": "stop", "stop_reason": "\n"}
        if self.logprobs:
            pieces = [text[at : at + 4] for at in range(0, len(text), 4)] + ["\n"]
            said["logprobs"] = {"tokens": pieces, "token_logprobs": [-0.5] * len(pieces)}
        return said


class _Threads(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that went away is no news."""


class _Handler(BaseHTTPRequestHandler):
    stub: Stub
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        if self.allowed():
            cards = [{"id": name, "max_model_len": 4096} for name in self.stub.names]
            self.reply(200, json.dumps({"data": cards}).encode())

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.stub.came(body)
        try:
            if self.allowed():
                self.act(body)
        finally:
            self.stub.went(body)

    def allowed(self) -> bool:
        if self.stub.key and self.headers.get("Authorization") != f"Bearer {self.stub.key}":
            said = f"Incorrect API key: {self.headers.get('Authorization')}"
            self.reply(401, json.dumps({"error": {"message": said}}).encode())
            return False
        return True

    def act(self, body: dict[str, Any]) -> None:
        with self.stub.lock:
            act = self.stub.plan.popleft() if self.stub.plan else None
        if len(body["prompt"]) // 4 + body["max_tokens"] > self.stub.context:
            act = 400
        if body["logprobs"] > self.stub.most_tops:
            self.reply(400, json.dumps({"error": {"message": "logprobs must be less"}}).encode())
            return
        if act in ("drop", "hang"):
            self.stub.released.wait(HANG_SECONDS if act == "hang" else 0)
            self.close_connection = True
        elif isinstance(act, bytes):
            self.reply(200, act)
        elif act is not None:
            status, after = act if isinstance(act, tuple) else (act, "")
            said = "This model's maximum context length is 4096 tokens" if status == 400 else "not now"
            self.reply(status, json.dumps({"error": {"message": said}}).encode(), after)
        else:
            time.sleep(self.stub.delay)
            if self.stub.released.is_set():
                self.close_connection = True
            else:
                self.reply(200, json.dumps(self.stub.answer(body)).encode())

    def reply(self, status: int, said: bytes, after: str = "") -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(said)))
        if after:
            self.send_header("Retry-After", after)
        if status == 307:
            self.send_header("Location", "http://127.0.0.1:1/v1/completions")
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *_: Any) -> None:
        """Silence."""


@contextmanager
def stub_server() -> Iterator[Stub]:
    """A stub that listens until the block ends."""
    stub = Stub()
    stub.start()
    try:
        yield stub
    finally:
        stub.stop()
