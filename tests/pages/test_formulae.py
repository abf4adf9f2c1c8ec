"""Formulae where there is no room to draw them, and in Markdown, which would read their backslashes as its own."""

from __future__ import annotations

import re

import pytest

from annotations.pages import markdown
from annotations.pages.formulae import evidence, marked, plain


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (r"Lena has \(5 \cdot 12 = 60\) pens.", "Lena has 5 · 12 = 60 pens."),
        (r"A quarter is $\frac{60}{4} = 15$, so", "A quarter is 60/4 = 15, so"),
        (r"$\dfrac{a+1}{2} \leq \binom{6}{2}$", "(a+1)/2 ≤ C(6, 2)"),
        (r"It was cut at \(5 \times 1", "It was cut at 5 × 1"),
        (r"$\frac{12\sqrt{25}}{5} = 3^{n+1}$ at $30^\circ$", "(12√25)/5 = 3^(n+1) at 30°"),
        ("Pens cost $5 and $6.", "Pens cost $5 and $6."),
        (r"C:\folder stays", r"C:\folder stays"),
    ],
)
def test_a_formula_is_written_in_one_line(text: str, line: str) -> None:
    assert plain(text) == line


def test_a_formula_ends_at_its_own_end_and_holds_no_second_opening() -> None:
    assert r'data-tex="a \\[2pt] b"' in marked(r"\[a \\[2pt] b\]")
    assert 'data-tex="y"' in marked(r"\(x and \(y\)")


def test_markdown_leaves_a_formula_as_it_stands() -> None:
    page = markdown.render("As in $7 \\times 6$ and \\(x_1 * x_2 * x_3\\), not `$x$`.")

    assert 'data-tex="7 \\times 6"' in page
    assert 'data-tex="x_1 * x_2 * x_3"' in page
    assert "<code>$x$</code>" in page


def test_code_between_fences_is_code_and_no_formula() -> None:
    text = "See:\n\n```python\nif a < 3:\n    cost = '$5 and $6'\n```\nand $x^2$."
    assert marked(text) == (
        'See:<code class="fenced">if a &lt; 3:\n    cost = &#x27;$5 and $6&#x27;</code>'
        'and <span class="tex" data-tex="x^2">$x^2$</span>.'
    )
    assert "<b>" not in marked("```\n<b>") + marked("```\n<b>```")


def test_a_formula_in_markdown_brings_no_markup_along() -> None:
    page = markdown.render('$a"><script>alert(1)</script>$')

    assert "<script>" not in page
    assert 'data-tex="a&quot;&gt;&lt;script&gt;' in page


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        (r"\frac{1}{2} + 3 = 4", [(r"\frac{1}{2} + 3 = 4", "1/2 + 3 = 4")]),
        (r"2\sqrt{961} = 62, not 30", [(r"2\sqrt{961} = 62", "2√961 = 62")]),
        (
            r"\frac{7!}{8!} = 0.125, but \frac{7!}{7!+7} = 720/721; not held against the step: a rounding",
            [(r"\frac{7!}{8!} = 0.125", "(7!)/(8!) = 0.125"), (r"\frac{7!}{7!+7} = 720/721", "(7!)/(7!+7) = 720/721")],
        ),
        (r"\text{area of it} \cdot 2 is $\pi$", [(r"\text{area of it} \cdot 2", "area of it · 2"), (r"\pi", r"$\pi$")]),
        (r"5 + 4 = 9, not 8", []),
        (r"C:\folder\new is no path", []),
    ],
)
def test_a_tools_formulae_are_marked_without_dollars_up_to_the_next_word(
    text: str, drawn: list[tuple[str, str]]
) -> None:
    page = str(evidence(text))

    assert re.findall(r'data-tex="([^"]*)"[^>]*>([^<]*)<', page) == drawn
    assert drawn or page == text


def test_what_a_tool_says_brings_no_markup_along() -> None:
    page = str(evidence(r'\frac{<img onerror=x>}{2} " <script>alert(1)</script>'))

    assert "<script" not in page and "<img" not in page
    assert page.count("<span") == 1
