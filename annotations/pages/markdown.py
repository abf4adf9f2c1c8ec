"""Guidelines as safe HTML: Markdown without raw HTML, formulae marked for the browser, then an allow-list."""

from __future__ import annotations

from collections.abc import Sequence

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from annotations.pages import formulae

TAGS = {
    *("p", "br", "hr", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "pre", "code"),
    *("em", "strong", "s", "a", "table", "thead", "tbody", "tr", "th", "td", "span"),
}
ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}, "code": {"class"}, "span": {"class", "data-tex", "data-display"}}
SCHEMES = {"http", "https", "mailto"}


def _formula(state: StateInline, silent: bool) -> bool:
    """Take a formula as it stands: Markdown would read its backslashes as escapes."""
    found = formulae.FORMULA.match(state.src, state.pos) if state.src[state.pos] in "$\\" else None
    if found is None or "`" in found[0]:
        return False
    if not silent:
        state.push("formula", "", 0).content = found[0]
    state.pos = found.end()
    return True


def _marked(_renderer: object, tokens: Sequence[Token], at: int, *_given: object) -> str:
    return formulae.marked(tokens[at].content)


def _parser() -> MarkdownIt:
    made = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    made.inline.ruler.before("escape", "formula", _formula)
    made.add_render_rule("formula", _marked)
    return made


_PARSER = _parser()


def render(text: str) -> SafeString:
    """Return Markdown as HTML of TAGS only. Headings start at h2: the page has its own h1."""
    tokens = _PARSER.parse(text)
    for token in tokens:
        _lower_heading(token)
    raw = _PARSER.renderer.render(tokens, _PARSER.options, {})
    clean = nh3.clean(
        raw, tags=TAGS, attributes=ATTRIBUTES, url_schemes=SCHEMES, link_rel="noopener noreferrer nofollow"
    )
    return mark_safe(clean)  # noqa: S308 nh3 has just cleaned it


def _lower_heading(token: Token) -> None:
    if token.type in ("heading_open", "heading_close"):
        token.tag = f"h{min(int(token.tag[1]) + 1, 6)}"
