"""vLLM, its engine core in a child of this process: requests join and leave its running batch at every step.

The core draws on while completions are looked at here. Prompts grow only at their end, so that its prefix cache serves
worked examples, problems and steps; it fans several draws of a prompt out as we do, so each goes as a request of its
own with its own seed. On a CPU the noise is the engine's alone: a seed of a request ends vLLM's engine there.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Sequence
from math import inf
from typing import Any, NamedTuple

from inference.engines.base import Completion, EngineError, EngineInfo, More, Progress, Request, Usage
from inference.engines.choices import weighed
from inference.engines.guard import Guard
from inference.engines.lines import line_costs, line_regex
from inference.engines.load import dtype_of, source_of
from inference.engines.meter import Meter
from inference.engines.params import EngineSpec
from inference.engines.pending import Pending
from inference.engines.text import Texts
from inference.types import FinishReason

LARGEST = {"cpu": 64, "cuda": 256}
SETTINGS = {
    "VLLM_NO_USAGE_STATS": "1",
    "VLLM_ENABLE_V1_MULTIPROCESSING": "1",
    # A forked child would share this process's database connection.
    "VLLM_WORKER_MULTIPROC_METHOD": "spawn",
    "VLLM_LOGGING_LEVEL": "WARNING",
    # See inference.engines.load: threads that spin where cores are shared take nine tenths of the speed.
    "OMP_WAIT_POLICY": "passive",
}
CLOSE_SECONDS = 20.0


def make(spec: EngineSpec) -> VLLMEngine:
    """Start vLLM with the model that `spec` names; EngineError says what is missing."""
    for name, value in SETTINGS.items():
        os.environ.setdefault(name, value)
    bind(spec)
    try:
        from vllm.platforms import current_platform
    except ImportError as error:
        raise EngineError(
            f"the vllm engine needs the [vllm] extra in an environment of its own (docs/engines.md): {error}"
        ) from None
    device = "cpu" if current_platform.is_cpu() else "cuda"
    if spec.device not in ("auto", device):
        raise EngineError(f"this vLLM runs on {device}: set the device to auto, or install its build for {spec.device}")
    guard = Guard()
    try:
        core, texts = start(spec, device)
    except BaseException:
        guard.close()
        raise
    return VLLMEngine(core, texts, spec, device, guard)


def bind(spec: EngineSpec) -> None:
    """Give vLLM's CPU engine as many threads as the spec says, on no core in particular: others work here too."""
    count = spec.threads or max(1, len(os.sched_getaffinity(0)) - 1)
    os.environ["VLLM_CPU_OMP_THREADS_BIND"] = "nobind"
    os.environ["OMP_NUM_THREADS"] = str(count)


def start(spec: EngineSpec, device: str) -> tuple[Any, Texts]:
    """Return vLLM's engine and the model's texts."""
    from transformers import AutoConfig
    from vllm.engine.arg_utils import EngineArgs
    from vllm.v1.engine.llm_engine import LLMEngine

    source, options = source_of(spec)
    if "gguf_file" in options:
        raise EngineError(f"vLLM reads safetensors folders, not {spec.model}: convert it (inference.engines.convert)")
    try:
        config: Any = AutoConfig.from_pretrained(source, **options).get_text_config()
        longest = min(spec.max_context, getattr(config, "max_position_embeddings", spec.max_context))
        arguments = EngineArgs(
            model=source, revision=spec.revision or None, hf_token=options.get("token"), trust_remote_code=False,
            load_format="safetensors", generation_config="vllm", dtype=dtype_of(spec, device), max_model_len=longest,
            max_num_seqs=spec.max_batch or LARGEST[device], gpu_memory_utilization=spec.memory, seed=0,
            enable_prefix_caching=True, logprobs_mode="raw_logprobs", disable_log_stats=True,
            enforce_eager=device == "cpu",
        )  # fmt: skip
        core = LLMEngine.from_engine_args(arguments)
        return core, Texts(core.get_tokenizer(), chat=spec.chat)
    except (OSError, ValueError, RuntimeError) as error:
        raise EngineError(f"vLLM cannot start {spec.model}: {error}") from error


class _Flying(NamedTuple):
    """A request that vLLM draws for, with the number of its prompt's tokens and those that it weighs."""

    request: Request
    tokens: int
    weighs: tuple[int, ...] = ()


class VLLMEngine:
    """A causal language model in vLLM. What it draws depends on what else it draws: store it before use."""

    def __init__(self, core: Any, texts: Texts, spec: EngineSpec, device: str, guard: Guard) -> None:
        config = core.vllm_config
        self.core = core
        self.texts = texts
        self.spec = spec
        self.device = device
        self.dtype = str(config.model_config.dtype).removeprefix("torch.")
        self.max_context: int = config.model_config.max_model_len
        self.max_batch: int = config.scheduler_config.max_num_seqs
        self.meter = Meter()
        self.too_long = 0
        self.id = f"vllm:{os.path.basename(spec.model.rstrip('/'))}:{self.dtype}"
        self._prefixes: dict[str, list[int]] = {}
        self._serial = 0
        self._guard = guard

    @property
    def info(self) -> EngineInfo:
        """The engine as it is now; `detail` counts what was too long."""
        detail = {"too_long": self.too_long, "memory": self.spec.memory}
        return EngineInfo(
            self.spec.model, self.device, self.dtype, self.max_batch, self.max_context, continuous=True, detail=detail
        )

    @property
    def usage(self) -> Usage:
        """What it has done; what vLLM's prefix cache held counts as cached, in whole blocks."""
        return self.meter.usage

    def generate(
        self, requests: Sequence[Request], *, progress: Progress | None = None, more: More | None = None
    ) -> list[Completion]:
        """Return one completion for each request, in the order asked (see `Engine.generate`).

        EngineError when vLLM's engine has ended. A prompt that fills the context gives an empty completion of no
        tokens that ends by length.
        """
        pending = Pending(requests, progress, more)
        flying: dict[str, _Flying] = {}
        try:
            pending.ask_first()
            while True:
                pending.take(self._send(pending, flying))
                if not flying and not pending.waiting:
                    return pending.completions()
                if flying:
                    self._step(pending, flying)
                pending.tell(0)
                if len(flying) < self.max_batch and not pending.waiting:
                    pending.poll()
        except BaseException as error:
            self._abort(list(flying), error)
            raise
        finally:
            self.meter.fly(0)

    def close(self) -> None:
        """End vLLM's processes, which gives their memory back."""
        if self.core is not None:
            self.core.engine_core.shutdown(timeout=CLOSE_SECONDS)
        self.core = None
        self._guard.close()
        gc.collect()

    def _send(self, pending: Pending, flying: dict[str, _Flying]) -> list[Completion]:
        """Hand over as many requests as are drawn at once; return those that do not fit the context."""
        from vllm.inputs import tokens_input

        ended: list[Completion] = []
        while group := pending.next_group(self.max_batch - len(flying), 1):
            for request in group:
                tokens, weighs = self._tokens(request)
                room = min(1 if weighs else request.max_tokens, self.max_context - len(tokens))
                if room < 1:
                    self.too_long += 1
                    ended.append(Completion(request.key, "", 0, 0.0, FinishReason.LENGTH))
                    continue
                self._serial += 1
                name = str(self._serial)
                settings = _weighing(weighs) if weighs else self._settings(request, room)
                self.core.add_request(name, tokens_input(tokens), settings)
                flying[name] = _Flying(request, len(tokens), weighs)
            self.meter.requests += len(group)
        self.meter.fly(len(flying))
        return ended

    def _step(self, pending: Pending, flying: dict[str, _Flying]) -> None:
        """Wait for the engine's next step and take what has ended with it."""
        ended: list[Completion] = []
        for output in self._outputs():
            sent = flying.pop(output.request_id, None)
            if sent is None:
                continue  # of a call that was given up
            self.meter.prompt_tokens += sent.tokens
            self.meter.read_tokens += sent.tokens - max(0, output.num_cached_tokens or 0)
            ended.append(self._completion(sent, output.outputs[0]))
        self.meter.fly(len(flying))
        self.meter.drawn_tokens += sum(one.tokens for one in ended)
        if ended:
            pending.take(ended)

    def _outputs(self) -> list[Any]:
        from vllm.v1.engine.exceptions import EngineDeadError

        try:
            return [output for output in self.core.step() if output.finished]
        except EngineDeadError as error:
            raise EngineError(
                f"{self.spec.model}: vLLM's engine has ended ({error}); the worker's log says why"
            ) from error

    def _tokens(self, request: Request) -> tuple[list[int], tuple[int, ...]]:
        """Return the tokens of the prompt, and those of which the likelihood behind it is asked."""
        known = self._prefixes.get(request.prefix)
        if known is None:
            self._prefixes.clear()
            known = self._prefixes[request.prefix] = self.texts.prefix(request.prefix)
        rest, weighs = self.texts.weigh(request) if request.choices else (self.texts.rest(request), ())
        return [*known, *rest], weighs

    def _settings(self, request: Request, room: int) -> Any:
        from vllm import SamplingParams
        from vllm.sampling_params import RequestOutputKind, StructuredOutputsParams

        grammar = None
        if self.spec.structured and request.line_starts:
            regex = line_regex(request.line_starts, one_line="\n" in request.stop)
            grammar = StructuredOutputsParams(regex=regex)
        seeded = self.spec.seeds == "request" and self.device != "cpu"
        return SamplingParams(
            max_tokens=room, temperature=request.temperature, top_p=request.top_p, stop=list(request.stop), logprobs=0,
            seed=request.seed % 2**31 if seeded else None, structured_outputs=grammar,
            output_kind=RequestOutputKind.FINAL_ONLY,
        )  # fmt: skip

    def _completion(self, sent: _Flying, drawn: Any) -> Completion:
        request = sent.request
        if sent.weighs:
            told = drawn.logprobs[0] if drawn.logprobs else {}
            return weighed(request, [told[each].logprob if each in told else -inf for each in sent.weighs])
        tokens = list(drawn.token_ids)
        logprobs = [min(0.0, at[token].logprob) for at, token in zip(drawn.logprobs or (), tokens, strict=True)]
        lines = line_costs([self.texts.piece(token) for token in tokens], logprobs, drawn.text)
        finish = FinishReason.LENGTH
        if drawn.finish_reason == "stop":
            finish = FinishReason.STOP if isinstance(drawn.stop_reason, str) else FinishReason.EOS
        return Completion(request.key, drawn.text, len(tokens), sum(logprobs), finish, lines)

    def _abort(self, names: list[str], error: BaseException) -> None:
        """Let vLLM drop what is in flight, unless it is gone itself."""
        if names and not isinstance(error, EngineError):
            self.core.abort_request(names)


def _weighing(tokens: Sequence[int]) -> Any:
    """Return the settings of a request of which only the likelihood of these tokens is wanted."""
    from vllm import SamplingParams
    from vllm.sampling_params import RequestOutputKind

    asked = sorted({token for token in tokens if token >= 0}) or [0]
    return SamplingParams(
        max_tokens=1, temperature=0.0, logprob_token_ids=asked, output_kind=RequestOutputKind.FINAL_ONLY
    )
