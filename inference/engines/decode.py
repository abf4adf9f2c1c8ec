"""The decode loop: rows join and leave a running batch at every step. Knows nothing about loading or trees.

1. `admit` reads the longest waiting requests into free slots; equal prompts are read once, and a prompt that goes on
   from a row just ended is read from there.
   A row that only weighs choices ends at once.
2. `step` draws one token for every row.
3. Rows that ended leave at once and the rest are packed together.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from typing import TYPE_CHECKING, Any

from inference.engines.base import Completion
from inference.engines.choices import weighed
from inference.engines.draw import draw
from inference.engines.kv import Filling, Layers, Shelf, Slots
from inference.engines.meter import Meter
from inference.engines.text import Row, Texts
from inference.types import FinishReason

if TYPE_CHECKING:
    from torch import Tensor

FILL_TOKENS = {"cpu": 1024, "cuda": 16384}
"""Prompt tokens (padding included) read in one pass: enough to be fast, few enough to show progress."""

SHELF_TOKENS = 12_000
"""Tokens of ended rows whose keys and values are kept for requests that go on from them."""


class Batch:
    """The rows being drawn, in the order of their slots; all share one prefix of `prefix_length` tokens.

    Completions are left in `ended`, which the caller empties; tokens are counted until `count` takes them.
    """

    def __init__(self, model: Any, texts: Texts, slots: Slots, prefix_length: int, ended: list[Completion]) -> None:
        self.model = model
        self.texts = texts
        self.slots = slots
        self.prefix_length = prefix_length
        self.ended = ended
        self.rows: list[Row] = []
        self.lengths: list[int] = []
        self.drawn = self.asked = self.read = 0
        self.shelf = Shelf(SHELF_TOKENS)

    @property
    def free(self) -> int:
        """Slots without a row."""
        return self.slots.size - len(self.rows)

    def count(self, meter: Meter) -> int:
        """Add the tokens since the last time to the meter; return how many were drawn."""
        drawn = self.drawn
        meter.drawn_tokens += drawn
        meter.prompt_tokens += self.asked
        meter.read_tokens += self.read
        self.drawn = self.asked = self.read = 0
        return drawn

    def admit(self, waiting: list[Row]) -> None:
        """Move as many rows as one pass reads from the end of `waiting` into free slots; draw their first tokens."""
        fresh = self._next_pass(waiting)
        logits = self._read(fresh)
        del waiting[-len(fresh) :]
        first = len(self.rows)
        self.rows += fresh
        self.lengths += [len(row.prompt) for row in fresh]
        self._take(logits, first)

    def step(self) -> None:
        """Draw one token for every row."""
        import torch

        device = self.model.device
        at = torch.tensor(self.lengths, device=device)
        width = max(self.lengths) + 1
        slots = torch.arange(len(self.rows), device=device)
        self.slots.start_step(at, slots, width)
        hidden = torch.arange(width, device=device) > at[:, None]
        mask = torch.zeros(hidden.shape, dtype=self.model.dtype, device=device).masked_fill_(hidden, float("-inf"))
        tokens = torch.tensor([[row.tokens[-1]] for row in self.rows], device=device)
        logits = forward(self.model, self.slots, tokens, (at + self.prefix_length)[:, None], mask[:, None, None])
        self.lengths = [length + 1 for length in self.lengths]
        self._take(logits, 0)

    def _next_pass(self, waiting: Sequence[Row]) -> list[Row]:
        """Return the last of `waiting`, as many as have slots and are read in one pass."""
        widest, most = 0, FILL_TOKENS[self.model.device.type]
        fresh: list[Row] = []
        prompts: set[tuple[int, ...]] = set()
        for row in reversed(waiting[-self.free :]):
            prompts.add(row.prompt)
            widest = max(widest, len(row.prompt) - self.shelf.find(row.prompt)[0])
            if fresh and len(prompts) * widest > most:
                break
            fresh.append(row)
        return fresh

    def _read(self, fresh: Sequence[Row]) -> Tensor:
        """Read the prompts of new rows into the next free slots; return the logits of their last tokens."""
        import torch

        device = self.model.device
        prompts = list(dict.fromkeys(row.prompt for row in fresh))
        index = {prompt: number for number, prompt in enumerate(prompts)}
        found = [self.shelf.find(prompt) for prompt in prompts]
        rests = [prompt[start:] for prompt, (start, _) in zip(prompts, found, strict=True)]
        self.asked += sum(self.prefix_length + len(row.prompt) for row in fresh)
        self.read += sum(map(len, rests))
        width, reach = max(map(len, rests)), max(start for start, _ in found)
        starts = torch.tensor([start for start, _ in found], device=device)
        pads = torch.tensor([width - len(rest) for rest in rests], device=device)
        tokens = torch.tensor([[0] * (width - len(rest)) + list(rest) for rest in rests], device=device)
        sources = torch.tensor([index[row.prompt] for row in fresh], device=device)
        targets = torch.arange(len(self.rows), len(self.rows) + len(fresh), device=device)
        places = torch.arange(width, device=device)
        gather = (places + pads[:, None]).clamp_(max=width - 1)
        self.slots.start_filling(Filling(targets, sources, gather, starts, [layers for _, layers in found], reach))
        positions = (places - pads[:, None]).clamp_(min=0) + starts[:, None] + self.prefix_length
        mask = fill_mask(pads, width, self.prefix_length, starts, reach)
        return forward(self.model, self.slots, tokens, positions, mask)[sources]

    def _take(self, logits: Tensor, first: int) -> None:
        """Draw for the rows from `first` on, hand out the tokens, and close the gaps of those that ended."""
        rows = self.rows[first:]
        drawn = [place for place, row in enumerate(rows) if not row.weighs]
        gone: list[int] = []
        if len(drawn) < len(rows):
            gone = [first + place for place, row in enumerate(rows) if row.weighs]
            self.ended += weigh(logits, rows)
            logits, rows = logits[drawn], [rows[place] for place in drawn]
        tokens, logprobs = self._draw(logits, rows) if rows else ([], [])
        self.drawn += len(rows)
        for place, row, token, logprob in zip(drawn, rows, tokens, logprobs, strict=True):
            completion = row.take(token, logprob, self.texts)
            if completion is not None:
                self.ended.append(completion)
                gone.append(first + place)
                self._shelve(row, first + place, completion)
        self._pack(sorted(gone))

    def _draw(self, logits: Tensor, rows: Sequence[Row]) -> tuple[list[int], list[float]]:
        """Draw a token for every row, among the openings alone where a line begins that may not begin otherwise."""
        import torch

        noise = _noise(rows, logits.device)
        tokens, logprobs = draw(logits, *noise)
        bound: dict[tuple[int, ...], list[int]] = {}
        for place, row in enumerate(rows):
            if row.request.line_starts and row.at_line_start(self.texts):
                bound.setdefault(self.texts.openings(row.request.line_starts), []).append(place)
        for openings, places in bound.items():
            ids, chosen = torch.tensor(openings, device=logits.device), torch.tensor(places, device=logits.device)
            some = logits[chosen]
            picks, _ = draw(some[:, ids], *(part[chosen] for part in noise))
            tokens[chosen] = ids[picks]
            logprobs[chosen] = some.float().log_softmax(1).gather(1, ids[picks][:, None])[:, 0]
        return tokens.tolist(), logprobs.tolist()

    def _shelve(self, row: Row, place: int, completion: Completion) -> None:
        """Keep a row that ended with its line: the next request may go on from it."""
        if completion.finish is FinishReason.STOP and "\n" in row.request.stop:
            length = self.lengths[place]
            self.shelf.put((*row.prompt, *row.tokens[:-1]), self.slots.copy(place, length))

    def _pack(self, gone: Sequence[int]) -> None:
        import torch

        left = len(self.rows) - len(gone)
        holes = [place for place in gone if place < left]
        ended = set(gone)
        movers = [place for place in range(left, len(self.rows)) if place not in ended]
        if holes:
            device = self.model.device
            width = max(self.lengths[place] for place in movers)
            self.slots.move(torch.tensor(movers, device=device), torch.tensor(holes, device=device), width)
        for hole, mover in zip(holes, movers, strict=True):
            self.rows[hole], self.lengths[hole] = self.rows[mover], self.lengths[mover]
        del self.rows[left:], self.lengths[left:]


def weigh(logits: Tensor, rows: Sequence[Row]) -> list[Completion]:
    """Return how likely their choices are for those of the rows that have some; `logits` ([B, V]) are their last."""
    found: list[Completion] = []
    for place, row in enumerate(rows):
        if row.weighs:
            logprobs = logits[place].float().log_softmax(0)
            found.append(weighed(row.request, [float(logprobs[each]) if each >= 0 else -inf for each in row.weighs]))
    return found


def _noise(rows: Sequence[Row], device: Any) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Return the rows' seeds, positions, temperatures and top_p, as `draw` takes them."""
    import torch

    return (
        torch.tensor([row.request.seed for row in rows], device=device),
        torch.tensor([len(row.tokens) for row in rows], device=device),
        torch.tensor([row.request.temperature for row in rows], device=device),
        torch.tensor([row.request.top_p for row in rows], device=device),
    )


def read_prefix(model: Any, tokens: Sequence[int]) -> Layers:
    """Return the keys and values of a prefix, [H_kv, P, D] a layer; nothing for an empty one."""
    import torch

    if not tokens:
        return []
    slots = Slots(1, [])
    slots.start_filling(None)
    ids = torch.tensor([list(tokens)], device=model.device)
    positions = torch.arange(len(tokens), device=model.device)[None]
    none = positions.new_zeros(1)
    forward(model, slots, ids, positions, fill_mask(none, len(tokens), 0, none, 0))
    return slots.filled


def forward(model: Any, slots: Slots, tokens: Tensor, positions: Tensor, mask: Tensor) -> Tensor:
    """Run the model over `tokens` ([B, T]) with `slots` as its memory; return the last logits, [B, V]."""
    output = model(
        input_ids=tokens, position_ids=positions, attention_mask=mask, use_cache=False, logits_to_keep=1, slots=slots
    )
    logits: Tensor = output.logits[:, -1]
    return logits


def fill_mask(pads: Tensor, width: int, prefix: int, starts: Tensor, reach: int) -> Tensor:
    """Return what each token of left-padded prompts sees: the prefix, what is known of its prompt, what went before.

    `pads` and `starts` are [n]; the mask is [n, 1, width, prefix + reach + width], bool.
    """
    import torch

    places = torch.arange(width, device=pads.device)
    real = (places >= pads[:, None])[:, None, :] | torch.eye(width, dtype=torch.bool, device=pads.device)
    own = (places <= places[:, None]) & real
    known = torch.arange(reach, device=pads.device) < starts[:, None]
    before = torch.ones((len(pads), width, prefix), dtype=torch.bool, device=pads.device)
    return torch.cat((before, known[:, None].expand(-1, width, -1), own), 2)[:, None]
