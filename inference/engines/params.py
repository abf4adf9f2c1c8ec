"""The settings of an engine, as a site admin enters them. Loads no model code."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from inference.engines import fields
from inference.engines.fields import SettingError, setting

KINDS = ("scripted", "hf")


@dataclass(frozen=True)
class EngineSpec:
    """Which engine, which weights, how large. A secret is named here and read from the environment when it is used."""

    kind: str = setting("hf", "What runs the model: hf (transformers) or scripted (no model, for tests)", choices=KINDS)
    model: str = setting("", "A local folder with safetensors weights, or a hub id such as owner/name")
    adapter: str = setting(
        "", "A folder with a LoRA adapter (safetensors) that is merged into the weights; empty for none"
    )
    revision: str = setting("", "Branch, tag or commit of a hub model; empty for its main branch")
    dtype: str = setting(
        "auto", "Precision of the weights; auto takes what is faster here", choices=("auto", "bf16", "float32")
    )
    device: str = setting(
        "auto", "Where the model runs; auto takes a GPU if there is one", choices=("auto", "cpu", "cuda")
    )
    max_batch: int = setting(0, "Texts drawn at once; 0 for a size that fits the device", minimum=0, maximum=4096)
    memory: float = setting(
        0.5, "Share of the memory of the GPU, or else of the machine, for weights and texts", minimum=0.05, maximum=0.95
    )
    max_context: int = setting(2048, "Longest text in tokens, prompt included", minimum=128, maximum=131072)
    chat: bool = setting(False, "Wrap the prompt in the model's chat template")
    threads: int = setting(
        0, "CPU threads; 0 for one a core but one, which web and tools share", minimum=0, maximum=1024
    )
    secret_env: str = setting("", "Name of the environment variable that holds the hub token; empty for none")
    delay: float = setting(0.0, "Scripted engine only: seconds to wait in each call", minimum=0.0, maximum=60.0)
    latency: float = setting(
        0.0,
        "Scripted engine only: mean seconds that a request takes, most of them less and some much more; its requests "
        "then end one by one, as a server's do",
        minimum=0.0,
        maximum=60.0,
    )

    def __post_init__(self) -> None:
        fields.check(self)
        if self.kind == "hf" and not self.model:
            raise SettingError("model", "expected a folder or a hub id for the hf engine, got nothing")
        if self.secret_env and not re.fullmatch(r"[A-Z][A-Z0-9_]*", self.secret_env):
            raise SettingError("secret_env", "expected the name of an environment variable (capitals, digits, _)")

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any]) -> EngineSpec:
        """Build a spec from form or JSON values; SettingError names the field that does not fit."""
        return fields.from_mapping(cls, values)
