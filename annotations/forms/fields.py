"""A settings dataclass as form fields, and a posted form as its values. Knows nothing about pages."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from inference.engines.fields import SettingField

PREFIX = "p-"


@dataclass(frozen=True, slots=True)
class FormField:
    """One setting as a form shows it. `value` is what stands in the control, `error` why it was refused.

    `was` is the value of the run that is asked for again, None where it is asked for anew.
    """

    spec: SettingField
    value: str
    error: str = ""
    was: str | None = None

    @property
    def name(self) -> str:
        return PREFIX + self.spec.name

    @property
    def label(self) -> str:
        return self.spec.name.replace("_", " ").capitalize()

    @property
    def checked(self) -> bool:
        return self.value == "true"

    @property
    def step(self) -> str:
        return "1" if self.spec.kind == "int" else "any"

    @property
    def bounds(self) -> str:
        """Return the bounds as words, "" where there are none."""
        low, high = self.spec.minimum, self.spec.maximum
        if low is not None and high is not None:
            return f"{low:,.12g} to {high:,.12g}"
        return f"at least {low:,.12g}" if low is not None else f"at most {high:,.12g}" if high is not None else ""

    @property
    def was_said(self) -> str:
        """Return what it was in words."""
        return {"true": "on", "false": "off", "": "empty"}.get(self.was or "", self.was or "")

    @property
    def differs(self) -> bool:
        """Whether it is another value than that of the run that is asked for again."""
        return self.was is not None and self.value != self.was

    @property
    def changed(self) -> bool:
        return self.value != as_text(self.spec.default)


@dataclass(frozen=True, slots=True)
class Group:
    """Fields that belong together, under a heading. `open` shows them unfolded."""

    title: str
    fields: tuple[FormField, ...]
    open: bool = False

    @property
    def only(self) -> tuple[str, ...]:
        """Return the methods that read any of the fields, () where all do."""
        named = [item.spec.only for item in self.fields]
        return tuple(dict.fromkeys(name for names in named for name in names)) if all(named) else ()


@dataclass(frozen=True, slots=True)
class Bound:
    """What a posted form said: the values as typed, and the refusals by field name."""

    values: Mapping[str, Any] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)


def specs(cls: type[Any]) -> list[SettingField]:
    """Return the fields of a settings dataclass of any family, as its metadata describe them."""
    return [_spec(part) for part in dataclasses.fields(cls)]


def _spec(part: dataclasses.Field[Any]) -> SettingField:
    said = part.metadata
    return SettingField(
        name=part.name,
        kind=type(part.default).__name__,
        default=part.default,
        help=said.get("help", ""),
        minimum=said.get("minimum", said.get("least")),
        maximum=said.get("maximum"),
        choices=tuple(said.get("choices") or ()),
        only=tuple(said.get("only") or ()),
    )


def as_text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def posted(cls: type[Any], data: Mapping[str, Any], read: Callable[[Mapping[str, Any]], object]) -> Bound:
    """Read the fields of `cls` from a posted form by `read`; each that does not fit is refused, not only the first.

    `read` raises ValueError with a message that begins with the field's name. A field that was refused counts as its
    default while the others are read, so that rules between fields are asked of what stands in the form.
    """
    values = typed(cls, data)
    left, errors = dict(values), dict[str, str]()
    while name := _refusal(left, read, errors):
        del left[name]
    return Bound(values, errors)


def _refusal(values: Mapping[str, Any], read: Callable[[Mapping[str, Any]], object], errors: dict[str, str]) -> str:
    """Return the field that `read` refuses, its refusal added to `errors`; "" when it refuses none of the values."""
    try:
        read(values)
    except ValueError as error:
        named = max((name for name in values if str(error).startswith(name)), key=len, default="")
        if named:
            errors[named] = _sentence(str(error).removeprefix(named))
        return named
    return ""


def _sentence(text: str) -> str:
    clean = text.lstrip(": ").rstrip(".")
    return f"{clean[:1].upper()}{clean[1:]}."


def typed(cls: type[Any], data: Mapping[str, Any]) -> dict[str, str]:
    """Return the values of the fields of `cls` as they were typed."""
    return {spec.name: _value(spec, data) for spec in specs(cls) if _present(spec, data)}


def _present(spec: SettingField, data: Mapping[str, Any]) -> bool:
    return spec.kind == "bool" or PREFIX + spec.name in data


def _value(spec: SettingField, data: Mapping[str, Any]) -> str:
    if spec.kind == "bool":
        return as_text(PREFIX + spec.name in data)
    return str(data[PREFIX + spec.name]).strip()


def form_fields(cls: type[Any], bound: Bound | None = None) -> list[FormField]:
    """Return the fields of `cls` with what was typed, or the defaults."""
    bound = bound or Bound()
    return [
        FormField(spec, as_text(bound.values.get(spec.name, spec.default)), bound.errors.get(spec.name, ""))
        for spec in specs(cls)
    ]


def grouped(fields: Iterable[FormField], titles: Mapping[str, Iterable[str]], rest: str) -> list[Group]:
    """Sort fields under titles; what no title names stands under `rest`. A group with a refusal is open."""
    left = {item.spec.name: item for item in fields}
    groups = []
    for title, names in titles.items():
        taken = tuple(left.pop(name) for name in names if name in left)
        groups.append(_group(title, taken))
    return [group for group in [*groups, _group(rest, tuple(left.values()))] if group.fields]


def _group(title: str, fields: tuple[FormField, ...]) -> Group:
    return Group(title, fields, any(item.error or item.changed for item in fields))
