"""The wording in which people and models speak of a run, as patterns. None of them backtracks beyond a few words."""

from __future__ import annotations

import re

SENTENCE = re.compile(r"[.!?;](?=\s|$)|\n")
MARKUP = re.compile(r"`|\$|(?<!\w)\*\*(?=\S)|(?<=\S)\*\*(?!\w)")
SUBJECT = re.compile(
    r"(?<![\w.\[\]'\"@#\\])(?:len\(\s?([A-Za-z_]\w{0,40})\s?\)|([A-Za-z_]\w{0,40})((?:\[[^\[\]\n]{1,24}\]){0,2}))\s{0,2}"
)
RELATION = re.compile(
    r"(?:=(?!=)|:=|:(?=\s)|(?:now |then |still )?(?:becomes|equals|stays|remains)\b|"
    r"(?:is|was)\s(?:now|then|still|again|set to|"
    r"reset to|updated to|changed to|increased to|decreased to|equal to|initiali[sz]ed (?:to|as|with)|"
    r"assigned)\b|"
    r"(?:now|then)\sis\b|(?:is|was)\b|has (?:the )?value\b|starts (?:at|as|with|out as)\b|ends (?:at|as|up as|up at)\b|"
    r"(?:changes|increases|decreases|drops|grows|goes|rises|falls)\s(?:up |down )?(?:from -?\d{1,12} )?to\b)\s{0,2}",
    re.I,
)
SETTING = re.compile(
    r"\b(?:sets?|setting|initiali[sz](?:es?|ed|ing)|updat(?:es?|ed|ing)|chang(?:es?|ed|ing)|increment(?:s|ed|ing)?|"
    r"decrement(?:s|ed|ing)?|increas(?:es?|ed|ing)|decreas(?:es?|ed|ing)|bring(?:s|ing)?|resets?)\s"
    r"(?:the\s)?(?:variable\s|value of\s)?$",
    re.I,
)
TO = re.compile(r"(?:from -?\d{1,12} )?to\s", re.I)
LISTED = re.compile(r"([A-Za-z_]\w{0,40}),$")
CALL = re.compile(r"(?<![\w.])([A-Za-z_]\w{0,60})\(")
GIVES = re.compile(
    r"\s{0,2}(?:(?:correctly|therefore|then|also|thus|indeed|now|will)\s){0,2}(?:returns?|gives?|yields?|outputs?|produces?|"
    r"evaluates to|results in|equals|is|=>|==|=|->|\u2192)\s{0,2}",
    re.I,
)
RETURNS = re.compile(
    r"\b(?:(returns|returning|we return)(?:\sthe\s(?:value|list|string|"
    r"number|integer|result|count|total|sum))?|(?:the\s)?(?:return(?:ed)? value|final (?:output|result))\s(?:is|=|:)|"
    r"(outputs)|(?:the\s)?(output)\s(?:is|=|:)|(prints)|(?:the\s)?printed (?:output|text) is)\s",
    re.I,
)
WORDS = {
    name: at
    for at, name in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve".split()  # noqa: SIM905
    )
} | {"once": 1, "twice": 2}
NUMBER = rf"(?:(\d{{1,6}}|{'|'.join(WORDS)})\b)"
TIMES = re.compile(
    rf"\b(?:(inner|outer|for|while)\s)?(?:loop|loop body|body)\s(?:body\s)?"
    rf"(?:in total\s|therefore\s|then\s|thus\s|will\s)?"
    rf"(?:runs?|iterates?|executes?|is executed|is run|repeats?|goes around|makes?|performs?|takes?|has)\s"
    rf"(?:exactly\s|for\s|a total of\s|through\s){{0,2}}{NUMBER}"
    rf"(?:\s(?:times?|iterations?|pass|passes|rounds?)\b|(?<=once)|(?<=twice))",
    re.I,
)
RAISES = re.compile(
    r"\b(?:raises|throws|fails with|crashes with)\s(?:an?\s)?([A-Z]\w{2,40}(?:Error|Exception|Iteration))\b"
)
HYPOTHETICAL = re.compile(
    r"(?<!the )\bif\b(?!\s(?:statement|condition|branch|block|check|is|test)\b)|\b(?:suppose|assum\w{1,4}|"
    r"imagine|unless|would|should|could|might|may|expect\w{0,3}|want\w{0,3}|need\w{0,3}|wrong\w{0,2}|incorrect\w{0,2}|"
    r"instead|whether|until|without|except|rather|otherwise|else|let|claim\w{0,2}|check\w{0,3}|whenever|in general|not|"
    r"never|no|cannot|nor)\b|n't\b",
    re.I,
)
