"""What the database itself refuses: rows that join two projects, changed words, deleted labels."""

# ruff: noqa: S608 (names of our own tables)

from __future__ import annotations

from importlib import import_module

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction

from annotations import teams
from annotations.models import AuditEvent, Node, Project
from annotations.models.base import ProjectRow
from annotations.selectors.projects import access
from tests.factories import Filled, cast, fill, person

pytestmark = pytest.mark.django_db

PARENTS: dict[str, list[tuple[str, str]]] = {
    table: parents
    for name in (
        "0002_tenancy",
        "0005_review",
        "0009_review_order",
        "0007_pass_rates",
        "0013_completions",
        "0017_checked_again",
    )
    for table, parents in import_module(f"annotations.migrations.{name}").PARENTS.items()
}
for name in ("0018_label_desk", "0022_decisions"):
    for table, parents in import_module(f"annotations.migrations.{name}").PARENTS.items():
        PARENTS[table] = [*PARENTS.get(table, []), *parents]
KEYS = [(table, column, parent) for table, parents in PARENTS.items() for column, parent in parents]
# What makes a copied row differ from its original in the table's own unique keys, and leaves it one target.
FRESH = {
    "content_hash": "'f'",
    "external_key": "'fresh'",
    "seq": "99",
    "params_hash": "'fresh'",
    "number": "99",
    "parent_seq": "NULL",
    "plugin": "'fresh'",
    "verifier": "'fresh'",
    "scorer": "'fresh'",
    "stepchange.kind": "'label'",
    "labelitem.leaf_id": "(SELECT max(n.id) FROM annotations_node n WHERE n.tree_id = annotations_labelitem.tree_id)",
    "queuemember.user_id": "(SELECT id FROM annotations_user WHERE username = 'vi')",
    "labelsession.user_id": "(SELECT id FROM annotations_user WHERE username = 'vi')",
}
TARGETS = {"node_id": "rationale_id", "rationale_id": "node_id"}


@pytest.fixture
def ours() -> Filled:
    team = cast()
    return fill(team.project, team.ada)


@pytest.fixture
def theirs() -> Filled:
    team = cast("elsewhere")
    return fill(team.project, team.ada)


def columns(table: str) -> list[str]:
    with connection.cursor() as cursor:
        description = connection.introspection.get_table_description(cursor, f"annotations_{table}")
    return [column.name for column in description if column.name != "id"]


def some_id(table: str, project: Project) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT min(id) FROM annotations_{table} WHERE project_id = %s", [project.pk])
        return int(cursor.fetchone()[0])


def insert_copy(table: str, column: str, value: int, project: Project) -> None:
    """Insert a copy of a row of `project` whose `column` refers to `value`."""
    names = columns(table)
    sources = {name: FRESH.get(f"{table}.{name}", FRESH.get(name, name)) for name in names}
    if column in TARGETS and TARGETS[column] in names:
        sources[TARGETS[column]] = "NULL"
    sources[column] = "%s"
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO annotations_{table} ({', '.join(names)}) SELECT {', '.join(sources.values())}"
            f" FROM annotations_{table} WHERE id = %s",
            [value, some_id(table, project)],
        )


@pytest.mark.parametrize(("table", "column", "parent"), KEYS)
def test_a_row_may_not_join_two_projects(table: str, column: str, parent: str, ours: Filled, theirs: Filled) -> None:
    with pytest.raises(IntegrityError) as caught:
        insert_copy(table, column, some_id(parent, theirs.project), ours.project)
    assert caught.value.__cause__.diag.constraint_name == f"{table}_{column}_fk"
    insert_copy(table, column, some_id(parent, ours.project), ours.project)


def test_every_reference_between_rows_of_a_project_is_such_a_key() -> None:
    declared = {(table, column) for table, column, _ in KEYS}
    found = {
        (model._meta.model_name, field.attname)
        for model in apps.get_app_config("annotations").get_models()
        if issubclass(model, ProjectRow)
        for field in model._meta.concrete_fields
        if field.is_relation and issubclass(field.related_model, ProjectRow)
    }
    assert found == declared


def test_every_row_of_a_project_needs_a_project_that_exists(ours: Filled) -> None:
    for table in PARENTS:
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            names = columns(table)
            sources = ["0" if name == "project_id" else FRESH.get(name, name) for name in names]
            cursor.execute(
                f"INSERT INTO annotations_{table} ({', '.join(names)})"
                f" SELECT {', '.join(sources)} FROM annotations_{table} LIMIT 1"
            )
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.parametrize(
    "change",
    [
        "node SET text = 'Another step.'",
        "node SET role = 'plan'",
        "node SET parent_seq = NULL WHERE seq = 2",
        "node SET seq = 50 WHERE seq = 4",
        "toolcheck SET verdict = 'supported'",
        "score SET value = 1",
        "labelevent SET rating = 'neutral'",
        "labelevent SET note = 'later'",
        "sessionevent SET kind = 'submitted'",
        "comment SET text = 'later'",
        "itemdecision SET why = 'later'",
    ],
)
def test_what_was_said_never_changes(change: str, ours: Filled) -> None:
    with (
        pytest.raises(IntegrityError, match="never changes|never changed"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"UPDATE annotations_{change}")


def test_search_statistics_do_change(ours: Filled) -> None:
    assert Node.objects.filter(pk=ours.node.pk).update(visits=7, value_sum=3.5) == 1


@pytest.mark.parametrize("row", ["labelevent", "node", "tree", "problem", "labelscheme"])
def test_label_events_are_not_deleted_by_any_road(row: str, ours: Filled) -> None:
    refused = pytest.raises(IntegrityError, match="appended, never deleted")
    with refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM annotations_{row}")


def project_tables() -> list[str]:
    """Return every table of the database with a project_id."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name FROM information_schema.columns"
            " WHERE column_name = 'project_id' AND table_schema = 'public' ORDER BY table_name"
        )
        return [row[0] for row in cursor.fetchall()]


def rows_of(project_id: int) -> dict[str, int]:
    with connection.cursor() as cursor:
        counts = {}
        for table in project_tables():
            cursor.execute(f"SELECT count(*) FROM {table} WHERE project_id = %s", [project_id])
            counts[table] = int(cursor.fetchone()[0])
    return counts


def test_deleting_a_project_removes_every_row_of_it_and_only_those(ours: Filled, theirs: Filled) -> None:
    owner = access(person("odo"), ours.project.slug)
    kept = rows_of(theirs.project.pk)
    before = rows_of(ours.project.pk)
    assert all(before.values()), f"the factory leaves out {[table for table, count in before.items() if not count]}"
    teams.delete_project(access=owner, confirm=ours.project.slug)
    assert not any(rows_of(ours.project.pk).values())
    assert not Project.objects.filter(pk=ours.project.pk).exists()
    assert rows_of(theirs.project.pk) == kept
    event = AuditEvent.objects.get(project_ref=ours.project.pk, action="project deleted")
    assert (event.actor, event.data["name"]) == (owner.user, ours.project.name)
