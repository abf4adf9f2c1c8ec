"""LoRA adapters that come with the studio, each a folder with safetensors weights and what they were trained on."""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).parent
