"""transformers models with a decode loop of our own: one running batch that requests join and leave at every token.

The prefix's keys and values are computed once and kept; out of memory halves the batch and is reported in `info`.
"""

from __future__ import annotations

import gc
import os
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

from inference.engines.base import Completion, EngineError, EngineInfo, More, Progress, Request, Usage
from inference.engines.decode import Batch, read_prefix
from inference.engines.kv import Layers, Slots
from inference.engines.load import load
from inference.engines.meter import Meter
from inference.engines.params import EngineSpec
from inference.engines.text import Row, Texts
from inference.types import FinishReason

PREFIXES_KEPT = 4
LARGEST = {"cpu": 128, "cuda": 512}
EXPECTED_TEXT = 512
"""Tokens of a row that the default batch size reckons with."""


def make(spec: EngineSpec) -> HFEngine:
    """Load the model that `spec` names; EngineError says what is missing."""
    model, tokenizer = load(spec)
    return HFEngine(model, tokenizer, spec)


class _Work:
    """One `generate` call: what waits, by prefix, and what is done."""

    def __init__(self, progress: Progress | None, more: More | None, meter: Meter) -> None:
        self.progress = progress
        self.meter = meter
        self.more = more
        self.order: dict[str, Completion | None] = {}
        self.waiting: dict[str, list[Row]] = {}
        self.ended: list[Completion] = []

    def tell(self, batch: Batch) -> None:
        """Report the tokens drawn since the last time, and have them counted."""
        drawn = batch.count(self.meter)
        if self.progress is not None:
            self.progress(drawn)


class HFEngine:
    """A causal language model in this process. Results are the same for the same requests, device and versions."""

    def __init__(self, model: Any, tokenizer: Any, spec: EngineSpec) -> None:
        config = model.config.get_text_config()
        self.model = model
        self.spec = spec
        self.meter = Meter()
        self.texts = Texts(tokenizer, chat=spec.chat)
        self.texts.ends |= _end_tokens(model)
        self.max_context = min(spec.max_context, getattr(config, "max_position_embeddings", spec.max_context))
        self.max_batch = spec.max_batch or _default_batch(model, config, spec.memory)
        self.slots = Slots(self.max_batch, [])
        self._prefixes: OrderedDict[str, tuple[int, Layers]] = OrderedDict()
        self._detail: dict[str, Any] = {"out_of_memory": 0, "too_long": 0}
        name = os.path.basename(spec.model.rstrip("/"))
        self.id = f"hf:{name}:{str(model.dtype).removeprefix('torch.')}"

    @property
    def info(self) -> EngineInfo:
        """The engine as it is now; `detail` counts what ran out of memory and what was too long."""
        dtype = str(self.model.dtype).removeprefix("torch.")
        device = str(self.model.device)
        return EngineInfo(self.spec.model, device, dtype, self.max_batch, self.max_context, detail=dict(self._detail))

    @property
    def usage(self) -> Usage:
        """What it has done: the prefix counts as cached for every request but the first that has it."""
        return self.meter.usage

    def generate(
        self, requests: Sequence[Request], *, progress: Progress | None = None, more: More | None = None
    ) -> list[Completion]:
        """Return one completion for each request, in the order asked (see `Engine.generate`).

        ValueError when two requests share a key or one is empty. A prompt that fills the context gives an empty
        completion of no tokens that ends by length.
        """
        import torch

        work = _Work(progress, more, self.meter)
        with torch.inference_mode():
            self._add(work, requests)
            self._finish(work)
            while work.waiting:
                prefix = next(iter(work.waiting))
                rows = work.waiting[prefix]
                try:
                    self._drain(work, prefix, rows)
                except RuntimeError as error:
                    self._shrink(error, rows)
                if not rows:
                    del work.waiting[prefix]
        return [completion for completion in work.order.values() if completion is not None]

    def close(self) -> None:
        """Give back the model's memory."""
        import torch

        self.model = None
        self.slots = Slots(0, [])
        self._prefixes.clear()
        gc.collect()
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
            torch.cuda.set_per_process_memory_fraction(1.0)

    def _add(self, work: _Work, requests: Sequence[Request]) -> None:
        """Queue requests, the longest last; what does not fit the context has ended already."""
        for request in requests:
            if request.key in work.order:
                raise ValueError(f"two requests have the key {request.key}")
            work.order[request.key] = None
            self.meter.requests += 1
            self._queue(work, request)
        for prefix in {request.prefix for request in requests} & set(work.waiting):
            work.waiting[prefix].sort(key=lambda row: (row.room, len(row.prompt), row.prompt))

    def _queue(self, work: _Work, request: Request) -> None:
        prompt, weighs = self.texts.weigh(request) if request.choices else (self.texts.rest(request), ())
        room = self.max_context - self._prefix(request.prefix)[0] - len(prompt)
        if room < 1:
            self._detail["too_long"] += 1
            work.ended.append(Completion(request.key, "", 0, 0.0, FinishReason.LENGTH))
        else:
            row = Row(request, prompt, min(room, request.max_tokens), weighs)
            work.waiting.setdefault(request.prefix, []).append(row)

    def _drain(self, work: _Work, prefix: str, rows: list[Row]) -> None:
        """Draw until nothing with this prefix waits. After an exception every row that has not ended waits again."""
        length, self.slots.prefix = self._prefix(prefix)
        batch = Batch(self.model, self.texts, self.slots, length, work.ended)
        patience = 1 if self.model.device.type == "cpu" else max(1, self.max_batch // 16)
        try:
            while rows or batch.rows:
                if min(len(rows), batch.free) >= patience or batch.free > self.max_batch // 2:
                    while rows and batch.free:
                        self.meter.fly(max(1, len(batch.rows)))
                        batch.admit(rows)
                        work.tell(batch)
                if batch.rows:
                    self.meter.fly(len(batch.rows))
                    batch.step()
                    work.tell(batch)
                self.meter.fly(0)
                self._finish(work)
        except BaseException:
            for row in batch.rows:
                row.restart()
            rows += batch.rows
            self.meter.fly(0)
            raise

    def _finish(self, work: _Work) -> None:
        """Hand over what has ended, and queue what that leads to."""
        while work.ended:
            ended, work.ended[:] = list(work.ended), []
            if work.more is None:
                work.order |= {completion.key: completion for completion in ended}
                continue
            for completion in ended:
                del work.order[completion.key]
            self._add(work, work.more(ended))

    def _prefix(self, text: str) -> tuple[int, Layers]:
        """Return the length of a prefix and its keys and values, computed the first time."""
        known = self._prefixes.get(text)
        if known is None:
            tokens = self.texts.prefix(text)
            self.meter.read_tokens += len(tokens)
            known = self._prefixes[text] = (len(tokens), read_prefix(self.model, tokens))
            if len(self._prefixes) > PREFIXES_KEPT:
                self._prefixes.popitem(last=False)
        self._prefixes.move_to_end(text)
        return known

    def _shrink(self, error: RuntimeError, rows: Sequence[Row]) -> None:
        """Halve the batch after out of memory; any other error, or a batch of 1, is raised."""
        import torch

        if not (isinstance(error, torch.OutOfMemoryError) or "can't allocate memory" in str(error)):
            raise error
        if self.max_batch == 1:
            raise EngineError(
                f"{self.spec.model}: out of memory at one text of {len(rows[-1].prompt)} tokens"
            ) from error
        self.max_batch //= 2
        self._detail["out_of_memory"] += 1
        self.slots = Slots(self.max_batch, [])
        gc.collect()
        if torch.cuda.is_available():
            torch.cuda.empty_cache()


def _end_tokens(model: Any) -> set[int]:
    configured = getattr(model.generation_config, "eos_token_id", None)
    return set(configured if isinstance(configured, list) else [configured]) - {None}


def _default_batch(model: Any, config: Any, memory: float) -> int:
    """Return as many rows as a part of the engine's share of the memory holds, within what still helps on this device.

    Of all the memory, not of what is free just now: a resumed run draws in the same batches.
    """
    import torch

    heads = getattr(config, "num_key_value_heads", None) or config.num_attention_heads
    size = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    row = 2 * config.num_hidden_layers * heads * size * model.dtype.itemsize * EXPECTED_TEXT
    if model.device.type == "cuda":
        room = torch.cuda.mem_get_info()[1] * memory / 1.5
    else:
        room = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") * memory / 4
    return int(max(4, min(LARGEST[model.device.type], room // row)))
