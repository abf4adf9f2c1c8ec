"""How likely the hf engine finds continuations, against plain transformers on the tiny random model."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import pytest

from inference.engines import Completion, Request
from inference.engines.choices import weighed
from tests.inference.tiny_model import tiny_engine, tiny_folder

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

PREFIX = "Two and two are four.\n"
PROMPTS = ("How many? [", "A much longer question with more words in it. [", "Hm [", "How many? [", "So? [")


def asked(choices: tuple[str, ...] = ("Right", "Wrong"), name: str = "j") -> list[Request]:
    return [Request(f"{name}{n}", PREFIX, prompt, n, 1, choices=choices) for n, prompt in enumerate(PROMPTS)]


def drawing(count: int = 4) -> list[Request]:
    return [Request(f"r{n}", PREFIX, "How many?", n, 12, top_p=0.9) for n in range(count)]


@cache
def loaded() -> tuple[Any, Any]:
    from transformers import AutoModelForCausalLM, AutoTokenizer

    model = AutoModelForCausalLM.from_pretrained(tiny_folder(), attn_implementation="eager")
    return model, AutoTokenizer.from_pretrained(tiny_folder())


def plain(text: str, token: str) -> float:
    """Return the log-probability of the token after the text, with nothing but the model."""
    model, tokenizer = loaded()
    with torch.no_grad():
        shares = model(torch.tensor([tokenizer(text).input_ids])).logits[0, -1].log_softmax(-1)
    return float(shares[tokenizer(token).input_ids[0]])


def test_choices_are_as_likely_as_plain_transformers_says() -> None:
    for request, one in zip(asked(), tiny_engine().generate(asked()), strict=True):
        wanted = [plain(request.prefix + request.prompt, choice) for choice in "RW"]
        assert one.choices == pytest.approx(wanted, abs=1e-3)
        assert one.text == request.choices[wanted.index(max(wanted))] and one.tokens == 0


def test_weighing_beside_drawing_changes_neither_and_counts_no_token() -> None:
    engine = tiny_engine(max_batch=3)
    mixed = {one.key: one for one in engine.generate([*drawing(), *asked()])}
    for one in tiny_engine().generate(drawing()):
        assert mixed[one.key].text == one.text and mixed[one.key].tokens == one.tokens
    for one in tiny_engine().generate(asked()):
        assert mixed[one.key].choices == pytest.approx(one.choices, abs=1e-4)
    assert engine.usage.drawn_tokens == sum(one.tokens for one in mixed.values())
    assert engine.usage.requests == 9
    told = len(engine.texts.prefix(PREFIX)) * 9 + sum(len(engine.texts.rest(each)) for each in drawing())
    assert engine.usage.prompt_tokens == told + sum(len(engine.texts.weigh(each)[0]) for each in asked())


def test_weighings_join_a_running_batch_and_lead_to_more() -> None:
    came: dict[str, Completion] = {}

    def more(ended: list[Completion]) -> list[Request]:
        came.update({one.key: one for one in ended})
        return asked(name="late") if any(one.key == "r0" for one in ended) else []

    tiny_engine(max_batch=2).generate([*drawing(), *asked()], more=more)  # type: ignore[arg-type]
    assert len(came) == 14 and came["late2"].choices == pytest.approx(came["j2"].choices, abs=1e-4)


def test_choices_are_told_apart_where_they_differ() -> None:
    [one] = tiny_engine().generate([Request("j", PREFIX, "So? ", 1, 1, choices=("It is so", "It is not"))])
    wanted = [plain(f"{PREFIX}So? It is ", choice) for choice in "sn"]
    assert one.choices == pytest.approx(wanted, abs=1e-3)


@pytest.mark.parametrize(("choices", "known"), [(("same", "same"), 0), (("so", "so it is"), 1), (("only",), 1)])
def test_what_cannot_be_told_apart_is_not_reported(choices: tuple[str, ...], known: int) -> None:
    [one] = tiny_engine().generate([Request("j", PREFIX, "So? ", 1, 1, choices=choices)])
    assert sum(math.isfinite(each) for each in one.choices) == known and len(one.choices) == len(choices)


def test_a_space_before_a_word_belongs_to_the_token_that_the_tokenizer_makes_of_both() -> None:
    engine = tiny_engine()
    engine.texts._ids = lambda text: [ord(each) for each in text.replace(" R", "\u0100").replace(" W", "\u0101")]  # type: ignore[method-assign]
    request = Request("j", "", "It is ", 1, 1, choices=("Right", "Wrong"))
    assert engine.texts.weigh(request) == (tuple(map(ord, "It is")), (0x100, 0x101))


def test_a_prompt_that_fills_the_context_is_answered_with_no_choices() -> None:
    engine = tiny_engine()
    [one] = engine.generate([Request("j", "", "long " * 80, 1, 1, choices=("a", "b"))])
    assert one.choices == () and one.text == "" and engine.info.detail["too_long"] == 1
    with pytest.raises(ValueError, match="the prompt is empty"):
        engine.generate([Request("j", "", "", 1, 1, choices=("a", "b"))])


def test_nonsense_is_not_reported() -> None:
    request = Request("j", "", "p", 1, 1, choices=("a", "b"))
    assert weighed(request, [math.nan, 0.5]).choices == (-math.inf, 0.0)
    assert weighed(request, [math.nan, -math.inf]).text == ""
