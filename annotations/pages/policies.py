"""Training a policy: the form with what it will cost, the run's page with its losses and shares, and its adapter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.views.decorators.http import require_POST

from annotations import engines, policies, rules
from annotations.access import Access
from annotations.errors import BadInput
from annotations.forms import policy
from annotations.forms.policy import Policy
from annotations.models import Run
from annotations.pages import charts, run_words
from annotations.pages.http import in_project, page_or_part, wants_part
from annotations.pages.posting import again, done, leave
from annotations.rules import Act
from annotations.selectors import artefacts, projects, runs
from annotations.selectors.verified import verified_count

# What a core of two busy ones was seen to read while it trained SmolLM2-135M.
TOKENS_A_SECOND = 100
SCALES = (0.1, 0.25, 0.5, 1.0)
NAMES = {"base": "the model without an adapter", "start": "the adapter before", "adapter": "the new adapter"}


@in_project
def policy_new(request: HttpRequest, access: Access) -> HttpResponse:
    """The form, what it would cost as it stands (for htmx), and asking for the run."""
    rules.check(access, Act.RUN)
    if request.method != "POST":
        if wants_part(request):
            return page_or_part(request, "models/policy.html", "estimate", _estimate(access, policy.read(request.GET)))
        return page_or_part(request, "models/policy.html", "form", _context(access, Policy()))
    form = policy.read(request.POST)
    if not form.refused:
        try:
            values = dict(form.settings.values)
            run = policies.request_policy(access=access, engine_id=int(form.engine[:18]), params=values)
            return leave(request, reverse("run", args=[access.project.slug, run.pk]))
        except BadInput as error:
            form = policy.refuse(form, error.field, str(error))
    return again(request, "models/policy.html", "form", _context(access, form))


def _context(access: Access, form: Policy) -> dict[str, Any]:
    granted = [one for one in projects.engines_for(access) if policies.trainable(one)]
    chosen = form.engine or (str(granted[0].pk) if granted else "")
    return {
        **_estimate(access, form),
        "form": form,
        "groups": form.groups,
        "open": policy.FROM,
        "engines": [(one, one.limits.get("adapter", ""), str(one.pk) == chosen) for one in granted],
        "verified": verified_count(access),
    }


def _estimate(access: Access, form: Policy) -> dict[str, Any]:
    """Say what a training costs as the form stands."""
    tokens = form.tokens
    known = {} if tokens is None else {"tokens": tokens, "time": run_words.duration(tokens / TOKENS_A_SECOND)}
    return {"project": access.project, **known}


def run_context(access: Access, run: Run) -> dict[str, Any]:
    """Return what templates/runs/policy.html shows: the losses so far and, in the end, what the policy solves."""
    report: dict[str, Any] = run.report.get("progress") or run.report
    measured = list(report.get("policies", []))
    adapter = str(report.get("adapter", ""))
    steps = int(report.get("steps_total", report.get("steps", 0)))
    shown = {
        "curve": charts.course(report.get("losses", []), unit="loss", of="step", until=steps),
        "sentence": sentence(measured),
        "mark": "correct" if len(measured) > 1 and measured[-1]["low"] > measured[-2]["high"] else "none",
        "shares": [share(one) for one in reversed(measured)],
        "chart": _chart(measured),
        "adapter": adapter,
        "engine": run.engine,
        "in_use": run.engine is not None and adapter == run.engine.limits.get("adapter"),
        "may_use": access.user.is_superuser,
    }
    return {"policy": shown, "facts": _facts(report) if adapter else []}


def sentence(measured: Sequence[Mapping[str, Any]]) -> str:
    """Say what the new adapter solves, and what was solved before it."""
    if len(measured) < 2:
        return ""
    before, after = measured[-2:]
    return f"Solves {after['solved']} of {after['asked']} held-out problems, {before['solved']} before"


def share(one: Mapping[str, Any]) -> dict[str, str]:
    """Return a row of the table: who, how many, and the share with its interval in percent."""
    return {
        "name": NAMES.get(one["policy"], one["policy"]),
        "solved": f"{one['solved']:,} of {one['asked']:,}",
        "share": f"{100 * one['solved'] / one['asked']:.0f} %" if one["asked"] else "",
        "interval": f"{100 * one['low']:.0f} to {100 * one['high']:.0f} %",
        "parsed": f"{100 * one['parsed']:.0f} %",
    }


def _chart(measured: Sequence[Mapping[str, Any]]) -> charts.Chart | None:
    if not measured:
        return None
    most = max(one["high"] for one in measured)
    end = next(bound for bound in SCALES if bound >= most or bound == SCALES[-1])
    return charts.compared([_measured(one) for one in reversed(measured)], 0, end, of="Share solved")


def _measured(one: Mapping[str, Any]) -> charts.Measured:
    value = one["solved"] / one["asked"] if one["asked"] else 0.0
    return charts.Measured(NAMES.get(one["policy"], one["policy"]), value, one["low"], one["high"])


FACTS = (
    ("Solutions learnt from", "texts"),
    ("Generated ones", "examples"),
    ("From trees here", "paths"),
    ("Tokens read", "tokens"),
    ("Optimiser steps", "steps"),
    ("Mean loss", "loss"),
    ("Seconds, sampling included", "seconds"),
)


def _facts(report: Mapping[str, Any]) -> list[tuple[str, str]]:
    found = [(title, report[name]) for title, name in FACTS if name in report]
    return [(title, f"{value:,}" if isinstance(value, int) else f"{value:,.4g}") for title, value in found]


@require_POST
@in_project
def policy_use(request: HttpRequest, access: Access, run_id: int) -> HttpResponse:
    """Give the run's engine the adapter that the run made."""
    engines.check_site_admin(access.user)
    run = runs.find_run(access, run_id)
    artefact = artefacts.adapter_of(access, run)
    if artefact is None or run.engine is None:
        raise BadInput("This run made no adapter.", "run")
    engines.use_adapter(actor=access.user, engine=run.engine, adapter=artefact.name)
    word = f"{run.engine} draws with {artefact.name} from now on."
    return done(request, reverse("run", args=[access.project.slug, run.pk]), word)


urlpatterns = [
    path("p/<slug:slug>/models/policy/", policy_new, name="policy"),
    path("p/<slug:slug>/runs/<int:run_id>/use/", policy_use, name="policy-use"),
]
