"""Word problems of our own: seeded stories of two to eight steps with worked solutions in the studio's step format.

A problem strings a beginning, some middles and an ending of one story together; numbers, names, wordings, signs and
the order of summands are drawn. Every solution is read back with exact arithmetic before it is given out, and no
result equals another number of the problem, so that it is always clear where a number is from.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from hashlib import blake2b
from random import Random

from inference.planted.numerals import written
from inference.planted.worked import Unfit, read
from inference.sources.base import Sourced
from inference.sources.stories import EQUATION, Line, Story, stories
from inference.types import Problem

MOST_STEPS, MOST_MIDDLES, MOST_VALUE = 8, 5, 999_999
MOST_MISSES = 20_000
MOST_FRUITLESS = 20_000
NAMES = {
    "he": (
        "Ben", "Carlos", "Farid", "Hugo", "Jonas", "Kofi", "Omar", "Tomas", "Viktor", "Marek", "Diego", "Kwame", "Ravi",
        "Nils", "Ivan", "Luca", "Pavel", "Samir", "Emeka", "Jin",
    ),
    "she": (
        "Ada", "Deniz", "Elif", "Grace", "Ines", "Leila", "Mei", "Nadia", "Priya", "Rosa", "Sana", "Uma", "Wanda",
        "Yuki", "Zoe", "Amara", "Ingrid", "Petra", "Sofia", "Freya",
    ),
}  # fmt: skip
POSSESSIVES = {"he": "his", "she": "her"}
ASIDES = (
    "N is {z:9-17} years old.",
    "It is {z:11-29} degrees outside.",
    "N lives at number {z:13-99}.",
    "M is {z:21-69} years old and helps.",
    "This began {z:11-48} minutes ago.",
)
OPENERS = ("First, ", "Next, ", "Therefore ", "We see that ", "Hence ")
# Words that open a sentence already.
OPEN = re.compile(r"(?:So|Then|Now|After|That|With|Still|Left|In|Without|At|For|By|On|To|It|Another|Both|Here)\b")
SIGNS = {"*": ("×", "*", "×"), "+": ("+",), "-": ("-",), "/": ("/", "÷", "/")}


class TemplateSource:
    """The source of stories.txt. `topics` limits it to some stories (all by default).

    `most_steps` and `largest` (0: any) keep solutions short and every number in them small.
    """

    id: str = "templates"

    def __init__(self, topics: tuple[str, ...] = (), *, most_steps: int = MOST_STEPS, largest: int = 0) -> None:
        self.most_steps, self.largest = most_steps, largest
        self.stories = tuple(story for story in stories() if not topics or story.name in topics)
        if not self.stories:
            raise ValueError(f"topics: expected some of {', '.join(topic_names())}, got {', '.join(topics)}")

    def problems(self, *, seed: int, count: int) -> Iterator[Sourced]:
        """Yield up to `count` problems with different texts; fewer where long none comes out within the bounds."""
        seen: set[str] = set()
        number = fruitless = 0
        while len(seen) < count and fruitless < MOST_FRUITLESS:
            made = self._made(seed, number)
            number, fruitless = number + 1, fruitless + 1
            if made is not None and made.problem.text not in seen:
                fruitless = 0
                seen.add(made.problem.text)
                yield made

    def _made(self, seed: int, number: int) -> Sourced | None:
        """Return problem `number` of a seed, None where its numbers do not come out."""
        key = blake2b(f"{seed}\n{number}".encode(), digest_size=16).digest()
        random = Random(int.from_bytes(key, "big"))  # noqa: S311 no secret
        story = random.choice(self.stories)
        lines = _outline(story, random, min(MOST_MIDDLES, self.most_steps - 2))
        telling = Telling(random, self.largest)
        if not all(telling.add(line) for line in lines) or not 2 <= len(telling.steps) <= self.most_steps:
            return None
        text, answer = telling.problem(), written(telling.results[-1], "")
        name = f"{story.name}/{'-'.join(line.name for line in lines)}"
        try:
            if answer is None or read(text, telling.steps, answer.replace(",", "")).shared:
                return None
        except Unfit:
            return None
        solution = "\n".join(telling.steps)
        plain = answer.replace(",", "")
        problem = Problem(f"t{seed}-{number}", text, plain, solution, level=len(telling.steps))
        return Sourced(problem, tuple(telling.steps), name)


def topic_names() -> tuple[str, ...]:
    return tuple(story.name for story in stories())


def _outline(story: Story, random: Random, most_middles: int) -> list[Line]:
    middles = random.sample(story.middles, random.randint(0, min(most_middles, len(story.middles))))
    return [random.choice(story.starts), *middles, random.choice(story.ends)]


@dataclass
class Telling:
    """A problem while it is told: sentences and steps so far, and the results of the steps."""

    random: Random
    largest: int = 0
    sentences: list[str] = field(default_factory=list)
    steps: list[str] = field(default_factory=list)
    results: list[Fraction] = field(default_factory=list)
    people: dict[str, str] = field(default_factory=dict)
    sign: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        one, other = self.random.sample([(name, he) for he, names in NAMES.items() for name in names], 2)
        self.people = {"N": one[0], "M": other[0], "H": one[1], "{his}": POSSESSIVES[one[1]]}
        self.sign = {sign: self.random.choice(ways) for sign, ways in SIGNS.items()}

    def add(self, line: Line) -> bool:
        """Tell one line; return whether its numbers come out."""
        total = self.results[-1] if self.results else Fraction(0)
        known = {"t": total, "s": self.results[0] if self.results else total}
        for letter, bounds in line.draws.items():
            drawn = self._drawn(letter, bounds, line, total)
            if drawn is None:
                return False
            known[letter] = Fraction(drawn)
        self.sentences.append(self._worded(line.sentence, known))
        for wordings in line.steps:
            known["x"] = self.results[-1] if self.results else total
            wording = self.random.choice(wordings)
            value = self._value(wording, known)
            if value is None:
                return False
            self.steps.append(self._opened(self._worded(self._with_equation(wording, known, value), known)))
            self.results.append(value)
        return True

    def problem(self) -> str:
        """Return the text of the problem, now and then with a number that nothing needs."""
        told = list(self.sentences)
        if self.random.random() < 0.4:
            aside = re.sub(
                r"\{z:(\d+)-(\d+)\}",
                lambda m: str(self.random.randint(int(m[1]), int(m[2]))),
                self.random.choice(ASIDES),
            )
            told.insert(self.random.randint(1, len(told) - 1), self._worded(aside, {}))
        return " ".join(told)

    def _drawn(self, letter: str, bounds: tuple[int, int], line: Line, total: Fraction) -> int | None:
        low, high = self._small(*bounds)
        uses = {match.group() for step in line.steps for match in EQUATION.finditer(step[0])}
        choice = range(max(low, int(total) + 1) if f"{{{letter}-t}}" in uses else low, high + 1)
        if f"{{t/{letter}}}" in uses:
            fits = [each for each in choice if total % each == 0]
            return self.random.choice(fits) if fits else None
        return self.random.choice(choice) if len(choice) else None

    def _small(self, low: int, high: int) -> tuple[int, int]:
        """Return the bounds of a number so that it stays within the largest, where there is one."""
        return (min(low, max(2, self.largest // 5)), min(high, self.largest)) if self.largest else (low, high)

    def _value(self, wording: str, known: dict[str, Fraction]) -> Fraction | None:
        """Return the result of a wording's equation, None unless it is above 0 and whole."""
        found = EQUATION.search(wording)
        if found is None:
            return None
        left, right = (known[part] if part.isalpha() else Fraction(part) for part in (found[1], found[3]))
        value = {"+": left + right, "-": left - right, "*": left * right, "/": left / (right or 1)}[found[2]]
        # Half an hour is a length of time; half a brick is a mistake.
        finest = 100 if found[3] == "60" else 1
        most = self.largest or MOST_VALUE
        return value if 0 < value <= most and (value * finest).denominator == 1 else None

    def _with_equation(self, wording: str, known: dict[str, Fraction], value: Fraction) -> str:
        def equation(match: re.Match[str]) -> str:
            left, right = (
                written(known[part] if part.isalpha() else Fraction(part), "") for part in (match[1], match[3])
            )
            if match[2] in "+*" and self.random.random() < 0.4:
                left, right = right, left
            return f"{left} {self.sign[match[2]]} {right} = {written(value, '')}"

        return EQUATION.sub(equation, wording)

    def _worded(self, text: str, known: dict[str, Fraction]) -> str:
        text = re.sub(r"\{([a-z])\}", lambda match: str(known[match[1]]), text)
        for mark, word in self.people.items():
            text = text.replace(mark, word) if mark.startswith("{") else re.sub(rf"\b{mark}\b", word, text)
        return re.sub(r"(?:^|(?<=[.?!] ))[a-z]", lambda match: match.group().upper(), text)

    def _opened(self, step: str) -> str:
        """Put an opening word before some steps that have none."""
        if OPEN.match(step) or self.random.random() < 0.75:
            return step
        opener = self.random.choice(OPENERS[1:] if self.steps else OPENERS[:1])
        named = any(step.startswith(self.people[mark]) for mark in "NM")
        return opener + (step if named else step[0].lower() + step[1:])
