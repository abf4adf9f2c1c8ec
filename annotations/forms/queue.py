"""The form of a labelling queue: what fills it, how many label an item, which comes next, and every desk setting."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.http import QueryDict

from annotations.desk.params import DeskSettings
from annotations.desk.queues import protocol
from annotations.desk.sources import From, Source
from annotations.errors import BadInput
from annotations.forms.fields import Bound, FormField, Group, form_fields, grouped, posted
from annotations.models import LabelQueue
from inference.desk import DeskMode, Strategy

TITLES = {
    "What is labelled": ("rate", "alternatives"),
    "What is shown": ("reference", "evidence", "prelabels", "compare_aids", "reveal"),
    "Quality": ("gold_share", "feedback", "screening", "pass_mark"),
    "People": ("lease_minutes", "everyone"),
}
NAMES = {
    "rate": "Steps to rate",
    "alternatives": "Rate alternatives at the error",
    "reference": "Reference answer",
    "evidence": "Tools’ evidence",
    "prelabels": "PRM scores and verdicts",
    "compare_aids": "Measure what the aids are worth",
    "reveal": "Others’ labels",
    "gold_share": "Share of gold items",
    "feedback": "Tell at once what was right",
    "screening": "Screening items",
    "pass_mark": "Pass mark of the screening",
    "lease_minutes": "Minutes until an item is handed on",
    "everyone": "For everybody who may label",
}
WORDS = {
    "first_error": "up to the first error",
    "all": "all",
    "hidden": "hidden",
    "key": "on a key",
    "always": "always shown",
    "after": "after the decision",
    "never": "never shown",
    "submitted": "once he has submitted",
    "decided": "once the item is settled",
}
MODES = (
    (DeskMode.SOLUTION, "Solution", "one rationale at a time, step by step"),
    (DeskMode.TREE, "Tree", "at each step rate all continuations and choose the one to go on with"),
)
STRATEGIES = (
    (Strategy.ORDER, "In order", "as they were added"),
    (Strategy.RANDOM, "At random", "an order of this queue’s own, the same for everybody"),
    (Strategy.UNCERTAINTY, "Least certain first", "where the PRM is least sure of a step"),
    (Strategy.DISAGREEMENT, "Most disputed first", "where PRM, tools and labels contradict each other most"),
    (Strategy.COVERAGE, "Rarest error first", "suspected kinds of error that few labels of the queue have so far"),
)
SOURCES = (
    (From.SLICE, "A slice of the review", "the path through each of its steps"),
    (From.RUN, "Trees of a run", "their complete paths"),
    (From.TREES, "All finished trees", "grown, planted and imported ones"),
    (From.IMPORTED, "Imported and planted rationales", "what no search of the studio grew"),
    (From.NOTHING, "Nothing yet", "a script adds items"),
)
OUTCOMES = (("", "any"), ("right", "right"), ("wrong", "wrong"))


@dataclass(frozen=True, slots=True)
class QueueForm:
    """What stands in the form. `many` is "overlap" or "agree": how it is said how many people label an item."""

    name: str = ""
    mode: str = DeskMode.SOLUTION.value
    strategy: str = Strategy.ORDER.value
    many: str = "overlap"
    overlap: str = "1"
    agree: str = "3"
    most: str = "5"
    source: str = From.TREES.value
    slice: str = ""
    run: str = ""
    problem_kind: str = ""
    levels: tuple[str, ...] = ()
    outcome: str = ""
    unlabelled: bool = False
    per_tree: str = ""
    limit: str = ""
    settings: Bound = field(default_factory=Bound)
    errors: Mapping[str, str] = field(default_factory=dict)

    @property
    def groups(self) -> list[Group]:
        """The desk's settings under their headings; the first stands open."""
        groups = grouped([_named(each) for each in form_fields(DeskSettings, self.settings)], TITLES, "More")
        return [replace(group, open=group.open or number == 0) for number, group in enumerate(groups)]

    @property
    def refused(self) -> bool:
        return bool(self.errors or self.settings.errors)

    @property
    def protocol(self) -> dict[str, int]:
        """How many label an item, as annotations.desk.queues takes it; BadInput for what is no number."""
        if self.many == "agree":
            return {"overlap": 1, "agree": _whole("agree", self.agree), "most": _whole("most", self.most)}
        return {"overlap": _whole("overlap", self.overlap), "agree": 0, "most": 0}

    @property
    def asked(self) -> Source:
        """The source that the form stands for; BadInput names what does not fit."""
        named = self.source in (From.SLICE, From.RUN)
        chosen = {self.source: _whole(self.source, getattr(self, self.source))} if named else {}
        if self.source == From.NOTHING:
            return Source()
        return Source.from_mapping(
            {
                "kind": self.source,
                **chosen,
                "problem_kind": self.problem_kind,
                "levels": [_whole("levels", level) for level in self.levels],
                "outcome": self.outcome,
                "unlabelled": self.unlabelled,
                "per_tree": _whole("per_tree", self.per_tree or "0"),
                "limit": _whole("limit", self.limit or "0"),
            }
        )

    def checked(self) -> QueueForm:
        """Return the form with everything refused at once that does not fit."""
        form = self if self.name else self.refuse(BadInput("A queue needs a name.", "name"))
        for ask in (lambda: protocol(**self.protocol), lambda: self.asked):
            try:
                ask()
            except BadInput as error:
                form = form.refuse(error)
        return form

    def refuse(self, error: BadInput) -> QueueForm:
        """Return the form with a refusal beside the field that it names."""
        name = error.field.removeprefix("source.")
        if name in DeskSettings.__dataclass_fields__:
            said = str(error).removeprefix(f"{name}: ")
            return replace(self, settings=replace(self.settings, errors={**self.settings.errors, name: said}))
        return replace(self, errors={**self.errors, name: str(error)})


def _named(item: FormField) -> FormField:
    """Return the field with words for its choices and its name."""
    return NamedField(item.spec, item.value, item.error, item.was)


class NamedField(FormField):
    """A setting of the desk as its form shows it."""

    @property
    def label(self) -> str:
        return NAMES.get(self.spec.name, super().label)

    @property
    def choices(self) -> list[tuple[str, str]]:
        return [(choice, WORDS.get(choice, choice)) for choice in self.spec.choices]

    @property
    def said(self) -> str:
        """Return the value in words, for a setting that stays as it is."""
        return {"true": "yes", "false": "no"}.get(self.value, WORDS.get(self.value, self.value))


def read(data: QueryDict) -> QueueForm:
    """Read a posted form; refusals of the desk's settings stand beside what was typed."""
    plain = QueueForm()
    texts = ("name", "mode", "strategy", "many", "overlap", "agree", "most", "source", "slice", "run")
    given: dict[str, Any] = {
        name: data.get(name, getattr(plain, name)).strip()
        for name in (*texts, "problem_kind", "outcome", "per_tree", "limit")
    }
    return QueueForm(
        **given,
        levels=tuple(data.getlist("level")),
        unlabelled="unlabelled" in data,
        settings=posted(DeskSettings, data.dict(), DeskSettings.from_mapping),
    )


def of_queue(queue: LabelQueue) -> QueueForm:
    """Return the form of a queue as it stands."""
    fixed: dict[str, Any] = {"agree": str(queue.agree), "most": str(queue.most)} if queue.agree else {}
    return QueueForm(
        name=queue.name,
        mode=queue.mode,
        strategy=queue.strategy,
        many="agree" if queue.agree else "overlap",
        overlap=str(queue.overlap),
        **fixed,
        settings=Bound(DeskSettings.from_mapping(queue.settings).as_dict()),
    )


def _whole(name: str, text: str) -> int:
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) < 19):
        said = {"slice": "Choose a slice.", "run": "Choose a run."}
        raise BadInput(said.get(name, f"Expected a whole number, got {text[:40]!r}."), name)
    return int(text)
