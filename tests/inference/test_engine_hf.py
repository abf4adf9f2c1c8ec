"""The decode loop against plain transformers, on a tiny random model: same text alone, batched, refilled or resumed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from inference.engines import Completion, EngineError, EngineSpec, Request, make_engine
from inference.types import FinishReason

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

from inference.engines.decode import Batch  # noqa: E402
from inference.engines.text import Row  # noqa: E402
from tests.inference.tiny_model import tiny_engine, tiny_folder  # noqa: E402

PREFIX = "Two and two are four.\n"
PROMPTS = ("How many?", "A much longer question with more words in it.", "Hm", "How many?", "And then?", "So?")


def asked(count: int = 6, **settings: Any) -> list[Request]:
    base: dict[str, Any] = {"max_tokens": 24, "temperature": 1.0, "top_p": 0.9}
    return [
        Request(f"r{n}", PREFIX, PROMPTS[n % len(PROMPTS)], seed=100 + n, **(base | settings)) for n in range(count)
    ]


def plain_greedy(text: str, steps: int) -> tuple[list[int], float]:
    """Draw greedily with nothing but the model: the whole text read anew for each token."""
    from transformers import AutoModelForCausalLM, AutoTokenizer

    model = AutoModelForCausalLM.from_pretrained(tiny_folder(), attn_implementation="eager")
    ids = AutoTokenizer.from_pretrained(tiny_folder())(text).input_ids
    drawn, logprob = [], 0.0
    for _ in range(steps):
        with torch.no_grad():
            shares = model(torch.tensor([ids + drawn])).logits[0, -1].log_softmax(-1)
        drawn.append(int(shares.argmax()))
        logprob += float(shares.max())
    return drawn, logprob


def test_greedy_text_and_log_probability_are_those_of_plain_transformers() -> None:
    engine = tiny_engine()
    for request, completion in zip(asked(), engine.generate(asked(temperature=0.0, max_tokens=8)), strict=True):
        drawn, logprob = plain_greedy(request.prefix + request.prompt, completion.tokens)
        ended = completion.finish is FinishReason.EOS
        assert completion.text == engine.texts.decode(drawn) and ended == (drawn[-1] == 0)
        assert completion.logprob == pytest.approx(logprob, abs=1e-3)


def test_a_row_draws_the_same_alone_in_a_batch_and_in_a_refilled_batch() -> None:
    together = tiny_engine().generate(asked())
    alone = [tiny_engine().generate([request])[0] for request in asked()]
    refilled = tiny_engine(max_batch=2).generate(asked())
    assert [c.text for c in together] == [c.text for c in alone] == [c.text for c in refilled]
    assert [c.key for c in together] == [c.key for c in refilled] == [f"r{n}" for n in range(6)]
    assert together[0].text != together[3].text, "equal prompts with other seeds differ"


def test_the_prefix_makes_no_difference_but_in_speed() -> None:
    split = tiny_engine().generate(asked())
    whole = [Request(r.key, "", r.prefix + r.prompt, r.seed, r.max_tokens, r.temperature, r.top_p) for r in asked()]
    assert [c.text for c in tiny_engine().generate(whole)] == [c.text for c in split]


def test_requests_may_join_the_running_batch() -> None:
    first, rest = asked()[:2], asked()[2:]
    joined: list[Completion] = []

    def more(ended: Sequence[Completion]) -> list[Request]:
        joined.extend(ended)
        return [rest.pop(0)] if rest else []

    assert tiny_engine(max_batch=2).generate(first, more=more) == []
    assert {c.key: c.text for c in joined} == {c.key: c.text for c in tiny_engine().generate(asked())}


def test_progress_adds_up_to_the_tokens_drawn() -> None:
    counts: list[int] = []
    drawn = tiny_engine(max_batch=3).generate(asked(), progress=counts.append)
    assert sum(counts) == sum(c.tokens for c in drawn) > len(counts)


def test_usage_counts_what_was_read_shared_and_drawn() -> None:
    engine = tiny_engine(max_batch=4)
    drawn = engine.generate(asked())
    prefix, prompts = len(engine.texts.prefix(PREFIX)), [len(engine.texts.rest(request)) for request in asked()]
    usage, distinct = engine.usage, len(set(PROMPTS))
    assert usage.requests == 6 and usage.drawn_tokens == sum(c.tokens for c in drawn)
    assert usage.prompt_tokens == 6 * prefix + sum(prompts)
    assert distinct == 5 and usage.cached_tokens in (5 * prefix, 5 * prefix + prompts[0]), "equal prompts may meet"
    assert 0 < usage.busy_seconds <= usage.row_seconds <= 4 * usage.busy_seconds
    engine.generate([Request("next", PREFIX, "Hm", 1, 4)])
    assert engine.usage.since(usage).cached_tokens == prefix and engine.info.detail["too_long"] == 0


def test_a_stop_string_ends_the_text_before_it_and_lines_carry_their_cost() -> None:
    free = tiny_engine().generate(asked(1, max_tokens=24))[0]
    stop = free.text[6:8]
    cut = tiny_engine().generate(asked(1, max_tokens=24, stop=(stop,)))[0]
    assert cut.finish is FinishReason.STOP and cut.text == free.text[: free.text.index(stop)]
    assert len(cut.lines) == cut.text.count("\n") + 1
    assert len(free.lines) == free.text.count("\n") + 1
    assert sum(cost for cost, _ in free.lines) == free.tokens
    assert sum(value for _, value in free.lines) == pytest.approx(free.logprob)


def test_lines_begin_only_as_they_may() -> None:
    bound = tiny_engine().generate(asked(6, line_starts=("Q", "zebra"), max_tokens=5))
    free = tiny_engine().generate(asked(6, max_tokens=5))
    assert {completion.text[0] for completion in bound} == {"Q", "z"}
    assert not {completion.text[0] for completion in free} & {"Q", "z"}
    assert all(completion.logprob < -1 for completion in bound), "log-probabilities stay those of the model"


def test_a_prompt_that_fills_the_context_gives_nothing_and_is_counted() -> None:
    engine = tiny_engine(max_context=128)
    long = Request("long", PREFIX, "x" * 200, 1, 10)
    drawn = engine.generate([long, *asked(2)])
    assert (drawn[0].text, drawn[0].tokens, drawn[0].finish) == ("", 0, FinishReason.LENGTH)
    assert engine.info.detail["too_long"] == 1 and all(c.tokens for c in drawn[1:])


def test_out_of_memory_halves_the_batch_and_loses_nothing() -> None:
    engine = tiny_engine(max_batch=8)
    whole = engine.model.forward

    def short_of_memory(*args: Any, **kwargs: Any) -> Any:
        if kwargs["input_ids"].shape[0] > 2:
            raise torch.OutOfMemoryError("no more")
        return whole(*args, **kwargs)

    engine.model.forward = short_of_memory
    assert [c.text for c in engine.generate(asked())] == [c.text for c in tiny_engine().generate(asked())]
    assert engine.info.max_batch == 2 and engine.info.detail["out_of_memory"] == 2


def test_other_errors_are_not_taken_for_out_of_memory() -> None:
    engine = tiny_engine()

    def broken(*args: Any, **kwargs: Any) -> Any:
        raise RuntimeError("device-side assert")

    engine.model.forward = broken
    with pytest.raises(RuntimeError, match="device-side assert"):
        engine.generate(asked())


def test_a_chat_model_gets_its_template_with_the_reply_begun() -> None:
    chat = tiny_engine(chat=True)
    request = Request("c", PREFIX, "How many?", 1, 8, reply="Step 1: ")
    assert chat.texts.decode([*chat.texts.prefix(PREFIX), *chat.texts.rest(request)]) == (
        f"<u>{PREFIX}How many?</u><a>Step 1: "
    )
    spelt = Request("c", "<u>", f"{PREFIX}How many?</u><a>Step 1: ", 1, 8)
    assert chat.generate([request])[0].text == tiny_engine().generate([spelt])[0].text


def test_two_requests_with_one_key_and_empty_prompts_are_refused() -> None:
    with pytest.raises(ValueError, match="two requests have the key r0"):
        tiny_engine().generate([*asked(1), *asked(1)])
    with pytest.raises(ValueError, match="request e: the prompt is empty"):
        tiny_engine().generate([Request("e", PREFIX, "", 1, 5)])


def test_pickled_weights_are_not_loaded(tmp_path: Path) -> None:
    for name in ("config.json", "tokenizer.json", "tokenizer_config.json"):
        (tmp_path / name).write_bytes((tiny_folder() / name).read_bytes())
    torch.save({}, tmp_path / "pytorch_model.bin")
    with pytest.raises(EngineError, match="cannot load"):
        make_engine(EngineSpec(model=str(tmp_path)))


def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(EngineError, match="there is no model folder /nowhere"):
        make_engine(EngineSpec(model="/nowhere"))
    monkeypatch.delenv("HUB_KEY", raising=False)
    with pytest.raises(EngineError, match="the environment variable HUB_KEY"):
        make_engine(EngineSpec(model="owner/name", secret_env="HUB_KEY"))


@torch.inference_mode()
def run_down(batch: Batch, rows: list[Row]) -> list[Completion]:
    while rows or batch.rows:
        if rows:
            batch.admit(rows)
        if batch.rows:
            batch.step()
    ended, batch.ended[:] = list(batch.ended), []
    return sorted(ended, key=lambda completion: completion.key)


def test_a_request_that_goes_on_from_a_line_just_drawn_reads_only_what_is_new() -> None:
    engine = tiny_engine()
    stops = tuple(completion.text[3] for completion in engine.generate(asked()))
    lines = [Row(request, engine.texts.rest(request), 30) for request in asked(max_tokens=30, stop=(*stops, "\n"))]
    batch = Batch(engine.model, engine.texts, engine.slots, engine._prefix(PREFIX)[0], [])
    ended = run_down(batch, list(lines))
    assert {completion.finish for completion in ended} == {FinishReason.STOP}

    def followers() -> list[Row]:
        prompts = [(*row.prompt, *row.tokens, 70, 71, 72) for n, row in enumerate(lines)]
        return [Row(Request(f"f{n}", PREFIX, "", n, 12), prompt, 12) for n, prompt in enumerate(prompts)]

    read: list[int] = []
    whole = engine.model.forward

    def watched(*args: Any, **kwargs: Any) -> Any:
        read.append(kwargs["input_ids"].shape[1])
        return whole(*args, **kwargs)

    engine.model.forward = watched
    going_on = run_down(batch, followers())
    engine.model.forward = whole
    afresh = run_down(Batch(engine.model, engine.texts, engine.slots, batch.prefix_length, []), followers())
    assert [c.text for c in going_on] == [c.text for c in afresh]
    assert max(read) == 4, "the last drawn token was never read, and three are new"


def adapter(folder: Path, seed: int = 0) -> Path:
    """Save a LoRA adapter with weights that change what the tiny model says."""
    peft = pytest.importorskip("peft")
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(tiny_folder())
    torch.manual_seed(seed)
    adapted = peft.get_peft_model(model, peft.LoraConfig(r=2, target_modules="all-linear", init_lora_weights=False))
    adapted.save_pretrained(folder)
    return folder


def test_an_adapter_is_merged_into_the_weights(tmp_path: Path) -> None:
    plain = tiny_engine().generate(asked(temperature=0.0, max_tokens=8))
    adapted = tiny_engine(adapter=str(adapter(tmp_path))).generate(asked(temperature=0.0, max_tokens=8))
    assert [one.text for one in plain] != [one.text for one in adapted]


def test_an_adapter_that_would_have_to_be_unpickled_is_refused(tmp_path: Path) -> None:
    folder = adapter(tmp_path)
    (folder / "adapter_model.safetensors").rename(folder / "adapter_model.bin")
    with pytest.raises(EngineError, match="no LoRA adapter in safetensors"):
        tiny_engine(adapter=str(folder))
