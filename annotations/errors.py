"""What can go wrong in the domain; pages and API turn these into 400, 403, 404 and 409."""

from __future__ import annotations


class DomainError(Exception):
    """A refusal with a sentence for the person who asked."""


class BadInput(DomainError):
    """A value does not fit; `field` names it."""

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.field = field


class NotAllowed(DomainError):
    """The viewer sees the thing but may not do this to it."""


class NotFound(DomainError):
    """There is no such thing, or the viewer may not know of it."""


class Conflict(DomainError):
    """The row changed since the form was made; `fresh` is what stands there now."""

    def __init__(self, message: str, fresh: object = None) -> None:
        super().__init__(message)
        self.fresh = fresh


class LeaseLost(DomainError):
    """Another worker holds the shard now; the work in hand is dropped."""
