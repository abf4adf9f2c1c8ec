"""Submitted work over the API: PRM800K's raw rows, a page at a time, in a fixed number of queries."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from annotations.models import LabelItem
from tests.deskcast import desk

pytestmark = pytest.mark.django_db
AT = "/api/v1/projects/words/label-sessions/"


def test_submitted_sessions_come_as_raw_rows(client: Client) -> None:
    bench = desk(wanted=2)
    bench.work("ada", "correct", "incorrect", finish="found_error")
    bench.work("bo", "correct", "correct", "correct")
    bench.session("odo", state="expired")
    client.force_login(bench.team.bo)
    found = client.get(AT).json()
    assert [(row["labeler"], row["label"]["finish_reason"]) for row in found["results"]] == [
        ("ada", "found_error"), ("bo", "solution"),
    ]  # fmt: skip
    assert found["results"][0]["label"]["steps"][1]["completions"][0]["rating"] == -1
    (last,) = client.get(AT, {"offset": 1, "labeler": "pseudonym", "queue": bench.queue.pk}).json()["results"]
    assert last["labeler"] not in {"ada", "bo"}
    assert client.get(AT, {"labeler": "shoe size"}).json()["field"] == "labeler"
    assert client.get(AT, {"queue": 0}).json()["results"] == []


def test_more_sessions_cost_no_more_queries(client: Client) -> None:
    bench = desk()
    client.force_login(bench.team.bo)
    values = {"project": bench.team.project, "queue": bench.queue, "tree": bench.tree, "wanted": 1, "places": 1}
    counts = []
    for number in (4, 6):
        item = LabelItem.objects.create(**values, leaf=bench.nodes[number], number=number)
        bench.act(bench.session(item=item), {"kind": "submit", "finish": "bad_problem"})
        with CaptureQueriesContext(connection) as asked:
            assert client.get(AT).status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1]
