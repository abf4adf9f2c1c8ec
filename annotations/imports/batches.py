"""Records become rows of the temporary tables, in batches of bounded size."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from annotations.imports.identity import step_key
from annotations.imports.merge import staging
from annotations.imports.merge.staging import Values, checked, json_text
from annotations.imports.records import PathRow, ProblemRow

BATCH_ROWS = 5_000
BATCH_CHARACTERS = 8 * 1024 * 1024
REMEMBERED = 200_000


class Batches:
    """Collects rows and copies them out; remembers what it has lately sent, so that shared prefixes go once."""

    def __init__(self) -> None:
        self.rows: dict[str, list[Values]] = defaultdict(list)
        self.count = 0
        self.characters = 0
        self.total = 0
        self.order = 0
        self.sent: set[str] = set()

    def add_problem(self, line: int, problem: ProblemRow) -> None:
        self._keep("stage_problem", [problem_values(line, problem, problem.hash)], len(problem.text) + 200)

    def add_path(self, line: int, path: PathRow) -> None:
        """Stage the steps of a path, its label events and its rationale; raises BadRow before it keeps anything."""
        above = path.problem.hash
        problem = [] if above in self.sent else [problem_values(line, path.problem, above)]
        keys: list[str] = []
        steps: list[Values] = []
        for depth, text in enumerate(path.steps, 1):
            key = step_key(keys[-1] if keys else above, text)
            last = depth == len(path.steps) and path.terminal
            if last or key not in self.sent:
                ends = (last, path.answer if last else "", path.outcome if last else None)
                steps.append(checked((self.order + depth, above, key, keys[-1] if keys else None, depth, text, *ends)))
            keys.append(key)
        marks, scores = mark_values(line, path, keys, self.order), score_values(line, path, keys, self.order)
        rationales: list[Values] = []
        if (whole := path.rationale) is not None:
            values = (
                line,
                above,
                keys[-1] if keys else None,
                whole.key,
                whole.outcome,
                whole.answer,
                json_text(whole.data),
            )
            rationales.append(checked(values))
        self.order += len(path.steps)
        self.sent.update(keys)
        self.sent.add(above)
        self._keep("stage_problem", problem, 0)
        self._keep("stage_step", steps, sum(len(row[5]) for row in steps))
        self._keep("stage_mark", marks, 200 * len(marks))
        self._keep("stage_score", scores, 120 * len(scores))
        self._keep("stage_rationale", rationales, 200)

    def add_document(self, line: int, kind: str, problem: str, key: str, body: str) -> None:
        self._keep("stage_document", [(line, kind, problem, key, body)], len(body))

    def _keep(self, table: str, rows: Iterable[Values], characters: int) -> None:
        before = len(self.rows[table])
        self.rows[table].extend(rows)
        self.count += len(self.rows[table]) - before
        self.characters += characters
        if self.count >= BATCH_ROWS or self.characters >= BATCH_CHARACTERS:
            self.flush()

    def flush(self) -> None:
        for table, rows in self.rows.items():
            if rows:
                staging.copy(table, rows)
        self.total += self.count
        self.rows.clear()
        self.count = self.characters = 0
        if len(self.sent) > REMEMBERED:
            self.sent.clear()


def mark_values(line: int, path: PathRow, keys: Sequence[str], order: int) -> list[Values]:
    return [
        (order + mark.depth, line, keys[mark.depth - 1], mark.rating, mark.key, mark.voter, json_text(mark.data))
        for mark in path.marks
    ]


def score_values(line: int, path: PathRow, keys: Sequence[str], order: int) -> list[Values]:
    if (said := path.scores) is None:
        return []
    return [
        checked((order + depth, line, key, said.scorer, said.version, value, said.threshold))
        for depth, (key, value) in enumerate(zip(keys, said.values, strict=True), 1)
        if value is not None
    ]


def problem_values(line: int, problem: ProblemRow, key: str) -> Values:
    return checked(
        (
            line,
            key,
            problem.kind,
            problem.text,
            problem.answer,
            problem.solution,
            problem.level,
            problem.split,
            problem.licence,
            problem.source,
            problem.source_ref,
            json_text(problem.options, "options"),
            json_text(problem.data) if problem.data else "{}",
            problem.relation,
            problem.parent_hash,
        )
    )
