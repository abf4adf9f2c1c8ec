"""A random model of Qwen2.5-0.5B's shape, which needs no download, and what the card still has."""

from __future__ import annotations

import shutil
from functools import cache
from pathlib import Path


@cache
def half_billion() -> Path:
    """Write the model, with the tiny model's tokenizer, to a folder, once."""
    import tempfile

    import torch
    from transformers import Qwen2Config, Qwen2ForCausalLM

    from tests.inference.tiny_model import tiny_folder

    folder = Path(tempfile.mkdtemp(prefix="half-billion-"))
    torch.manual_seed(7)
    config = Qwen2Config(
        vocab_size=151_936, hidden_size=896, intermediate_size=4864, num_hidden_layers=24, num_attention_heads=14,
        num_key_value_heads=2, max_position_embeddings=4096, tie_word_embeddings=True, eos_token_id=0,
        bos_token_id=None,
    )  # fmt: skip
    with torch.device("cuda" if torch.cuda.is_available() else "cpu"):
        Qwen2ForCausalLM(config).to(torch.bfloat16).save_pretrained(folder)
    torch.cuda.empty_cache()
    for path in tiny_folder().glob("tokenizer*"):
        shutil.copy(path, folder)
    return folder


def used_bytes() -> int:
    """Return what all processes together use of the card."""
    import torch

    free, total = torch.cuda.mem_get_info()
    return total - free
