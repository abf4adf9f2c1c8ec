"""Which accelerator a device setting means on this machine. Loads no model code: what it tells decides who may."""

from __future__ import annotations

import os
from pathlib import Path

from inference.engines.params import EngineSpec

DRIVER = Path("/dev/nvidiactl")
ON_CARDS = ("hf", "vllm")
"""Kinds of engine that take an accelerator when they may choose."""


def card(device: str) -> str:
    """Return the name of the accelerator, such as "cuda:0", that "auto", "cpu" or "cuda" means here; "" for none.

    "auto" is an accelerator where the machine has its driver and this process may see one.
    """
    visible = os.environ.get("CUDA_VISIBLE_DEVICES", "0").split(",")[0].strip()
    if device == "cpu" or (device == "auto" and (not DRIVER.exists() or visible in ("", "-1"))):
        return ""
    return f"cuda:{visible or 0}"


def card_of(spec: EngineSpec) -> str:
    """Return the accelerator that an engine takes memory of, "" for none."""
    return card(spec.device if spec.kind in ON_CARDS or spec.device == "cuda" else "cpu")
