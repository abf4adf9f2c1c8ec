"""Keys and values of a running batch: one shared prefix, held once, and a slot of its own for every row.

Rows are packed into slots 0..n-1, each starting at position 0 of its slot, so nothing is padded and a row that ends
makes room at once. The model's attention is replaced by `attend`, which transformers looks up by name. Knows nothing
about text or sampling.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from torch import Tensor

ATTENTION = "rationale_slots"
GROWTH = 64
"""Slots grow by this many positions at least."""
REST = 8
"""A prompt goes on from a row that has ended if it adds no more tokens than this."""

Layers = list[tuple["Tensor", "Tensor"]]


def register_attention() -> None:
    """Make `attend` known to transformers under the name ATTENTION."""
    from transformers import AttentionInterface

    AttentionInterface.register(ATTENTION, attend)


def attend(
    module: Any, query: Tensor, key: Tensor, value: Tensor, attention_mask: Tensor, *, slots: Slots,
    scaling: float | None = None, **_: Any,
) -> tuple[Tensor, None]:  # fmt: skip
    """Attention over shared prefix and own slot. query [B, H, T, D], key and value [B, H_kv, T, D] -> [B, T, H, D]."""
    scale = scaling if scaling is not None else query.shape[-1] ** -0.5
    if slots.filling:
        mixed = slots.fill(module.layer_idx, query, key, value, attention_mask, scale)
    else:
        mixed = slots.step(module.layer_idx, query, key, value, attention_mask, scale)
    return mixed.transpose(1, 2).contiguous(), None


class Filling(NamedTuple):
    """Where a pass over padded prompts leaves keys and values: prompt `sources[i]` goes to slot `targets[i]`.

    `gather` ([prompts, T]) says where position t of what is read stands in the padded batch. What is read of a prompt
    follows its `known` keys and values, of which there are `starts` ([prompts]), `reach` at most.
    """

    targets: Tensor
    sources: Tensor
    gather: Tensor
    starts: Tensor
    known: list[Layers]
    reach: int


class Slots:
    """The keys and values of one batch. `prefix` holds [H_kv, P, D] a layer, the slots [size, H_kv, L, D]."""

    def __init__(self, size: int, prefix: Layers) -> None:
        self.size = size
        self.prefix = prefix
        self.own: dict[int, tuple[Tensor, Tensor]] = {}
        self.plan: Filling | None = None
        self.filled: Layers = []
        self.filling = True

    def start_filling(self, plan: Filling | None) -> None:
        """Let the next pass read whole prompts; without a plan their keys and values are kept in `filled`."""
        self.filling, self.plan, self.filled = True, plan, []

    def start_step(self, at: Tensor, rows: Tensor, width: int) -> None:
        """Let the next pass read one token a row: row i at position `at[i]` of slot i, all below `width`."""
        self.filling = False
        self.at, self.rows, self.width = at, rows, width

    def fill(self, layer: int, query: Tensor, key: Tensor, value: Tensor, mask: Tensor, scale: float) -> Tensor:
        """Attend within padded prompts and to the prefix, and keep their keys and values."""
        import torch

        if self.plan is None:
            self.filled.append((key[0], value[0]))
        else:
            key, value = self._keep(layer, key, value, self.plan)
        if self.prefix:
            before = [part.expand(key.shape[0], *part.shape) for part in self.prefix[layer]]
            key, value = torch.cat((before[0], key), 2), torch.cat((before[1], value), 2)
        grouped = query.shape[1] != key.shape[1]
        return torch.nn.functional.scaled_dot_product_attention(
            query, key, value, attn_mask=mask, scale=scale, enable_gqa=grouped
        )

    def step(self, layer: int, query: Tensor, key: Tensor, value: Tensor, mask: Tensor, scale: float) -> Tensor:
        """Write one position a row and attend to the row's slot and to the prefix, whose keys all rows share."""
        import torch

        count, heads, _, size = query.shape
        groups = key.shape[1]
        keys, values = self._own(layer, key, self.width)
        keys[self.rows, :, self.at] = key[:, :, 0]
        values[self.rows, :, self.at] = value[:, :, 0]
        asked = query.view(count, groups, heads // groups, size) * scale
        own = asked @ keys[:count, :, : self.width].transpose(2, 3) + mask
        if not self.prefix:
            mixed = own.softmax(-1, dtype=torch.float32).to(value.dtype) @ values[:count, :, : self.width]
            return mixed.reshape(count, heads, 1, size)
        first_keys, first_values = self.prefix[layer]
        flat = asked.transpose(0, 1).reshape(groups, -1, size)
        shared = (flat @ first_keys.transpose(1, 2)).view(groups, count, heads // groups, -1).transpose(0, 1)
        weights = torch.cat((shared, own), -1).softmax(-1, dtype=torch.float32).to(value.dtype)
        split = first_keys.shape[1]
        mixed = weights[..., split:] @ values[:count, :, : self.width]
        flat = weights[..., :split].transpose(0, 1).reshape(groups, -1, split) @ first_values
        mixed = mixed + flat.view(groups, count, heads // groups, size).transpose(0, 1)
        return mixed.reshape(count, heads, 1, size)

    def move(self, sources: Tensor, targets: Tensor, width: int) -> None:
        """Copy whole slots, to close the gaps that ended rows leave."""
        for pair in self.own.values():
            for kept in pair:
                kept[targets, :, :width] = kept[sources, :, :width]

    def copy(self, place: int, length: int) -> Layers:
        """Return a copy of the first `length` positions of a slot, [H_kv, length, D] a layer."""
        return [(keys[place, :, :length].clone(), values[place, :, :length].clone()) for keys, values in self.layers()]

    def layers(self) -> Layers:
        """Return the slots in the order of the layers."""
        return [self.own[layer] for layer in sorted(self.own)]

    def _keep(self, layer: int, key: Tensor, value: Tensor, plan: Filling) -> tuple[Tensor, Tensor]:
        """Write what is known and what is read to the slots; return both, joined."""
        import torch

        width = plan.gather.shape[1]
        index = plan.gather[:, None, :, None].expand(-1, key.shape[1], -1, key.shape[3])
        at = (plan.starts[:, None] + torch.arange(width, device=key.device))[plan.sources]
        joined: list[Tensor] = []
        own = self._own(layer, key, plan.reach + width)
        for part, (kept, fresh) in enumerate(zip(own, (key, value), strict=True)):
            if plan.reach:
                known = fresh.new_zeros((len(plan.known), fresh.shape[1], plan.reach, fresh.shape[3]))
                for prompt, layers in enumerate(plan.known):
                    if layers:
                        known[prompt, :, : layers[layer][part].shape[1]] = layers[layer][part]
                kept[plan.targets, :, : plan.reach] = known[plan.sources]
                joined.append(torch.cat((known, fresh), 2))
            else:
                joined.append(fresh)
            kept[plan.targets[:, None], :, at] = fresh.gather(2, index)[plan.sources].transpose(1, 2)
        return joined[0], joined[1]

    def _own(self, layer: int, like: Tensor, width: int) -> tuple[Tensor, Tensor]:
        """Return the layer's slots, made or widened to hold `width` positions."""
        pair = self.own.get(layer)
        if pair is None or pair[0].shape[2] < width:
            room = -(-(width + GROWTH // 2) // GROWTH) * GROWTH
            old = pair or (None, None)
            pair = (_widened(old[0], like, self.size, room), _widened(old[1], like, self.size, room))
            self.own[layer] = pair
        return pair


class Shelf:
    """Keys and values of rows that have ended, for prompts that go on from them; the oldest make room."""

    def __init__(self, room: int) -> None:
        self.room = room
        self._rows: OrderedDict[tuple[int, ...], Layers] = OrderedDict()

    def put(self, tokens: tuple[int, ...], layers: Layers) -> None:
        """Keep the keys and values of exactly these tokens."""
        self._rows[tokens] = layers
        self.room -= len(tokens)
        while self.room < 0:
            oldest, _ = self._rows.popitem(last=False)
            self.room += len(oldest)

    def find(self, prompt: tuple[int, ...]) -> tuple[int, Layers]:
        """Return how many tokens at the start of a prompt are kept, its last excepted, and their keys and values."""
        for length in range(len(prompt) - 1, max(len(prompt) - 1 - REST, 0), -1):
            layers = self._rows.get(prompt[:length])
            if layers is not None:
                return length, layers
        return 0, []


def _widened(old: Tensor | None, like: Tensor, size: int, room: int) -> Tensor:
    fresh = like.new_zeros((size, like.shape[1], room, like.shape[3]))  # not empty: a masked NaN is still NaN
    if old is not None:
        fresh[:, :, : old.shape[2]] = old
    return fresh
