"""Where mathematics stands in a step: LaTeX regions and the prose between them. Knows nothing about values."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from inference.verifiers.claims import latex, prose
from inference.verifiers.claims.chains import Chain, Link
from inference.verifiers.claims.tokens import Token, tokenise

MAX_CHARS = 6000
MAX_LINKS = 40

_SIGNS = re.compile(
    r"[=<>≈≠≤≥≡]|\\(?:approx|simeq|neq?|leq?|geq?|leqslant|geqslant|lt|gt|equiv)(?![a-z])"
    r"|\b(?:is|equals?|makes|gives) (?:(?:equal to|about|approximately) )?\$?\\?[\d(-]"
)
_PROSE_SIGNS = re.compile(
    r"[=<>≈≠≤≥≡]|\\(?:approx|simeq|neq?|leq?|geq?|leqslant|geqslant|lt|gt|equiv)(?![a-z])"
    r"|\b(?:is|equals?|makes|gives) (?:(?:equal to|about|approximately|roughly|around) )?[-$(\\\d]",
    re.I,
)
_DELIMITERS = re.compile(r"\\\[|\\\(|\$\$|(?<!\\)\$|\\begin\{(?:align|aligned|equation|gather|split|eqnarray)\*?\}")
_CLOSERS = {"\\[": "\\]", "\\(": "\\)", "$$": "$$"}
_TABLES = re.compile(r"\\begin\{((?:[pbvBV]|small)?matrix|array|cases|tabular)\}")
_COMMANDS = re.compile(r"\\(?:text\w*+|mathrm|operatorname|mbox|begin|end)\{[^{}]*+\}|\\[A-Za-z]++")
# abc and xyz are products; "and" or a longer word that stands free is English.
_LONG_WORD = re.compile(
    r"(?<![\w}])(?:and|the|for|per|are|has|was|she|her|his|but|can|all|day|not|you|[A-Za-z]{4,})(?![\w{])"
)
_AMOUNT = re.compile(r"\d[\d.,]*+\s++[a-z]{2,}")


@dataclass(frozen=True, slots=True)
class Region:
    """text[start:end] with its delimiters lies at [outer_start, outer_end)."""

    start: int
    end: int
    outer_start: int
    outer_end: int


def links(text: str) -> list[Link]:
    """Return the relations of a step in the order of the text, MAX_LINKS at most, from its first MAX_CHARS."""
    text = text[:MAX_CHARS]
    if not _SIGNS.search(text):
        return []
    found = sorted((link for chain in _chains(text) for link in chain.links()), key=lambda link: link.left.start)
    return found[:MAX_LINKS]


def _chains(text: str) -> Iterator[Chain]:
    stream: list[Token] = []
    at = 0
    found = list(regions(text))
    in_prose = _states_something(text, found)
    for region in found:
        stream += tokenise(text, at, region.outer_start, prose=True) if in_prose else []
        at = region.outer_end
        tokens = tokenise(text, region.start, region.end, prose=False)
        if any(token.kind == "rel" for token in tokens) or _is_table(text, region):
            stream.append(Token("bar", "", region.outer_start, region.outer_end))
            yield from _region_chains(text, region, tokens)
        else:
            stream += _inlined(tokens, region)
    if in_prose:
        stream += tokenise(text, at, len(text), prose=True)
        yield from prose.chains(stream)


def _states_something(text: str, found: list[Region]) -> bool:
    """Whether the prose between the regions holds a relation; most does not and need not be read."""
    starts = [0, *(region.outer_end for region in found)]
    ends = [*(region.outer_start + 1 for region in found), len(text)]
    return any(_PROSE_SIGNS.search(text, start, end) for start, end in zip(starts, ends, strict=True))


def _region_chains(text: str, region: Region, tokens: list[Token]) -> Iterator[Chain]:
    if _is_table(text, region):
        return
    before, after = text[: region.outer_start].rstrip(" ")[-1:], text[region.outer_end :].lstrip(" ")[:2]
    left = before in ("+", "*", "/", "^", "=", "×") or text[: region.outer_start].endswith(" - ")
    right = after[:1] in ("+", "*", "/", "^") or (after[:1] == "-" and after[1:].strip() in ("$", "\\", ""))
    chains = list(latex.chains(tokens))
    for at, chain in enumerate(chains):
        starts_with_operator = bool(chain.sides[0].tokens) and chain.sides[0].tokens[0].text in ("+", "*", "/", "=")
        last = at == len(chains) - 1
        asked = last and after[:1] == "?"
        yield replace(
            chain, asked=asked, open_left="signs" if (left and at == 0) or starts_with_operator else "",
            open_right="signs" if right and last else "",
        )  # fmt: skip


def _is_table(text: str, region: Region) -> bool:
    return _TABLES.search(text, region.start, region.end) is not None


def _inlined(tokens: list[Token], region: Region) -> list[Token]:
    """A region without a relation becomes a bracket in the prose: "$3$ + $4$ = 7"."""
    if not tokens or any(token.kind in ("text", "sep") for token in tokens):
        return [Token("bar", "", region.outer_start, region.outer_end)]
    if len(tokens) == 1:
        return [tokens[0]._replace(start=region.outer_start, end=region.outer_end)]
    opening = Token("op", "(", region.outer_start, region.start)
    return [opening, *tokens, Token("op", ")", region.end, region.outer_end)]


def regions(text: str) -> Iterator[Region]:
    """Yield the LaTeX regions of a text; a lone "$" before an amount is money, not a delimiter."""
    dollars = "\\(" not in text
    at = 0
    while match := _DELIMITERS.search(text, at):
        mark = match.group()
        if mark.startswith("\\begin"):
            closer = mark.replace("begin", "end")
        elif mark == "$":
            closer = "$"
        else:
            closer = _CLOSERS[mark]
        end = text.find(closer, match.end())
        while mark == "$" and end > 0 and text[end - 1] == "\\":
            end = text.find(closer, end + 1)
        if end < 0 or (mark == "$" and not (dollars and _is_mathematics(text, match.end(), end))):
            at = match.end()
            continue
        yield Region(match.end(), end, match.start(), end + len(closer))
        at = end + len(closer)


def _is_mathematics(text: str, start: int, end: int) -> bool:
    """Whether what stands between two dollar signs is LaTeX and not, say, the "5 and " of "$5 and $6"."""
    body = text[start:end]
    if not body.strip() or body.rstrip()[-1] in "-+*/=×÷(<>≈:" or "\n\n" in body:
        return False
    if body[-1].isspace() and not body[0].isspace():
        return False
    if body[0].isdigit() and (_AMOUNT.match(body) or text[end + 1 : end + 2].isdigit()):
        return False
    return not _LONG_WORD.search(_COMMANDS.sub("", body))
