"""Settings as frozen dataclasses: every field carries its help text and bounds. Knows nothing about what they set."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from typing import Any, TypeVar

T = TypeVar("T")


class SettingError(ValueError):
    """A setting is out of bounds; `field` names it and the message says what was expected."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field


@dataclasses.dataclass(frozen=True, slots=True)
class SettingField:
    """One setting as a form or a schema shows it. `kind` is "int", "float", "bool" or "str".

    `only` names the methods that read it, where a family has several; () means all of them.
    """

    name: str
    kind: str
    default: Any
    help: str
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()
    only: tuple[str, ...] = ()


def setting(
    default: Any,
    help_text: str,
    *,
    minimum: float | None = None,
    maximum: float | None = None,
    choices: tuple[str, ...] = (),
    only: tuple[str, ...] = (),
) -> Any:
    """Declare one field of a settings dataclass, with what `check` needs to know of it."""
    bounds = {"help": help_text, "minimum": minimum, "maximum": maximum, "choices": choices, "only": only}
    return dataclasses.field(default=default, metadata=bounds)


def describe(cls: type[Any]) -> list[SettingField]:
    """Return the settings of a dataclass made of `setting` fields, in the order written."""
    return [
        SettingField(name=f.name, kind=type(f.default).__name__, default=f.default, **f.metadata)
        for f in dataclasses.fields(cls)
    ]


def check(settings: Any) -> None:
    """Raise SettingError for the first field whose type, bounds or choice is not met."""
    for spec in describe(type(settings)):
        check_value(spec, getattr(settings, spec.name))


def check_value(spec: SettingField, value: Any) -> None:
    """Raise SettingError unless `value` fits the setting."""
    if type(value).__name__ != spec.kind:
        raise SettingError(spec.name, f"expected {_NAMES[spec.kind]}, got {value!r}")
    if spec.choices and value not in spec.choices:
        raise SettingError(spec.name, f"expected one of {', '.join(spec.choices)}, got {value!r}")
    if spec.kind == "float" and not math.isfinite(value):
        raise SettingError(spec.name, f"expected a finite number, got {value!r}")
    if spec.minimum is not None and value < spec.minimum:
        raise SettingError(spec.name, f"expected at least {spec.minimum:g}, got {value!r}")
    if spec.maximum is not None and value > spec.maximum:
        raise SettingError(spec.name, f"expected at most {spec.maximum:g}, got {value!r}")


def from_mapping(cls: type[T], values: Mapping[str, Any]) -> T:
    """Build settings from form or JSON values; numbers may come as text, an unknown name is a SettingError."""
    specs = {spec.name: spec for spec in describe(cls)}
    unknown = sorted(set(values) - set(specs))
    if unknown:
        raise SettingError(unknown[0], f"no such setting; known are {', '.join(specs)}")
    return cls(**{name: _converted(specs[name], value) for name, value in values.items()})


_NAMES = {"int": "a whole number", "float": "a number", "bool": "true or false", "str": "text"}
_TRUTH = {"true": True, "on": True, "1": True, "yes": True, "false": False, "off": False, "0": False, "no": False}


def _converted(spec: SettingField, value: Any) -> Any:
    try:
        if spec.kind == "bool" and isinstance(value, str):
            return _TRUTH[value.strip().lower()]
        if spec.kind == "int" and isinstance(value, str):
            return int(value)
        if spec.kind == "float" and isinstance(value, str | int) and not isinstance(value, bool):
            return float(value)
    except (KeyError, ValueError):
        raise SettingError(spec.name, f"expected {_NAMES[spec.kind]}, got {value!r}") from None
    return value
