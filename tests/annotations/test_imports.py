"""Files come in whole or are refused row by row; the same file twice changes nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from annotations.errors import BadInput
from annotations.imports import FORMATS, ImportReport, detect, import_file
from annotations.models import LabelEvent, Node, Problem, Project, Rationale, Tree
from tests.factories import cast, problem

pytestmark = pytest.mark.django_db
SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
PROBLEM = "Ann has 9 pears and eats 3. How many are left?"


@pytest.fixture
def project() -> Project:
    return cast().project


def lines(folder: Path, rows: list[Any], name: str = "rows.jsonl") -> Path:
    path = folder / name
    path.write_text("\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows), encoding="utf-8")
    return path


def take(project: Project, path: Path, **options: Any) -> ImportReport:
    return import_file(project=project, path=path, name=path.name, **options)


def bench_row(**fields: Any) -> dict[str, Any]:
    row = {"id": "gsm8k-0", "generator": "Qwen", "problem": PROBLEM, "steps": ["9 - 3 = 6", "So 5.", "Done."]}
    return row | {"final_answer_correct": False, "label": 1} | fields


def step_row(responses: list[str], step: str, rating: float | None, **fields: Any) -> dict[str, Any]:
    row = {"instruction": PROBLEM, "responses": responses, "next_response": step, "rating": rating}
    return row | {"answer": None, "is_solution": False, "error_reason": None} | fields


def test_plain_problems_come_in_with_what_is_known_of_them(project: Project, tmp_path: Path) -> None:
    row = {"question": PROBLEM, "final_answer": 6, "level": "Level 2", "unique_id": "a/1", "subject": "Sums"}
    report = take(project, lines(tmp_path, [row]))
    made = Problem.objects.get(project=project)
    assert (report.format, report.rows_read, report.problems_new) == ("plain", 1, 1)
    assert (made.answer, made.level, made.source, made.source_ref) == ("6", 2, "rows", "a/1")
    assert made.data == {"subject": "Sums"}


def test_a_bad_row_is_refused_with_line_and_field_and_costs_no_other(project: Project, tmp_path: Path) -> None:
    bad = ['{"problem": "cut', '{"problem": "nul \\u0000"}', '{"problem": "half \\ud800"}', "[1]", "", '{"a": 1e999}']
    rows = [{"problem": "One?"}, *bad, {"problem": 3.5, "level": "hard"}, {"problem": " "}, {"problem": "Two?"}]
    report = take(project, lines(tmp_path, rows))
    assert report.problems_new == 2
    assert [row["line"] for row in report.refused] == [2, 3, 4, 5, 7, 8, 9]
    assert report.refused[5] == {
        "line": 8,
        "field": "level",
        "expected": "a whole number from -32768 to 32767, or “Level 3”",
        "found": "hard",
    }
    assert report.rows_read == report.problems_new + report.rows_refused


def test_the_same_file_twice_and_repeated_rows_change_nothing(project: Project, tmp_path: Path) -> None:
    path = lines(tmp_path, [{"problem": "One  two?"}, {"problem": "One two?"}, {"problem": "Three?"}])
    first, second = take(project, path), take(project, path)
    assert (first.problems_new, first.duplicates) == (2, 1)
    assert (second.problems_new, second.problems_known, second.duplicates) == (0, 2, 1)
    assert Problem.objects.filter(project=project).count() == 2


def test_a_known_problem_with_another_answer_is_reported_and_a_blank_one_filled(
    project: Project, tmp_path: Path
) -> None:
    problem(project, "What is 2 + 2?", "4")
    problem(project, "What is 3 + 3?", "")
    rows = [{"problem": "What is 2 + 2?", "answer": "5"}, {"problem": "What is 3 + 3?", "answer": "6"}]
    report = take(project, lines(tmp_path, rows))
    assert [(row["line"], row["known"], row["found"]) for row in report.differences] == [(1, "4", "5")]
    assert sorted(Problem.objects.values_list("answer", flat=True)) == ["4", "6"]


def test_gsm8k_keeps_its_marks_and_shows_a_readable_solution(project: Project, tmp_path: Path) -> None:
    given = "She keeps 9-3=<<9-3=6>>6 pears.\n#### 6"
    assert take(project, lines(tmp_path, [{"question": PROBLEM, "answer": given}])).format == "gsm8k"
    made = Problem.objects.get(project=project)
    assert (made.answer, made.solution) == ("6", "She keeps 9-3=6 pears.")
    assert made.data == {"answer_field": given}


def test_processbench_rows_share_a_tree_and_label_up_to_the_first_error(project: Project, tmp_path: Path) -> None:
    right = bench_row(id="gsm8k-1", steps=["9 - 3 = 6", "So 6."], final_answer_correct=True, label=-1)
    path = tmp_path / "bench.json"
    path.write_text(json.dumps([bench_row(), right, bench_row(id="x", label=7)], indent=1))
    report = take(project, path)
    nodes = {node.seq: node for node in Node.objects.filter(tree=Tree.objects.get(project=project))}
    ratings = sorted(LabelEvent.objects.values_list("node__seq", "rating"))
    assert [nodes[seq].parent_seq for seq in sorted(nodes)] == [None, 1, 2, 1]
    assert ratings == [(1, "correct"), (1, "correct"), (2, "incorrect"), (4, "correct")]
    assert [(row["field"], row["expected"]) for row in report.refused] == [("label", "a whole number from -1 to 2")]
    assert Rationale.objects.get(external_key="gsm8k-1").outcome == 1
    assert (report.rationales_new, report.nodes_new, report.labels_new) == (2, 4, 4)
    again = take(project, path)
    assert (again.rationales_new, again.nodes_new, again.labels_new, again.trees_new) == (0, 0, 0, 0)


def test_the_known_wrong_label_of_processbench_is_set_right(project: Project, tmp_path: Path) -> None:
    report = take(project, lines(tmp_path, [bench_row(id="math-688", label=2)]))
    assert report.corrections == ("math-688: label 2 is known to be wrong; 0 was stored.",)
    assert list(LabelEvent.objects.values_list("node__seq", "rating")) == [(1, "incorrect")]


def test_step_rows_rebuild_a_tree_with_every_rating_as_its_own_event(project: Project, tmp_path: Path) -> None:
    first = step_row([], "9 - 3 = 6", 1.0)
    rows = [first, step_row(["9 - 3 = 6"], "So 6.", None, answer="6"), first, step_row([], "9 - 3 = 6", -1.0)]
    rows += [step_row(["9 - 3 = 6"], "So 5.", 0), step_row([], "Bad", 2)]
    report = take(project, lines(tmp_path, rows))
    events = LabelEvent.objects.order_by("id")
    assert [(event.data["row"], event.rating) for event in events] == [
        (1, "correct"),
        (2, None),
        (4, "incorrect"),
        (5, "neutral"),
    ]
    assert len({event.voter for event in events}) == 4
    assert (report.nodes_new, report.duplicates, report.rows_refused, report.labels_unrated) == (3, 1, 1, 1)
    assert report.conflicts[0]["ratings"] == {"correct": [1, 3], "incorrect": [4]}
    assert report.rows_read == report.labels_new + report.duplicates + report.rows_refused


def test_later_rows_of_a_corpus_extend_its_tree(project: Project, tmp_path: Path) -> None:
    take(project, lines(tmp_path, [step_row([], "9 - 3 = 6", 1)]))
    report = take(project, lines(tmp_path, [step_row(["9 - 3 = 6"], "So 6.", 1)]))
    tree = Tree.objects.get(project=project)
    assert (report.trees_known, report.nodes_known, report.nodes_new) == (1, 1, 1)
    assert (tree.node_count, tree.source, tree.state) == (2, "prm800k", "done")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "holds no rows"),
        ("{}", "holds no rows"),
        ('{"colour": "red"}', "Its fields are colour"),
        ("PAR1x", "parquet"),
    ],
)
def test_a_file_of_no_known_format_is_refused_with_what_was_found(
    project: Project, tmp_path: Path, text: str, said: str
) -> None:
    with pytest.raises(BadInput, match=said):
        take(project, lines(tmp_path, [text]))


def test_a_file_or_row_over_the_limit_is_refused(project: Project, tmp_path: Path, settings: Any) -> None:
    path = lines(tmp_path, [{"problem": "One?"}, {"problem": "x" * 500}, {"problem": "Two?"}])
    settings.IMPORT_ROW_LIMIT_BYTES = 100
    assert [row["line"] for row in take(project, path).refused] == [2]
    settings.UPLOAD_LIMIT_BYTES = 100
    with pytest.raises(BadInput, match="the limit of this site"):
        take(project, path)


def test_an_import_that_is_stopped_leaves_nothing_behind(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(state: dict[str, object]) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("annotations.imports.loading.TOLD_EVERY", 2)
    with pytest.raises(KeyboardInterrupt):
        take(project, lines(tmp_path, [{"problem": "One?"}, {"problem": "Two?"}]), progress=stop)
    assert not Problem.objects.filter(project=project).exists()


def test_the_sample_project_is_plain_jsonl() -> None:
    sample = Path(__file__).resolve().parents[2] / "annotations" / "sample" / "problems.jsonl"
    assert detect(sample, sample.name) == "plain"
    assert all(known.title and known.description for known in FORMATS.values())


@pytest.mark.long
def test_the_prm800k_step_rows_are_accounted_for_to_the_row(project: Project) -> None:
    path = SHARED / "prm800k_phase1_train.parquet"
    if not path.is_file():
        pytest.skip("the shared data folder is absent")
    report = take(project, path)
    assert (report.rows_read, report.rows_refused, report.duplicates) == (51_835, 0, 3_949)
    assert (report.trees_new, report.nodes_new, report.labels_new) == (900, 45_435, 47_886)
    # 3,163 rows carry no rating; 523 of them repeat an earlier row.
    assert (report.labels_unrated, report.conflict_count) == (2_640, 55)
