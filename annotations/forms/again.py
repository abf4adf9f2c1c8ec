"""The form that checks stored steps again: which steps, which tools, an engine for those that ask one, a policy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.http import QueryDict

from annotations.forms.fields import PREFIX, Bound, FormField, form_fields, posted
from inference.verifiers.params import AUTO, TOOLS, CheckParams, Tool, chain_of, tools_for

SCOPES = ("all", "run")
LABELS = ("policy", "min_rollouts", "trusted")
ASKED = ("programs",)


@dataclass(frozen=True, slots=True)
class ToolChoice:
    """A tool that can be ticked."""

    name: str
    tool: Tool
    chosen: bool


@dataclass(frozen=True, slots=True)
class Again:
    """What stands in the form. `run` is the id of the run whose trees may be checked alone, "" for none."""

    name: str = ""
    engine: str = ""
    scope: str = "all"
    run: str = ""
    tools: tuple[str, ...] = (AUTO,)
    settings: Bound = field(default_factory=Bound)
    errors: Mapping[str, str] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        return str(self.settings.values.get("kind", ""))

    @property
    def label_fields(self) -> list[FormField]:
        return self._fields(LABELS)

    @property
    def asked_fields(self) -> list[FormField]:
        return self._fields(ASKED)

    @property
    def refused(self) -> bool:
        return bool(self.errors or self.settings.errors)

    @property
    def wrong_tools(self) -> str:
        return self.errors.get("verifier", "") or self.settings.errors.get("verifier", "")

    @property
    def wrong_kind(self) -> str:
        return self.errors.get("kind", "") or self.settings.errors.get("kind", "")

    def choices(self, kinds: Sequence[str]) -> list[ToolChoice]:
        """Return the tools that know one of these kinds of problem, those ticked that were chosen."""
        named = {each for kind in kinds for each in tools_for(tuple(TOOLS), kind) if not TOOLS[each].answers}
        chosen = {each for kind in kinds for each in tools_for(self.tools, kind)}
        return [ToolChoice(name, tool, name in chosen) for name, tool in TOOLS.items() if name in named]

    def _fields(self, names: Sequence[str]) -> list[FormField]:
        return [item for item in form_fields(CheckParams, self.settings) if item.spec.name in names]


def read(data: QueryDict) -> Again:
    """Read a posted form; refusals stand beside what was typed."""
    text = {name: data.get(name, "").strip() for name in ("name", "engine", "scope", "run")}
    tools = tuple(name for name in data.getlist("tool") if name in TOOLS)
    errors = {}
    if text["scope"] not in SCOPES or (text["scope"] == "run" and not _is_id(text["run"])):
        errors["scope"] = "Choose which steps to check."
    if not tools:
        errors["verifier"] = "Choose at least one tool."
    if any(TOOLS[name].asks for name in tools) and not _is_id(text["engine"]):
        errors["engine"] = "Choose the engine that is asked."
    given = {**data.dict(), f"{PREFIX}verifier": ", ".join(tools) or AUTO}
    settings = posted(CheckParams, given, CheckParams.from_mapping)
    return Again(**text, tools=tools, settings=settings, errors=errors)


def settings_of(form: Again, kinds: Sequence[str]) -> dict[str, object]:
    """Return the settings as asked for; `auto` stands for all tools that ask no model and know one of these kinds."""
    free = {name for kind in kinds for name in tools_for((AUTO,), kind)}
    asks = [name for name in form.tools if TOOLS[name].asks]
    chain = [AUTO, *asks] if free <= set(form.tools) else list(chain_of(", ".join(form.tools)))
    return {**form.settings.values, "verifier": ", ".join(chain)}


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19
