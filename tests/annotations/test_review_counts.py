"""What the review counts and lists along its indexes is what looking at every step gives, on random words."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, replace
from itertools import product

import pytest

from annotations.models import LabelEvent, LabelScheme, Node, Score, ToolCheck, User
from annotations.reviewing.fold import DEPTHS, LENGTHS, fold
from annotations.reviewing.slices import send_slice
from annotations.selectors import reviewcounts
from annotations.selectors.labels import voter_of
from annotations.selectors.review import AXES, FACETS, Matrix, Question, find, ground
from tests import factories
from tests.factories import Cast

pytestmark = pytest.mark.django_db
TREES, STEPS, PAGE = 8, 12, 9
# The last two speak rarely, so that some steps have more scorers than are kept in pairs.
SCORERS = {"prm": 0.9, "Mine": 0.7, "other": 0.4, "few": 0.3, "ünique": 0.3}
RATINGS = ("correct", "neutral", "incorrect")
TOOL = {"refuted": 0.97, "supported": 0.1}


@dataclass(frozen=True)
class Step:
    """All that a viewer may know of one step."""

    node: int
    scores: dict[str, float]
    verdict: str
    rating: str
    places: dict[str, str]

    def words(self, question: Question) -> dict[str, str]:
        sides = [
            ("correct" if self.scores[name] >= 0.5 else "incorrect") if name in self.scores else ""
            for name in (question.scorer, question.other)
        ]
        return {"a": sides[0], "b": sides[1], "checked": self.verdict, "rated": self.rating or "none"}

    def within(self, question: Question, without: str = "") -> bool:
        asked = {facet: getattr(question, facet) for facet in FACETS if facet != without}
        return all(value in ("", None) or self.places[facet] == str(value) for facet, value in asked.items())

    def chosen(self, question: Question) -> bool:
        row, _, col, _ = AXES[question.matrix]
        words = self.words(question)
        return not question.cells or (words[row], words[col]) in question.cells

    def sure(self, question: Question) -> float:
        value, other = self.scores.get(question.scorer, 0.0), self.scores.get(question.other, 0.0)
        if question.matrix is Matrix.TOOL:
            return TOOL.get(self.verdict, 0.0)
        if question.matrix is Matrix.PAIR:
            return abs(value - other)
        return value if self.words(question)["a"] == "correct" else 1 - value


@pytest.fixture
def cast() -> Cast:
    """Eight trees of which scorers, tools, people and a corpus say random things, with many ties."""
    cast, draw = factories.cast(), random.Random(5)  # noqa: S311 no secret
    scheme = LabelScheme.objects.get(project=cast.project)
    for number in range(TREES):
        steps = tuple((at, "x" * draw.choice((20, 80, 300, 600))) for at in range(STEPS))
        made = factories.tree(cast.project, factories.problem(cast.project, f"Problem {number}"), steps)
        type(made).objects.filter(pk=made.pk).update(source=f"source {number % 3}")
    nodes = list(Node.objects.order_by("id"))
    said = {"project": cast.project, "version": "1"}
    Score.objects.bulk_create(
        Score(**said, node=node, scorer=name, value=draw.randrange(11) / 10)
        for node, (name, often) in product(nodes, SCORERS.items())
        if draw.random() < often
    )
    ToolCheck.objects.bulk_create(
        ToolCheck(**said, node=node, verifier=name, verdict=draw.choice(("supported", "undecided", "refuted")))
        for node, name in product(nodes, ("claims", "other"))
        if draw.random() < 0.5
    )
    LabelEvent.objects.bulk_create(
        LabelEvent(
            project=cast.project, node=node, author=who, voter=voter_of(who.pk), scheme=scheme,
            rating=draw.choice((*RATINGS, None)), category=draw.choice(("", "unit", "sign")),
        )
        for node, who, _ in product(nodes, (cast.ada, cast.bo), range(2))
        if draw.random() < 0.4
    )  # fmt: skip
    fold(cast.project.pk)
    return cast


def steps_for(cast: Cast, viewer: User) -> list[Step]:
    """Look at every row that says anything, as the viewer may see it."""
    blind = viewer == cast.ada
    found = []
    for node in Node.objects.select_related("tree").order_by("id"):
        events = LabelEvent.objects.filter(node=node).order_by("id")
        current = {event.voter: event for event in events if not blind or event.author_id == viewer.pk}
        rated = [event for event in current.values() if event.rating]
        votes = Counter(event.rating for event in rated)
        best = max(rated, key=lambda event: (votes[event.rating], event.pk), default=None)
        checks = {check.verifier: check.verdict for check in ToolCheck.objects.filter(node=node).order_by("id")}
        verdict = next((word for word in ("refuted", "supported", "undecided") if word in checks.values()), "")
        scores = {score.scorer: score.value for score in Score.objects.filter(node=node)}
        if not (scores or verdict or LabelEvent.objects.filter(node=node, rating__isnull=False).exists()):
            continue
        depth = max(low for low in DEPTHS if low <= node.depth)
        length = max(low for low in LENGTHS if low <= len(node.text))
        places = {"source": node.tree.source, "depth": str(depth), "length": str(length)}
        category = best.category if best else ""
        found.append(Step(node.pk, scores, verdict, best.rating if best else "", places | {"category": category}))
    return found


def questions() -> list[Question]:
    places = [{}, {"source": "source 1"}, {"depth": 4, "length": 60}, {"category": "unit"}, {"source": "nowhere"}]
    pairs = [("prm", "Mine"), ("Mine", "prm"), ("other", "ünique")]
    asked = [Question(matrix, scorer=a, other=b) for matrix, (a, b) in product(Matrix, pairs)]
    asked += [
        Question(matrix, row, col, "prm", "Mine")
        for matrix, (_, rows, _, cols) in AXES.items()
        for row, col in product(rows, cols)
    ]
    return [replace(question, **place) for question, place in product(asked, places)]


def expect(steps: list[Step], question: Question) -> tuple[object, ...]:
    """Return matrices, facets and list by looking at every step."""
    counted = {
        matrix: Counter(
            (words[row], words[col])
            for words in (step.words(question) for step in steps if step.within(question))
            if words[row] in rows and words[col] in cols
        )
        for matrix, (row, rows, col, cols) in AXES.items()
    }
    narrowed = {
        facet: Counter(step.places[facet] for step in steps if step.chosen(question) and step.within(question, facet))
        for facet in FACETS
    }
    listed = [step for step in steps if step.chosen(question) and step.within(question)]
    if question.slice is None:
        listed.sort(key=lambda step: (-step.sure(question), step.node))
    return counted, narrowed, [(step.node, step.sure(question)) for step in listed]


def answer(cast: Cast, viewer: User, question: Question) -> tuple[object, ...]:
    """Return the same from the page's questions, the list in pages."""
    access = cast.access(viewer)
    told = ground(access, question)
    pages = [find(access, question, told, limit=PAGE)]
    while len(pages[-1].rows) == PAGE:
        pages.append(find(access, question, told, limit=PAGE, offset=PAGE * len(pages)))
    rows = [(row.node_id, row.confidence) for page in pages for row in page.rows]
    return pages[0].matrices, {facet: dict(values) for facet, values in pages[0].facets.items()}, rows


@pytest.mark.parametrize("look", [0, 10**9], ids=["by cell", "by kind"])
def test_every_cell_and_place_counts_and_lists_what_looking_at_every_step_gives(
    cast: Cast, look: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reviewcounts, "LOOK", look)
    steps = steps_for(cast, cast.bo)
    for question in questions():
        assert answer(cast, cast.bo, question) == expect(steps, question), question


def test_who_sees_his_own_labels_alone_gets_what_looking_at_his_own_gives(cast: Cast) -> None:
    cast.project.settings = {"blind": True}
    cast.project.save()
    steps = steps_for(cast, cast.ada)
    for question in questions()[::3]:
        assert answer(cast, cast.ada, question) == expect(steps, question), question


def test_a_slice_counts_and_lists_its_own_steps_in_its_order(cast: Cast) -> None:
    steps = steps_for(cast, cast.bo)
    random.Random(3).shuffle(steps)  # noqa: S311
    made = send_slice(
        access=cast.access(cast.bo), name="Some", nodes=[step.node for step in steps[:40]], found_by={}
    ).pk
    for question in questions()[::4]:
        asked = replace(question, slice=made)
        counts, places, rows = answer(cast, cast.bo, asked)
        expected = expect(steps[:40], asked)
        assert (counts, places, [node for node, _ in rows]) == (*expected[:2], [node for node, _ in expected[2]]), asked
