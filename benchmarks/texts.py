"""How well and how fast the verifiers for quotes and for logic are, on errors that are planted.

    .venv/bin/python benchmarks/texts.py [FILE]

Quotes: the questions of FILE (JSONL with a field question; the default is GSM8K's train split in ../shared/data) are
the passages, four at a time; a sentence of one is quoted as it stands, in another case, or with its middle left out
("true"), or with a number, a name or a word that turns its meaning changed, from another passage than the step says, or
from a text that is none of the four ("false"). Each sort is drawn 400 times.

Logic: islands of knights and knaves of three to six people, drawn at random; steps say what somebody is, and the truth
is found by trying every assignment. "evidence.recall" and "logic.recall" are false steps that are refuted, precision is
false ones among the refuted. Times are processor time of single checks in this process, with passages and premises that
are new to it.
"""

from __future__ import annotations

import json
import re
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from itertools import product
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks._studio import figure
from inference.types import Problem, Verdict, VerdictKind
from inference.verifiers import verifier
from inference.verifiers.evidence.words import words_of
from inference.verifiers.logic.formulas import Formula, Op, atom, no
from inference.verifiers.logic.solve import Said, best

DEFAULT = Path(__file__).resolve().parents[2] / "shared" / "data" / "gsm8k_train.jsonl"
TIMES = 400
NAMES = ("Ilse", "Kenji", "Oduya", "Bruno", "Fatima", "Sven")
TURNS = (
    (" more ", " fewer "),
    (" before ", " after "),
    (" is ", " is not "),
    (" all ", " some "),
    (" was ", " was not "),
)
ISLANDERS = ("Ada", "Ben", "Cleo", "Dan", "Eve", "Finn")

World = dict[str, bool]
Change = Callable[[str, Random, Sequence[str]], str]


def number(text: str, rng: Random, _: Sequence[str]) -> str:
    found = list(re.finditer(r"(?<![\d.,])\d+(?![\d.,]\d)", text))
    if not found:
        return ""
    one = rng.choice(found)
    return f"{text[: one.start()]}{int(one[0]) + rng.choice((1, 2, 10))}{text[one.end() :]}"


def name(text: str, rng: Random, _: Sequence[str]) -> str:
    found = [word for word in words_of(text).words if word.name]
    if not found:
        return ""
    one = rng.choice(found)
    return f"{text[: one.start]}{rng.choice(NAMES)}{text[one.end :]}"


def turned(text: str, rng: Random, _: Sequence[str]) -> str:
    return next((text.replace(ours, other, 1) for ours, other in TURNS if ours in text), "")


def elsewhere(text: str, rng: Random, texts: Sequence[str]) -> str:
    return rng.choice(sentences(rng.choice(texts)) or [""])


def shortened(text: str, rng: Random, _: Sequence[str]) -> str:
    words = text.split()
    return f"{' '.join(words[:4])} \u2026 {' '.join(words[-4:])}" if len(words) > 10 else ""


TRUE: dict[str, Change] = {
    "as it stands": lambda text, rng, texts: text,
    "case": lambda text, rng, texts: text.lower().rstrip("."),
    "left out": shortened,
}
FALSE: dict[str, Change] = {
    "number": number,
    "name": name,
    "turn": turned,
    "nowhere": elsewhere,
    "other passage": lambda text, rng, texts: text,
}


def sentences(text: str) -> list[str]:
    return [each for each in re.split(r"(?<=[.])\s+", text) if 6 <= len(each.split()) <= 30 and '"' not in each]


def quotes(texts: Sequence[str], rng: Random) -> tuple[list[tuple[str, bool, Verdict]], list[float]]:
    tool, rows, times = verifier("evidence"), [], []
    for sort, change in {**TRUE, **FALSE}.items():
        count = 0
        while count < TIMES:
            passages = [{"id": str(at + 1), "title": "", "text": text} for at, text in enumerate(rng.sample(texts, 4))]
            place = rng.randrange(4)
            source = sentences(passages[place]["text"])
            said = change(rng.choice(source), rng, texts) if source else ""
            if not said:
                continue
            count += 1
            cited = (place + (sort == "other passage")) % 4 + 1
            step = rng.choice((f'Passage {cited} says "{said}"', f'"{said}" (Passage {cited}), so we go on.'))
            problem = Problem(
                "1", " ".join(row["text"] for row in passages), kind="evidence", data={"passages": passages}
            )
            began = time.thread_time()
            verdict = tool.check(problem, (), step)
            times.append((time.thread_time() - began) * 1000)
            rows.append((sort, sort in FALSE, verdict))
    return rows, times


def island(rng: Random) -> tuple[list[str], list[World], list[str]]:
    """Return who lives there, the worlds in which all they say fits, and what they say."""
    people = list(ISLANDERS[: rng.randint(3, 6)])
    said = [saying(who, *rng.sample([each for each in people if each != who], 2), rng=rng) for who in people]
    worlds = [dict(zip(people, values, strict=True)) for values in product((True, False), repeat=len(people))]
    fitting = [
        world for world in worlds if all(world[who] == test(world) for who, (_, test) in zip(people, said, strict=True))
    ]
    return people, fitting, [text for text, _ in said]


def saying(who: str, one: str, two: str, *, rng: Random) -> tuple[str, Callable[[World], bool]]:
    """Return what somebody says of two others, and whether that is so in a world."""
    forms: tuple[tuple[str, Callable[[World], bool]], ...] = (
        (f"{one} is a knight", lambda world: world[one]),
        (f"{one} is a knave", lambda world: not world[one]),
        (f"{one} and {two} are of the same kind", lambda world: world[one] == world[two]),
        (f"at least one of {one} and {two} is a knave", lambda world: not (world[one] and world[two])),
    )
    text, test = rng.choice(forms)
    return f"{who} says that {text}", test


def puzzles(rng: Random) -> tuple[list[tuple[str, bool, Verdict]], list[float]]:
    tool = verifier("logic")
    rows: list[tuple[str, bool, Verdict]] = []
    times: list[float] = []
    while len(rows) < 5 * TIMES:
        people, worlds, said = island(rng)
        if not worlds:
            continue
        data = {"opposites": [["knight", "knave"]], "teller": "knight", "facts": said}
        who, kind = rng.choice(people), rng.choice(("knight", "knave"))
        values = {world[who] == (kind == "knight") for world in worlds}
        step = rng.choice((f"So {who} is a {kind}.", f"{who} must be a {kind}.", f"Hence {who} isn't a {other(kind)}."))
        began = time.thread_time()
        verdict = tool.check(Problem("1", "", kind="logic", data=data), (), step)
        times.append((time.thread_time() - began) * 1000)
        sort = "open" if len(values) == 2 else "follows" if True in values else "excluded"
        rows.append((sort, sort == "excluded", verdict))
    return rows, times


def other(kind: str) -> str:
    return "knave" if kind == "knight" else "knight"


def maxsat(nodes: int, rng: Random) -> float:
    """Return the milliseconds that the best truth values of a random belief graph take."""
    beliefs = [atom(f"b{at}") for at in range(nodes)]
    sayings = [Said("", each if rng.random() < 0.5 else no(each), rng.randint(1, 9)) for each in beliefs]
    for _ in range(nodes):
        left, right = rng.sample(beliefs, 2)
        sayings.append(Said("", Formula(rng.choice((Op.IF, Op.ONE)), (left, right)), rng.randint(1, 9)))
    began = time.thread_time()
    best(sayings)
    return (time.thread_time() - began) * 1000


def report(tool: str, rows: Sequence[tuple[str, bool, Verdict]], times: Sequence[float]) -> None:
    counts: dict[str, dict[str, int]] = {}
    for sort, _, verdict in rows:
        counts.setdefault(sort, {}).setdefault(verdict.kind.value, 0)
        counts[sort][verdict.kind.value] += 1
    refuted = [false for _, false, verdict in rows if verdict.kind is VerdictKind.REFUTED]
    figure(f"{tool}.precision", round(sum(refuted) / len(refuted), 4), "", refuted=len(refuted))
    figure(f"{tool}.recall", round(sum(refuted) / sum(false for _, false, _ in rows), 4), "", counts=counts)
    cuts = statistics.quantiles(times, n=20)
    figure(f"{tool}.p50_ms", round(statistics.median(times), 2), "ms")
    figure(f"{tool}.p95_ms", round(cuts[18], 2), "ms", most=round(max(times), 1))


def main() -> None:
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT
    texts = [json.loads(line)["question"] for line in path.read_text(encoding="utf-8").splitlines()]
    report("evidence", *quotes(texts, Random(5)))  # noqa: S311
    report("logic", *puzzles(Random(5)))  # noqa: S311
    times = [maxsat(200, Random(seed)) for seed in range(10)]  # noqa: S311
    figure("logic.maxsat_200_ms", round(statistics.median(times), 1), "ms", most=round(max(times), 1))


if __name__ == "__main__":
    main()
