"""What the aids are worth, in sentences and rows for people. Asks nothing."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from annotations.pages import deskcharts, toolcharts, toolwords
from annotations.pages.charts import Chart, Measured
from annotations.pages.deskcharts import Rule
from annotations.selectors.desktally import Aids, Compared, Sums, Tally
from annotations.trust import Share
from inference.intervals import Estimate

# The seconds a rating of PRM800K's published sample of raw rows (73 ratings of 6 items), and what the desk is for.
SAMPLE, GOAL = 21.6, 8.0
RULES = (Rule(GOAL, "Goal"), Rule(SAMPLE, "PRM800K’s sample"))
# So few ratings tell nothing, and so much lower may the accuracy be at most to count as no lower.
LEAST, MARGIN = 30, 0.05
SHOWN = {"hidden": "hidden", "key": "on a key", "always": "always", "after": "after the decision"}
GONE = "Somebody who left"
KINDS = {"prm": "the PRM’s side", "tool": "the tool’s verdict"}


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the table of aid settings, figures as text."""

    setting: str
    who: str
    items: int
    ratings: int
    median: str
    mean: str
    between: str
    chart: Chart | None
    gold: toolwords.Line


def seconds(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:.1f}" if value < 99.95 else f"{value:,.0f}"


def between(found: Estimate | None, digits: int = 1) -> str:
    """Return an interval as text, "" where too little is known for one."""
    if found is None or math.isnan(found.low):
        return ""
    return f"{found.low:.{digits}f} to {found.high:.{digits}f}".replace("-", "−")


def setting(aids: Aids) -> str:
    arm = {True: "With aids: ", False: "Without: ", None: ""}[aids.aided]
    parts = (("reference", aids.reference), ("evidence", aids.evidence), ("PRM and verdicts", aids.prelabels))
    said = ", ".join(f"{name} {SHOWN.get(shown, shown)}" for name, shown in parts if shown)
    words = f"{arm}{said or 'not recorded'}"
    return words[0].upper() + words[1:]


def lines(sums: Sums, people: Mapping[int, str]) -> list[Line]:
    """Return each aid setting: everybody together (`who` ""), then each person, where there is more than one."""
    by_aids = sums.by(lambda whose: whose.aids)
    by_both = sums.by(lambda whose: (whose.aids, whose.user))
    worst = max([SAMPLE, *(found.seconds / found.ratings for found in by_both.values() if found.ratings)])
    made = []
    for aids in sorted(by_aids, key=_order):
        alone = {user: found for (of, user), found in by_both.items() if of == aids}
        made.append(_line(setting(aids), "", by_aids[aids], worst))
        if len(people) > 1:
            made += [_line(setting(aids), people.get(user, GONE), alone[user], worst) for user in alone]
    return sorted(made, key=lambda line: line.who.lower())


def _order(aids: Aids) -> tuple[int, Aids]:
    return ({True: 0, False: 1, None: 2}[aids.aided], Aids(aids.reference, aids.evidence, aids.prelabels))


def _line(words: str, who: str, found: Tally, worst: float) -> Line:
    mean = found.mean
    known = mean is not None and not math.isnan(mean.low)
    chart = None
    if mean is not None:
        named = Measured(
            f"{words}, {who or 'everybody'}", mean.value, *((mean.low, mean.high) if known else (None, None))
        )
        chart = deskcharts.seconds_bar(named, worst * 1.05, RULES)
    return Line(
        words, who, found.items, found.ratings, seconds(found.median), seconds(mean.value if mean else None),
        between(mean), chart, toolwords.line(found.gold),
    )  # fmt: skip


def against_goal(found: Tally) -> str:
    """Hold everybody's seconds a rating against the goal and PRM800K's sample."""
    mean = found.mean
    if mean is None or not mean.value:
        return "No item was submitted yet, so nothing is known of the time that a rating takes."
    told = f"{seconds(mean.value)} s a rating" + (f" ({between(mean)})" if between(mean) else "")
    if found.ratings < LEAST:
        return f"{told}, of {found.ratings} ratings: too few to say more ({LEAST} are needed)."
    met = "met" if mean.value <= GOAL else "not met"
    times = SAMPLE / mean.value
    faster = f"{times:.1f} times as fast as" if times >= 1.05 else "no faster than"
    return f"{told}, {faster} PRM800K’s sample ({SAMPLE} s). The goal of {GOAL:g} s is {met}."


def worth(found: Compared | None) -> str:
    """Say what aids change, in seconds and in accuracy on gold, and how sure that is."""
    if found is None:
        return ""
    few = [
        f"{arm.ratings} ratings {name}"
        for arm, name in ((found.aided, "with aids"), (found.unaided, "without"))
        if arm.ratings < LEAST
    ]
    if few:
        return f"Too few to compare yet: {' and '.join(few)} ({LEAST} are needed of each)."
    return f"{_faster(found)} {_as_right(found)}"


def _faster(found: Compared) -> str:
    aided, unaided, by = found.aided.mean, found.unaided.mean, found.seconds
    if aided is None or unaided is None or by is None:
        return ""
    told = f"With aids {_told(aided)} s a rating against {_told(unaided)} without: "
    if math.isnan(by.low):
        return f"{told}of too few items for an interval."
    if by.low <= 0 <= by.high:
        return f"{told}no difference can be seen ({_signed(by.value, 1)} s, {between(by)})."
    less = Estimate(abs(by.value), *sorted((abs(by.low), abs(by.high))))
    return f"{told}{_told(less)} s {'less' if by.value < 0 else 'more'}."


def _told(found: Estimate) -> str:
    return f"{seconds(found.value)} ({between(found)})" if between(found) else seconds(found.value)


def _as_right(found: Compared) -> str:
    aided, unaided, by = found.aided.gold, found.unaided.gold, found.accuracy
    if aided.value is None or unaided.value is None or by is None:
        return "Gold items of both kinds are needed to say whether the labels are as right."
    told = f"Accuracy on gold {aided.value:.2f} against {unaided.value:.2f}: "
    if min(aided.of, unaided.of) < LEAST or math.isnan(by.low):
        return f"{told}too few known ratings to tell ({aided.of} and {unaided.of}, {LEAST} are needed of each)."
    difference = f"difference {_signed(by.value, 2)}, {between(by, 2)}"
    if by.high < 0:
        return f"{told}lower ({difference})."
    if by.low > -MARGIN:
        return f"{told}no lower ({difference})."
    return f"{told}it may be lower by more than {MARGIN} ({difference}), more gold items would tell."


def _signed(value: float, digits: int) -> str:
    return f"{value:+.{digits}f}".replace("-", "−")


def anchoring(found: list[tuple[str, bool, Share]]) -> list[tuple[str, str, toolwords.Row]]:
    """Return (of what, seen or not, share that agrees) of people's first words, seen first."""
    return [
        (KINDS[kind], words, toolwords.Row(words, "", line.value, line.interval, line.counts, chart))
        for kind, seen, share in found
        for words in ("Shown before the decision" if seen else "Not shown before it",)
        for line, chart in ((toolwords.line(share), toolcharts.bar(words, share)),)
    ]


def anchored(found: list[tuple[str, bool, Share]]) -> list[str]:
    """Say of each kind whether people agree more with what they saw; what is needed where it cannot be said."""
    said = []
    for kind, name in KINDS.items():
        shares = {seen: share for of, seen, share in found if of == kind}
        if not shares:
            continue
        seen, unseen = shares.get(True, Share(0, 0)), shares.get(False, Share(0, 0))
        said.append(_anchored(name, seen, unseen))
    return said


def _anchored(name: str, seen: Share, unseen: Share) -> str:
    if min(seen.of, unseen.of) < LEAST or seen.value is None or unseen.value is None:
        return (
            f"For {name} too few ratings to tell: {seen.of} after it was shown, {unseen.of} before ({LEAST} of each)."
        )
    more = 100 * (seen.value - unseen.value)
    rates = f"{100 * seen.value:.0f} % of the time when they saw it, {100 * unseen.value:.0f} % when not"
    told = f"People agree with {name} {rates}"
    if seen.low > unseen.high:
        return f"{told}: {more:.0f} points more, a sign of anchoring."
    if seen.high < unseen.low:
        return f"{told}: {-more:.0f} points less, so they do not follow it."
    return f"{told}: the intervals meet, so no anchoring can be seen."
