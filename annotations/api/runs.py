"""Runs: what was asked for and how far it is; asking and cancelling."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from annotations import checking, generating, jobs, passrates, policies
from annotations.api.base import ProjectView
from annotations.api.bodies import RunBody
from annotations.api.projects import PAGING
from annotations.api.shapes import ErrorShape, RunDetailShape, RunShape
from annotations.errors import BadInput
from annotations.models import Run as RunRow
from annotations.rules import Act
from annotations.selectors import api, runs
from inference.types import RunKind, RunState

KIND = OpenApiParameter("kind", str, enum=[kind.value for kind in RunKind])
STATE = OpenApiParameter("state", str, enum=[state.value for state in RunState])
REFUSALS = {404: ErrorShape, 409: ErrorShape}
# Which fields of the body each kind reads; another one that is given would be lost.
READS = {
    RunKind.GENERATE: {"engine", "params", "problems", "name", "seed", "band", "parent_run"},
    RunKind.PASSRATE: {"engine", "params", "problems", "name"},
    RunKind.SCORE: {"model"},
    RunKind.TRAIN: {"params"},
    RunKind.PLANT: {"engine", "params"},
    RunKind.REPLAY: {"params"},
    RunKind.PROBLEMS: {"params"},
    RunKind.POLICY: {"engine", "params"},
    RunKind.CHECK: {"engine", "params", "parent_run", "name", "seed"},
}
# The kinds that need nothing but their settings.
BY_PARAMS: dict[RunKind, Callable[..., RunRow]] = {
    RunKind.TRAIN: jobs.request_training,
    RunKind.REPLAY: jobs.request_replay,
    RunKind.PROBLEMS: generating.request_problems,
}


class Runs(ProjectView):
    """The runs of a project, newest first, and starting one."""

    acts = {"POST": Act.RUN}

    @extend_schema(operation_id="runs_list", responses=RunShape(many=True), parameters=[KIND, STATE, *PAGING])
    def get(self, request: Request, slug: str) -> Response:
        rows = runs.run_list(self.access)
        for field, known in (("kind", RunKind), ("state", RunState)):
            value = request.query_params.get(field)
            if value:
                if value not in set(known):
                    raise BadInput(f"{value!r} is not a {field}; expected one of {', '.join(known)}.", field)
                rows = rows.filter(**{field: value})
        return self.pages(rows, RunShape)

    @extend_schema(operation_id="run_start", request=RunBody, responses={202: RunDetailShape, 400: ErrorShape})
    def post(self, request: Request, slug: str) -> Response:
        run = self.start(self.read(RunBody), set(request.data))
        return Response(detail(self, run.pk), status=202)

    def start(self, body: dict[str, Any], given: set[str]) -> RunRow:
        kind = RunKind(body["kind"])
        lost = sorted(given - READS[kind] - {"kind"})
        if lost:
            expected = ", ".join(sorted(READS[kind]))
            raise BadInput(f"A {kind.value} run has no {lost[0]}; expected some of {expected}.", lost[0])
        if kind == RunKind.SCORE:
            return jobs.request_scoring(access=self.access, model_id=body["model"])
        if kind in BY_PARAMS:
            return BY_PARAMS[kind](access=self.access, params=body["params"])
        if kind == RunKind.PLANT:
            return jobs.request_planting(access=self.access, params=body["params"], engine_id=body["engine"])
        if kind == RunKind.CHECK:
            return checking.request_checking(
                access=self.access, params=body["params"], parent_run=body["parent_run"], engine_id=body["engine"],
                name=body["name"], seed=body["seed"],
            )  # fmt: skip
        if body["engine"] is None:
            raise BadInput("Name an engine by its id; the project lists those it may use.", "engine")
        if kind == RunKind.POLICY:
            return policies.request_policy(access=self.access, engine_id=body["engine"], params=body["params"])
        chosen = None if body["problems"] is None else api.problems_here(self.access, body["problems"])
        asked = {"engine_id": body["engine"], "params": body["params"], "problem_ids": chosen, "name": body["name"]}
        if kind == RunKind.PASSRATE:
            return passrates.request_pass_rates(access=self.access, **asked)
        band = None if body["band"] is None else (body["band"][0], body["band"][1])
        return jobs.request_generation(
            access=self.access, seed=body["seed"], band=band, parent_run=body["parent_run"], **asked
        )


class Run(ProjectView):
    """One run with its progress."""

    @extend_schema(operation_id="run", responses={200: RunDetailShape, 404: ErrorShape})
    def get(self, request: Request, slug: str, run_id: int) -> Response:
        return Response(detail(self, run_id))


class Cancel(ProjectView):
    """Stopping a run; what it stored stays."""

    acts = {"POST": Act.RUN}

    @extend_schema(operation_id="run_cancel", request=None, responses={200: RunDetailShape, 404: ErrorShape})
    def post(self, request: Request, slug: str, run_id: int) -> Response:
        jobs.cancel_run(access=self.access, run_id=run_id)
        return Response(detail(self, run_id))


class Pause(ProjectView):
    """Pausing a run; a worker's slice under way is stored first."""

    acts = {"POST": Act.RUN}

    @extend_schema(operation_id="run_pause", request=None, responses={200: RunDetailShape, **REFUSALS})
    def post(self, request: Request, slug: str, run_id: int) -> Response:
        jobs.pause_run(access=self.access, run_id=run_id)
        return Response(detail(self, run_id))


class Resume(ProjectView):
    """Going on with a paused run."""

    acts = {"POST": Act.RUN}

    @extend_schema(operation_id="run_resume", request=None, responses={200: RunDetailShape, **REFUSALS})
    def post(self, request: Request, slug: str, run_id: int) -> Response:
        jobs.resume_run(access=self.access, run_id=run_id)
        return Response(detail(self, run_id))


def detail(view: ProjectView, run_id: int) -> dict[str, Any]:
    page = runs.run_page(view.access, run_id)
    return {
        **RunShape(page.run).data,
        "report": page.run.report,
        "progress": asdict(page.progress),
        "needs_worker": page.needs_worker,
        "snapshots": api.snapshot_ids(view.access, run_id),
    }
