"""A frozen language model that reads packed paths and gives hidden states. Its process is inference.scoring.child."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from inference.datasets.tokens import TokenPath, build_many
from inference.scoring import surface
from inference.scoring.pack import Pack, packs
from inference.scoring.paths import TextPath
from inference.scoring.reader import Block
from inference.scoring.spec import FeatureError, FeatureSpec

MAX_PATH_TOKENS = 2048
# A dense mask costs attention over the whole pack, so a CPU takes small packs; a GPU wants to be filled.
PACK_TOKENS = {"cpu": 1024, "cuda": 8192}
_LARGEST = float(np.finfo(np.float16).max)


class FrozenModel:
    """A causal language model without its head.

    With reading "last" a step's feature is the hidden state at the step's last token; with "step-1" it is the step's
    surface (inference.scoring.surface), that state, and the mean of the states at all of the step's tokens. The first
    `spec.layers` layers (0: all) and the final norm are run; `folder` holds safetensors weights and a fast tokenizer.
    FeatureError when they cannot be loaded.
    """

    def __init__(self, spec: FeatureSpec, folder: Path) -> None:
        import torch
        from transformers import AutoModel, AutoTokenizer

        torch.set_num_threads(len(os.sched_getaffinity(0)))
        self.spec = spec
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
            yield Block({}, np.zeros((0, self.size), np.float16), 0, cut)
        for pack in packs([path.ids for path in tokens], [path.step_ends for path in tokens], self.budget):
            states = self._states(pack)
            yield self._last(pack, states) if self.spec.reading == "last" else _steps(pack, states, paths, tokens)

    @property
    def size(self) -> int:
        """The length of a step's feature."""
        hidden = int(self.model.config.hidden_size)
        return hidden if self.spec.reading == "last" else surface.SIZE + 2 * hidden

    @staticmethod
    def _last(pack: Pack, states: Any) -> Block:
        at = sorted(set(pack.places.values()))
        row_of = {token: row for row, token in enumerate(at)}
        rows = _half(states[at].cpu().numpy())
        return Block({place: row_of[token] for place, token in pack.places.items()}, rows, len(pack.ids))

    def _states(self, pack: Pack) -> Any:
        """Return the last hidden state of every token of a pack, (tokens, hidden) float32."""
        import torch

        with torch.inference_mode(), _out_of_memory():
            out = self.model(
                input_ids=torch.tensor([pack.ids], device=self.device),
                position_ids=torch.tensor([pack.positions], device=self.device),
                attention_mask=torch.from_numpy(pack.mask())[None, None].to(self.device),
                use_cache=False,
            )
            return out.last_hidden_state[0].float()


def _steps(pack: Pack, states: Any, paths: Sequence[TextPath], tokens: Sequence[TokenPath]) -> Block:
    """Return the rows of reading "step-1", one for each different beginning of a path."""
    lengths = [path.lengths() for path in tokens]
    places: dict[tuple[int, int], int] = {}
    row_of: dict[tuple[int, int, int], int] = {}
    rows: list[np.ndarray[Any, Any]] = []
    for (path, step), token in pack.places.items():
        # The same token may end steps that begin elsewhere: "a", "b" and "a\nb".
        key = (token, lengths[path][step], step)
        if key not in row_of:
            row_of[key] = len(rows)
            own = states[pack.chain(token, lengths[path][step])]
            seen = np.array(surface.surface(paths[path].problem, paths[path].steps, step), dtype=np.float32)
            rows.append(np.concatenate([seen, states[token].cpu().numpy(), own.mean(0).cpu().numpy()]))
        places[path, step] = row_of[key]
    return Block(places, _half(np.stack(rows)), len(pack.ids))


def _half(rows: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    half: np.ndarray[Any, Any] = np.clip(rows, -_LARGEST, _LARGEST).astype("<f2")
    return half


@contextlib.contextmanager
def _out_of_memory() -> Iterator[None]:
    import torch

    try:
        yield
    except torch.OutOfMemoryError:
        raise FeatureError("Out of memory on the GPU: free some of it, then start again.") from None
