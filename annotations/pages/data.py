"""Data in and out: upload a file and import it, export by a recipe, fetch the data sets that were made."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse
from django.urls import path, reverse
from django.views.decorators.http import require_POST

from annotations import jobs, rules, uploads
from annotations.access import Access
from annotations.errors import BadInput
from annotations.forms.fields import Bound, FormField, form_fields, posted
from annotations.imports.formats import FORMATS
from annotations.models import DatasetSnapshot, Run
from annotations.pages import sources
from annotations.pages.http import in_project, page_or_part
from annotations.pages.posting import again, leave
from annotations.rules import Act
from annotations.selectors import api as snapshots
from annotations.selectors import projects
from inference.datasets import RECIPES, Recipe
from inference.planted.params import ENGINE, PlantParams

PAGE = 20
PLAIN = (str, int, float, bool)


@dataclass(frozen=True, slots=True)
class Choice:
    """A recipe with its options as form fields and, where it was refused, why."""

    recipe: Recipe
    fields: list[FormField]
    error: str = ""

    @property
    def open(self) -> bool:
        return any(item.error or item.changed for item in self.fields)


@in_project
def data(request: HttpRequest, access: Access) -> HttpResponse:
    return page_or_part(request, "data/data.html", "snapshots", _context(request, access))


def _context(
    request: HttpRequest, access: Access, refused: Choice | None = None, planting: Bound | None = None, **more: Any
) -> dict[str, Any]:
    choices = [Choice(recipe, form_fields(recipe.options)) for recipe in RECIPES.values()]
    if refused is not None:
        choices = [refused if choice.recipe is refused.recipe else choice for choice in choices]
    exports = rules.can(access, Act.EXPORT)
    rows = snapshots.snapshots(access) if exports else DatasetSnapshot.objects.none()
    shown = Paginator(rows.select_related("created_by"), PAGE).get_page(request.GET.get("page"))
    return {
        "project": access.project,
        "formats": list(FORMATS.values()),
        "choices": choices,
        "rows": shown,
        "snapshots": [(row, _title(row), _facts(row)) for row in shown],
        "limit": settings.UPLOAD_LIMIT_BYTES // settings.MEBIBYTE,
        "may_import": rules.can(access, Act.IMPORT),
        "may_export": exports,
        "plant_fields": form_fields(PlantParams, planting),
        "plant_open": planting is not None,
        "plant_wrong": planting.errors.get("engine", "") if planting else "",
        "engines": list(projects.engines_for(access)),
        **sources.form_context(access.project),
        **more,
    }


def _title(row: DatasetSnapshot) -> str:
    return RECIPES[row.recipe].title if row.recipe in RECIPES else row.recipe


def _facts(row: DatasetSnapshot) -> list[tuple[str, object]]:
    """Flatten the manifest by one level: what a person reads before he takes the file."""
    flat: list[tuple[str, object]] = []
    for name, value in row.manifest.items():
        inner = value.items() if isinstance(value, dict) else [("", value)]
        flat += [(f"{name} {key}".strip().replace("_", " ").capitalize(), item) for key, item in inner]
    return [(name, item) for name, item in flat if isinstance(item, PLAIN)]


@require_POST
@in_project
def import_file(request: HttpRequest, access: Access) -> HttpResponse:
    """Keep the uploaded file and ask for its import. With htmx a refusal leaves the form, and its file, as it is."""
    rules.check(access, Act.IMPORT)
    format_name, scorer = request.POST.get("format", ""), request.POST.get("scorer", "")
    try:
        run = _ask_import(access, request.FILES.get("file"), format_name, scorer)
    except BadInput as error:
        context = _context(request, access, import_error=str(error), format=format_name, scorer=scorer)
        return again(request, "data/data.html", "import-wrong", context)
    return leave(request, reverse("run", args=[access.project.slug, run.pk]))


def _ask_import(access: Access, file: Any, format_name: str, scorer: str) -> Run:
    if file is None:
        raise BadInput("Choose a file.", "file")
    if format_name and format_name not in FORMATS:
        raise BadInput(f"Unknown format; expected one of {', '.join(FORMATS)}.", "format")
    kept = uploads.keep(access.project.pk, file.chunks(), file.name or "file")
    try:
        return jobs.request_import(
            access=access, path=kept, name=file.name or "file", format=format_name or None, scorer=scorer
        )
    except BaseException:
        kept.unlink(missing_ok=True)
        raise


@require_POST
@in_project
def plant(request: HttpRequest, access: Access) -> HttpResponse:
    """Ask for planted errors; a refused setting is shown beside it."""
    rules.check(access, Act.IMPORT)
    bound = posted(PlantParams, request.POST, PlantParams.from_mapping)
    engine = request.POST.get("engine", "")
    if not bound.errors:
        by_engine = bound.values.get("by") == ENGINE and engine.isascii() and engine.isdigit()
        try:
            run = jobs.request_planting(
                access=access, params=bound.values, engine_id=int(engine[:18]) if by_engine else None
            )
            return leave(request, reverse("run", args=[access.project.slug, run.pk]))
        except BadInput as error:
            bound = replace(bound, errors={error.field: str(error)})
    return again(request, "data/data.html", "plant", _context(request, access, planting=bound, plant_engine=engine))


@require_POST
@in_project
def export(request: HttpRequest, access: Access) -> HttpResponse:
    """Ask for a data set; a refused option is shown beside it."""
    rules.check(access, Act.EXPORT)
    recipe = RECIPES.get(request.POST.get("recipe", ""))
    if recipe is None:
        raise BadInput(f"Unknown recipe; expected one of {', '.join(RECIPES)}.", "recipe")
    options = posted(recipe.options, request.POST, recipe.options.read)
    try:
        run = jobs.request_export(access=access, recipe=recipe.id, options=options.values)
    except BadInput as error:
        refused = Choice(recipe, form_fields(recipe.options, options), "" if options.errors else str(error))
        return again(request, "data/data.html", "choice", _context(request, access, refused, choice=refused))
    return leave(request, reverse("run", args=[access.project.slug, run.pk]))


@in_project
def download(request: HttpRequest, access: Access, snapshot_id: int) -> HttpResponse:
    """Stream a data set to those who may export; the file must lie in the data folder."""
    file, name = snapshots.snapshot_file(access, snapshot_id)
    return FileResponse(file.open("rb"), as_attachment=True, filename=name)  # type: ignore[return-value]


urlpatterns = [
    path("p/<slug:slug>/data/", data, name="data"),
    path("p/<slug:slug>/data/import/", import_file, name="import"),
    path("p/<slug:slug>/data/plant/", plant, name="plant"),
    path("p/<slug:slug>/data/export/", export, name="export"),
    path("p/<slug:slug>/data/<int:snapshot_id>/download/", download, name="download"),
]
