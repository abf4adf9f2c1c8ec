"""A frozen language model that reads packed paths and gives hidden states. Its process is inference.scoring.child."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from inference.datasets.tokens import TokenPath, build_many
from inference.scoring.pack import Pack, packs
from inference.scoring.paths import TextPath
from inference.scoring.reader import Block
from inference.scoring.spec import FeatureError, FeatureSpec

MAX_PATH_TOKENS = 2048
# A dense mask costs attention over the whole pack, so a CPU takes small packs; a GPU wants to be filled.
PACK_TOKENS = {"cpu": 1024, "cuda": 8192}
_LARGEST = float(np.finfo(np.float16).max)


class FrozenModel:
    """A causal language model without its head. A step's feature is the last hidden state at the step's last token.

    The first `spec.layers` layers (0: all) and the final norm are run; `folder` holds safetensors weights and a fast
    tokenizer. FeatureError when they cannot be loaded.
    """

    def __init__(self, spec: FeatureSpec, folder: Path) -> None:
        import torch
        from transformers import AutoModel, AutoTokenizer

        torch.set_num_threads(len(os.sched_getaffinity(0)))
        self.device = "cuda" if torch.cuda.is_available() else "cpu"
        self.budget = PACK_TOKENS[self.device]
        options: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}
        weights: dict[str, Any] = {"dtype": torch.bfloat16 if spec.precision == "bf16" else torch.float32}
        if spec.layers:
            weights["num_hidden_layers"] = spec.layers
        loader: Any = AutoModel
        try:
            self.tokenizer: Any = AutoTokenizer.from_pretrained(folder, **options)
            model = loader.from_pretrained(
                folder, use_safetensors=True, attn_implementation="sdpa", **weights, **options
            )
        except (OSError, ValueError) as error:
            raise FeatureError(f"cannot load {folder}: {error}") from error
        self.model: Any = model.to(self.device).eval()

    def read(self, paths: Sequence[TextPath]) -> Iterator[Block]:
        """Yield the features of all steps that fit into MAX_PATH_TOKENS, a block for each pack of tokens."""
        tokens = build_many(self.tokenizer, [(path.problem, path.steps) for path in paths], max_tokens=MAX_PATH_TOKENS)
        cut = len({key for path, kept in zip(paths, tokens, strict=True) for key in path.keys()[len(kept.step_ends) :]})
        if cut:
            yield Block({}, np.zeros((0, self.model.config.hidden_size), np.float16), 0, cut)
        yield from self._blocks(tokens)

    def _blocks(self, tokens: Sequence[TokenPath]) -> Iterator[Block]:
        for pack in packs([path.ids for path in tokens], [path.step_ends for path in tokens], self.budget):
            yield self._hidden(pack)

    def _hidden(self, pack: Pack) -> Block:
        import torch

        at = sorted(set(pack.places.values()))
        row_of = {token: row for row, token in enumerate(at)}
        with torch.inference_mode(), _out_of_memory():
            out = self.model(
                input_ids=torch.tensor([pack.ids], device=self.device),
                position_ids=torch.tensor([pack.positions], device=self.device),
                attention_mask=torch.from_numpy(pack.mask())[None, None].to(self.device),
                use_cache=False,
            )
            rows = out.last_hidden_state[0, at].float().clamp(-_LARGEST, _LARGEST).cpu().numpy().astype("<f2")
        return Block({place: row_of[token] for place, token in pack.places.items()}, rows, len(pack.ids))


@contextlib.contextmanager
def _out_of_memory() -> Iterator[None]:
    import torch

    try:
        yield
    except torch.OutOfMemoryError:
        raise FeatureError("Out of memory on the GPU: free some of it, then start again.") from None
