"""What a labelling page sends, act by act, and what it is answered: reading, refusing, writing out.

{"kind": "rate", "key": uuid, "session": 3, "node": 17, "seen": 0, "rating": "correct", "seconds": 4.2}
{"key": uuid, "state": "saved", "version": 91, "at": "2026-03-01T09:30:00+00:00"}
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from math import isfinite
from typing import Any
from uuid import UUID

from annotations.errors import BadInput
from annotations.labelling import Judgement, check_judgement, check_text

CLIENT = "desk"
LARGEST_ID = 2**63 - 1
LONGEST_SECONDS = 86_400.0
SHOWN_MOST, SHOWN_TEXT = 20, 200
FLAGS = ("flagged", "chosen")
KINDS = ("rate", "own", "flag", "submit", "reopen", "skip", "return", "keep")
SAVED, CONFLICT, REFUSED = "saved", "conflict", "refused"


@dataclass(frozen=True, slots=True)
class Rate:
    """A rating act: the whole word of a person on a step. `seen`: his newest event there that the page knows of."""

    key: UUID
    session: int
    node: int
    seen: int
    judgement: Judgement
    data: Mapping[str, bool]
    undo_of: UUID | None


@dataclass(frozen=True, slots=True)
class SessionWord:
    """Any other act; `given` is what the page sent, read by whoever carries the act out."""

    kind: str
    key: UUID
    session: int
    given: Mapping[str, Any]


@dataclass(slots=True)
class Outcome:
    """What became of an act; `lease` is how long its session is this person's now, where it is."""

    key: str
    state: str
    session: int = 0
    more: Mapping[str, Any] = field(default_factory=dict)
    lease: datetime | None = None

    def as_dict(self) -> dict[str, Any]:
        return {"key": self.key, "state": self.state, **self.more}


def saved(act: Rate | SessionWord, **more: Any) -> Outcome:
    return Outcome(str(act.key), SAVED, act.session, more)


def refused(key: str, error: Exception, session: int = 0) -> Outcome:
    name = error.field if isinstance(error, BadInput) else ""
    return Outcome(key, REFUSED, session, {"field": name, "message": str(error)})


def read_act(given: object) -> Rate | SessionWord:
    """Return an act; BadInput names the field that does not fit."""
    if not isinstance(given, Mapping):
        raise BadInput("An act is an object.", "acts")
    kind = given.get("kind")
    if kind not in KINDS:
        raise BadInput(f"{str(kind)[:40]!r} is no kind of act; expected one of {', '.join(KINDS)}.", "kind")
    key, session = uuid(given, "key"), whole(given, "session", least=1)
    if kind != "rate":
        return SessionWord(str(kind), key, session, given)
    judgement = Judgement(
        rating=optional_text(given, "rating"),
        category=text(given, "category"),
        note=text(given, "note").strip(),
        rewrite=text(given, "rewrite").strip(),
        seconds=seconds(given),
        shown=shown(given),
        client=CLIENT,
    )
    check_judgement(judgement)
    undo_of = uuid(given, "undo_of") if given.get("undo_of") is not None else None
    data = {name: True for name in FLAGS if flag(given, name)}
    return Rate(key, session, whole(given, "node", least=1), whole(given, "seen"), judgement, data, undo_of)


def uuid(given: Mapping[str, Any], name: str) -> UUID:
    try:
        return UUID(given[name])
    except (KeyError, TypeError, ValueError, AttributeError):
        raise BadInput(f"The {name} is missing or is no UUID.", name) from None


def whole(given: Mapping[str, Any], name: str, *, least: int = 0) -> int:
    value = given.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= LARGEST_ID:
        raise BadInput(f"{name} is a whole number of at least {least}.", name)
    return value


def text(given: Mapping[str, Any], name: str, *, limit: int | None = None) -> str:
    """Return a text, "" where none was sent."""
    value = given.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise BadInput(f"{name} is a text.", name)
    if limit is not None and len(value) > limit:
        raise BadInput(f"The {name} may have at most {limit} characters.", name)
    if value:
        check_text(value, name)
    return value


def optional_text(given: Mapping[str, Any], name: str) -> str | None:
    return text(given, name) or None


def flag(given: Mapping[str, Any], name: str) -> bool:
    value = given.get(name)
    if value is not None and not isinstance(value, bool):
        raise BadInput(f"{name} is true or false.", name)
    return bool(value)


def seconds(given: Mapping[str, Any]) -> float | None:
    value = given.get("seconds")
    if value is None:
        return None
    fits = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= LONGEST_SECONDS
    if not fits:
        raise BadInput("seconds is a number from 0 to 86400.", "seconds")
    return float(value)


def shown(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the page had shown of the step before it was rated."""
    value = given.get("shown")
    if value is None:
        return {}
    if not isinstance(value, dict) or len(value) > SHOWN_MOST or not all(map(_plain, value, value.values())):
        raise BadInput(
            f"shown is an object of at most {SHOWN_MOST} numbers, short texts, true, false or null.", "shown"
        )
    return value


def _plain(name: str, value: object) -> bool:
    if isinstance(value, str):
        return value.isprintable() and len(value) <= SHOWN_TEXT and name.isprintable() and len(name) <= SHOWN_TEXT
    fits = value is None or isinstance(value, bool | int) or (isinstance(value, float) and isfinite(value))
    return fits and name.isprintable() and len(name) <= SHOWN_TEXT
