"""PRM800K's raw rows: what comes in leaves as it came, and people's own work leaves in the same form."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from annotations.errors import BadInput
from annotations.exports import export
from annotations.imports import import_file
from annotations.models import LabelEvent, LabelItem, Node, Project, Rationale, Tree
from tests.deskcast import desk
from tests.factories import Cast, cast

pytestmark = pytest.mark.django_db
SAMPLES = Path(__file__).parents[3] / "shared" / "data" / "prm800k_raw_samples.jsonl"


def part(text: str, rating: int | None, flagged: bool | None = False) -> dict[str, Any]:
    return {"text": text, "rating": rating, "flagged": flagged}


def step(*parts: dict[str, Any], chosen: int | None = 0, human: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"completions": list(parts) or None, "human_completion": human, "chosen_completion": chosen}


def row(*steps: dict[str, Any], finish: str = "solution", **more: Any) -> dict[str, Any]:
    question = {"problem": "How many seconds are in 7.8 minutes?", "ground_truth_answer": "468"}
    return {
        "labeler": "e90a38f3", "timestamp": "2022-07-13T18:55:54.496450", "generation": None,
        "is_quality_control_question": False, "is_initial_screening_question": False,
        "question": question | more.pop("question", {}),
        "label": {"steps": list(steps), "total_time": 92405, "finish_reason": finish}, **more,
    }  # fmt: skip


HUMAN = {"text": "7.8 = 7 + 0.8", "rating": None, "source": "human", "flagged": False}
GIVEN = {
    "ground_truth_solution": None, "pre_generated_steps": ["7 * 60 = 420.", "0.8 * 60 = 46.", "So 466."],
    "pre_generated_answer": "466", "pre_generated_verifier_score": 0.0011546110201324836,
}  # fmt: skip
ROWS = [
    row(
        step(part("7 * 60 = 420.", 1), part("7.8 is 78.", -1, True)),
        step(part("So 420.", -1), part("Hm.", 0), chosen=None, human=HUMAN),
        step(part("That is 468.\n\n# Answer\n\n468", 1), part("Unclear.", None), chosen=0),
    ),
    row(
        step(part("7 * 60 = 420.", 1, None)),
        step(part("0.8 * 60 = 46.", -1, None), part("0.8 * 60 = 48.", 1), chosen=None),
        question=GIVEN, finish="found_error", generation=6, is_quality_control_question=True,
    ),
    row(
        step(part("7 * 60 = 420.", None), chosen=None), finish="bad_problem", generation=-1,
        is_initial_screening_question=True, labeler="cc88bf76",
    ),
    row(step(part("7 * 60 = 420.", 1)), step(chosen=None), finish="give_up"),
    row(finish="bad_problem", question={"problem": "Which?", "ground_truth_answer": None}),
]  # fmt: skip


def brought(project: Project, tmp_path: Path, rows: list[dict[str, Any]]) -> Any:
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(json.dumps(each) + "\n" for each in rows))
    return import_file(project=project, path=path, name=path.name)


def taken(project: Project, tmp_path: Path, **options: str) -> list[dict[str, Any]]:
    path = tmp_path / "out.jsonl"
    export(project=project, recipe="prm800k-raw", options=options, path=path)
    return [json.loads(line) for line in path.read_text().splitlines()]


@pytest.fixture
def team() -> Cast:
    return cast()


def test_rows_leave_as_they_came(team: Cast, tmp_path: Path) -> None:
    report = brought(team.project, tmp_path, ROWS)
    assert (report.format, report.rows_refused) == ("prm800k-raw", 0)
    assert taken(team.project, tmp_path) == ROWS
    assert brought(team.project, tmp_path, ROWS).labels_new == 0
    assert len(taken(team.project, tmp_path)) == len(ROWS)


@pytest.mark.skipif(not SAMPLES.exists(), reason="the sample rows are not on this machine")
def test_published_rows_leave_as_they_came(team: Cast, tmp_path: Path) -> None:
    rows = [json.loads(line) for line in SAMPLES.read_text().splitlines()]
    assert brought(team.project, tmp_path, rows).rows_refused == 0
    assert taken(team.project, tmp_path) == rows


def test_a_row_becomes_a_tree_with_ratings_of_its_labeller(team: Cast, tmp_path: Path) -> None:
    brought(team.project, tmp_path, ROWS)
    tree = Tree.objects.get()
    assert (tree.problem.answer, tree.source, Rationale.objects.count()) == ("468", "prm800k-raw", 5)
    beside = Node.objects.get(text="7.8 is 78.")
    assert (beside.parent_seq, beside.depth) == (None, 1)
    event = beside.labels.get()
    assert (event.rating, event.source, event.voter, event.data["flagged"]) == (
        "incorrect", "import", "labeler:e90a38f3", True,
    )  # fmt: skip
    own = Node.objects.get(text=HUMAN["text"])
    last = Node.objects.get(text__startswith="That is 468.")
    assert (last.parent_seq, last.terminal, last.answer, own.labels.get().data["human"]) == (own.seq, True, "468", True)
    assert Node.objects.get(text="So 466.").terminal
    assert LabelEvent.objects.filter(rating=None).count() == 3


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"question": {}}, "problem"),
        ({"labeler": None}, "labeler"),
        ({"label": {"steps": 5}}, "label.steps"),
        ({"label": {"steps": [step(part("a", 2))]}}, "label.steps[0].completions[0].rating"),
        ({"label": {"steps": [step(part("a", 1), chosen=1)]}}, "label.steps[0].chosen_completion"),
        ({"label": {"steps": [step(part("", 1))]}}, "label.steps[0].completions[0].text"),
        ({"label": {"steps": [], "finish_reason": "tired"}}, "label.finish_reason"),
    ],
)
def test_a_row_that_does_not_fit_is_refused_by_field(
    team: Cast, tmp_path: Path, change: dict[str, Any], field: str
) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(json.dumps(ROWS[0] | change))
    report = import_file(project=team.project, path=path, name=path.name, format="prm800k-raw")
    assert [refusal["field"] for refusal in report.refused] == [field]


def test_work_on_a_given_solution_leaves_with_what_was_rated(tmp_path: Path) -> None:
    bench = desk(role="gold", settings={"alternatives": True})
    session = bench.session()
    acts = [
        bench.rate(1, "correct", seconds=2.5, flagged=True),
        bench.rate(4, "incorrect"),
        bench.rate(2, "incorrect", seconds=3),
    ]
    bench.act(session, *acts, {"kind": "submit", "finish": "found_error"})
    (found,) = taken(bench.team.project, tmp_path)
    session.refresh_from_db()
    assert found == {
        "labeler": "ada", "timestamp": session.submitted_at.replace(tzinfo=None).isoformat(), "generation": None,
        "is_quality_control_question": True, "is_initial_screening_question": False,
        "question": {
            "problem": bench.tree.problem.text, "ground_truth_solution": None, "ground_truth_answer": "9",
            "pre_generated_steps": ["Lena has 5 + 4 = 8 pens.", "So she has 8.", "Answer: 8"],
            "pre_generated_answer": "8", "pre_generated_verifier_score": None,
        },
        "label": {
            "steps": [
                step(part("Lena has 5 + 4 = 8 pens.", 1, True), part("Lena has 5 + 4 = 9 pens.", -1)),
                step(part("So she has 8.", -1), chosen=None),
            ],
            "total_time": 5500, "finish_reason": "found_error",
        },
    }  # fmt: skip


def test_work_on_a_tree_leaves_with_all_continuations_and_the_step_that_was_written(tmp_path: Path) -> None:
    bench = desk("tree")
    session = bench.session()
    own = {"kind": "own", "parent": bench.nodes[1].pk, "text": "She has 9.", "flagged": True}
    acts = [bench.rate(1, "neutral", chosen=True), bench.rate(4, "correct"), bench.rate(2, "incorrect")]
    bench.act(session, *acts, own, {"kind": "submit", "finish": "found_error"})
    (found,) = taken(bench.team.project, tmp_path)
    human = {"text": "She has 9.", "rating": None, "source": "human", "flagged": True}
    assert "pre_generated_steps" not in found["question"]
    assert found["label"]["steps"] == [
        step(part("Lena has 5 + 4 = 8 pens.", 0), part("Lena has 5 + 4 = 9 pens.", 1)),
        step(part("So she has 8.", -1), chosen=None, human=human),
    ]


def test_what_is_chosen_of_the_rows_and_how_people_are_named(tmp_path: Path) -> None:
    bench = desk()
    bench.work("ada", "correct", "correct", "correct")
    LabelItem.objects.update(role="screening")
    brought(bench.team.project, tmp_path, ROWS)
    assert len(taken(bench.team.project, tmp_path)) == 6
    (own,) = taken(bench.team.project, tmp_path, rows="desk", labeler="pseudonym")
    assert own["is_initial_screening_question"]
    assert (
        own["labeler"] == taken(bench.team.project, tmp_path, rows="desk", labeler="pseudonym")[0]["labeler"] != "ada"
    )
    assert taken(bench.team.project, tmp_path, rows="imported") == ROWS
    with pytest.raises(BadInput, match="rows"):
        taken(bench.team.project, tmp_path, rows="some")
    brought(bench.team.project, tmp_path, [own])
    assert taken(bench.team.project, tmp_path, rows="imported") == [*ROWS, own]
