"""The form that grows trees: engine, problems, and every setting of the search."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.http import QueryDict

from annotations.access import Access
from annotations.errors import BadInput
from annotations.forms.fields import PREFIX, Bound, Group, as_text, form_fields, grouped, posted
from annotations.models import Run
from annotations.selectors import selection
from annotations.selectors.passrates import BAND, read_band
from inference.search.params import SearchParams

TITLES = {
    "Method and size": ("method", "children", "rounds", "depth", "hard_level", "hard_rounds", "hard_depth"),
    "Tree search: what it grows next": ("select", "c", "uct_value", "widen", "widen_power", "decay"),
    "Tree search: what a path is worth": ("reward_fidelity", "reward_outcome", "reward_prm"),
    "OmegaPRM": ("omega_rollouts", "omega_alpha", "omega_beta", "omega_length", "omega_c"),
    "Step beam": ("width", "draws"),
    "Best of n and vote: solutions": ("samples", "round_samples"),
    "Step beam and best of n: guide": ("guide", "path_score"),
    "Drawing text": ("temperature", "top_p", "step_tokens", "rollout_tokens"),
    "Checking and labels": ("verifier", "programs", "policy", "trusted", "min_rollouts"),
    "When to stop": ("early_stop", "max_correct", "max_wrong"),
}
MOST_SEED = 2**63 - 1
MOST_PICKED = 500


@dataclass(frozen=True, slots=True)
class Grow:
    """What stands in the form; `picked` are single problems. `errors` hold refusals by field, the search's included.

    `like` is the run that is asked for again, `original` its settings.
    """

    engine: str = ""
    name: str = ""
    seed: str = ""
    scope: str = "without"
    levels: tuple[str, ...] = ()
    picked: tuple[int, ...] = ()
    limit: str = ""
    band: bool = False
    low: str = str(BAND[0])
    high: str = str(BAND[1])
    like: str = ""
    original: Mapping[str, Any] | None = None
    search: Bound = field(default_factory=Bound)
    errors: Mapping[str, str] = field(default_factory=dict)

    @property
    def groups(self) -> list[Group]:
        fields = form_fields(SearchParams, self.search)
        if self.original is not None:
            given = {name: as_text(value) for name, value in self.original.items()}
            fields = [replace(item, was=given.get(item.spec.name, as_text(item.spec.default))) for item in fields]
        return grouped(fields, TITLES, "Further settings")

    @property
    def chain(self) -> str:
        """The verifiers that check every step, with commas."""
        return str(self.search.values.get("verifier", SearchParams.verifier))

    @property
    def refused(self) -> bool:
        return bool(self.errors or self.search.errors)


def read(data: QueryDict) -> Grow:
    """Read a posted form; refusals stand beside what was typed."""
    text: dict[str, Any] = {
        name: data.get(name, "").strip() for name in ("engine", "name", "seed", "scope", "limit", "like")
    }
    ends: dict[str, Any] = {
        name: data.get(name, "").strip() or str(usual) for name, usual in zip(("low", "high"), BAND, strict=True)
    }
    band = "band" in data
    levels, picked = tuple(data.getlist("level")), picked_in(data)
    errors = {
        **whole_number("seed", text["seed"], 0, MOST_SEED, "a random one"),
        **whole_number("limit", text["limit"], 1, 1_000_000, "all of them"),
        **_scope(text["scope"], levels, picked, text["like"]),
        **(_band(**ends) if band else {}),
    }
    values = data.copy()
    if PREFIX + "verifier" in data:
        # One box a tool, or all in one text.
        values[PREFIX + "verifier"] = ", ".join(filter(None, data.getlist(PREFIX + "verifier")))
    if not text["engine"].isascii() or not text["engine"].isdigit():
        errors["engine"] = "Choose an engine."
    return Grow(
        **text,
        **ends,
        band=band,
        levels=levels,
        picked=picked,
        search=posted(SearchParams, values, SearchParams.from_mapping),
        errors=errors,
    )


def picked_in(data: QueryDict) -> tuple[int, ...]:
    """Return the problems that an address or a form names, each once; BadInput for more than a form can hold."""
    named = [text for text in data.getlist("problem") if text.isascii() and text.isdigit() and len(text) < 19]
    found = tuple(dict.fromkeys(int(text) for text in named))
    if len(found) > MOST_PICKED:
        raise BadInput(f"At most {MOST_PICKED} problems can be named one by one; these are {len(found):,}.", "problem")
    return found


def like(run: Run) -> Grow:
    """Fill the form with the settings and the problems of an earlier run; settings that are gone are left out."""
    low, high = run.input.get("band") or BAND
    known = {item.spec.name for item in form_fields(SearchParams)}
    values = {name: value for name, value in run.params.items() if name in known}
    return Grow(
        engine=str(run.engine_id or ""), scope="same", low=f"{low:g}", high=f"{high:g}", search=Bound(values),
        like=str(run.pk), original=run.params,
    )  # fmt: skip


def problem_ids(access: Access, form: Grow) -> list[int]:
    """Return the chosen problems; BadInput when there is none."""
    if form.scope == "picked":
        return list(form.picked)
    if form.scope == "same":
        return _found(selection.of_run(access, int(form.like)))
    levels = [int(level) for level in form.levels]
    return _found(selection.chosen(access, scope=form.scope, levels=levels))


def _found(problems: list[int]) -> list[int]:
    if not problems:
        raise BadInput("No problem fits this choice.", "scope")
    return problems


def whole_number(name: str, text: str, least: int, most: int, empty: str) -> dict[str, str]:
    """Return the refusal of a text that is neither empty nor a whole number within the bounds."""
    if not text or (text.isascii() and text.isdigit() and len(text) < 20 and least <= int(text) <= most):
        return {}
    return {name: f"Expected a whole number from {least} to {most}, or nothing for {empty}, got “{text}”."}


def _band(low: str, high: str) -> dict[str, str]:
    try:
        read_band(float(low), float(high))
    except ValueError:
        return {"band": f"Expected two numbers from 0 to 1, got “{low}” and “{high}”."}
    except BadInput as error:
        return {"band": str(error)}
    return {}


def _scope(scope: str, levels: tuple[str, ...], picked: tuple[int, ...], like: str) -> dict[str, str]:
    if scope not in selection.SCOPES or (scope == "same" and not like):
        return {"scope": "Choose which problems to grow trees for."}
    if scope == "picked" and not picked:
        return {"scope": "Choose at least one problem."}
    if scope == "level" and not levels:
        return {"scope": "Choose at least one level."}
    if not all(level.lstrip("-").isdigit() and len(level) < 6 for level in levels):
        return {"scope": "Expected levels as whole numbers."}
    return {}
