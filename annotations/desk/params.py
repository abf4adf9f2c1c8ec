"""A labelling queue's switches, as its form shows them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from inference.engines import fields
from inference.engines.fields import setting

FIRST_ERROR, ALL = "first_error", "all"
HIDDEN, KEY, ALWAYS, AFTER = "hidden", "key", "always", "after"


@dataclass(frozen=True)
class DeskSettings:
    """How items of a queue are labelled and what the page shows meanwhile; SettingError names what does not fit."""

    rate: str = setting(
        FIRST_ERROR, "Which steps of a path are rated: up to the first error, or all", choices=(FIRST_ERROR, ALL)
    )
    alternatives: bool = setting(
        False, "At the first error the other continuations of the tree are rated too (PRM800K phase 2)"
    )
    reference: str = setting(
        KEY, "Reference answer and solution: hidden, on a key, or always shown", choices=(HIDDEN, KEY, ALWAYS)
    )
    evidence: str = setting(
        ALWAYS, "What tools refute in a step: hidden, on a key, or always shown", choices=(HIDDEN, KEY, ALWAYS)
    )
    prelabels: str = setting(
        HIDDEN,
        "PRM scores and tool verdicts: hidden, shown, or revealed after the decision",
        choices=(HIDDEN, ALWAYS, AFTER),
    )
    compare_aids: bool = setting(
        False, "Every other item comes without reference and evidence, so that the aids' worth can be measured"
    )
    gold_share: float = setting(
        0.0, "Share of items with known labels that are mixed in, unmarked", minimum=0.0, maximum=0.5
    )
    feedback: bool = setting(False, "Whoever submits an item with known labels sees at once what was right")
    screening: int = setting(
        0, "Items with known labels that everybody labels before the first real one", minimum=0, maximum=100
    )
    pass_mark: float = setting(0.8, "Share of the screening's ratings that must be right", minimum=0.0, maximum=1.0)
    lease_minutes: int = setting(
        20, "Minutes without a sign of life after which an item goes to somebody else", minimum=1, maximum=240
    )
    everyone: bool = setting(True, "Everybody who may label works on this queue, not only those it is assigned to")
    reveal: str = setting(
        "decided",
        "When those who labelled an item see the others' labels of it",
        choices=("never", "submitted", "decided"),
    )

    def __post_init__(self) -> None:
        fields.check(self)

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any]) -> DeskSettings:
        """Build the settings from form or JSON values; SettingError names the field that does not fit."""
        return fields.from_mapping(cls, values)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)
