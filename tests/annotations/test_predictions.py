"""Rollouts and scores of anybody's script: they meet on the same steps, and what does not fit is named to the field."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from annotations import exports
from annotations.imports import ImportReport, import_file
from annotations.models import LabelEvent, Node, Project, Rationale, Score, Tree
from tests.factories import cast

pytestmark = pytest.mark.django_db
PROBLEM = "Ann has 9 pears and eats 3. How many are left?"
STEPS = ["9 - 3 = 6", "So 5 are left.", "Answer: 5"]


@pytest.fixture
def project() -> Project:
    return cast().project


def row(**fields: Any) -> dict[str, Any]:
    made = {"problem": PROBLEM, "steps": STEPS, "scores": [0.9, 0.8, 0.4], "scorer": "mine", "first_error": 1}
    return made | fields


def take(project: Project, folder: Path, rows: list[Any], name: str = "rollouts.jsonl", **more: Any) -> ImportReport:
    path = folder / name
    path.write_text("\n".join(one if isinstance(one, str) else json.dumps(one) for one in rows))
    return import_file(project=project, path=path, name=name, **more)


def scores(scorer: str) -> list[tuple[int, float]]:
    return list(Score.objects.filter(scorer=scorer).order_by("node__seq").values_list("node__seq", "value"))


def test_a_row_becomes_a_path_a_rationale_labels_and_scores(project: Project, tmp_path: Path) -> None:
    report = take(project, tmp_path, [row(answer="5", id="a-1")])

    assert (report.format, report.nodes_new, report.labels_new, report.scores_new) == ("predictions", 3, 2, 3)
    assert scores("mine") == [(1, 0.9), (2, 0.8), (3, 0.4)]
    assert list(LabelEvent.objects.order_by("id").values_list("node__seq", "rating", "source")) == [
        (1, "correct", "import"),
        (2, "incorrect", "import"),
    ]
    made = Rationale.objects.get()
    assert (made.answer, made.leaf.text, made.data["id"]) == ("5", "Answer: 5", "a-1")


def test_two_scorers_meet_on_the_same_steps_and_say_a_label_once(project: Project, tmp_path: Path) -> None:
    other = row(scorer="theirs", scores=[0.2, None, 1])
    report = take(project, tmp_path, [row(), other, row(steps=[*STEPS[:2], "Answer: 4"], scores=[0.9, 0.8, 0.1])])

    assert (Tree.objects.count(), Node.objects.count(), report.labels_new) == (1, 4, 4)
    assert scores("theirs") == [(1, 0.2), (3, 1.0)]
    assert scores("mine") == [(1, 0.9), (2, 0.8), (3, 0.4), (4, 0.1)]


def test_importing_twice_changes_nothing(project: Project, tmp_path: Path) -> None:
    rows = [row(), row(scorer="theirs"), row(problem="Another?", id="x")]
    take(project, tmp_path, rows)
    again = take(project, tmp_path, rows)

    counts = (again.problems_new, again.trees_new, again.nodes_new, again.labels_new, again.scores_new)
    assert (*counts, again.rationales_new, again.difference_count) == (0, 0, 0, 0, 0, 0, 0)
    assert (again.scores_known, again.rationales_known) == (9, 2)


def test_what_does_not_fit_is_named_and_the_good_rows_go_in(project: Project, tmp_path: Path) -> None:
    short, stepless = row(scores=[0.9, 0.8]), row()
    del stepless["steps"]
    bad = [short, row(scores=[0.9, 1.2, 0]), row(scores=[0.9, float("nan"), 0]), row(scores=[0, 0, float("inf")])]
    bad += [row(scores=["0.9", 0, 0]), stepless, row(steps=["One", 2], scores=[0, 0]), row(first_error=3)]
    bad += [row(scorer=""), row(label=0), row(threshold=2), '{"problem": "cut']
    report = take(project, tmp_path, [row(), *bad, row(problem="The last good one?")])

    assert report.problems_new == 2
    assert [(refused["line"], refused["field"]) for refused in report.refused] == [
        *((2, "scores"), (3, "scores[1]"), (4, "scores[1]"), (5, "scores[2]"), (6, "scores[0]"), (7, "steps")),
        *((8, "steps[1]"), (9, "first_error"), (10, "scorer"), (11, "label"), (12, "threshold"), (13, "row")),
    ]
    assert report.refused[0]["expected"] == "a list of 3 numbers from 0 to 1, one a step"
    assert report.refused[0]["found"] == "2 scores"
    assert report.refused[2] | {"line": 0} == {
        **{"line": 0, "field": "scores[1]"},
        **{"expected": "a number from 0 to 1", "found": "nan"},
    }


def test_a_json_array_with_nan_is_read_to_its_end(project: Project, tmp_path: Path) -> None:
    text = json.dumps([row(scores=[0.9, float("nan"), 0]), row(), row(problem="And this?")], indent=1)
    report = take(project, tmp_path, [text], "rollouts.json")

    assert (report.problems_new, [refused["field"] for refused in report.refused]) == (2, ["scores[1]"])


def test_scores_beside_processbench_rows_meet_its_steps_and_other_files(project: Project, tmp_path: Path) -> None:
    bench = {"id": "gsm8k-0", "generator": "Qwen", "problem": PROBLEM, "steps": STEPS, "label": 1}
    assert take(project, tmp_path, [bench]).format == "processbench"
    scored = take(project, tmp_path, [{**bench, "scores": [1, 1, 0], "scorer": "a"}])
    alone = take(project, tmp_path, [row(scorer="b")])

    assert (scored.format, scored.labels_new, scored.scores_new) == ("processbench", 0, 3)
    assert (alone.format, alone.trees_new, alone.nodes_new, alone.scores_new) == ("predictions", 0, 0, 3)
    assert Node.objects.count() == 3


def test_a_scorer_can_be_named_for_the_whole_file_and_another_word_of_it_is_told(
    project: Project, tmp_path: Path
) -> None:
    nameless = row()
    del nameless["scorer"]
    assert take(project, tmp_path, [nameless]).rows_refused == 1
    take(project, tmp_path, [nameless], scorer="mine")
    report = take(project, tmp_path, [row(scores=[0.1, 0.8, 0.4])])

    assert (report.scores_new, report.difference_count) == (0, 1)
    assert (report.differences[0]["field"], report.differences[0]["known"]) == ("scores of mine", "0.900000")
    assert take(project, tmp_path, [row(scores=[0.1, 0.8, 0.4], scorer_version="2")]).scores_new == 3


def test_scores_go_round_in_the_full_form(project: Project, tmp_path: Path) -> None:
    take(project, tmp_path, [row(threshold=0.3), row(scorer="theirs")])
    path = tmp_path / "full.jsonl"
    exports.export(project=project, recipe="full", options={}, path=path)
    elsewhere = cast("elsewhere").project
    report = import_file(project=elsewhere, path=path, name=path.name)

    assert (report.rows_refused, report.scores_new) == (0, 6)
    there = Score.objects.filter(project=elsewhere, scorer="mine").order_by("node__seq")
    assert list(there.values_list("value", "threshold")) == [(0.9, 0.3), (0.8, 0.3), (0.4, 0.3)]
    assert take(elsewhere, tmp_path, [row()]).scores_new == 0
