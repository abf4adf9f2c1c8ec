"""An item of the labelling page, written in Python: its many small values cost a template more than all the rest."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from django import template
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import Truncator

from annotations.pages import formulae
from annotations.selectors.deskitem import DeskItem, DeskStep, Level
from annotations.templatetags.studio import short

register = template.Library()

LONG_SOLUTION, OUTLINE = 600, 200
"""Characters of a reference solution that is folded at first, and of the problem in one line."""
ITEM = """<article class="item" id="item-{session}" aria-label="Item {number}" data-session="{session}" \
data-item="{item}" data-queue="{queue}" data-lease="{lease}" data-state="{state}" data-mode="{mode}" \
data-rate="{rate}" data-reference="{reference}" data-evidence="{evidence}" data-prelabels="{prelabels}"{flags} hidden>
  <section class="asked" aria-label="Problem">
    <p class="about tiny soft"><span>{name}, item {number}</span> <span class="lease"></span></p>
    <h1 class="sr">Problem</h1>
    <div class="prose text">{problem}</div>
{answer}  </section>
  <p class="folded cut" aria-hidden="true" hidden>{outline}</p>
  <ol class="levels" aria-label="Steps">
{levels}  </ol>
</article>"""
LEVEL = """<li class="level" data-above="{above}"{hidden}>
<ol class="cards"{label}>
{steps}
</ol>
<p class="own"{unsaid}><span class="tag">your step</span> <span class="text">{own}</span></p>
</li>
"""
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
def item_card(it: DeskItem) -> SafeString:
    """Return the article of an item as its person sees it; the page shows it when its turn comes."""
    session, item, aids = it.session, it.item, it.aids
    lease = session.lease_until
    flags = (("data-alternatives", it.settings.alternatives), ("data-flagged", session.flagged))
    card = ITEM.format(
        session=session.pk,
        number=item.number,
        item=item.pk,
        queue=session.queue_id,
        lease="" if lease is None else timezone.localtime(lease).isoformat(),
        state=escape(session.state),
        mode=escape(session.queue.mode),
        rate=escape(it.settings.rate),
        reference=escape(aids["reference"]),
        evidence=escape(aids["evidence"]),
        prelabels=escape(aids["prelabels"]),
        flags=_set(flags),
        name=escape(session.queue.name),
        problem=formulae.marked(it.problem),
        answer=_answer(it),
        outline=escape(Truncator(formulae.plain(it.problem)).chars(OUTLINE)),
        levels="".join(_level(level, it) for level in it.levels),
    )
    return mark_safe(card)  # noqa: S308 escaped above


def _answer(it: DeskItem) -> str:
    """Return the reference, where the session's aids do not keep it away."""
    if not (it.answer or it.solution):
        return ""
    answer = f'<p class="small">Reference answer: <strong>{formulae.marked(it.answer)}</strong></p>'
    unfolded = " open" if len(it.solution) < LONG_SOLUTION else ""
    solution = (
        f'<details class="fold small"{unfolded}><summary>Reference solution</summary>'
        f'<div class="prose text">{formulae.marked(it.solution)}</div></details>'
    )
    parts = (answer if it.answer else "") + (solution if it.solution else "")
    return f'<div class="reference"{_hidden(it, "reference")}>{parts}</div>\n'


def _level(level: Level, it: DeskItem) -> str:
    """Return the ways to go on from one step; of a tree they are shown when the person comes there."""
    whole = it.item.leaf_id is None
    return LEVEL.format(
        above=level.above,
        hidden=" hidden" if whole else "",
        label=f' aria-label="Ways to go on: step {level.depth}"' if whole else "",
        steps="\n".join(_step(step, it) for step in level.steps),
        unsaid="" if level.own else " hidden",
        own=escape(level.own.get("text", "")) if level.own else "",
    )


def _step(step: DeskStep, it: DeskItem) -> str:
    """Return the list item of one step: what it says, the viewer's own word, and the aids of his session."""
    word = step.word
    return STEP.format(
        node=step.id,
        version=word.version,
        rating=escape(word.rating),
        category=escape(word.category),
        name=escape(step.name),
        text=escape(step.text),
        flags=_set(_flags(step, it)),
        number=escape(step.number),
        shown=formulae.marked(step.text),
        evidence=_evidence(step, it),
        prelabel=_prelabel(step, it),
        note=escape(word.note),
        rewrite=escape(word.rewrite),
    )


def _set(flags: Iterable[tuple[str, bool]]) -> str:
    return "".join(f" {flag}" for flag, holds in flags if holds)


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
