"""Recipes that turn labelled trees into training rows, one file each. A new one is a file and a line here."""

from __future__ import annotations

from collections.abc import Mapping

from inference.datasets import full, grounded, prm800k_raw, processbench, trl_stepwise
from inference.datasets.base import Dropped, LabelledTree, Recipe, Row, StoredPath

RECIPES: Mapping[str, Recipe] = {
    part.RECIPE.id: part.RECIPE
    for part in (
        trl_stepwise,
        processbench,
        grounded,
        prm800k_raw,
        full,
    )
}

__all__ = ["RECIPES", "Dropped", "LabelledTree", "Recipe", "Row", "StoredPath"]
