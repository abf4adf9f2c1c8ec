"""Settings as somebody gave them: what does not fit becomes BadInput, which names the field."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol, Self, TypeVar

from annotations.errors import BadInput
from inference.engines.fields import SettingError


class Settings(Protocol):
    """A family's params dataclass."""

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any]) -> Self: ...


Given = TypeVar("Given", bound=Settings)


def read(kind: type[Given], values: Mapping[str, Any]) -> Given:
    try:
        return kind.from_mapping(values)
    except SettingError as error:
        raise BadInput(str(error), error.field) from None
