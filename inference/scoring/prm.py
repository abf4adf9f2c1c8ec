"""A process reward model as a logistic head on the features of a frozen language model. Runs without torch."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inference.scoring.spec import FeatureError, FeatureSpec, hash_of

WEIGHTS, CONFIG = "head.safetensors", "head.json"


@dataclass(frozen=True, slots=True)
class PrmHead:
    """p(step correct) = sigmoid(weights · (x - mean) / scale + bias). Arrays are (size,) float64.

    `spec` says which features it reads; `config` records how it was trained (neutral policy, l2, seed, counts).
    """

    weights: NDArray[np.float64]
    bias: float
    mean: NDArray[np.float64]
    scale: NDArray[np.float64]
    spec: FeatureSpec
    config: dict[str, Any]

    def score(self, features: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return p(step correct), (n,) in [0, 1], for features (n, size); ValueError for another size."""
        if features.ndim != 2 or features.shape[1] != len(self.weights):
            raise ValueError(f"expected features of shape (n, {len(self.weights)}), got {features.shape}")
        return sigmoid((features - self.mean) / self.scale @ self.weights + self.bias)

    def save(self, folder: Path) -> str:
        """Write the head into a folder and return the hash of its files (`load` checks it)."""
        from safetensors.numpy import save_file

        folder.mkdir(parents=True, exist_ok=True)
        arrays = {"weights": self.weights, "bias": np.array([self.bias]), "mean": self.mean, "scale": self.scale}
        save_file({name: np.ascontiguousarray(array) for name, array in arrays.items()}, folder / WEIGHTS)
        text = json.dumps({"features": self.spec.as_dict(), **self.config}, indent=1, sort_keys=True)
        (folder / CONFIG).write_text(text + "\n", encoding="utf-8")
        return hash_of([folder / CONFIG, folder / WEIGHTS])


def load(folder: Path, files_hash: str = "") -> PrmHead:
    """Return the head in a folder; FeatureError when files are missing, broken, or not those of `files_hash`."""
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    try:
        if files_hash and hash_of([folder / CONFIG, folder / WEIGHTS]) != files_hash:
            raise FeatureError(f"The files of the head in {folder} are not those that were trained: train a new one.")
        arrays = load_file(folder / WEIGHTS)
        config: dict[str, Any] = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
        spec = FeatureSpec.from_dict(config.pop("features"))
        return PrmHead(arrays["weights"], float(arrays["bias"][0]), arrays["mean"], arrays["scale"], spec, config)
    except (OSError, KeyError, ValueError, SafetensorError) as error:
        raise FeatureError(f"The head in {folder} cannot be read ({error}): train a new one.") from error


def sigmoid(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return 1 / (1 + exp(-x)) without overflow."""
    small = np.exp(-np.abs(values))
    return np.where(values >= 0, 1.0, small) / (1.0 + small)
