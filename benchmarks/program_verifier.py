"""How well the program verifier tells set-up errors that `claims` cannot see, apart from who writes the programs.

    .venv/bin/python benchmarks/program_verifier.py [--data FOLDER] [--half second] [--list 20]
    .venv/bin/python benchmarks/program_verifier.py --engine hf [--model FOLDER] [--steps 60]

The oracle: the calculator mark <<48/2=24>> of a step of GSM8K's right solution is the draft of an ideal model for that
step. The wrong steps: another operand, operator or quantity planted in such a step and computed correctly, those that
`claims` refutes left out. As many right steps, drawn from all solutions, stand beside them. Programs run in the
sandbox, verdicts come from the pool. Precision is wrong steps among refuted ones, recall refuted among wrong ones, with
Wilson's 95 % intervals. Rules were chosen on the first half of the file; figures are of the second.

With --engine a model writes the programs, and the figures say how many of them can be read, run, and are right.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(CHECKOUT))

from benchmarks._marks import Case, cases, drafted  # noqa: E402
from benchmarks._studio import figure  # noqa: E402
from inference.engines import make_engine  # noqa: E402
from inference.engines.params import EngineSpec  # noqa: E402
from inference.intervals import wilson  # noqa: E402
from inference.sandbox.choose import Sandboxes  # noqa: E402
from inference.types import Verdict, VerdictKind  # noqa: E402
from inference.verifiers.params import PoolParams  # noqa: E402
from inference.verifiers.pool import Pool  # noqa: E402
from inference.verifiers.program import ProgramVerifier  # noqa: E402
from inference.verifiers.service import Checking  # noqa: E402
from inference.verifiers.wire import CheckJob, Draft  # noqa: E402

DEADLINE = 10.0
NOISE = ((0.0, 1), (0.2, 1), (0.2, 3), (0.2, 5), (0.4, 1), (0.4, 3), (0.4, 5))
"""(chance that a draft is corrupted, drafts asked)."""


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--data", type=Path, default=CHECKOUT.parent / "shared" / "data")
    arguments.add_argument("--half", choices=("first", "second"), default="second")
    arguments.add_argument("--problems", type=int, default=0, help="problems of that half, 0 for all")
    arguments.add_argument("--list", type=int, default=0, help="wrong verdicts to print")
    arguments.add_argument("--engine", choices=("hf", "vllm", "openai_http"))
    arguments.add_argument("--model", default=str(CHECKOUT / ".studio" / "models" / "SmolLM2-135M-Instruct"))
    arguments.add_argument("--address", default="")
    arguments.add_argument("--steps", type=int, default=60)
    asked = arguments.parse_args()
    path = asked.data / "gsm8k_train.jsonl"
    if not path.exists():
        sys.exit(f"{path} is not there: name the folder that holds it with --data")
    found = cases(path, second=asked.half == "second", most=asked.problems)
    checking = Checking(Pool(PoolParams(children=2, chunk=200)), Sandboxes())
    try:
        if asked.engine:
            spec = EngineSpec(kind=asked.engine, model=asked.model, address=asked.address)
            written_by_a_model(checking, spec, found, asked.steps)
        else:
            oracle(checking, found, asked.list)
    finally:
        checking.close()


def oracle(checking: Checking, found: Sequence[Case], shown: int) -> None:
    """Print the headline figures, and what self-consistency saves of them when drafts are wrong."""
    for noise, count in NOISE:
        jobs = [replace(case.job, drafts=drafted(case, noise, count)) for case in found]
        verdicts = checking.check_many(jobs, DEADLINE)
        name = "program_verifier" if not noise else f"program_verifier.noise{round(100 * noise)}.k{count}"
        report(name, found, verdicts)
        if not noise:
            listed(found, verdicts, shown)


def report(name: str, found: Sequence[Case], verdicts: Sequence[Verdict]) -> None:
    """Print precision and recall, with what was left undecided and why."""
    pairs = list(zip(found, verdicts, strict=True))
    refuted = [case for case, verdict in pairs if verdict.kind is VerdictKind.REFUTED]
    wrong = [case for case in found if case.wrong]
    hits = sum(bool(case.wrong) for case in refuted)
    supported = [case for case, verdict in pairs if verdict.kind is VerdictKind.SUPPORTED]
    unsure = [(case, verdict) for case, verdict in pairs if verdict.kind is VerdictKind.UNDECIDED]
    reasons = Counter(reason(verdict) for _, verdict in unsure)
    kinds = Counter(case.wrong for case in wrong)
    caught = Counter(case.wrong for case in refuted if case.wrong)
    millis = sorted(verdict.millis for verdict in verdicts)
    figure(
        f"{name}.recall", round(hits / len(wrong), 4), "share", wrong=len(wrong), wilson_95=interval(hits, len(wrong)),
        by_kind={kind: round(caught[kind] / many, 4) for kind, many in sorted(kinds.items())},
        undecided_of_wrong=sum(bool(case.wrong) for case, _ in unsure), undecided_because=dict(reasons.most_common(8)),
    )  # fmt: skip
    figure(
        f"{name}.precision", round(hits / max(1, len(refuted)), 4), "share", refuted=len(refuted),
        wilson_95=interval(hits, len(refuted)), right=len(found) - len(wrong),
        undecided_of_right=sum(not case.wrong for case, _ in unsure),
        wrong_given_supported=round(sum(bool(case.wrong) for case in supported) / max(1, len(supported)), 4),
        p50_ms=round(millis[len(millis) // 2], 3), p95_ms=round(millis[len(millis) * 95 // 100], 3),
    )  # fmt: skip


def interval(hits: int, total: int) -> list[float]:
    return [round(each, 4) for each in wilson(hits, total)]


def reason(verdict: Verdict) -> str:
    """Return why a verdict is undecided, without its numbers."""
    said = verdict.message.rpartition(": ")[2] or verdict.message
    return " ".join(word for word in said.split() if not any(char.isdigit() for char in word))[:80]


def listed(found: Sequence[Case], verdicts: Sequence[Verdict], most: int) -> None:
    """Print right steps that were refuted and wrong ones that were not."""
    for title, wrong, kinds in (
        ("Right, but refuted", False, (VerdictKind.REFUTED,)),
        ("Wrong, but supported", True, (VerdictKind.SUPPORTED,)),
        ("Wrong, but undecided", True, (VerdictKind.UNDECIDED,)),
        ("Right, but undecided", False, (VerdictKind.UNDECIDED,)),
    ):
        chosen = [
            (case, verdict)
            for case, verdict in zip(found, verdicts, strict=True)
            if bool(case.wrong) is wrong and verdict.kind in kinds
        ]
        print(f"{title}: {len(chosen)}", file=sys.stderr)
        for case, verdict in chosen[:most]:
            print(f"- {case.job.step}\n    <<{case.expression}>> {verdict.message}", file=sys.stderr)


def written_by_a_model(checking: Checking, spec: EngineSpec, found: Sequence[Case], steps: int) -> None:
    """Ask a model for one program a right step and print how many are read, run and right."""
    tool = ProgramVerifier()
    chosen = [case for case in found if not case.wrong and tool.requests(case.job, 1)][:steps]
    engine = make_engine(spec)
    try:
        requests = [replace(tool.requests(case.job, 1)[0], key=str(at)) for at, case in enumerate(chosen)]
        completions = engine.generate(requests)
    finally:
        engine.close()
    jobs = [replace(case.job, drafts=(Draft(each.text),)) for case, each in zip(chosen, completions, strict=True)]
    verdicts = checking.check_many(jobs, DEADLINE)
    written(spec, jobs, verdicts)


def written(spec: EngineSpec, jobs: Sequence[CheckJob], verdicts: Sequence[Verdict]) -> None:
    """Print the shares of drafts that are programs, ran, and found what the right step says."""
    tool = ProgramVerifier()
    read = sum(bool(tool.programs(job)) for job in jobs)
    ran = sum(bool((verdict.output or {}).get("agreed")) for verdict in verdicts)
    right = sum(verdict.kind is VerdictKind.SUPPORTED for verdict in verdicts)
    refuted = sum(verdict.kind is VerdictKind.REFUTED for verdict in verdicts)
    figure(
        "program_verifier.model_right", round(right / max(1, len(jobs)), 4), "share", model=Path(spec.model).name,
        steps=len(jobs), wilson_95=interval(right, len(jobs)), read=read, ran=ran, right_steps_refuted=refuted,
    )  # fmt: skip
    for job, verdict in list(zip(jobs, verdicts, strict=True))[:5]:
        print(f"- {job.step}\n{job.drafts[0].text}\n    {verdict.kind}: {verdict.message}", file=sys.stderr)


if __name__ == "__main__":
    main()
