"""Log trees of reasoning steps from any search into a studio. Standard library only: neither Django nor torch."""

from __future__ import annotations

from rationale_client.logger import TreeLogger

__all__ = ["TreeLogger"]
