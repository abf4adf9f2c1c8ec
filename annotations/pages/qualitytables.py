"""The figures of quality as rows for people and for files. Asks nothing of the database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from annotations.pages import qualitycharts, toolcharts
from annotations.pages.charts import Chart, shares
from annotations.pages.qualitystate import QualityState
from annotations.trust import Share, percent
from inference.types import Rating

if TYPE_CHECKING:
    # These load numpy, which only the page that shows the figures pays for.
    from annotations.desk.measuring import Agreement, Pair, Person, Quality, Stretch
    from inference.agreement import Measure

RATED = tuple(rating.value for rating in Rating)


@dataclass(frozen=True, slots=True)
class Row:
    """A measure of the table: its name, what it is, value and interval as text, of how many, a bar, or why not."""

    name: str
    note: str
    value: str
    interval: str
    counts: str
    chart: Chart | None
    reason: str = ""


def agreement(found: Agreement) -> list[Row]:
    items = "items"
    return [
        _row("Ratings of a step: Krippendorff’s α", "1 all alike, 0 as by chance", found.steps, "steps"),
        _row("First errors: Krippendorff’s α", "over the number of the step, 0 for none", found.first_errors, items),
        _row("Pairs of ratings that are equal", "chance is not taken off", found.equal, "steps"),
        _row("Items whose first errors are all equal", "chance is not taken off", found.unanimous, items),
    ]  # fmt: skip


def _row(name: str, note: str, found: Measure, unit: str) -> Row:
    return Row(
        name, note, number(found.value), interval(found), f"{found.units:,} {unit}" if found.value is not None else "",
        qualitycharts.measure(name, found.value, found.low, found.high), found.reason,
    )  # fmt: skip


def number(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}".replace("-", "−")


def interval(found: Measure) -> str:
    return "" if found.low is None else f"{number(found.low)} to {number(found.high)}"


def share_interval(share: Share) -> str:
    return f"{percent(share.low)} to {percent(share.high)}" if share.of else ""


def told(share: Share) -> dict[str, Any]:
    """Return a share as a table's cell shows it."""
    return {
        "value": percent(share.value),
        "interval": share_interval(share),
        "counts": f"{share.hits:,} of {share.of:,}" if share.of else "",
        "of": share.of,
        "chart": toolcharts.bar("Right", share),
    }


def people(found: Sequence[Person], state: QualityState) -> list[dict[str, Any]]:
    return [
        {
            "name": each.name,
            "url": state.with_(person=each.id, pair=None, cell=None),
            "current": each.id == state.person,
            "items": each.items,
            "ratings": each.ratings,
            "seconds": each.seconds,
            "gold_items": told(each.gold_items),
            "gold_ratings": told(each.gold_ratings),
            "others": percent(each.others.value),
            "between": "" if each.others.low is None else f"{percent(each.others.low)} to {percent(each.others.high)}",
            "shared": each.others.units,
        }
        for each in found
    ]


def drift(found: Sequence[Stretch], who: str) -> dict[str, Any]:
    """Return the rows of a drift and its two drawings."""
    gold = [_gold_point(each) for each in found]
    slowest = max((each.seconds or 0 for each in found), default=0)
    seconds = [
        qualitycharts.Point(each.name, each.seconds, told="" if each.seconds is None else f"{each.seconds:.1f} s")
        for each in found
    ]
    top = qualitycharts.round_top(slowest)
    return {
        "rows": [{"each": each, "gold": told(each.gold_ratings)} for each in found],
        "charts": [
            chart
            for chart in (
                qualitycharts.went(f"Gold ratings that are right, {who}", gold, top=100, unit=" %"),
                qualitycharts.went(f"Median seconds a rating, {who}", seconds, top=top, unit=" s"),
            )
            if chart
        ],
    }


def _gold_point(each: Stretch) -> qualitycharts.Point:
    share = each.gold_ratings
    if share.value is None:
        return qualitycharts.Point(each.name, None)
    said = f"{percent(share.value)} % right ({share_interval(share)}), {share.hits:,} of {share.of:,}"
    return qualitycharts.Point(each.name, 100 * share.value, 100 * share.low, 100 * share.high, said)


def matrix(quality: Quality, pairs: Sequence[Pair], state: QualityState) -> list[dict[str, Any]]:
    """Return a line a person with the kappas with those before him."""
    at = {(pair.first, pair.second): pair for pair in pairs}
    return [
        {
            "name": quality.names[user],
            "cells": [_cell(quality, at[(other, user)], state) for other in quality.shown[:place]],
        }
        for place, user in enumerate(quality.shown)
    ][1:]


def _cell(quality: Quality, pair: Pair, state: QualityState) -> dict[str, Any]:
    kappa, names = pair.kappa, (quality.names[pair.first], quality.names[pair.second])
    title = f"{names[0]} and {names[1]}: "
    if kappa.value is None:
        return {"value": "", "title": title + kappa.reason, "url": "", "shade": 0, "units": kappa.units}
    said = f"κ {number(kappa.value)}" + (f" ({interval(kappa)})" if kappa.low is not None else "")
    return {
        "value": number(kappa.value),
        "title": f"{title}{said}, {kappa.units:,} steps",
        "url": state.with_(pair=(pair.first, pair.second), cell=None, page=1),
        "shade": max(0, min(4, int(kappa.value * 5))),
        "units": kappa.units,
        "current": state.pair is not None and set(state.pair) == {pair.first, pair.second},
    }


def chosen(quality: Quality, pairs: Sequence[Pair], state: QualityState) -> Pair | None:
    """Return the pair that the address names, else the one that agrees least."""
    if state.pair is not None:
        return next((pair for pair in pairs if {pair.first, pair.second} == set(state.pair)), None)
    known = [pair for pair in pairs if pair.kappa.value is not None]
    return min(known, key=lambda pair: pair.kappa.value or 0.0, default=None)


def confusion(quality: Quality, pair: Pair, state: QualityState) -> dict[str, Any]:
    """Return the chosen pair's matrix; the cells open the steps behind them."""
    counts = quality.confusion(pair.first, pair.second)
    return {
        "first": quality.names[pair.first],
        "second": quality.names[pair.second],
        "kappa": number(pair.kappa.value),
        "interval": interval(pair.kappa),
        "reason": pair.kappa.reason,
        "steps": sum(map(sum, counts)),
        "rows": [
            (row, [
                {"count": counts[at][to], "apart": at != to, "current": state.cell == (row, column),
                 "url": state.with_(pair=(pair.first, pair.second), cell=(row, column), page=1)}
                for to, column in enumerate(RATED)
            ])
            for at, row in enumerate(RATED)
        ],
    }  # fmt: skip


def protocol(found: Agreement, agree: int, most: int) -> dict[str, Any]:
    """Return how items end when people are asked until `agree` of at most `most` name the same first error."""
    counts = {(kind.value, after): n for (kind, after), n in found.outcomes.items()}
    agreed = [(f"Agreed after {after}", counts.get(("agreed", after), 0)) for after in range(agree, most + 1)]
    dropped = sum(n for (kind, _), n in counts.items() if kind == "dropped")
    waiting = sum(n for (kind, _), n in counts.items() if kind == "open")
    ended = sum(n for _, n in agreed)
    return {
        "rows": [*agreed, (f"Dropped: {most} spoke, no {agree} agree", dropped), ("More people are needed", waiting)],
        "agree": agree,
        "most": most,
        "settled": ended + dropped,
        "kept": told(Share(ended, ended + dropped)) if ended + dropped else None,
        "chart": shares(
            [("correct", "agreed", ended), ("incorrect", "dropped", dropped), ("none", "open", waiting)], of="Items"
        ),
    }


def sentence(quality: Quality, found: Agreement) -> str:
    """Say first what a reviewer would say of it."""
    items = len({each.item for each in quality.sessions})
    ratings = len(quality.words.code)
    who = "One person" if len(quality.people) == 1 else f"{len(quality.people)} people"
    said = f"{who} labelled {items:,} item{'' if items == 1 else 's'} with {ratings:,} ratings."
    if found.equal.value is None:
        return f"{said} No step was rated by two people, so nothing can be said of agreement yet."
    said += f" Where two rated the same step they agree {percent(found.equal.value)} % of the time"
    said += f", α {number(found.steps.value)}" if found.steps.value is not None else ""
    if found.unanimous.value is None:
        return f"{said}."
    return f"{said}; on the first error they agree in {percent(found.unanimous.value)} % of the items."
