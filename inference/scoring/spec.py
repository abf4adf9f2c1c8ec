"""Which features a head reads: the frozen model by its files' hash, layers, precision and token builder."""

from __future__ import annotations

import hashlib
import importlib.util
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

# The version of inference.datasets.tokens: features read through another builder are other features.
BUILDER_VERSION = "joined-1"
KINDS = ("hf", "words")
# What of a step is read: the state at its last token, or that, the mean over its tokens and its surface.
READINGS = ("last", "step-1")
DEPTH = 0.7
PRECISIONS = ("bf16", "float32")
_MODEL_FILES = ("*.safetensors", "config.json", "tokenizer*.json", "special_tokens_map.json")


class FeatureError(Exception):
    """Features cannot be had; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class FeatureSpec:
    """What makes two features the same. `layers` 0 takes all of the model's; `model` is a name for people.

    `reading` is one of READINGS; heads that were trained before there were several read "last".
    """

    kind: str
    model: str
    files_hash: str
    layers: int = 0
    precision: str = "float32"
    builder: str = BUILDER_VERSION
    reading: str = "last"

    @property
    def id(self) -> str:
        """A name for the cache folder: other for whatever makes other features; the model's name is not part of it."""
        facts = {name: value for name, value in asdict(self).items() if name != "model"}
        return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:32]

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> FeatureSpec:
        """Build a spec from `as_dict`; FeatureError for a mapping that is none."""
        try:
            return cls(**values)
        except TypeError as error:
            raise FeatureError(f"not a description of features: {error}") from None


def spec_of(kind: str, folder: Path, layers: int = 0) -> FeatureSpec:
    """Return the spec of the model in `folder` as it would be read on this machine.

    `layers` 0 is seven tenths of the model's: on PRM800K the middle layers tell more than the last (docs/log.md).

    `kind` "words" reads no model and takes no folder. FeatureError when the folder holds no safetensors weights.
    """
    if kind not in KINDS:
        raise FeatureError(f"{kind!r} is no kind of features; expected {', '.join(KINDS)}")
    if kind == "words":
        return FeatureSpec(kind, "words", "")
    found = files_hash(folder)
    return FeatureSpec(kind, folder.name, found, layers or usual_layers(folder), best_precision(), reading=READINGS[-1])


def usual_layers(folder: Path) -> int:
    """Return how many layers are run unless told: DEPTH of those in the model's config.json."""
    try:
        total = int(json.loads((folder / "config.json").read_text(encoding="utf-8"))["num_hidden_layers"])
    except (OSError, KeyError, ValueError, TypeError) as error:
        raise FeatureError(f"{folder} does not say how many layers it has (config.json): {error}") from None
    return max(1, round(total * DEPTH))


def files_hash(folder: Path) -> str:
    """Return a SHA-256 over the names and bytes of the files that decide what a model computes."""
    files = sorted({path for pattern in _MODEL_FILES for path in folder.glob(pattern)})
    if not any(path.suffix == ".safetensors" for path in files):
        raise FeatureError(f"{folder} holds no safetensors weights: run make setup, or name another model folder")
    return hash_of(files)


def hash_of(files: list[Path]) -> str:
    """Return a SHA-256 over the names and contents of files, in the order given."""
    total = hashlib.sha256()
    for path in files:
        with path.open("rb") as file:
            total.update(f"{path.name}\n{hashlib.file_digest(file, 'sha256').hexdigest()}\n".encode())
    return total.hexdigest()


def best_precision() -> str:
    """Return bf16 where the device computes in it (NVIDIA, AMX, AVX-512 BF16); elsewhere it is slower than float32."""
    cpu = Path("/proc/cpuinfo")
    flags = cpu.read_text(errors="replace") if cpu.exists() else ""
    native = "amx_bf16" in flags or "avx512_bf16" in flags
    return "bf16" if native or Path("/dev/nvidiactl").exists() else "float32"


def check_installed() -> None:
    """Raise FeatureError unless torch, transformers and safetensors (the extra `model`) are installed."""
    missing = [name for name in ("torch", "transformers", "safetensors") if importlib.util.find_spec(name) is None]
    if missing:
        raise FeatureError(
            f"Scoring and training need the extra “model”, and {', '.join(missing)} is not installed: "
            "run make setup, or pip install '.[model]'."
        )
