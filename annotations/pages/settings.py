"""A project's settings: name, guidelines and switches, members, error categories, its end, and who did what."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import path, reverse

from annotations import rules, teams
from annotations.access import Access
from annotations.errors import BadInput
from annotations.pages import markdown
from annotations.pages.http import in_project, page_or_part
from annotations.pages.posting import again, done, leave
from annotations.rules import Act
from annotations.selectors import projects
from inference.types import Role

AUDIT_PAGE = 50
SECTIONS = {
    "settings": "General",
    "settings-members": "Members",
    "settings-categories": "Error categories",
    "settings-end": "Archive and delete",
    "settings-audit": "Audit trail",
}
OWNERS_ONLY = ("settings-end", "settings-audit")
SWITCHES = {
    "blind": (
        "Blind labelling",
        "Annotators and viewers see only their own labels; reviewers and owners see everybody's.",
    ),
    "assigned": (
        "Annotators see only what is assigned to them",
        "They have the desk with their queues, the guidelines, their own work and progress, and no other page.",
    ),
}


def _context(access: Access, section: str, **more: Any) -> dict[str, Any]:
    slug = access.project.slug
    shown = [name for name in SECTIONS if name not in OWNERS_ONLY or rules.can(access, Act.ARCHIVE)]
    links = [(reverse(name, args=[slug]), SECTIONS[name], name == section) for name in shown]
    return {
        "access": access,
        "project": access.project,
        "sections": links,
        "may_change": rules.can(access, Act.MANAGE),
        **more,
    }


@in_project
def general(request: HttpRequest, access: Access) -> HttpResponse:
    """Name, guidelines and switches; "Preview" shows the guidelines as typed and saves nothing."""
    template, part = "settings/general.html", "section"
    if request.method != "POST":
        return page_or_part(request, template, part, _context(access, "settings", form=_stored(access)))
    typed: dict[str, Any] = {
        "name": request.POST.get("name", ""),
        "guidelines": request.POST.get("guidelines", "").replace("\r\n", "\n"),
        "switches": {name: name in request.POST for name in SWITCHES},
    }
    context = _context(access, "settings", form=_form(typed))
    if request.POST.get("act") == "preview":
        preview = markdown.render(typed["guidelines"][: teams.GUIDELINES_LIMIT])
        return page_or_part(request, template, part, {**context, "preview": preview})
    try:
        teams.update_project(
            access=access, name=typed["name"], guidelines=typed["guidelines"], settings=typed["switches"]
        )
    except BadInput as error:
        return again(request, template, part, {**context, "errors": {error.field: str(error)}})
    return done(request, reverse("settings", args=[access.project.slug]), "Settings saved.")


def _stored(access: Access) -> dict[str, Any]:
    project = access.project
    switches = {name: project.settings.get(name, rules.SETTINGS[name]) for name in SWITCHES}
    return _form({"name": project.name, "guidelines": project.guidelines, "switches": switches})


def _form(values: dict[str, Any]) -> dict[str, Any]:
    switches = [(name, *SWITCHES[name], on) for name, on in values["switches"].items()]
    return {**values, "switches": switches}


@in_project
def members(request: HttpRequest, access: Access) -> HttpResponse:
    """Who belongs to the project; a posted form adds somebody, changes his role or (act "remove") takes it away."""
    here = reverse("settings-members", args=[access.project.slug])
    typed = {"username": request.POST.get("username", "").strip(), "role": request.POST.get("role", Role.ANNOTATOR)}
    context = _context(access, "settings-members", typed=typed, roles=_roles())
    if request.method == "POST":
        role = None if request.POST.get("act") == "remove" else typed["role"]
        try:
            teams.set_member(access=access, username=typed["username"], role=role)
        except BadInput as error:
            listed = {**context, "members": projects.members(access), "errors": {error.field: str(error)}}
            return again(request, "settings/members.html", "section", listed)
        if typed["username"] == access.user.username and role != Role.OWNER:
            return leave(request, reverse("home"))
        word = "removed" if role is None else f"is {role}"
        return done(request, here, f"{typed['username']} {word}.")
    context["members"] = projects.members(access)
    return page_or_part(request, "settings/members.html", "section", context)


def _roles() -> list[tuple[str, str]]:
    """Return every role with what it may do, as the rules say."""
    return [(role.value, ", ".join(act.value for act in Act if act in acts)) for role, acts in rules.ROLE_ACTS.items()]


@in_project
def categories(request: HttpRequest, access: Access) -> HttpResponse:
    """The error categories. "Add a row" keeps what was typed; saving makes the next version of the scheme."""
    here = reverse("settings-categories", args=[access.project.slug])
    template, part = "settings/categories.html", "section"
    scheme = projects.newest_scheme(access)
    context = _context(access, "settings-categories", scheme=scheme)
    if request.method != "POST":
        rows = list(scheme.categories) if scheme else []
        return page_or_part(request, template, part, {**context, "rows": rows})
    rows = _posted_rows(request.POST)
    if request.POST.get("act") == "add":
        return page_or_part(request, template, part, {**context, "rows": [*rows, {"active": True, "fresh": True}]})
    try:
        made = teams.set_categories(access=access, categories=[row for row in rows if row["name"] or row["key"]])
    except BadInput as error:
        return again(request, template, part, {**context, "rows": rows, "errors": {error.field: str(error)}})
    return done(request, here, f"Saved as version {made.version} of the scheme.")


def _posted_rows(data: QueryDict) -> list[dict[str, Any]]:
    columns = zip(data.getlist("key"), data.getlist("name"), data.getlist("definition"), strict=False)
    active = set(data.getlist("active"))
    return [
        {"key": key, "name": name.strip(), "definition": definition.strip(), "active": str(number) in active}
        for number, (key, name, definition) in enumerate(columns)
    ]


@in_project
def end(request: HttpRequest, access: Access) -> HttpResponse:
    """Archive, restore, or delete with the project's short name typed."""
    rules.check(access, Act.ARCHIVE)
    here = reverse("settings-end", args=[access.project.slug])
    act = request.POST.get("act", "")
    context = _context(access, "settings-end", typed=request.POST.get("confirm", ""))
    if act in ("archive", "restore"):
        teams.archive_project(access=access, archived=act == "archive")
        return done(request, here, "Project archived." if act == "archive" else "Project restored.")
    if act == "delete":
        try:
            teams.delete_project(access=access, confirm=context["typed"].strip())
        except BadInput as error:
            return again(request, "settings/end.html", "section", {**context, "errors": {error.field: str(error)}})
        return leave(request, reverse("home"))
    return page_or_part(request, "settings/end.html", "section", context)


@in_project
def audit(request: HttpRequest, access: Access) -> HttpResponse:
    rules.check(access, Act.ARCHIVE)
    events = Paginator(projects.audit_trail(access), AUDIT_PAGE).get_page(request.GET.get("page"))
    return page_or_part(request, "settings/audit.html", "section", _context(access, "settings-audit", events=events))


@in_project
def guidelines(request: HttpRequest, access: Access) -> HttpResponse:
    """How to label, for every member."""
    context = _context(access, "guidelines", html=markdown.render(access.project.guidelines))
    return page_or_part(request, "settings/guidelines.html", "text", context)


urlpatterns = [
    path("p/<slug:slug>/guidelines/", guidelines, name="guidelines"),
    path("p/<slug:slug>/settings/", general, name="settings"),
    path("p/<slug:slug>/settings/members/", members, name="settings-members"),
    path("p/<slug:slug>/settings/categories/", categories, name="settings-categories"),
    path("p/<slug:slug>/settings/end/", end, name="settings-end"),
    path("p/<slug:slug>/settings/audit/", audit, name="settings-audit"),
]
