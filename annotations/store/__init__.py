"""The only place that turns dataclasses into rows of trees and back."""

from __future__ import annotations

from annotations.store.checks import Change, Checked, Same, known_verdicts, store_changes, store_checks
from annotations.store.columns import plain_json
from annotations.store.completions import Drawn, Faulty, forget_completions, keep_completions, read_completions
from annotations.store.trees import TreeChange, node_of, problem_of, read_trees, stopped_among, store_round, verdict_of

__all__ = [
    "Change",
    "Checked",
    "Drawn",
    "Faulty",
    "Same",
    "TreeChange",
    "forget_completions",
    "keep_completions",
    "known_verdicts",
    "node_of",
    "plain_json",
    "problem_of",
    "read_completions",
    "read_trees",
    "stopped_among",
    "store_changes",
    "store_checks",
    "store_round",
    "verdict_of",
]
