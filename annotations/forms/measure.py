"""The form that measures pass rates: engine, problems, and how samples are drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.http import QueryDict

from annotations.access import Access
from annotations.errors import BadInput
from annotations.forms.fields import Bound, FormField, form_fields, posted
from annotations.forms.grow import whole_number
from annotations.selectors import selection
from inference.search.params import SampleParams

SCOPES = ("unrated", "all")


@dataclass(frozen=True, slots=True)
class Measure:
    """What stands in the form. `errors` hold refusals by field, those of the settings aside."""

    engine: str = ""
    name: str = ""
    scope: str = "unrated"
    limit: str = ""
    settings: Bound = field(default_factory=Bound)
    errors: Mapping[str, str] = field(default_factory=dict)

    @property
    def fields(self) -> list[FormField]:
        return form_fields(SampleParams, self.settings)

    @property
    def refused(self) -> bool:
        return bool(self.errors or self.settings.errors)


def read(data: QueryDict) -> Measure:
    """Read a posted form; refusals stand beside what was typed."""
    text = {name: data.get(name, "").strip() for name in ("engine", "name", "scope", "limit")}
    errors = dict(whole_number("limit", text["limit"], 1, 1_000_000, "all of them"))
    if text["scope"] not in SCOPES:
        errors["scope"] = "Choose which problems to measure."
    if not text["engine"].isascii() or not text["engine"].isdigit():
        errors["engine"] = "Choose an engine."
    return Measure(**text, settings=posted(SampleParams, data, SampleParams.from_mapping), errors=errors)


def problem_ids(access: Access, form: Measure) -> list[int]:
    """Return the chosen problems; BadInput when there is none."""
    found = selection.judged(access, unrated=form.scope == "unrated", limit=int(form.limit) if form.limit else None)
    if not found:
        raise BadInput("No problem with a reference answer fits this choice.", "scope")
    return found
