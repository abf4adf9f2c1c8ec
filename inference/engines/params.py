"""The settings of an engine, as a site admin enters them. Loads no model code."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from inference.engines import fields
from inference.engines.fields import SettingError, setting

KINDS = ("scripted", "hf", "vllm", "openai_http")


@dataclass(frozen=True)
class EngineSpec:
    """Which engine, which weights, how large. A secret is named here and read from the environment when it is used."""

    kind: str = setting(
        "hf",
        "What runs the model: hf (transformers), vllm (run by the worker), openai_http (a vLLM or other server with "
        "OpenAI's completions interface) or scripted (no model, for tests)",
        choices=KINDS,
    )
    model: str = setting(
        "",
        "A local folder with safetensors weights, or a hub id such as owner/name; for openai_http the name that the "
        "server knows, empty for its only one",
    )
    address: str = setting("", "openai_http only: base address of the server, such as http://127.0.0.1:8000/v1")
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
    max_batch: int = setting(
        0, "Texts drawn at once; 0 for a size that fits (openai_http: 64)", minimum=0, maximum=4096
    )
    memory: float = setting(
        0.5, "Share of the memory of the GPU, or else of the machine, for weights and texts", minimum=0.05, maximum=0.95
    )
    max_context: int = setting(2048, "Longest text in tokens, prompt included", minimum=128, maximum=131072)
    chat: bool = setting(False, "Wrap the prompt in the model's chat template (hf and vllm)")
    threads: int = setting(
        0, "CPU threads; 0 for one a core but one, which web and tools share", minimum=0, maximum=1024
    )
    timeout: float = setting(120.0, "openai_http only: seconds to wait for one answer", minimum=0.1, maximum=3600.0)
    patience: float = setting(
        300.0,
        "openai_http only: seconds to go on trying while the server fails or is gone",
        minimum=0.0,
        maximum=86400.0,
    )
    seeds: str = setting(
        "request",
        "vllm and openai_http: request sends every request its own seed, engine leaves the noise to the engine "
        "(vLLM on a CPU takes no seeds of requests)",
        choices=("request", "engine"),
    )
    structured: bool = setting(
        False, "vllm and openai_http: hold lines to their openings by a grammar (vLLM's structured outputs)"
    )
    secret_env: str = setting(
        "", "Name of the environment variable that holds the hub token or the server's API key; empty for none"
    )
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
        if self.kind in ("hf", "vllm") and not self.model:
            raise SettingError("model", f"expected a folder or a hub id for the {self.kind} engine, got nothing")
        self._check_plain()
        if self.kind == "openai_http":
            check_address(self.address)
        if self.secret_env and not re.fullmatch(r"[A-Z][A-Z0-9_]*", self.secret_env):
            raise SettingError("secret_env", "expected the name of an environment variable (capitals, digits, _)")

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any]) -> EngineSpec:
        """Build a spec from form or JSON values; SettingError names the field that does not fit."""
        return fields.from_mapping(cls, values)

    def _check_plain(self) -> None:
        """Raise SettingError for what not every kind does."""
        if self.chat and self.kind == "openai_http":
            raise SettingError("chat", "the openai_http engine continues plain text: turn chat off, or use hf or vllm")
        if self.adapter and self.kind in ("vllm", "openai_http"):
            raise SettingError(
                "adapter", f"the {self.kind} engine merges no adapter: give it merged weights, or use hf"
            )


def check_address(address: str) -> None:
    """Raise SettingError unless this is the base address of an HTTP server, without a password in it."""
    shown = "expected the base address of a server, such as http://127.0.0.1:8000/v1"
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise SettingError("address", f"{shown}: {error}") from None
    if parts.username is not None or parts.password is not None:
        raise SettingError("address", f"{shown}, without a name or password in it: name a secret instead (secret_env)")
    if parts.scheme not in ("http", "https") or not host or parts.query or parts.fragment:
        raise SettingError("address", f"{shown}, got {address or 'nothing'}")
    if not re.fullmatch(r"[!-~]+", address):
        raise SettingError("address", f"{shown}, in plain characters without spaces")
