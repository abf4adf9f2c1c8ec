"""A project as it looks after a day's work: sample problems, a tree with verdicts, scores, labels, and a large one."""

from __future__ import annotations

import json
from pathlib import Path

from annotations.labelling import Judgement, save_label
from annotations.models import Node, Problem, Tree
from tests.factories import Cast, cast, check, problem, score

SAMPLE = Path(__file__).parents[2] / "annotations" / "sample" / "problems.jsonl"
ASKED = (
    "Lena has 5 boxes with 12 pens each. She gives $\\frac{1}{4}$ of all pens to her class and then buys 2 more boxes"
    " of the same kind. How many pens does she have now?"
)
# parent, text, visits, mean value, PRM, verdict, rating
STEPS = (
    (0, "Lena has \\(5 \\cdot 12 = 60\\) pens.", 14, 0.62, 0.94, "supported", "correct"),
    (0, "Lena has 5 + 12 = 17 pens in her boxes.", 6, -0.55, 0.12, "supported", "incorrect"),
    (0, "First we find how many pens there are in all.", 4, 0.31, 0.71, "undecided", "neutral"),
    (
        1,
        "A quarter of the pens is $\\frac{60}{4} = 15$, so $60 - 15 = 45$ are left.",
        8,
        0.8,
        0.91,
        "supported",
        "correct",
    ),
    (1, "She gives away 60 / 4 = 12 pens, so 60 - 12 = 48 pens are left.", 5, -0.4, 0.83, "refuted", "incorrect"),
    (4, "Two more boxes hold 2 * 12 = 24 pens.", 5, 0.9, 0.96, "supported", ""),
    (4, "She buys 2 more pens: 45 + 2 = 47.", 3, -0.7, 0.34, "supported", ""),
    (6, "Now she has 45 + 24 = 69 pens.", 4, 1.0, 0.97, "supported", ""),
    (8, "Answer: 69", 4, 1.0, 0.98, "supported", ""),
    (7, "Answer: 47", 2, -1.0, 0.1, "undecided", ""),
    (5, "Two more boxes hold 24 pens: 48 + 24 = 72.", 3, -0.5, 0.4, "supported", ""),
    (11, "Answer: 72", 3, -1.0, 0.2, "undecided", ""),
    (2, "A quarter of 17 is 4.25, which cannot be.", 2, -0.3, 0.3, "supported", ""),
    (2, "She gives 17 / 4 = 4 pens away and has 13 left.", 3, -0.8, 0.09, "refuted", ""),
    (14, "Answer: 37", 2, -1.0, 0.05, "undecided", ""),
    (3, "5 boxes of 12 pens are 60 pens.", 3, 0.66, 0.9, "undecided", ""),
    (16, "She keeps three quarters: 60 * 3 / 4 = 45.", 2, 0.8, 0.88, "supported", ""),
    (17, "Answer: 45", 1, -1.0, 0.55, "undecided", ""),
)
EVIDENCE = {5: ("60 / 4 = 12", "60 / 4 = 15, not 12"), 14: ("17 / 4 = 4", "17 / 4 = 4.25, not 4")}


def garden() -> tuple[Cast, Tree]:
    team = cast("words")
    team.project.name = "Word problems"
    team.project.save(update_fields=["name"])
    made = lena(team, problem(team.project, ASKED, "69"))
    for line in SAMPLE.read_text().splitlines():
        row = json.loads(line)
        asked = problem(team.project, row.get("text") or row["problem"], str(row["answer"]))
        Problem.objects.filter(pk=asked.pk).update(level=row.get("level"), source="sample")
    large(team, 1000)
    return team, made


def lena(team: Cast, asked: Problem) -> Tree:
    tree = Tree.objects.create(project=team.project, problem=asked, state="done", visits=24, value_sum=4.8)
    depths = {0: 0}
    for seq, (parent, text, visits, value, prm, verdict, rating) in enumerate(STEPS, 1):
        depths[seq] = depths[parent] + 1
        final = text.removeprefix("Answer: ") if text.startswith("Answer") else ""
        node = Node.objects.create(
            project=team.project,
            tree=tree,
            seq=seq,
            parent_seq=parent or None,
            depth=depths[seq],
            text=text,
            role="answer" if final else "step",
            terminal=bool(final),
            answer=final,
            outcome=(1 if final == "69" else -1) if final else None,
            visits=visits,
            value_sum=visits * value,
            prior=-0.4,
        )
        judge(team, node, prm, verdict, rating)
    Tree.objects.filter(pk=tree.pk).update(node_count=len(STEPS), correct_paths=1, wrong_paths=4)
    return tree


def judge(team: Cast, node: Node, prm: float, verdict: str, rating: str) -> None:
    said, why = EVIDENCE.get(node.seq, (node.text.split(":")[0][:40], ""))
    claims = [] if verdict == "undecided" else [{"text": said, "verdict": verdict, "detail": why, "start": 0, "end": 9}]
    check(node, verdict, claims=claims)
    score(node, prm)
    if rating:
        category = "arithmetic" if node.seq == 5 else ""
        said_by_bo = Judgement(rating, category=category, note="A quarter of 60 is 15." if category else "")
        save_label(access=team.access(team.bo), node_id=node.pk, judgement=said_by_bo, seen_version=None, key=None)


def large(team: Cast, count: int) -> Tree:
    asked = problem(team.project, "How many ways lead from one corner of a 6 by 6 grid to the other?", "924")
    tree = Tree.objects.create(project=team.project, problem=asked, state="done", node_count=count)
    rows = []
    depths = {0: 0}
    for seq in range(1, count + 1):
        parent = seq // 3
        depths[seq] = depths[parent] + 1
        text = f"Step {seq} counts the ways through cell ({seq % 6}, {seq % 7}): $\\binom{{{seq}}}{{2}}$ of them."
        rows.append(
            Node(
                project=team.project,
                tree=tree,
                seq=seq,
                parent_seq=parent or None,
                depth=depths[seq],
                text=text,
                visits=1 + seq % 9,
                value_sum=(seq % 7 - 3) / 3,
            )
        )
    Node.objects.bulk_create(rows)
    return tree
