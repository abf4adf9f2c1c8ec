"""Asking an address as somebody, and forgetting what that wrote."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction
from django.http.response import HttpResponseBase
from django.test import Client

from annotations import files
from annotations.models import DatasetSnapshot, User
from tests.api.permissions import API, BODIES
from tests.factories import Filled


@contextmanager
def forgotten() -> Iterator[None]:
    """Roll back what happens inside."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def ask(user: User | None, name: str, method: str, url: str) -> HttpResponseBase:
    """Send the least body that `name` takes; a fault of ours becomes a 500."""
    client = Client(raise_request_exception=False)
    if user is not None:
        client.force_login(user)
    if name in API:
        return client.generic(method, url, _json(name), content_type=_kind(name))
    return getattr(client, method.lower())(url, BODIES.get(name) if method == "POST" else None)


def _json(name: str) -> bytes:
    return json.dumps(BODIES.get(name, {})).encode()


def _kind(name: str) -> str:
    return "application/x-ndjson" if name == "api-imports" else "application/json"


def with_file(filled: Filled) -> Filled:
    """Give the data set of `filled` a file to download."""
    path = files.folder(filled.snapshot.project_id, files.DATASETS) / "words.jsonl"
    path.write_bytes(b"{}\n")
    DatasetSnapshot.objects.filter(pk=filled.snapshot.pk).update(path=files.stored(path))
    return filled
