"""The settings of a search, with help and bounds. Loads no model code."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from hashlib import blake2b
from typing import Any, NamedTuple

from inference.engines import fields
from inference.engines.fields import SettingError, setting
from inference.verifiers.params import chain_of, check_named

METHODS = ("mcts", "omega", "beam", "best_of_n", "vote")
POLICIES = ("veto", "paper")
LIKELIHOOD = "likelihood"
GUIDES = (LIKELIHOOD, "prm", "deducibility")
SAMPLING = ("omega", "best_of_n", "vote")
"""Methods that draw whole solutions: how often a path was drawn counts there, not only that it was."""
_MCTS, _OMEGA, _BEAM = ("mcts",), ("omega",), ("beam",)
_ROUNDS, _GUIDED, _SAMPLES = ("mcts", "omega"), ("beam", "best_of_n"), ("best_of_n", "vote")
# Counts up when the few-shot prompt changes (inference.prompts): samples of another prompt are other samples.
PROMPT = 1


class Budget(NamedTuple):
    """How long one tree grows: rounds of expansion, and steps on a path (the answer line not counted)."""

    rounds: int
    depth: int


@dataclass(frozen=True)
class SearchParams:
    """The settings of one search run; the defaults of the tree search are GroundedPRM's, those of omega its paper's."""

    method: str = setting(
        "mcts",
        "mcts: tree search with tool verdicts (GroundedPRM); omega: rollouts and binary search for the first error "
        "(OmegaPRM); beam: the best steps at each depth; best_of_n: whole solutions, the best scored one; vote: whole "
        "solutions, the most frequent answer",
        choices=METHODS,
    )
    children: int = setting(3, "Steps drawn at each expansion", minimum=1, maximum=64, only=_MCTS)
    rounds: int = setting(
        8, "Rounds for an easy problem or one of unknown level", minimum=1, maximum=10_000, only=_ROUNDS
    )
    depth: int = setting(5, "Steps on a path for an easy problem or one of unknown level", minimum=1, maximum=200)
    hard_rounds: int = setting(12, "Rounds for a hard problem", minimum=1, maximum=10_000, only=_ROUNDS)
    hard_depth: int = setting(9, "Steps on a path for a hard problem", minimum=1, maximum=200)
    hard_level: int = setting(4, "Problems of this level and above are hard", minimum=1, maximum=100)
    select: str = setting(
        "uct",
        "uct: explore what was visited least; puct: explore what the model finds likely first",
        choices=("uct", "puct"),
        only=_MCTS,
    )
    c: float = setting(
        1.414, "Weight of exploration in UCT and PUCT; 0 never explores", minimum=0.0, maximum=100.0, only=_MCTS
    )
    uct_value: str = setting(
        "mean",
        "What is ranked by: mean value of a node, or the sum of its values",
        choices=("mean", "sum"),
        only=_MCTS,
    )
    widen: float = setting(
        0.0,
        "Progressive widening: after N visits a step may have ceil(widen x N ^ widen power) next steps before the "
        "search must go deeper; 0 for none, every step then gets its children once",
        minimum=0.0,
        maximum=100.0,
        only=_MCTS,
    )
    widen_power: float = setting(
        0.5, "How fast widening lets children in as visits grow", minimum=0.0, maximum=1.0, only=_MCTS
    )
    decay: float = setting(0.9, "Share of a reward that each ancestor passes on", minimum=0.0, maximum=1.0, only=_MCTS)
    reward_fidelity: float = setting(
        1.0,
        "Weight of the verdicts of a path's steps and its outcome together (GroundedPRM's reward)",
        minimum=0.0,
        maximum=1000.0,
        only=_MCTS,
    )
    reward_outcome: float = setting(
        0.0, "Weight of the outcome alone (Monte Carlo value)", minimum=0.0, maximum=1000.0, only=_MCTS
    )
    reward_prm: float = setting(
        0.0,
        "Weight of the PRM's score of the path's worst step; above 0 the run needs a PRM",
        minimum=0.0,
        maximum=1000.0,
        only=_MCTS,
    )
    early_stop: bool = setting(
        True,
        "Stop a tree once it holds enough correct and wrong complete paths, a vote once its winner cannot change",
        only=("mcts", "vote"),
    )
    max_correct: int = setting(
        3, "Correct paths after which the search looks for wrong ones", minimum=1, maximum=1000, only=_MCTS
    )
    max_wrong: int = setting(3, "Wrong paths that are enough", minimum=1, maximum=1000, only=_MCTS)
    omega_rollouts: int = setting(
        8, "Rollouts from which the chance of success after a step is estimated", minimum=1, maximum=1024, only=_OMEGA
    )
    omega_alpha: float = setting(
        0.5,
        "Preference for wrong rollouts from where success is likely: alpha ^ (1 - chance of success)",
        minimum=0.01,
        maximum=1.0,
        only=_OMEGA,
    )
    omega_beta: float = setting(
        0.9, "Preference for short rollouts: beta ^ (tokens / omega length)", minimum=0.01, maximum=1.0, only=_OMEGA
    )
    omega_length: int = setting(
        500, "Length in tokens at which the preference for short rollouts is beta", minimum=1, maximum=1_000_000,
        only=_OMEGA,
    )  # fmt: skip
    omega_c: float = setting(
        0.125, "Weight of exploration: states selected less often come first", minimum=0.0, maximum=100.0, only=_OMEGA
    )
    width: int = setting(5, "Paths that are kept at each depth", minimum=1, maximum=1024, only=_BEAM)
    draws: int = setting(10, "Next steps drawn for each path that is kept", minimum=2, maximum=1024, only=_BEAM)
    guide: str = setting(
        LIKELIHOOD,
        "What scores a path: likelihood (the model's own, nothing to load), a PRM, or a deducibility scorer",
        choices=GUIDES,
        only=_GUIDED,
    )
    path_score: str = setting(
        "min",
        "From the scores of steps to that of the path: the weakest step, the product, or the last step",
        choices=("min", "product", "last"),
        only=_GUIDED,
    )
    samples: int = setting(16, "Whole solutions drawn of each problem", minimum=1, maximum=4096, only=_SAMPLES)
    round_samples: int = setting(
        8, "Solutions drawn in one round; each round is stored as it ends", minimum=1, maximum=4096, only=_SAMPLES
    )
    policy: str = setting(
        "veto",
        "veto: a refuted step counts -1 and support counts nothing; paper: support counts +1, for verifiers whose "
        "support is informative",
        choices=POLICIES,
    )
    min_rollouts: int = setting(
        4, "Complete paths through a step, none of them correct, before it is labelled wrong", minimum=1, maximum=1000
    )
    verifier: str = setting(
        "auto",
        "Verifiers that check every step, with commas: auto stands for all that know the problem's kind and ask no "
        "model; one that asks a model (program) is asked about steps that are not refuted, judge about steps that the "
        "others left open; empty for none",
    )
    programs: int = setting(
        3, "Texts that a verifier which has programs written asks of the model for each step", minimum=1, maximum=64
    )
    trusted: str = setting(
        "",
        "Verifiers whose support counts +1 under paper, with commas; empty for all",
    )
    temperature: float = setting(
        0.7, "Randomness of the drawn text; 0 takes the likeliest token", minimum=0.0, maximum=5.0
    )
    top_p: float = setting(0.95, "Share of probability that tokens are drawn from", minimum=0.01, maximum=1.0)
    step_tokens: int = setting(64, "Longest step, in tokens", minimum=4, maximum=8192)
    rollout_tokens: int = setting(
        240, "Longest completion from a step to the answer, in tokens", minimum=8, maximum=65536
    )

    def __post_init__(self) -> None:
        fields.check(self)
        if self.method == "mcts" and not self.reward_fidelity + self.reward_outcome + self.reward_prm:
            others = "reward_outcome and reward_prm"
            raise SettingError("reward_fidelity", f"expected a weight above 0 here or in {others}, got 0 in all three")
        check_named(verifier=self.verifier, trusted=self.trusted)
        if self.method != "mcts" and not self.temperature:
            raise SettingError("temperature", f"expected more than 0 for {self.method}, else all its draws are alike")

    @property
    def trusted_names(self) -> frozenset[str]:
        """Return the verifiers whose support counts, none for all."""
        return frozenset(chain_of(self.trusted))

    @property
    def scorer(self) -> str:
        """Return the scorer that the method needs ("prm", "deducibility"), "" where it needs none."""
        if self.method in _GUIDED:
            return "" if self.guide == LIKELIHOOD else self.guide
        return "prm" if self.method == "mcts" and self.reward_prm else ""

    @property
    def scorer_setting(self) -> str:
        """Return the setting that asks for the scorer."""
        return "guide" if self.method in _GUIDED else "reward_prm"

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any]) -> SearchParams:
        """Build the settings from form or JSON values; SettingError names the field that does not fit."""
        return fields.from_mapping(cls, values)

    def rollout_room(self, steps_left: int) -> int:
        """Return the tokens of a completion with so many steps left: half the longest step for each, and the answer.

        One that goes on and on keeps the whole batch waiting.
        """
        return min(self.rollout_tokens, (steps_left + 1) * self.step_tokens // 2)

    def budget(self, level: int | None) -> Budget:
        """Return the budget of a problem of this level (None: unknown, treated as easy)."""
        if level is not None and level >= self.hard_level:
            return Budget(self.hard_rounds, self.hard_depth)
        return Budget(self.rounds, self.depth)


@dataclass(frozen=True)
class SampleParams:
    """How whole solutions are sampled, one independent of the other, to see how often a problem is solved."""

    samples: int = setting(16, "Solutions sampled of each problem", minimum=1, maximum=4096)
    temperature: float = setting(
        0.7, "Randomness of the drawn text; 0 takes the likeliest token", minimum=0.0, maximum=5.0
    )
    top_p: float = setting(0.95, "Share of probability that tokens are drawn from", minimum=0.01, maximum=1.0)
    depth: int = setting(9, "Most steps of a solution", minimum=1, maximum=200)
    tokens: int = setting(320, "Longest solution, in tokens", minimum=8, maximum=65536)
    seed: int = setting(
        0, "The same seed draws the same solutions, and more samples add to them", minimum=0, maximum=2**31 - 1
    )

    def __post_init__(self) -> None:
        fields.check(self)

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any]) -> SampleParams:
        """Build the settings from form or JSON values; SettingError names the field that does not fit."""
        return fields.from_mapping(cls, values)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    def way(self) -> str:
        """Return a hash of everything but the number of samples: samples of one way can be counted together."""
        rest = {name: value for name, value in self.as_dict().items() if name != "samples"}
        return blake2b(json.dumps([PROMPT, rest], sort_keys=True).encode(), digest_size=16).hexdigest()
