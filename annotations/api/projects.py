"""Projects and their problems, to read."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from annotations import rules
from annotations.api.base import ApiView, ProjectView
from annotations.api.shapes import (
    ErrorShape,
    ProblemDetailShape,
    ProblemShape,
    ProjectDetailShape,
    ProjectShape,
    TreeShape,
)
from annotations.selectors import problems, projects

PAGING = [OpenApiParameter("limit", int, description="At most 500."), OpenApiParameter("offset", int)]
SEARCH = [
    OpenApiParameter("q", str, description="Words of the text."),
    OpenApiParameter("level", int),
    OpenApiParameter("source", str),
    OpenApiParameter("trees", str, enum=["yes", "no"]),
    OpenApiParameter("labels", str, enum=["yes", "no"], description="With a label that one may see."),
    OpenApiParameter("rate", str, description="A band of pass rates, as 0.2-0.8; “no” for problems without one."),
    OpenApiParameter("sort", str, enum=[sort for sort in problems.SORTS if sort != "trees"]),
]


class Projects(ApiView):
    """The projects one may see."""

    @extend_schema(operation_id="projects_list", responses=ProjectShape(many=True), parameters=PAGING)
    def get(self, request: Request) -> Response:
        return self.pages(projects.project_cards(self.viewer), ProjectShape)


class Project(ProjectView):
    """One project: guidelines, error categories, engines, and what one may do in it."""

    @extend_schema(operation_id="project", responses={200: ProjectDetailShape, 404: ErrorShape})
    def get(self, request: Request, slug: str) -> Response:
        access = self.access
        scheme = projects.newest_scheme(access)
        shown = {
            "slug": access.project.slug,
            "name": access.project.name,
            "role": access.role.value,
            "archived": access.project.archived_at is not None,
            "created_at": access.project.created_at,
            "guidelines": access.project.guidelines,
            "may": [act.value for act in rules.Act if rules.can(access, act)],
            "blind": bool(access.project.settings.get("blind", rules.SETTINGS["blind"])),
            "categories": scheme.categories if scheme else [],
            "engines": projects.engines_for(access),
        }
        return Response(ProjectDetailShape(shown).data)


class Problems(ProjectView):
    """The problems of a project; unknown filter values count as not given, as in the page's addresses."""

    @extend_schema(operation_id="problems_list", responses=ProblemShape(many=True), parameters=SEARCH + PAGING)
    def get(self, request: Request, slug: str) -> Response:
        query = problems.ProblemQuery.read(request.query_params.dict())
        order = problems.SORTS["number" if query.sort == "trees" else query.sort]
        return self.pages(problems.found_problems(self.access, query).order_by(*order), ProblemShape)


class Problem(ProjectView):
    """One problem with its reference solution and its newest hundred trees."""

    @extend_schema(operation_id="problem", responses={200: ProblemDetailShape, 404: ErrorShape})
    def get(self, request: Request, slug: str, problem_id: int) -> Response:
        found = problems.problem(self.access, problem_id)
        shown = {field: getattr(found, field) for field in ProblemDetailShape.Meta.fields if field != "trees"}
        trees = TreeShape(problems.trees_of(self.access, problem_id), many=True).data
        return Response({**shown, "trees": trees})
