"""The verifiers by name. A new one is one file and one line in params.TOOLS; it is imported when first asked for."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import cast

from inference.verifiers.base import Verifier
from inference.verifiers.params import TOOLS

VERIFIERS: dict[str, str] = {name: tool.path for name, tool in TOOLS.items()}


@cache
def verifier(name: str) -> Verifier:
    """Return the verifier of that name (one instance a process); an unknown name is a ValueError."""
    try:
        module, _, attribute = VERIFIERS[name].partition(":")
    except KeyError:
        known = ", ".join(sorted(VERIFIERS))
        raise ValueError(f"no verifier is called {name!r}; there are: {known}") from None
    return cast(Verifier, getattr(import_module(module), attribute)())
