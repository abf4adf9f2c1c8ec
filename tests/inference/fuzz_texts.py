"""Texts that no verifier should fall over: what models write when they run away, and what people send on purpose."""

from __future__ import annotations

import random
from collections.abc import Callable

LONGEST = 50_000
FIXED = (
    "", " ", "\n" * 3000, "\x00", "a\x00= 3\x00", "\ud800 = 3", "x = \udfff\ud800", "\ufeff\u200b\u200d= 4",
    "'" * 900, '"' * 901, "1 + " * 1500, "1 + " * 1500 + "1 = 1500", "10**10**10", "10^{10^{10}} = 1",
    "9**9**9**9 = 1", "2^" * 3000 + "2 = 4", "100000! = 1", "(" * 3000 + "1" + ")" * 3000 + " = 1",
    "((((3!)!)!)!)! = 3", "170!! / 3 = 1", "1/0 = 1/0", "0^0 = 1", "{" * 5000, "}" * 5000, "[" * 3000 + "]" * 3000,
    "a=" * 25_000, "=" * 20_000, "x = y = " * 3000, "<" * 9000, "1 < " * 2000 + "2", "7" * 5000 + " = 1",
    "0." + "3" * 5000 + " = 1/3", "1e999999999 = 2", "-" * 5000 + "1 = 1", "\\" * 9000, "$" * 9001,
    "\\frac{1}{" * 400 + "2" + "}" * 400 + " = 2", "\\sqrt{" * 600 + "4" + "}" * 600, "\\left(" * 500,
    "\\boxed{" * 800, "\\begin{matrix}" * 300, "\\text{" * 900 + "}" * 900,
    "$$" + "x_{" * 500 + "1" + "}" * 500 + "$$", "%" * 4000, "50% of " * 900, "\u202e3 = 4\u202c",
    "\u0663 + \u0664 = \u0667", "\uff11 + \uff12 = \uff13", "\u2153 + \u2154 = 1", "x\u0301\u0301\u0301 = 3",
    "\u05d0\u05d1 = 3, \u4e09 + \u56db = \u4e03", "\U0001d7d9 + \U0001d7da = \U0001d7db", "\u221a" * 2000 + "4",
    "\u2211" * 900, "SELECT * FROM " * 800, "SELECT (" * 400 + "1" + ")" * 400,
    "WITH RECURSIVE t AS (SELECT 1 UNION ALL SELECT 1 FROM t) SELECT * FROM t", "SELECT 1" + " UNION SELECT 1" * 900,
    "'; DROP TABLE t; --", "SELECT '" + "x" * 9000, "CASE WHEN 1 THEN " * 500, "C" * 4000, "C9999999999H1",
    "(" * 900 + "CH2" + ")9" * 900, "2H2 + O2 -> " * 500, "H2O(H2O(H2O(", "C1CC1" * 900,
    "[" * 900 + "Na+" + "]" * 900, "5 m/s/s/s/s" + "/s" * 900 + " = 3", "1 km^999999 = 1 m", "3 kg*" * 900,
    "m**9999999999", "1 light-year per fortnight^-99", "degC" * 900, "A supports B. " * 900, "not " * 2000 + "A",
    "either A or " * 900 + "B", "\u201c" * 900 + "a quote" + "\u201d" * 900, '"a" ' * 5000, "def f(:\n" * 500,
    "```" * 900, "f(" * 2000, "lambda: " * 900, "while True: pass\n" * 90, "import os; os._exit(1)",
    "__import__('os').abort()", "(T, L) and " * 900, "is dominated by " * 900, "with probability " + "9" * 4000,
    "in the second iteration " * 900, "<script>alert(1)</script>" * 90, "%s%n%x" * 900, "${" * 900, "{{ " * 900,
    "\\u0000" * 900, "Answer: " * 2000, "#### " * 900,
)  # fmt: skip
PIECES = (
    "1", "2.5", "1/3", "10**9", "x", "y_1", "total", "f(", "(", ")", "[", "]", "{", "}", "=", "==", "<=", "\u2264",
    "+", "-", "*", "/", "^", "!", "%", "$", "\\frac{1}{2}", "\\sqrt{", "\\text{kg}", "m/s", "km", "H2O", "->",
    "SELECT", "FROM t", "WHERE", "'", '"', ",", ".", ";", ":", "is", "not", "and", "dominates", "equilibrium",
    "line 3", "returns", "iteration", "supports", "\n", "\t", " ", "  ", "\u200b", "\u202e", "\x00", "\ud83d",
    "\u4e09", "\u0663", "\u03c0", "\u221e", "None", "nan", "1e400", "-0", "0x", "```", "**",
)  # fmt: skip


def fuzzed(count: int, seed: int) -> list[str]:
    """Return `count` texts: the fixed ones first, then drawn ones, the same for the same seed."""
    draw = random.Random(seed)  # noqa: S311
    makers: tuple[Callable[[random.Random], str], ...] = (_soup, _soup, _repeated, _nested, _mutilated)
    drawn = [draw.choice(makers)(draw) for _ in range(max(0, count - len(FIXED)))]
    return [text[:LONGEST] for text in (*FIXED, *drawn)][:count]


def _soup(draw: random.Random) -> str:
    return draw.choice(("", " ")).join(draw.choices(PIECES, k=draw.randint(1, 400)))


def _repeated(draw: random.Random) -> str:
    return "".join(draw.choices(PIECES, k=draw.randint(1, 4))) * draw.randint(50, 2000)


def _nested(draw: random.Random) -> str:
    before, after = draw.choice(
        (("(", ")"), ("[", "]"), ("{", "}"), ("\\frac{1}{", "}"), ("f(", ")"), ("\\left(", "\\right)"))
    )
    depth = draw.randint(20, 1500)
    return before * depth + draw.choice(PIECES) + after * draw.randint(0, depth)


def _mutilated(draw: random.Random) -> str:
    signs = list("So 12 * (3 + 4) = 84 kg, and f([1, 2]) returns 3; (T, L) is \\(x^2\\) in line 5.")
    for _ in range(draw.randint(1, 12)):
        signs[draw.randrange(len(signs))] = draw.choice(PIECES)
    return "".join(signs)
