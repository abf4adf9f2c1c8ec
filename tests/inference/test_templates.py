"""Word problems of our own templates: seeded, different, graded, and right to the last digit."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction

import pytest

from inference.planted import read
from inference.sources.stories import stories
from inference.sources.templates import TemplateSource, topic_names

MADE = list(TemplateSource().problems(seed=4, count=150))


def test_a_seed_gives_the_same_problems_however_many_are_asked_for() -> None:
    assert list(TemplateSource().problems(seed=4, count=20)) == MADE[:20]
    assert {each.problem.text for each in TemplateSource().problems(seed=5, count=20)}.isdisjoint(
        each.problem.text for each in MADE
    )


def test_problems_differ_and_rise_from_two_steps_to_eight() -> None:
    assert len({each.problem.text for each in MADE}) == len(MADE)
    assert len({each.template for each in MADE}) > 100
    counts = Counter(len(each.steps) for each in MADE)
    assert set(counts) == set(range(2, 9))
    assert all(each.problem.level == len(each.steps) for each in MADE)


def test_every_solution_is_exact_and_no_number_stands_for_two_things() -> None:
    for each in MADE:
        worked = read(each.problem.text, each.steps, each.problem.answer)
        assert worked.answer == Fraction(each.problem.answer)
        assert not worked.shared
        assert not set("{}<>") & set(each.problem.text + each.problem.solution)


def test_a_topic_can_be_held_out() -> None:
    inside = TemplateSource(topic_names()[:3])

    assert {each.template.split("/")[0] for each in inside.problems(seed=1, count=30)} <= set(topic_names()[:3])
    with pytest.raises(ValueError, match="topics: expected some of bakery"):
        TemplateSource(("moon",))


def test_every_story_has_beginnings_middles_and_endings() -> None:
    for story in stories():
        assert min(len(story.starts), len(story.middles), len(story.ends)) >= 2, story.name
