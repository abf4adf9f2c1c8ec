"""How far people agree who label the same things. Knows nothing about rows, queues or steps.

`Ratings` holds who said what of which unit; every measure comes as a `Measure`, with a bootstrap interval over the
groups of units that are drawn together, or without a value and with the reason why there is none.
"""

from __future__ import annotations

from inference.agreement.alpha import Metric, krippendorff_alpha
from inference.agreement.bootstrap import Measure
from inference.agreement.first_errors import Outcome, OutcomeKind, until_agree
from inference.agreement.kappa import Weights, cohen_kappa, confusion, pairwise
from inference.agreement.ratings import MISSING, Ratings
from inference.agreement.shares import percent_agreement, unanimous, with_others

__all__ = [
    "MISSING",
    "Measure",
    "Metric",
    "Outcome",
    "OutcomeKind",
    "Ratings",
    "Weights",
    "cohen_kappa",
    "confusion",
    "krippendorff_alpha",
    "pairwise",
    "percent_agreement",
    "unanimous",
    "until_agree",
    "with_others",
]
