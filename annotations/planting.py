"""Planted errors as rows: worked solutions and their wrong versions come in as labelled trees, one a problem.

Everything goes through the import of the round-trip form, so planting the same twice changes nothing.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from itertools import islice
from pathlib import Path
from typing import IO, Any

from django.utils import timezone

from annotations.errors import BadInput
from annotations.imports import content_hash, import_file
from annotations.labelling import first_scheme
from annotations.models import LabelScheme, Problem, Project, Run, User
from inference.datasets import full
from inference.planted import KINDS, Planted, Unfit, Worked, plant_some, read
from inference.planted.params import RULE, PlantParams
from inference.planted.tree import PlantedNode, side_of, tree_of
from inference.sources.templates import TemplateSource
from inference.types import LabelSource, Rating

Progress = Callable[[dict[str, object]], None]
Maker = Callable[[Sequence[Worked]], list[list[Planted]]]
"""Gives the wrong versions of each of some solutions."""
VOTER = SOURCE = "planted"
AT_ONCE = 50
REFUSALS = 8
LICENCE = "Apache-2.0"


@dataclass(frozen=True, slots=True)
class Solved:
    """A problem with its worked solution, as it will be or is stored."""

    text: str
    answer: str
    steps: tuple[str, ...]
    kind: str = "maths"
    fields: dict[str, Any] = field(default_factory=dict)

    @property
    def hash(self) -> str:
        return content_hash(self.kind, self.text)


@dataclass(slots=True)
class Found:
    """What was planted so far."""

    trees: int = 0
    steps: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    unfit: Counter[str] = field(default_factory=Counter)
    without: int = 0
    wrong_labels: int = 0
    sides: dict[str, str] = field(default_factory=dict)


def plant_into(
    *,
    project: Project,
    params: PlantParams,
    actor: User | None = None,
    run: Run | None = None,
    progress: Progress | None = None,
    maker: Maker | None = None,
) -> dict[str, Any]:
    """Write trees of planted errors into a project and report what was planted and what came in.

    1. Worked solutions are read; those whose numbers cannot be followed are counted with the reason.
    2. Each gets its wrong versions; steps before an error are labelled correct, the first error incorrect.
    3. The trees are imported; the problems are marked train or test by a hash of their text.

    `maker` makes the wrong versions; without one the kinds of `params` do.
    """
    started, tell = time.monotonic(), progress or (lambda said: None)
    if maker is None and params.by != RULE:
        raise BadInput("Only a run plants errors by an engine.", "by")
    found = Found()
    with tempfile.TemporaryDirectory(prefix="studio-plant-") as folder:
        path = Path(folder) / "planted.jsonl"
        with path.open("w", encoding="utf-8") as file:
            _write(file, project, params, found, tell, maker or _by_rule(params))
        if not found.trees:
            raise BadInput(_nothing(found, params), "source")
        tell({"stage": "storing", "trees": found.trees})
        report = import_file(project=project, path=path, name="planted errors", format="full", actor=actor, run=run)
    _mark_sides(project, found.sides)
    return {**report.to_json(), **_figures(found, time.monotonic() - started)}


def _figures(found: Found, seconds: float) -> dict[str, Any]:
    wrong = sum(found.kinds.values())
    return {
        "planted": wrong,
        "planted_by_kind": dict(found.kinds.most_common()),
        "wrong_labels": found.wrong_labels,
        "planted_per_s": round(wrong / seconds, 1),
        "solutions_unfit": sum(found.unfit.values()),
        "unfit_because": dict(found.unfit.most_common(REFUSALS)),
        "solutions_without_error": found.without,
        "problems_train": sum(side == "train" for side in found.sides.values()),
        "problems_test": sum(side == "test" for side in found.sides.values()),
        "seconds": round(seconds, 3),
    }


def _by_rule(params: PlantParams) -> Maker:
    kinds = [KINDS[name] for name in params.kind_ids]
    return lambda solutions: [plant_some(one, kinds, seed=params.seed, many=params.per_problem) for one in solutions]


def _nothing(found: Found, params: PlantParams) -> str:
    if not found.unfit and not found.without:
        return "There is no problem with a worked solution: generate some, or import problems with solutions."
    room = "none gives room for an error of the chosen kinds"
    unsure = "the engine made none of which it is sure where it goes wrong"
    why = next(iter(found.unfit), room if params.by == RULE else unsure)
    return f"No error could be planted in {sum(found.unfit.values()) + found.without} solutions: {why}."


def _write(file: IO[str], project: Project, params: PlantParams, found: Found, tell: Progress, maker: Maker) -> None:
    scheme = first_scheme(project.pk)
    header = {"type": "project", "form": full.FORM, "version": full.VERSION, "origin": SOURCE, "guidelines": ""}
    _line(file, {**header, "schemes": [{"version": scheme.version, "categories": scheme.categories}]})
    now = timezone.now().isoformat()
    solutions, done = _solutions(project, params), 0
    while some := list(islice(solutions, AT_ONCE)):
        tell({"stage": "planting", "problems_done": done, "problems_total": max(done + len(some), params.problems)})
        done += len(some)
        fit = list(_fit(some, found))
        for (solved, worked), wrong in zip(fit, maker([worked for _, worked in fit]), strict=True):
            if wrong:
                _tell_apart(file, solved, worked, wrong, scheme, params, found, now)
            else:
                found.without += 1


def _fit(some: Sequence[Solved], found: Found) -> Iterator[tuple[Solved, Worked]]:
    """Yield the solutions that can be followed; the others are counted with the reason."""
    for solved in some:
        try:
            yield solved, read(solved.text, solved.steps, solved.answer)
        except Unfit as error:
            found.unfit[_reason(str(error))] += 1


def _reason(text: str) -> str:
    """Return why a solution is unfit, without the words that stand in it alone."""
    quoted = text.find("'")
    return text if quoted < 0 else f"{text[:quoted]}…{text[text.rfind(chr(39)) + 1 :]}"


def _tell_apart(
    file: IO[str],
    solved: Solved,
    worked: Worked,
    wrong: list[Planted],
    scheme: LabelScheme,
    params: PlantParams,
    found: Found,
    now: str,
) -> None:
    nodes = [_mislabelled(node, solved, params, found) for node in tree_of(worked, solved.answer, wrong)]
    found.trees += 1
    found.steps += len(nodes)
    found.kinds.update(each.kind for each in wrong)
    side = found.sides[solved.hash] = side_of(solved.hash, params.held_out)
    _line(file, _problem_line(solved, side))
    _line(file, _tree_line(solved, nodes, scheme, now))


def _mislabelled(node: PlantedNode, solved: Solved, params: PlantParams, found: Found) -> PlantedNode:
    """Return the node, a share of first errors with the label that a slip of an annotator would have given them."""
    if not node.planted or not node.rating or not params.wrong_labels:
        return node
    drawn = blake2b(f"{params.seed}\n{solved.hash}\n{node.text}".encode(), digest_size=4).digest()
    if int.from_bytes(drawn, "big") / 2**32 >= params.wrong_labels:
        return node
    found.wrong_labels += 1
    return replace(node, rating=Rating.CORRECT)


def _solutions(project: Project, params: PlantParams) -> Iterator[Solved]:
    if params.source in ("project", "both"):
        rows = Problem.objects.filter(project=project, kind="maths").exclude(solution="").exclude(answer="")
        for row in rows.exclude(source=TemplateSource.id).order_by("id").iterator():
            steps = tuple(line.strip() for line in row.solution.split("\n") if line.strip())
            yield Solved(row.text, row.answer, steps)
    if params.source in ("templates", "both"):
        for made in TemplateSource().problems(seed=params.seed, count=params.problems):
            problem = made.problem
            fields = {
                "solution": problem.solution,
                "level": problem.level,
                "source_ref": f"{made.template} {problem.key}",
            }
            yield Solved(
                problem.text,
                problem.answer,
                made.steps,
                fields={**fields, "source": TemplateSource.id, "licence": LICENCE},
            )


def _problem_line(solved: Solved, side: str) -> dict[str, Any]:
    identity = {"hash": solved.hash, "kind": solved.kind, "text": solved.text, "answer": solved.answer}
    return {"type": "problem", **identity, "split": side, **solved.fields}


def _tree_line(solved: Solved, nodes: list[PlantedNode], scheme: LabelScheme, now: str) -> dict[str, Any]:
    told = json.dumps([(node.parent, node.text) for node in nodes])
    key = f"{SOURCE}-{blake2b(told.encode(), digest_size=10).hexdigest()}"
    active = {part["key"] for part in scheme.categories if part.get("active", True)}
    return {
        "type": "tree",
        "problem": solved.hash,
        "key": key,
        "source": SOURCE,
        "finished_at": now,
        "correct_paths": sum(node.outcome == 1 for node in nodes),
        "wrong_paths": sum(node.outcome == -1 for node in nodes),
        "nodes": [_node(node) for node in nodes],
        "labels": [
            {
                **_label(node, active),
                "key": f"{key}:{solved.hash[:16]}:{node.seq}",
                "scheme": scheme.version,
                "created_at": now,
            }
            for node in nodes
            if node.rating
        ],
        **{name: [] for name in ("checks", "scores", "rationales", "links")},
    }


def _node(node: PlantedNode) -> dict[str, Any]:
    return {
        "seq": node.seq,
        "parent_seq": node.parent or None,
        "depth": node.depth,
        "text": node.text,
        "terminal": node.outcome is not None,
        "answer": node.answer,
        "outcome": node.outcome,
    }


def _label(node: PlantedNode, active: set[str]) -> dict[str, Any]:
    category = _category(node.planted) if node.planted else ""
    slip = node.planted is not None and node.rating is Rating.CORRECT
    data = {"kind": node.planted.kind, "note": node.planted.note} if node.planted else {}
    return {
        "seq": node.seq,
        "voter": VOTER,
        "source": LabelSource.PLANTED.value,
        "rating": node.rating.value if node.rating else None,
        "category": category if category in active and not slip else "",
        "data": {**data, "wrong_on_purpose": True} if slip else data,
    }


def _category(planted: Planted) -> str:
    """Return the category of an error; of an engine's only a false equation tells one."""
    if planted.kind in KINDS:
        return KINDS[planted.kind].category
    return "arithmetic" if planted.breaks else ""


def _line(file: IO[str], row: dict[str, Any]) -> None:
    file.write(json.dumps(row, ensure_ascii=False) + "\n")


def _mark_sides(project: Project, sides: dict[str, str]) -> None:
    """Mark known problems that are on no side yet; those that came in with this are marked already."""
    rows = Problem.objects.filter(project=project, split="")
    for side in ("train", "test"):
        hashes = [key for key, value in sides.items() if value == side]
        rows.filter(content_hash__in=hashes).update(split=side)
