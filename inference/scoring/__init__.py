"""Scores of steps: features of a frozen language model, heads on top, reductions over a path. Loads no model code."""
