"""Formulae where there is no room to draw them, and in Markdown, which would read their backslashes as its own."""

from __future__ import annotations

import pytest

from annotations.pages import markdown
from annotations.pages.formulae import marked, plain


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (r"Lena has \(5 \cdot 12 = 60\) pens.", "Lena has 5 · 12 = 60 pens."),
        (r"A quarter is $\frac{60}{4} = 15$, so", "A quarter is 60/4 = 15, so"),
        (r"$\dfrac{a+1}{2} \leq \binom{6}{2}$", "(a+1)/2 ≤ C(6, 2)"),
        (r"It was cut at \(5 \times 1", "It was cut at 5 × 1"),
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


def test_a_formula_in_markdown_brings_no_markup_along() -> None:
    page = markdown.render('$a"><script>alert(1)</script>$')

    assert "<script>" not in page
    assert 'data-tex="a&quot;&gt;&lt;script&gt;' in page
