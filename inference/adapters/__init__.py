"""LoRA adapters that come with the studio, each a folder with safetensors weights and what they were trained on.

smollm2-words: for SmolLM2-135M-Instruct (Apache-2.0), trained on generated problems alone (docs/policy.md).
"""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).parent
