"""The settings of the verifier pool. Knows nothing about processes."""

from __future__ import annotations

from dataclasses import dataclass, field

MAX_CHILDREN = 64


@dataclass(frozen=True, slots=True)
class PoolParams:
    """How many children check steps at once and what each may use; ValueError for anything out of range."""

    children: int = field(default=2, metadata={"help": "Child processes that check steps at once, 1 to 64."})
    memory_mb: int = field(default=1024, metadata={"help": "Memory that one child may allocate, in MiB, at least 16."})
    chunk: int = field(default=32, metadata={"help": "Steps sent to a child at once, 1 to 1000."})

    def __post_init__(self) -> None:
        for name, low, high in (("children", 1, MAX_CHILDREN), ("memory_mb", 16, 1_048_576), ("chunk", 1, 1000)):
            value = getattr(self, name)
            if not isinstance(value, int) or not low <= value <= high:
                raise ValueError(f"{name} must be a whole number from {low} to {high}, not {value!r}")
