"""The list of problems and the page of one."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_safe

from annotations.access import Access
from annotations.pages.http import in_project, page_or_part
from annotations.pages.links import with_clean_address
from annotations.rules import Act, can
from annotations.selectors import problems

SORT_NAMES = (
    ("number", "number"),
    ("newest", "newest"),
    ("level", "level, low first"),
    ("-level", "level, high first"),
    ("trees", "most trees"),
)
RATE_SORTS = (("rate", "pass rate, low first"), ("-rate", "pass rate, high first"))
RATES = (
    ("0.2-0.8", "0.2 to 0.8"),
    ("0-0", "never solved"),
    ("0-0.2", "up to 0.2"),
    ("0.8-1", "0.8 and above"),
    ("1-1", "always solved"),
    ("no", "not measured"),
)


@require_safe
@in_project
def problem_list(request: HttpRequest, access: Access) -> HttpResponse:
    found = problems.problem_page(access, problems.ProblemQuery.read(request.GET.dict()))
    context = {
        "access": access,
        "found": found,
        "query": found.query,
        "sorts": SORT_NAMES + (RATE_SORTS if found.rated else ()),
        "rates": RATES,
        "problems_at": reverse("problem", args=[access.project.slug, 0]).removesuffix("0/"),
        "can_import": can(access, Act.IMPORT),
        "can_run": can(access, Act.RUN),
    }
    return with_clean_address(request, page_or_part(request, "problems/list.html", "results", context))


@require_safe
@in_project
def problem_detail(request: HttpRequest, access: Access, problem_id: int) -> HttpResponse:
    problem = problems.problem(access, problem_id)
    context = {
        "access": access,
        "problem": problem,
        "trees": problems.trees_of(access, problem_id),
        "rates": problems.rates_of(access, problem_id),
        "can_run": can(access, Act.RUN),
    }
    return page_or_part(request, "problems/problem.html", "trees", context)


urlpatterns: list[URLPattern] = [
    path("p/<slug:slug>/", problem_list, name="problem-list"),
    path("p/<slug:slug>/problems/<int:problem_id>/", problem_detail, name="problem"),
]
