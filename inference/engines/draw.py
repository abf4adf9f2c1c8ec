"""Drawing the next token with noise of its own for every row. Knows nothing about models or caches.

Row noise is Gumbel noise, a pure function of (seed, position, token), so that a row draws the same tokens whichever
batch it stands in, up to rounding in the logits. Published as the Gumbel-max trick (Gumbel 1954); the integer hash is
the finaliser of splitmix64 (Steele, Lea, Flood 2014).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

CANDIDATES = 128
"""Tokens looked at first under top_p; rows whose mass reaches further are sorted in full."""


def draw(
    logits: Tensor, seeds: Tensor, positions: Tensor, temperatures: Tensor, top_ps: Tensor
) -> tuple[Tensor, Tensor]:
    """Return the tokens drawn (int64, [B]) and their natural log-probabilities at temperature 1 (float32, [B]).

    `logits` is [B, V]; `seeds` and `positions` are int64 [B]; `temperatures` (>= 0, 0 takes the likeliest token) and
    `top_ps` (in (0, 1]) are float32 [B].
    """
    import torch

    logits = logits.float()
    greedy = temperatures <= 0
    scaled = logits / torch.where(greedy, 1.0, temperatures).unsqueeze(1)
    if bool((greedy | (top_ps < 1)).all()):
        tokens = _from_nucleus(scaled, seeds, positions, top_ps, greedy)
    else:
        everything = torch.arange(logits.shape[1], device=logits.device).expand_as(logits)
        tokens = (_truncated(scaled, top_ps) + _gumbel(seeds, positions, everything)).argmax(1)
        tokens = torch.where(greedy, logits.argmax(1), tokens)
    chosen = logits.gather(1, tokens.unsqueeze(1)).squeeze(1)
    return tokens, chosen - _log_mass(logits).squeeze(1)


def _from_nucleus(scaled: Tensor, seeds: Tensor, positions: Tensor, top_ps: Tensor, greedy: Tensor) -> Tensor:
    """Draw among the fewest likeliest tokens that hold `top_ps` of the mass."""
    import torch

    values, ids = scaled.topk(min(CANDIDATES, scaled.shape[1]))
    shares = (values - _log_mass(scaled)).exp()
    before = shares.cumsum(1) - shares
    noisy = values + _gumbel(seeds, positions, ids)
    noisy = noisy.masked_fill(before >= top_ps.unsqueeze(1), float("-inf"))
    pick = torch.where(greedy, 0, noisy.argmax(1))
    tokens = ids.gather(1, pick.unsqueeze(1)).squeeze(1)
    beyond = (shares.sum(1) < top_ps) & ~greedy
    if bool(beyond.any()):
        everything = torch.arange(scaled.shape[1], device=scaled.device).expand(int(beyond.sum()), -1)
        noise = _gumbel(seeds[beyond], positions[beyond], everything)
        tokens[beyond] = (_truncated(scaled[beyond], top_ps[beyond]) + noise).argmax(1)
    return tokens


def _log_mass(logits: Tensor) -> Tensor:
    """Return logsumexp over the vocabulary, [B, 1], by the kernel that is twice as fast on a CPU."""
    return logits[:, :1] - logits.log_softmax(1)[:, :1]


def _truncated(scaled: Tensor, top_ps: Tensor) -> Tensor:
    """Set everything outside the nucleus to -inf; rows with top_p 1 stay whole."""
    import torch

    if bool((top_ps >= 1).all()):
        return scaled
    values, ids = scaled.sort(1, descending=True)
    shares = values.softmax(1)
    outside = (shares.cumsum(1) - shares >= top_ps.unsqueeze(1)) & (top_ps < 1).unsqueeze(1)
    return scaled.masked_fill(torch.zeros_like(outside).scatter_(1, ids, outside), float("-inf"))


def _gumbel(seeds: Tensor, positions: Tensor, tokens: Tensor) -> Tensor:
    """Return Gumbel noise of the shape of `tokens` ([B, K]), float32."""
    row = _mix(_mix(seeds) + positions)
    bits = _mix(row.unsqueeze(1) + tokens)
    uniform = ((bits >> 11) & _ONES_53).double() * 2.0**-53 + 2.0**-54
    return -(-uniform.log()).log().float()


_ONES_53 = (1 << 53) - 1


def _mix(x: Tensor) -> Tensor:
    """Return splitmix64's next output for each state; int64 wraps around as unsigned numbers do."""
    x = x + _signed(0x9E3779B97F4A7C15)
    x = (x ^ ((x >> 30) & ((1 << 34) - 1))) * _signed(0xBF58476D1CE4E5B9)
    x = (x ^ ((x >> 27) & ((1 << 37) - 1))) * _signed(0x94D049BB133111EB)
    return x ^ ((x >> 31) & ((1 << 33) - 1))


def _signed(bits: int) -> int:
    return bits - (1 << 64) if bits >= 1 << 63 else bits
