"""Headers that forbid inline code, and a bound on what a request may carry."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

Handler = Callable[[HttpRequest], HttpResponseBase]

POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
# Bodies of these types are streamed to disk or read line by line; every other body is held in memory.
STREAMED = ("multipart/form-data", "application/x-ndjson", "application/octet-stream")


def content_security_policy(handle: Handler) -> Handler:
    """Send the policy with every response, so that no page, the admin's included, runs inline code."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = handle(request)
        response.headers["Content-Security-Policy"] = POLICY
        response.headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
        return response

    return middleware


def body_limit(handle: Handler) -> Handler:
    """Refuse a body over the bound before any of it is read."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        limit = settings.UPLOAD_LIMIT_BYTES if streamed(request) else settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        sent = request.headers.get("Content-Length", "")
        if sent.isdigit() and int(sent) > limit:
            return too_large(int(sent), limit)
        return handle(request)

    return middleware


def streamed(request: HttpRequest) -> bool:
    return (request.content_type or "").startswith(STREAMED)


def too_large(sent: int, limit: int) -> HttpResponse:
    sentence = (
        f"The upload holds {mebibytes(sent)} MiB and the limit is {mebibytes(limit)} MiB. "
        "Split the file, import it with manage.py on the server, or raise STUDIO_UPLOAD_LIMIT_MIB."
    )
    return HttpResponse(sentence, status=413, content_type="text/plain; charset=utf-8")


def mebibytes(count: int) -> int:
    return -(-count // (1024 * 1024))
