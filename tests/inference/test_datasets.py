"""Labelled trees become training rows by rules that are written down, and one function makes the tokens."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest

from inference.datasets import RECIPES, Dropped, LabelledTree, StoredPath
from inference.datasets.tokens import build, build_many, joined
from inference.types import Node, Problem, Rating, Tree, Verdict, VerdictKind

PROBLEM = Problem(key="p", text="Ann has 9 pears and eats 3. How many are left?", answer="6")
R, N, W = Rating.CORRECT, Rating.NEUTRAL, Rating.INCORRECT
REFUTED = Verdict(VerdictKind.REFUTED, "claims", "1")


def tree(ratings: Mapping[int, Rating], paths: tuple[StoredPath, ...] = ()) -> LabelledTree:
    """A tree of two first steps; the first has two leaves (one right, one wrong answer), the second one."""
    nodes = (
        Node(1, 0, "9 - 3 is what is left."),
        Node(2, 1, "That is 6.", terminal=True, answer="6", outcome=1),
        Node(3, 1, "That is 5.", terminal=True, answer="5", outcome=-1, verdicts=(REFUTED,)),
        Node(4, 0, "9 + 3 is what is left."),
        Node(5, 4, "That is 12.", terminal=True, answer="12", outcome=-1),
    )
    return LabelledTree(Tree(PROBLEM, nodes, key="t"), ratings, paths=paths)


def export(name: str, labelled: LabelledTree, **options: Any) -> tuple[list[dict[str, Any]], list[str]]:
    recipe = RECIPES[name]
    found = list(recipe.rows(labelled, recipe.options.read(options)))
    rows = [row for row in found if not isinstance(row, Dropped)]
    assert [recipe.check(row) for row in rows] == [[] for _ in rows]
    return rows, [row.reason for row in found if isinstance(row, Dropped)]


def test_every_leaf_path_is_a_row_and_ends_before_a_step_without_a_label() -> None:
    rows, dropped = export("trl_stepwise", tree({1: R, 2: R, 3: W, 4: W}))
    assert [row["labels"] for row in rows] == [[True, True], [True, False], [False]]
    assert rows[2]["completions"] == ["9 + 3 is what is left."]
    assert dropped == []


def test_a_path_whose_labelled_steps_lie_in_another_path_is_not_repeated() -> None:
    rows, dropped = export("trl_stepwise", tree({1: R, 2: R}))
    assert [row["labels"] for row in rows] == [[True, True]]
    assert len(dropped) == 2


@pytest.mark.parametrize(
    ("neutral", "labels"), [("positive", [True, True]), ("negative", [False, True]), ("drop", None)]
)
def test_a_neutral_step_counts_as_the_option_says(neutral: str, labels: list[bool] | None) -> None:
    rows, _ = export("trl_stepwise", tree({1: N, 2: R}), neutral=neutral)
    assert [row["labels"] for row in rows] == ([labels] if labels else [])


def test_masked_paths_reach_past_steps_without_a_label() -> None:
    rows, dropped = export("trl_stepwise", tree({2: R, 4: R}), unlabelled="mask")
    assert [row["labels"] for row in rows] == [[-100, 1], [1]]
    assert dropped == ["no labelled step to learn from"]


def test_the_search_labels_what_people_left_when_asked() -> None:
    rows, _ = export("trl_stepwise", tree({4: R}), machine="veto", min_paths="1")
    assert [row["labels"] for row in rows] == [[True, True], [True, False], [True, False]]


def test_an_option_that_does_not_exist_or_fit_is_named() -> None:
    with pytest.raises(ValueError, match="neutral is 'maybe'; expected one of positive, negative, drop"):
        RECIPES["trl_stepwise"].options.read({"neutral": "maybe"})
    with pytest.raises(ValueError, match="colour is no option here"):
        RECIPES["grounded"].options.read({"colour": "red"})
    with pytest.raises(ValueError, match="min_paths is 'x'; expected a whole number"):
        RECIPES["grounded"].options.read({"min_paths": "x"})


def test_processbench_rows_name_the_first_wrong_step() -> None:
    rows, dropped = export("processbench", tree({1: R, 2: R, 3: W, 5: W}))
    assert [(row["id"], row["label"], row["final_answer_correct"]) for row in rows] == [
        ("t-2", -1, True),
        ("t-3", 1, False),
    ]
    assert dropped == ["a step without a label before the first wrong one"]


def test_a_stored_path_keeps_its_own_label_until_a_person_says_otherwise() -> None:
    path = StoredPath(3, "gsm8k-0", outcome=-1, label=1, data={"generator": "Qwen"})
    rows, _ = export("processbench", tree({1: W, 3: R}, (path,)))
    assert [(row["id"], row["generator"], row["label"]) for row in rows] == [("gsm8k-0", "Qwen", 1)]
    labelled = tree({1: W, 3: R}, (path,))
    corrected = LabelledTree(labelled.tree, labelled.ratings, by_people=frozenset({1}), paths=(path,))
    assert export("processbench", corrected)[0][0]["label"] == 0


def test_a_conversation_ends_with_the_first_wrong_step() -> None:
    rows, _ = export("grounded", tree({4: W, 5: W}))
    assert [turn["role"] for turn in rows[0]["conversation"]] == ["user", "assistant"]
    assert rows[0]["conversation"][1]["content"].endswith("\\boxed{-}</output>")


class Words:
    """A tokenizer of words and line feeds with a first and a last token that cover no character."""

    def __call__(self, text: list[str], *, add_special_tokens: bool, return_offsets_mapping: bool) -> Mapping[str, Any]:
        assert add_special_tokens
        assert return_offsets_mapping
        spans = [[found.span() for found in re.finditer(r" ?[^ \n]{1,4}|\n", part)] for part in text]
        ids = [[0, *(hash(part[a:b]) % 1000 + 1 for a, b in found), 0] for part, found in zip(text, spans, strict=True)]
        return {"input_ids": ids, "offset_mapping": [[(0, 0), *found, (0, 0)] for found in spans]}


STEPS = [" 9 - 3 = 6\nthat is", "So the answer\tis 6. ", "🙂"]


def test_a_step_ends_at_the_token_of_its_last_character() -> None:
    path = build(Words(), PROBLEM.text, STEPS)
    text, ends = joined(PROBLEM.text, STEPS)
    offsets = Words()([text], add_special_tokens=True, return_offsets_mapping=True)["offset_mapping"][0]
    assert [text[offsets[index][0] : offsets[index][1]] for index in path.step_ends] == [" is", " 6.", "🙂"]
    assert [text[end - 1] for end in ends] == ["s", ".", "🙂"]


def test_the_tokens_up_to_a_step_do_not_depend_on_what_follows() -> None:
    whole = build(Words(), PROBLEM.text, STEPS)
    for count in range(1, len(STEPS) + 1):
        part = build(Words(), PROBLEM.text, STEPS[:count])
        assert part.step_ends == whole.step_ends[:count]
        assert part.ids[: part.step_ends[-1] + 1] == whole.ids[: part.step_ends[-1] + 1]


def test_training_scoring_and_batches_read_the_same_tokens() -> None:
    paths = [(PROBLEM.text, STEPS), (PROBLEM.text, STEPS[:1])]
    assert build_many(Words(), paths) == [build(Words(), *path) for path in paths]


def test_what_does_not_fit_is_cut_by_whole_steps_and_counted() -> None:
    whole = build(Words(), PROBLEM.text, STEPS)
    path = build(Words(), PROBLEM.text, STEPS, max_tokens=whole.step_ends[1] + 1)
    assert path.step_ends == whole.step_ends[:2]
    assert path.cut == 1
    assert path.ids == whole.ids[: whole.step_ends[1] + 1]
