"""Labelled trees become files: read a page at a time, written by a recipe, with a manifest."""

from __future__ import annotations

from annotations.exports.writing import export, read_recipe

__all__ = ["export", "read_recipe"]
