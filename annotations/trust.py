"""What labels say of a verifier's verdicts, and whether its support may count. Pure: counts in, shares out.

A step is wrong when its label says incorrect; neutral is not wrong. Shares are of steps that the verifier looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from annotations.errors import BadInput
from inference.intervals import wilson
from inference.types import Rating, VerdictKind

# Of how many labelled supported steps something can be said, and how much rarer than usual wrong ones must be there.
LEAST_SUPPORTED = 50
MOST_OF_BASE = 0.5


@dataclass(frozen=True, slots=True)
class Share:
    """`hits` of `of` steps, with the 95 % interval of Wilson."""

    hits: int
    of: int

    @property
    def value(self) -> float | None:
        return self.hits / self.of if self.of else None

    @property
    def low(self) -> float:
        return wilson(self.hits, self.of)[0]

    @property
    def high(self) -> float:
        return wilson(self.hits, self.of)[1]


@dataclass(frozen=True, slots=True)
class Trust:
    """How many steps have this verdict and this rating, by (verdict, rating); "" is no label."""

    counts: Mapping[tuple[str, str], int] = field(default_factory=dict)

    def said(self, verdict: str = "", rating: str | None = None) -> int:
        """Return how many steps have a verdict ("": any) and a rating (None: any or no label)."""
        return sum(
            count
            for (kind, rated), count in self.counts.items()
            if verdict in ("", kind) and (rating is None or rating == rated)
        )

    def labelled(self, verdict: str = "") -> int:
        return self.said(verdict) - self.said(verdict, "")

    def wrong(self, verdict: str = "") -> int:
        return self.said(verdict, Rating.INCORRECT)

    @property
    def precision(self) -> Share:
        """P(wrong | refuted)."""
        return Share(self.wrong(VerdictKind.REFUTED), self.labelled(VerdictKind.REFUTED))

    @property
    def recall(self) -> Share:
        """P(refuted | wrong)."""
        return Share(self.wrong(VerdictKind.REFUTED), self.wrong())

    @property
    def support(self) -> Share:
        """P(wrong | supported)."""
        return Share(self.wrong(VerdictKind.SUPPORTED), self.labelled(VerdictKind.SUPPORTED))

    @property
    def base(self) -> Share:
        """P(wrong)."""
        return Share(self.wrong(), self.labelled())


def percent(share: float | None) -> str:
    """Return a share as people read it: 24, 6.3, 0.4; "" for none."""
    if share is None:
        return ""
    points = 100 * share
    text = f"{points:.1f}" if 0 < points < 9.95 or 99.5 <= points < 100 else f"{points:.0f}"
    return text.removesuffix(".0")


def check_trusted(name: str, found: Trust) -> None:
    """Raise BadInput with the reason unless supported steps are wrong less than half as often as all.

    That is what policy `paper` needs, which counts support for a step.
    """
    support, base = found.support, found.base
    if support.of < LEAST_SUPPORTED:
        had = f"{support.of} supported steps have" if support.of != 1 else "1 supported step has"
        raise BadInput(f"{name}: {had} a label, {LEAST_SUPPORTED} are needed.", "policy")
    rate, most = support.hits / support.of, MOST_OF_BASE * base.hits / base.of
    if rate >= most:
        told = f"{percent(rate)} % of supported steps are wrong ({percent(support.low)} to {percent(support.high)})"
        raise BadInput(f"{name}: {told}, half the base rate is {percent(most)} %.", "policy")


def least_asked(found: Trust) -> str:
    """Return what support must reach for it to count, as far as it is known."""
    if found.support.of < LEAST_SUPPORTED:
        return f"{LEAST_SUPPORTED} with a label"
    return f"less than {percent(MOST_OF_BASE * found.base.hits / found.base.of)} %, half of all"


def can_trust(name: str, found: Trust) -> bool:
    return not refusal(name, found)


def refusal(name: str, found: Trust) -> str:
    """Return why a verifier's support may not count, "" where it may."""
    try:
        check_trusted(name, found)
    except BadInput as error:
        return str(error)
    return ""


def trusted(measured: Iterable[tuple[str, Trust]]) -> tuple[str, ...]:
    """Return the verifiers whose support counts under `paper`."""
    return tuple(name for name, found in measured if can_trust(name, found))


@dataclass(frozen=True, slots=True)
class Bin:
    """Verdicts whose p lies from `low` to `high`: their number, sum of p, how many were right, squared errors."""

    low: float
    high: float
    n: int
    total: float
    right: int
    squares: float

    @property
    def mean(self) -> float:
        return self.total / self.n

    @property
    def share(self) -> Share:
        return Share(self.right, self.n)


@dataclass(frozen=True, slots=True)
class Calibration:
    """How well p(step is right) meets the labels, by bins of p that are not empty.

    `ece` is the expected calibration error (Naeini et al. 2015, equal bins), `brier` the score of Brier (1950) and
    `always` what saying the base rate of every step would score: no less, and the judge knows nothing of single steps.
    """

    bins: tuple[Bin, ...]

    @property
    def n(self) -> int:
        return sum(each.n for each in self.bins)

    @property
    def ece(self) -> float:
        return sum(abs(each.total - each.right) for each in self.bins) / self.n

    @property
    def brier(self) -> float:
        return sum(each.squares for each in self.bins) / self.n

    @property
    def always(self) -> float:
        share = sum(each.right for each in self.bins) / self.n
        return share * (1 - share)
