"""Reads the environment. A value that cannot be used stops the program with a sentence that tells how to mend it."""

from __future__ import annotations

import os
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off", ""}


class BadEnvironment(SystemExit):
    """An environment variable holds something that the studio cannot use."""

    def __init__(self, name: str, value: str, wanted: str) -> None:
        super().__init__(f"{name}={value!r} cannot be used: {wanted}. Set it so, or unset it.")


def text(name: str, default: str = "") -> str:
    return os.environ.get(name, "").strip() or default


def flag(name: str, default: bool = False) -> bool:
    value = os.environ.get(name)
    if value is None:
        return default
    if value.strip().lower() in TRUE | FALSE:
        return value.strip().lower() in TRUE
    raise BadEnvironment(name, value, "it is a switch, so it must be 1 or 0")


def number(name: str, default: int, *, least: int, most: int) -> int:
    value = text(name)
    if not value:
        return default
    try:
        found = int(value)
    except ValueError:
        raise BadEnvironment(name, value, f"it must be a whole number from {least} to {most}") from None
    if not least <= found <= most:
        raise BadEnvironment(name, value, f"it must be a whole number from {least} to {most}")
    return found


def one_of(name: str, default: str, choices: list[str]) -> str:
    value = text(name, default)
    if value not in choices:
        raise BadEnvironment(name, value, f"it must be one of {', '.join(choices)}")
    return value


def words(name: str, default: list[str]) -> list[str]:
    """Read a list written with commas."""
    found = [word.strip() for word in text(name).split(",") if word.strip()]
    return found or default


def postgres(name: str) -> dict[str, Any] | None:
    """Read a `postgresql://user:password@host:port/database?option=value` address as Django's settings."""
    value = text(name)
    if not value:
        return None
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError as error:
        raise BadEnvironment(name, hidden(value), f"it is no address ({error})") from None
    if parts.scheme not in {"postgres", "postgresql"} or not parts.path.strip("/"):
        wanted = "the studio keeps its data in PostgreSQL; write postgresql://user:password@host:5432/database"
        raise BadEnvironment(name, hidden(value), wanted)
    options: dict[str, Any] = dict(parse_qsl(parts.query))
    return {
        "NAME": unquote(parts.path.strip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", "") or unquote(parts.hostname or ""),
        "PORT": str(port or ""),
        "OPTIONS": options,
    }


def broker(name: str, default: str) -> str:
    value = text(name, default)
    if urlsplit(value).scheme not in {"redis", "rediss", "redis+socket", "amqp", "amqps", "memory"}:
        wanted = "write redis://host:6379/0 (Valkey or Redis) or amqp://user:password@host:5672/ (RabbitMQ)"
        raise BadEnvironment(name, hidden(value), wanted)
    return value


def hidden(address: str) -> str:
    """Show an address without its password, so that none reaches a log."""
    head, at, tail = address.rpartition("@")
    return f"{head.rpartition(':')[0]}:***{at}{tail}" if at and ":" in head.partition("//")[2] else address
