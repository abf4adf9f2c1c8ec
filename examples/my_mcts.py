"""A search of one's own, logged while it runs: reach 24 from 2, 3 and 4 by UCT.

    STUDIO_TOKEN=… python examples/my_mcts.py PROJECT

Three lines of it are the studio's: make a logger, log each step as it is expanded, say when the search is done.
"""

from __future__ import annotations

import math
import random
import sys
from dataclasses import dataclass, field

from rationale_client import TreeLogger

NUMBERS, GOAL, ROUNDS = (2, 3, 4), 24, 60


@dataclass
class State:
    """A node of the search: the numbers left, what was done, and its number in the studio's tree."""

    left: tuple[int, ...]
    number: int | None = None
    visits: int = 0
    value: float = 0.0
    children: list[State] = field(default_factory=list)


def moves(left: tuple[int, ...]) -> list[tuple[str, tuple[int, ...]]]:
    found = []
    for at, a in enumerate(left):
        for b in left[at + 1 :]:
            rest = list(left)
            rest.remove(a)
            rest.remove(b)
            for sign, value in (("+", a + b), ("-", max(a, b) - min(a, b)), ("*", a * b)):
                first, second = (max(a, b), min(a, b)) if sign == "-" else (a, b)
                found.append((f"{first} {sign} {second} = {value}", tuple(sorted([*rest, value]))))
    return found


def expand(state: State, log: TreeLogger) -> None:
    for text, left in moves(state.left):
        answer = str(left[0]) if len(left) == 1 else ""
        right = left[0] == GOAL if answer else None
        said = f"{text}, so {', '.join(map(str, left))} remain{'s' * bool(answer)}."
        state.children.append(State(left, log.node(state.number, said, visits=0, answer=answer, correct=right)))


def rollout(left: tuple[int, ...]) -> float:
    while len(left) > 1:
        left = random.choice(moves(left))[1]  # noqa: S311 a search, not a secret
    return 1.0 if left[0] == GOAL else -1.0


def search(log: TreeLogger) -> State:
    root = State(NUMBERS)
    for _ in range(ROUNDS):
        path = [root]
        while path[-1].children:
            above = path[-1]
            path.append(max(above.children, key=lambda child: uct(child, above.visits)))
        if len(path[-1].left) > 1:
            expand(path[-1], log)
        value = rollout(path[-1].left)
        for state in path:
            state.visits += 1
            state.value += value
            if state.number is not None:
                log.update(state.number, value=state.value / state.visits, visits=state.visits)
    return root


def uct(child: State, above: int) -> float:
    if not child.visits:
        return math.inf
    return child.value / child.visits + math.sqrt(2 * math.log(above) / child.visits)


def main() -> None:
    if len(sys.argv) != 2:
        raise SystemExit("expected the slug of a project: python examples/my_mcts.py PROJECT")
    random.seed(7)
    log = TreeLogger(sys.argv[1], problem=f"Reach {GOAL} from 2, 3 and 4 with +, - and *.", answer=str(GOAL))
    search(log)
    print("the studio has the tree" if log.done() else "the tree waits in the spool")


if __name__ == "__main__":
    main()
