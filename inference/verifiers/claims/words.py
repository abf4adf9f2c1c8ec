"""The words that decide where an expression in running text starts and ends. Knows nothing about tokens."""

from __future__ import annotations


def words(text: str) -> frozenset[str]:
    """Return the words of a text as a set."""
    return frozenset(text.split())


# No unit of a number: an expression ends before them.
STOP = words(
    "and or so then is are was were has have had that which who if we he she it they you to from with but because "
    "since when where let thus hence therefore gives get gets makes make means how what will would can must be been "
    "costs cost there this these as at on by than between also plus only not"
)
# Before an expression they may change it: "twice 3 + 4 = 14".
OPENING = words(
    "of twice thrice double triple half times minus plus by more less than square cube root product over percent per "
    "divided multiplied remainder quotient mod base log sin cos tan to from first last average mean difference ratio "
    "fewer modulo squared cubed sum"
)
# A number after them is a name: "day 1 * 2 = 2 pages".
NUMBERED = words(
    "day days week weeks month year hour step case part number no question equation method option point game round "
    "term row level page chapter class grade problem line stage phase group"
)
# "a total of 3 + 4 = 7" is whole; "half of 3 + 5 = 4" is not.
HARMLESS_OF = words("total sum cost amount price profit number value distance revenue income")
CLOSING = words("remainder r mod modulo remaining squared cubed times percent")
FILLERS = words("the her his their those these its my our all")
SHORT_UNITS = words("cm mm km kg lb lbs oz ft in mi hr hrs min sec ml mph yd pts")
# Among the numbers of a side they may change its value.
VAGUE_UNITS = words(
    "of per plus minus times remainder mod r more less than fewer million thousand billion hundred dozen k m"
)
# Different units of one family in an equation may be a conversion.
FAMILIES = tuple(
    words(text)
    for text in (
        "second sec minute min hour hr day week month year decade century",
        "inch inche foot feet ft yard yd mile mi mm cm m km meter metre millimeter centimeter kilometer",
        "ounce oz pound lb ton mg g kg gram kilogram milligram",
        "cup pint quart gallon ml l liter litre milliliter ounce teaspoon tablespoon",
        "dollar cent penny pennie nickel dime quarter buck",
    )
)
CONNECTIVES = words("and or so if for since where when but thus then because therefore")
GREEK = words(
    "alpha beta gamma delta epsilon varepsilon theta lambda mu rho sigma tau phi varphi omega psi zeta eta kappa nu "
    "xi chi Delta Omega Phi Gamma ell triangle"
)
FUNCTIONS = words("sin cos tan cot sec csc log ln exp arcsin arccos arctan")
OPERANDS = words("frac sqrt binom pi boxed")
SILENT = words(
    "left right big Big bigg Bigg bigl bigr Bigl Bigr displaystyle limits small textstyle ! , : ; nonumber hline "
    "middle mathbf mathrm"
)
