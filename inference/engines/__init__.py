"""Engines by kind. Importing this loads no model code; making an engine does."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from inference.engines.base import Completion, Engine, EngineError, EngineInfo, Request, Usage
from inference.engines.params import EngineSpec

__all__ = [
    "ENGINES",
    "Completion",
    "Engine",
    "EngineError",
    "EngineInfo",
    "EngineSpec",
    "Request",
    "Usage",
    "make_engine",
]

ENGINES = {
    "scripted": "inference.engines.scripted:make",
    "hf": "inference.engines.hf:make",
    "openai_http": "inference.engines.openai_http:make",
    "vllm": "inference.engines.vllm:make",
}


def make_engine(spec: EngineSpec) -> Engine:
    """Load the engine that `spec` describes; EngineError says what is missing."""
    module, _, name = ENGINES[spec.kind].partition(":")
    make: Callable[[EngineSpec], Engine] = getattr(import_module(module), name)
    return make(spec)
