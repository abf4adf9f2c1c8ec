"""A step of the labelling page, written in Python: its many small values cost a template more than all the rest."""

from __future__ import annotations

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from annotations.pages import formulae
from annotations.selectors.deskitem import DeskItem, DeskStep
from annotations.templatetags.studio import short

register = template.Library()

STEP = """<li class="step" tabindex="-1" data-node="{node}" data-version="{version}" data-rating="{rating}" \
data-category="{category}" data-name="{name}" data-text="{text}"{flags}>
<span class="no" aria-hidden="true">{number}</span><span class="shape" aria-hidden="true"></span>
<div class="said">
<p class="text"><span class="sr">{name}<span class="rated"></span>. </span>{shown}</p>
{evidence}{prelabel}<p class="word small"><span class="stands"></span><span class="note">{note}</span>\
<span class="rewrite">{rewrite}</span></p>
</div>
<span class="state tiny"></span>
</li>"""


@register.simple_tag
def step_card(step: DeskStep, it: DeskItem) -> SafeString:
    """Return the list item of one step: what it says, the viewer's own word, and the aids of his session."""
    word = step.word
    card = STEP.format(
        node=step.id,
        version=word.version,
        rating=escape(word.rating),
        category=escape(word.category),
        name=escape(step.name),
        text=escape(step.text),
        flags="".join(f" {flag}" for flag, holds in _flags(step, it) if holds),
        number=escape(step.number),
        shown=formulae.marked(step.text),
        evidence=_evidence(step, it),
        prelabel=_prelabel(step, it),
        note=escape(word.note),
        rewrite=escape(word.rewrite),
    )
    return mark_safe(card)  # noqa: S308 escaped above


def _flags(step: DeskStep, it: DeskItem) -> tuple[tuple[str, bool], ...]:
    return (
        ("data-path", step.on_path),
        ("hidden", not step.on_path and it.item.leaf_id is not None),
        ("data-terminal", step.terminal),
        ("data-flagged", step.word.flagged),
        ("data-chosen", step.word.chosen),
    )


def _evidence(step: DeskStep, it: DeskItem) -> str:
    if not step.refuted:
        return ""
    lines = "".join(f"<li>refuted: {formulae.evidence(claim)}</li>" for claim in step.refuted)
    return f'<ul class="evidence"{_hidden(it, "evidence")}>{lines}</ul>\n'


def _prelabel(step: DeskStep, it: DeskItem) -> str:
    """Return what the PRM and the tools say; the page reads the numbers from the attributes."""
    if not step.verdict and step.prm is None:
        return ""
    tools = f'<span class="by tool">tools: {escape(step.verdict)}</span> ' if step.verdict else ""
    number = "" if step.prm is None else f' data-prm="{step.prm:.4f}"'
    prm = "" if step.prm is None else f'<span class="by prm">PRM {escape(short(step.prm))}</span>'
    attributes = f'{_hidden(it, "prelabels")}{number} data-verdict="{escape(step.verdict)}"'
    return f'<p class="pre tiny soft"{attributes}>{tools}{prm}</p>\n'


def _hidden(it: DeskItem, aid: str) -> str:
    return "" if it.aids.get(aid) == "always" else " hidden"
