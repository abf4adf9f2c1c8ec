"""The form that trains a policy: the engine whose model learns, what it learns from, and how."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.http import QueryDict

from annotations.forms.fields import Bound, Group, form_fields, grouped, posted
from inference.trainers.policy.params import PolicyRunParams

FROM = "What it learns from"
TITLES = {
    FROM: ("examples", "paths", "most_steps", "largest", "seed", "epochs"),
    "What is measured": ("measured",),
    "The adapter": ("rank", "layers"),
}


@dataclass(frozen=True, slots=True)
class Policy:
    """What stands in the form. `errors` hold refusals by field, those of the settings aside."""

    engine: str = ""
    settings: Bound = field(default_factory=Bound)
    errors: Mapping[str, str] = field(default_factory=dict)

    @property
    def groups(self) -> list[Group]:
        return grouped(form_fields(PolicyRunParams, self.settings), TITLES, "How it is trained")

    @property
    def refused(self) -> bool:
        return bool(self.errors or self.settings.errors)

    @property
    def tokens(self) -> int | None:
        """About how many tokens the training would read; None where a setting does not fit."""
        try:
            return PolicyRunParams.from_mapping(self.settings.values).expected_tokens
        except ValueError:
            return None


def read(data: QueryDict) -> Policy:
    """Read a posted form; refusals stand beside what was typed."""
    engine = data.get("engine", "").strip()
    errors = {} if engine.isascii() and engine.isdigit() else {"engine": "Choose an engine."}
    return Policy(engine, posted(PolicyRunParams, data, PolicyRunParams.from_mapping), errors)


def refuse(form: Policy, name: str, sentence: str) -> Policy:
    """Return the form with a refusal beside the field that it names."""
    if name in {"engine"}:
        return Policy(form.engine, form.settings, {name: sentence})
    return Policy(form.engine, Bound(form.settings.values, {**form.settings.errors, name: sentence}), form.errors)
