"""The HTTP engine against a stub on loopback: draws shared, limits kept, trouble waited out, nonsense survived."""

from __future__ import annotations

import json
import math
import threading
import time
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from inference.engines import Completion, Engine, EngineError, EngineSpec, Request, make_engine
from inference.engines.fields import SettingError
from inference.engines.http import _seconds
from inference.engines.scripted import ScriptedEngine
from inference.prompts import problem_prompt
from inference.types import FinishReason
from tests.inference.stub_server import Stub, stub_server

MADE: list[Engine] = []


@pytest.fixture
def stub() -> Iterator[Stub]:
    with stub_server() as server:
        yield server
    while MADE:
        MADE.pop().close()


def engine_of(stub: Stub, **settings: Any) -> Engine:
    base: dict[str, Any] = {"kind": "openai_http", "address": stub.address, "patience": 10.0}
    MADE.append(make_engine(EngineSpec(**(base | settings))))
    return MADE[-1]


def asked(count: int, *, problems: int = 0, seed: int = 10, **settings: Any) -> list[Request]:
    """Requests over so many problems (as many as requests by default), each with a seed of its own."""
    base: dict[str, Any] = {"max_tokens": 60, "stop": ("\n",), "top_p": 0.9}
    return [
        Request(f"r{n}", "", problem_prompt(f"{n % (problems or count)} hens"), seed + n, **(base | settings))
        for n in range(count)
    ]


def said(*texts: Any, **rest: Any) -> bytes:
    return json.dumps({"choices": [{"text": text} for text in texts], **rest}).encode()


def test_texts_come_in_the_order_asked_and_are_those_of_the_seeds(stub: Stub) -> None:
    stub.delay = 0.01
    drawn = engine_of(stub, max_batch=8).generate(asked(20))
    wanted = ScriptedEngine().generate(asked(20))
    assert [(one.key, one.text) for one in drawn] == [(one.key, one.text) for one in wanted]
    assert stub.asked[0]["model"] == "small", "the only model of the server"


def test_draws_of_one_prompt_go_out_in_one_call(stub: Stub) -> None:
    drawn = engine_of(stub).generate(asked(12, problems=3))
    assert sorted(call["n"] for call in stub.asked) == [4, 4, 4]
    assert len({one.text for one in drawn}) > 3 and [one.key for one in drawn] == [f"r{n}" for n in range(12)]
    stub.asked.clear()
    engine_of(stub).generate(asked(4, problems=1, temperature=0.0))
    assert [call["n"] for call in stub.asked] == [1, 1, 1, 1], "greedy draws go alone"


def test_the_limit_is_reached_and_never_passed(stub: Stub) -> None:
    stub.delay = 0.03
    engine_of(stub, max_batch=8).generate(asked(30) + asked_more(30))
    assert stub.most_rows == 8 and stub.most_calls <= 8


def asked_more(count: int) -> list[Request]:
    return [Request(f"m{n}", "", problem_prompt("one"), n, 60, stop=("\n",)) for n in range(count)]


def test_a_server_that_gives_fewer_texts_is_asked_for_the_rest(stub: Stub) -> None:
    stub.at_most = 1
    drawn = engine_of(stub).generate(asked(5, problems=1))
    assert [call["n"] for call in stub.asked] == [5, 4, 3, 2, 1] and all(one.text for one in drawn)


@pytest.mark.parametrize(
    "act", [500, 429, 408, "drop", b"<html>no</html>", said(), b'{"choices": "none"}', b"[" * 9999]
)
def test_what_may_pass_is_tried_again_and_counted(stub: Stub, act: Any) -> None:
    stub.plan.extend([act, act])
    engine = engine_of(stub, model="small")
    assert engine.generate(asked(1))[0].text == ScriptedEngine().generate(asked(1))[0].text
    assert engine.usage.retries == (1 if act == "drop" else 2), "a kept connection that breaks is replaced at once"


def test_retry_after_is_honoured(stub: Stub) -> None:
    stub.plan.append((429, "1"))
    before = time.monotonic()
    engine_of(stub).generate(asked(1))
    assert time.monotonic() - before >= 1 and _seconds("soon") == 0 == _seconds("Wed, 21 Oct 2015 07:28:00 GMT")


def test_a_server_that_goes_away_and_comes_back_loses_nothing(stub: Stub) -> None:
    stub.delay = 0.05
    ticks: list[int] = []
    gone_at: list[int] = []
    texts: dict[str, str] = {}
    back = threading.Timer(1.5, stub.start)

    def more(ended: Sequence[Completion]) -> Sequence[Request]:
        texts.update({one.key: one.text for one in ended})
        if ended and not gone_at:
            gone_at.append(len(ticks))
            stub.stop()
            back.start()
        return ()

    engine = engine_of(stub, max_batch=4)
    engine.generate(asked(24), progress=ticks.append, more=more)
    assert texts == {one.key: one.text for one in ScriptedEngine().generate(asked(24))}
    assert engine.usage.retries >= 4
    assert ticks[gone_at[0] :].count(0) >= 4, "whoever waits is told so all the while"


def test_patience_ends_with_what_to_do(stub: Stub) -> None:
    stub.stop()
    with pytest.raises(EngineError, match="gave no answer for 0.3 s; the last try: nobody listens there. See that"):
        engine_of(stub, patience=0.3).generate(asked(1))
    stub.start()
    stub.plan.append("hang")
    with pytest.raises(EngineError, match="the last try: no answer in time"):
        engine_of(stub, timeout=0.3, patience=0.0).generate(asked(1))


def test_a_hanging_answer_is_asked_for_again(stub: Stub) -> None:
    stub.plan.append("hang")
    engine = engine_of(stub, timeout=0.3)
    assert engine.generate(asked(1))[0].text and engine.usage.retries == 1


def test_a_wrong_key_ends_it_at_once_and_is_not_shown(stub: Stub, monkeypatch: pytest.MonkeyPatch) -> None:
    stub.key = "right"
    monkeypatch.setenv("STUB_KEY", "sk-secret")
    with pytest.raises(EngineError, match="answered 401: Incorrect API key: Bearer …. Check the API key") as caught:
        engine_of(stub, secret_env="STUB_KEY").generate(asked(3))
    assert "sk-secret" not in str(caught.value)
    monkeypatch.setenv("STUB_KEY", "right\n")
    assert engine_of(stub, secret_env="STUB_KEY").generate(asked(1))[0].text
    monkeypatch.delenv("STUB_KEY")
    with pytest.raises(EngineError, match="STUB_KEY, which holds the server's API key, is not set"):
        engine_of(stub, secret_env="STUB_KEY")


@pytest.mark.parametrize(("status", "advice"), [(404, "address"), (422, "structured"), (307, "redirects")])
def test_a_refusal_says_what_the_server_said(stub: Stub, status: int, advice: str) -> None:
    stub.plan.append(status)
    with pytest.raises(EngineError, match=f"answered {status}: not now. Check .*{advice}"):
        engine_of(stub).generate(asked(1))


def test_several_models_and_no_name_is_an_error(stub: Stub) -> None:
    stub.names = ["one", "two"]
    with pytest.raises(EngineError, match="knows these models: one, two. Name one"):
        engine_of(stub).generate(asked(1))


def test_a_text_that_does_not_fit_is_shortened_or_given_up_and_counted(stub: Stub) -> None:
    stub.context = 60
    engine = engine_of(stub)
    short, long = engine.generate([*asked(1), Request("long", "", "x" * 400, 1, 60)])
    assert short.text and [call["max_tokens"] for call in stub.asked[:2]] != [60, 30, 15]
    assert (long.text, long.tokens, long.finish) == ("", 0, FinishReason.LENGTH)
    assert engine.info.detail["too_long"] == 1 and engine.info.max_context == 2048


def test_strange_texts_are_handed_on_for_the_reader_to_judge(stub: Stub) -> None:
    huge = "9" * 100_000
    strange = [b'{"choices":[{"text":"lone \\ud800 half"}]}', b'{"choices":[{"text":"\xff\xfe"}]}', said(huge)]
    stub.plan.extend([*strange, said(None), said("cut\nhere", usage="no"), said("a", usage={"completion_tokens": 7})])
    texts = engine_of(stub, max_batch=1).generate(asked(6))
    assert [one.text for one in texts] == ["lone \ud800 half", "\ufffd\ufffd", huge, "", "cut", "a"]
    assert texts[0].lines == () and texts[0].logprob == 0.0 and texts[5].tokens == 7


def test_log_probabilities_are_summed_by_line(stub: Stub) -> None:
    logprobs = {"tokens": ["St", "ep\n", "An", "s", "\n\n"], "token_logprobs": [-1, -2.0, -3, -4, -5]}
    choice = {"text": "Step\nAns", "logprobs": logprobs, "finish_reason": "stop", "stop_reason": None}
    stub.plan.append(json.dumps({"choices": [choice]}).encode())
    one = engine_of(stub).generate(asked(1, stop=("\n\n",)))[0]
    assert (one.tokens, one.logprob, one.lines, one.finish) == (5, -15, ((2, -3), (3, -12)), FinishReason.EOS)
    stub.logprobs = False
    assert engine_of(stub).generate(asked(1))[0].lines == ()


def test_usage_adds_up_and_shared_prompts_count_as_cached(stub: Stub) -> None:
    engine = engine_of(stub)
    engine.generate(asked(8, problems=2))
    one = len(problem_prompt("0 hens")) // 4
    usage = engine.usage
    assert (usage.requests, usage.prompt_tokens, usage.cached_tokens) == (8, 8 * one, 6 * one)
    assert usage.drawn_tokens > 0 and 0 < usage.busy_seconds <= usage.row_seconds


def test_more_is_asked_while_there_is_room_and_joins_what_is_in_flight(stub: Stub) -> None:
    stub.delay = 0.3
    late = asked_more(3)
    came: list[Sequence[Completion]] = []

    def more(ended: Sequence[Completion]) -> Sequence[Request]:
        came.append(ended)
        return [late.pop()] if late and not ended else ()

    assert engine_of(stub, max_batch=8).generate(asked(2), more=more) == [], "what has ended is handed to more"
    assert {one.key for ended in came for one in ended} == {"r0", "r1", "m0", "m1", "m2"}
    assert stub.most_calls == 5, "they joined before the first had ended"
    assert sum(not ended for ended in came) >= 3


def test_an_exception_from_progress_cuts_everything_off(stub: Stub) -> None:
    engine = engine_of(stub, model="small")
    engine.generate(asked(4))
    stub.plan.extend(["hang"] * 4)

    def lost(drawn: int) -> None:
        raise InterruptedError("the lease is gone")

    with pytest.raises(InterruptedError, match="the lease is gone"):
        engine.generate(asked(4), progress=lost)
    assert stub.calls == 4, "the server still hangs, and nobody waits for it"
    stub.plan.clear()
    assert engine.generate(asked(1))[0].text, "the engine is of use afterwards"
    assert len(stub.asked) == 4 + 4 + 1, "what was cut off on a kept connection is not asked for again"


def test_lines_are_held_to_their_openings_when_asked(stub: Stub) -> None:
    engine = engine_of(stub, structured=True, seeds="engine")
    engine.generate(asked(1, line_starts=("Step", "Answer")))
    engine.generate(asked(1, stop=("\n\n",), line_starts=("Step", "Answer", "\n")))
    assert [call["structured_outputs"]["regex"] for call in stub.asked] == [
        "(Step|Answer)[^\\n]*\\n?",
        "(((Step|Answer)[^\\n]*)?\\n)*((Step|Answer)[^\\n]*)?",
    ]
    assert "seed" not in stub.asked[0]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"address": ""}, "address"),
        ({"address": "ftp://host/v1"}, "address"),
        ({"address": "http://me:hush@host/v1"}, "address"),
        ({"address": "http://host:99999/v1"}, "address"),
        ({"address": "http://ho st/v1"}, "address"),
        ({"address": "http://host/v1", "chat": True}, "chat"),
        ({"address": "http://host/v1", "timeout": 0.0}, "timeout"),
        ({"address": "http://host/v1", "seeds": "mine"}, "seeds"),
    ],
)
def test_settings_that_cannot_work_are_named(values: dict[str, Any], field: str) -> None:
    with pytest.raises(SettingError) as caught:
        EngineSpec.from_mapping({"kind": "openai_http", **values})
    assert caught.value.field == field and "hush" not in str(caught.value)


WORDS = ("Right]", "Wrong]")


def weighed(stub: Stub, tops: dict[str, Any], **settings: Any) -> tuple[float, ...]:
    stub.tops = tops
    [one] = engine_of(stub).generate([Request("j", "", "It is [", 1, 1, choices=WORDS, **settings)])
    assert (one.tokens, one.logprob) == (0, 0.0)
    return one.choices


@pytest.mark.parametrize(
    ("tops", "wanted"),
    [
        ({"Right": -0.1, "Wrong": -2.5}, (-0.1, -2.5)),
        ({"Wrong]": -0.5, "Right": -1, "R": -4.0}, (-1.0, -0.5)),
        ({"Wr": -0.5, " Right": -0.2, "": -0.1}, (-math.inf, -0.5)),
        ({"maybe": -0.1}, (-math.inf, -math.inf)),
        ({"Right": "high", "Wrong": None}, (-math.inf, -math.inf)),
        ({}, (-math.inf, -math.inf)),
    ],
)
def test_choices_are_weighed_by_the_tokens_that_they_begin_with(
    stub: Stub, tops: dict[str, Any], wanted: tuple[float, ...]
) -> None:
    assert weighed(stub, tops) == wanted
    asked_for = {name: stub.asked[-1][name] for name in ("n", "max_tokens", "logprobs", "temperature")}
    assert asked_for == {"n": 1, "max_tokens": 1, "logprobs": 20, "temperature": 0.0}


def test_a_choice_is_the_likeliest_text_and_draws_nothing(stub: Stub) -> None:
    stub.tops = {"Right": -2.0, "Wrong": -0.2}
    engine = engine_of(stub)
    requests = [Request(f"j{n}", "", "It is [", n, 1, choices=WORDS) for n in range(3)]
    drawn = engine.generate([*requests, *asked(1)])
    assert [one.text for one in drawn[:3]] == ["Wrong]"] * 3 and drawn[3].text
    assert engine.usage.requests == 4 and engine.usage.drawn_tokens == counted_for(stub, asked(1))


def counted_for(stub: Stub, requests: list[Request]) -> int:
    alone = engine_of(stub)
    alone.generate(requests)
    return alone.usage.drawn_tokens


def test_a_server_that_tells_fewer_tokens_is_asked_for_those(stub: Stub) -> None:
    stub.most_tops = 5
    assert weighed(stub, {"Right": -0.1}) == (-0.1, -math.inf)
    assert [call["logprobs"] for call in stub.asked] == [20, 5]


def test_a_prompt_with_choices_that_is_too_long_is_answered_with_none(stub: Stub) -> None:
    stub.context = 1
    assert weighed(stub, {"Right": -0.1}) == ()
