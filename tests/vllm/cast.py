"""What both ways to vLLM are asked: few-shot problems, and three trees."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from inference.engines import Completion, Engine, Request
from inference.prompts import few_shot_prefix, problem_prompt
from inference.search import SearchParams, run_round
from inference.types import FinishReason
from tests.inference.search_cast import check, grove

CORES = {"max_batch": 16, "memory": 0.1}


def asked(count: int, *, problems: int = 4, name: str = "r", **settings: Any) -> list[Request]:
    base: dict[str, Any] = {"max_tokens": 40, "temperature": 0.8, "stop": ("\n",)}
    return [
        Request(
            f"{name}{n}",
            few_shot_prefix(),
            problem_prompt(f"{2 + n % problems} hens and 3 more?"),
            n,
            **base | settings,
        )
        for n in range(count)
    ]


def draws_what_was_asked(engine: Engine) -> None:
    """Texts, costs, ends, order and usage of a first call and of the same again, which finds its prompts cached."""
    before = engine.usage
    drawn = engine.generate(asked(12))
    assert [one.key for one in drawn] == [f"r{n}" for n in range(12)] and len({one.text for one in drawn}) > 4
    assert {one.finish for one in drawn} <= set(FinishReason) and FinishReason.STOP in {one.finish for one in drawn}
    for one in drawn:
        assert "\n" not in one.text and one.logprob < 0
        assert one.lines == ((one.tokens, one.logprob),)
    first = engine.usage.since(before)
    assert first.requests == 12 and first.drawn_tokens == sum(one.tokens for one in drawn)
    engine.generate(asked(12))
    again = engine.usage.since(before).since(first)
    assert 0.5 < again.cached_tokens / again.prompt_tokens < 1
    assert 1 < again.row_seconds / again.busy_seconds <= 16


def takes_more_on_the_way(engine: Engine) -> None:
    """Requests that come while others are drawn join them."""
    late = asked(4, name="late")
    came: list[Sequence[Completion]] = []

    def more(ended: Sequence[Completion]) -> Sequence[Request]:
        came.append(ended)
        return [late.pop(0)] if late and not ended else ()

    long = asked(2, max_tokens=150, stop=(), name="long")
    assert engine.generate(long, more=more) == []
    keys = [one.key for ended in came for one in ended]
    assert sorted(keys) == ["late0", "late1", "late2", "late3", "long0", "long1"]
    assert keys.index("late0") < max(keys.index("long0"), keys.index("long1")), "it did not wait for those before it"
    assert sum(not ended for ended in came) >= 4


def holds_lines_to_their_openings(engine: Engine) -> None:
    """Every line of every text begins as it may."""
    drawn = engine.generate(asked(6, stop=("\n\n",), line_starts=("Hens", "Sum"), max_tokens=60))
    whole = [one.text.split("\n")[: -1 if one.finish is FinishReason.LENGTH else None] for one in drawn]
    assert all(line.startswith(("Hens", "Sum")) for lines in whole for line in lines if line)
    assert all(one.text.startswith(("Hens", "Sum")) for one in drawn)


def goes_on_after_an_exception(engine: Engine) -> None:
    """Whoever is stopped by `progress` leaves nothing behind."""

    class LeaseLost(Exception):
        pass

    def lost(drawn: int) -> None:
        raise LeaseLost

    try:
        engine.generate(asked(8, max_tokens=200, stop=()), progress=lost)
    except LeaseLost:
        drawn = engine.generate(asked(4))
        assert [one.key for one in drawn] == ["r0", "r1", "r2", "r3"]
    else:
        raise AssertionError("the exception of progress was lost")


def ends_what_does_not_fit(engine: Engine) -> None:
    """A prompt beyond the context gives nothing, one near its end a shorter text."""
    beyond, fits = engine.generate([Request("beyond", "", "hens " * 3000, 1, 40), *asked(1)])
    assert (beyond.text, beyond.tokens, beyond.finish) == ("", 0, FinishReason.LENGTH) and fits.text
    assert engine.info.detail["too_long"] == 1


def grows_three_trees(engine: Engine) -> None:
    """A search of three trees, two rounds each."""
    params = SearchParams(rounds=2, early_stop=False, step_tokens=32, top_p=1.0)
    trees = grove(3, params)
    for _ in range(2):
        run_round(trees, engine, check, params)
    assert all(len(tree.nodes) >= 3 for tree in trees)
    assert sum(node.tokens for tree in trees for node in tree.nodes) > 0


def weighs_choices(engine: Engine) -> None:
    """How likely words are after a prompt, beside texts that are drawn; the likelier one is the text."""
    prompt = problem_prompt("2 hens and 3 more?") + "Step 1: 2 + 3 ="
    requests = [Request(f"w{n}", few_shot_prefix(), prompt, n, 1, choices=(" 5", " hens")) for n in range(3)]
    before = engine.usage
    *weighed, drawn = engine.generate([*requests, *asked(1)])
    assert drawn.text and not drawn.choices
    for one in weighed:
        assert one.choices[0] > one.choices[1] and one.choices[0] <= 0 and (one.text, one.tokens) == (" 5", 0)
    assert engine.usage.since(before).drawn_tokens == drawn.tokens
