"""A worked solution and its wrong versions as one tree: paths that begin alike share their nodes. Knows no rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from inference.planted.plant import Planted
from inference.planted.worked import Worked
from inference.trainers.split import place_of
from inference.types import Rating


@dataclass(slots=True)
class PlantedNode:
    """A step of the tree; `parent` is a seq, 0 for a first step. `rating` None means that nothing is known of it.

    `planted` is the wrong solution whose first error it is. `answer` and `outcome` are those of a path that ends here.
    """

    seq: int
    parent: int
    depth: int
    text: str
    rating: Rating | None = None
    planted: Planted | None = None
    answer: str = ""
    outcome: int | None = None


def tree_of(worked: Worked, answer: str, wrong: Sequence[Planted]) -> list[PlantedNode]:
    """Return the nodes in the order of their seq: the right solution first, then each wrong one from where it parts.

    Steps of the right solution are correct, first errors are incorrect, what follows them is not rated.
    """
    nodes: list[PlantedNode] = []
    known: dict[tuple[int, str], PlantedNode] = {}

    def add(steps: Sequence[str], answer: str, outcome: int) -> list[PlantedNode]:
        path: list[PlantedNode] = []
        for depth, text in enumerate(steps, 1):
            parent = path[-1].seq if path else 0
            if (parent, text) not in known:
                nodes.append(PlantedNode(len(nodes) + 1, parent, depth, text))
                known[parent, text] = nodes[-1]
            path.append(known[parent, text])
        path[-1].answer, path[-1].outcome = answer, outcome
        return path

    for node in add(worked.texts, answer, 1):
        node.rating = Rating.CORRECT
    for each in wrong:
        node = add(each.steps, each.answer, -1)[each.first_error]
        if node.rating is None:
            node.rating, node.planted = Rating.INCORRECT, each
    return nodes


def side_of(problem_hash: str, held_out: float) -> str:
    """Return "test" for the share `held_out` of problems, else "train"; the trainer holds out the same problems."""
    return "test" if place_of(problem_hash) < held_out else "train"
