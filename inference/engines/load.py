"""Loading weights: safetensors or GGUF only, no code from the model's author, nothing unpickled."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from inference.engines.base import EngineError
from inference.engines.kv import ATTENTION, register_attention
from inference.engines.params import EngineSpec


def load(spec: EngineSpec) -> tuple[Any, Any]:
    """Return the model (on its device, ready to draw) and the tokenizer; EngineError says what is missing."""
    # Threads that spin at a barrier while another process holds their core were seen to cost nine tenths of the speed.
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    try:
        import torch
        from transformers import AutoModelForCausalLM, AutoTokenizer
    except ImportError as error:
        raise EngineError(f"the hf engine needs the [model] extra ({error})") from None
    register_attention()
    torch.set_num_threads(spec.threads or max(1, len(os.sched_getaffinity(0)) - 1))
    device = _device(spec)
    if device == "cuda":
        # Beyond its share it is out of memory, which halves the batch, and does not take what a training was lent.
        torch.cuda.set_per_process_memory_fraction(spec.memory)
    source, options = source_of(spec)
    loader: Any = AutoModelForCausalLM
    weights = {"dtype": dtype_of(spec, device), "use_safetensors": True, "attn_implementation": ATTENTION}
    try:
        tokenizer = AutoTokenizer.from_pretrained(source, **options)
        model = loader.from_pretrained(source, **weights, **options)
    except (OSError, ValueError) as error:
        raise EngineError(f"cannot load {spec.model}: {error}") from error
    _check_attention(model.config.get_text_config(), spec)
    if spec.adapter:
        model = _merged(model, spec)
    return model.to(device).eval(), tokenizer


def _merged(model: Any, spec: EngineSpec) -> Any:
    """Return the model with the adapter added to its weights, so that drawing costs what it did before."""
    folder = Path(spec.adapter).expanduser()
    if not (folder / "adapter_model.safetensors").is_file():
        raise EngineError(f"there is no LoRA adapter in safetensors at {spec.adapter}")
    try:
        from peft import PeftModel
    except ImportError as error:
        raise EngineError(f"an adapter needs the [model] extra ({error})") from None
    try:
        return PeftModel.from_pretrained(model, str(folder), local_files_only=True).merge_and_unload()
    except (OSError, ValueError, RuntimeError) as error:
        raise EngineError(f"the adapter {spec.adapter} does not fit {spec.model}: {error}") from error


def source_of(spec: EngineSpec) -> tuple[str, dict[str, Any]]:
    """Return what transformers loads and with which options; EngineError for a folder that is not there."""
    options: dict[str, Any] = {"trust_remote_code": False}
    path = Path(spec.model).expanduser()
    if path.suffix == ".gguf" and path.is_file():
        return str(path.parent), {**options, "gguf_file": path.name, "local_files_only": True}
    if path.is_dir():
        return str(path), {**options, "local_files_only": True}
    if path.is_absolute() or spec.model.startswith((".", "~")):
        raise EngineError(f"there is no model folder {spec.model}")
    if spec.revision:
        options["revision"] = spec.revision
    if spec.secret_env:
        options["token"] = _secret(spec.secret_env)
    return spec.model, options


def _secret(name: str) -> str:
    try:
        return os.environ[name]
    except KeyError:
        raise EngineError(f"the environment variable {name}, which holds the hub token, is not set") from None


def _device(spec: EngineSpec) -> str:
    import torch

    if spec.device == "cuda" and not torch.cuda.is_available():
        raise EngineError("no GPU is to be seen: set the device to auto or cpu")
    return "cuda" if spec.device != "cpu" and torch.cuda.is_available() else "cpu"


def dtype_of(spec: EngineSpec, device: str) -> Any:
    """Return the torch dtype; auto is bf16 on a GPU or a CPU that computes in it, else float32, which is faster."""
    import torch

    if spec.dtype == "auto":
        native = (
            getattr(torch.cpu, "_is_avx512_bf16_supported", lambda: False)()
            or getattr(torch.cpu, "_is_amx_tile_supported", lambda: False)()
        )
        return torch.bfloat16 if device == "cuda" or native else torch.float32
    return torch.bfloat16 if spec.dtype == "bf16" else torch.float32


def _check_attention(config: Any, spec: EngineSpec) -> None:
    """The engine's own attention looks at the whole text: refuse models that do something else."""
    kinds = set(getattr(config, "layer_types", None) or ["full_attention"])
    window = getattr(config, "sliding_window", None) if "sliding_attention" in kinds else None
    if kinds - {"full_attention", "sliding_attention"}:
        raise EngineError(f"the hf engine runs full attention only, and {spec.model} has {', '.join(sorted(kinds))}")
    if window is not None and spec.max_context > window:
        raise EngineError(f"{spec.model} sees {window} tokens at once: set max_context to {window} or less")
