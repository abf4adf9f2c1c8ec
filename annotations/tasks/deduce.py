"""Training a deducibility scorer: errors are planted in memory in the project's right solutions; no label is read.

1. Read right solutions, worked and verified ones; those whose numbers cannot be followed are counted with the reason.
2. Plant pairs of a right and a wrong step, those of held-out problems apart: no step serves both sides.
3. Read the features of their steps, fit the ranking, measure it on the held-out pairs, store the head.
"""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import Any

from annotations.access import Access
from annotations.errors import BadInput
from annotations.models import ModelArtefact, Run
from annotations.params import read
from annotations.selectors.artefacts import DEDUCER_KIND
from annotations.selectors.verified import NO_SOLUTIONS, RightSolution, right_solutions
from annotations.tasks.heads import store_head
from annotations.tasks.score import Progress, Source, Unfit, feature_spec, open_source
from inference.planted import Unfit as Unfollowed
from inference.planted import Worked
from inference.planted import read as follow
from inference.planted.pairs import StepPair, step_pairs
from inference.trainers.head import NotEnoughLabels
from inference.trainers.params import HeadParams
from inference.trainers.ranking import PairRows, accuracy, fit_ranking, joined, pair_rows, paths_of, ranked
from inference.trainers.split import place_of
from inference.types import Role

AT_ONCE = 100
REASONS = 8


def train_deducer(*, run: Run, progress: Progress) -> dict[str, Any]:
    """Make a deducibility scorer and return the report; `progress` is called at least every second or so."""
    made = ModelArtefact.objects.filter(project_id=run.project_id, run=run, kind=DEDUCER_KIND).first()
    if made is not None:
        return {**made.metrics, "model_id": made.pk}
    params = read(HeadParams, run.params)
    spec = feature_spec(params.features, params.layers)
    solutions, unfit = _followed(_solutions(run, params), _count(params), params)
    sides = [_planted([one for test, one in solutions if test is side], params, progress) for side in (False, True)]
    done: dict[str, object] = {"stage": "reading", "pairs_done": 0, "pairs_total": sum(map(len, sides))}
    with open_source(spec, lambda: progress(done)) as source:
        trained, held = (_rows(source, side, done, progress) for side in sides)
        counts = source.counts
    try:
        head = fit_ranking(trained, spec, params, partial(progress, {"stage": "fitting"}))
    except NotEnoughLabels as error:
        raise Unfit(f"Too little to learn from: {error}. {_why(unfit)}") from None
    report = {
        **accuracy(ranked(head, held), held.pairs),
        "n_train_pairs": len(trained.pairs),
        "n_problems": len({*trained.groups, *held.groups}),
        "solutions_unfit": sum(unfit.values()),
        "unfit_because": dict(unfit.most_common(REASONS)),
        "tokens": counts.tokens,
        "tokens_per_s": round(counts.tokens_per_s, 1),
        "seconds": round(counts.seconds, 1),
    }
    artefact = store_head(run, head, report, kind=DEDUCER_KIND, name=f"Deducibility scorer {run.pk}")
    return {**report, "model_id": artefact.pk}


def _solutions(run: Run, params: HeadParams) -> list[RightSolution]:
    """Return right solutions, twice as many as the wanted pairs take, as an owner would see them."""
    user = run.requested_by
    if user is None:
        raise BadInput("The run names nobody who asked for it.", "requested_by")
    access = Access(user=user, project=run.project, role=Role.OWNER)
    found = right_solutions(access, 2 * _count(params))
    if not found:
        raise BadInput(NO_SOLUTIONS, "objective")
    return found


def _count(params: HeadParams) -> int:
    return -(-params.pairs // (params.planted + params.elsewhere))


def _followed(
    solutions: list[RightSolution], most: int, params: HeadParams
) -> tuple[list[tuple[bool, Worked]], Counter[str]]:
    """Return (held out, solution) of the first `most` that can be followed, and why others could not."""
    found: list[tuple[bool, Worked]] = []
    unfit: Counter[str] = Counter()
    for one in solutions:
        if len(found) == most:
            break
        try:
            worked = follow(one.problem, one.steps, one.answer)
        except Unfollowed as error:
            unfit[str(error)] += 1
        else:
            found.append((one.test or place_of(one.content_hash) < params.held_out, worked))
    return found, unfit


def _planted(solutions: list[Worked], params: HeadParams, progress: Progress) -> list[StepPair]:
    pairs: list[StepPair] = []
    made = step_pairs(solutions, seed=params.seed, planted=params.planted, elsewhere=params.elsewhere)
    for done, several in enumerate(made, start=1):
        pairs += several
        progress({"stage": "planting", "problems_done": done, "problems_total": len(solutions)})
    return pairs


def _rows(source: Source, pairs: list[StepPair], done: dict[str, object], progress: Progress) -> PairRows:
    """Return the pairs with their features, AT_ONCE pairs at a time; those too long for the model are left out."""
    parts = []
    for start in range(0, len(pairs), AT_ONCE):
        some = pairs[start : start + AT_ONCE]
        parts.append(pair_rows(some, source.read(paths_of(some))))
        done |= {"pairs_done": int(str(done["pairs_done"])) + len(some)}
        done |= {"tokens_per_s": round(source.counts.tokens_per_s, 1)}
        progress(done)
    return joined(parts)


def _why(unfit: Counter[str]) -> str:
    if not unfit:
        return "Import or generate more problems with worked solutions."
    return f"{sum(unfit.values())} solutions could not be followed: {next(iter(unfit))}."
