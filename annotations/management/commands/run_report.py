"""manage.py run_report [RUN]: print what a generation run has grown so far (the newest run if none is named)."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Count, Q

from annotations.models import Run, ToolCheck, Tree
from annotations.selectors.progress import progress_of


class Command(BaseCommand):
    help = "Print the counts of a generation run: trees, paths, parsed steps, verdicts, one refutation."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("run", nargs="?", type=int, help="Number of the run; the newest generation run if left out")
        parser.add_argument("--json", action="store_true", help="Print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        runs = Run.objects.filter(kind="generate").order_by("-id")
        run = runs.filter(pk=options["run"]).first() if options["run"] else runs.first()
        if run is None:
            raise CommandError("There is no such generation run; start one on the Runs page.")
        counts = self._counts(run)
        if options["json"]:
            self.stdout.write(json.dumps(counts))
            return
        for name, value in counts.items():
            self.stdout.write(f"{name.replace('_', ' ')}: {value}")

    def _counts(self, run: Run) -> dict[str, Any]:
        progress = progress_of(run)
        paths = Tree.objects.filter(run=run).aggregate(
            both=Count("pk", filter=Q(correct_paths__gt=0, wrong_paths__gt=0)),
            any=Count("pk", filter=Q(correct_paths__gt=0) | Q(wrong_paths__gt=0)),
        )
        refuted = ToolCheck.objects.filter(run=run, verdict="refuted").exclude(verifier="answer").select_related("node")
        first = refuted.order_by("id").first()
        return {
            "run": run.pk,
            "state": run.state,
            "elapsed_seconds": round(progress.elapsed_seconds, 1),
            "trees": progress.trees_total,
            "trees_finished": progress.trees_done,
            "trees_with_a_complete_path": paths["any"],
            "trees_with_a_correct_and_a_wrong_path": paths["both"],
            "nodes": progress.nodes,
            "tokens": progress.tokens,
            "tokens_per_second": round(progress.tokens_per_s, 1),
            "lines_generated": progress.steps_generated + progress.malformed,
            "share_parsed": round(progress.parsed_share, 4),
            "verdicts": progress.verdicts,
            "share_decided": round(progress.decided_share, 4),
            "step_labels_kept": progress.kept,
            "step_labels_dropped": progress.dropped,
            "a_refutation": self._evidence(first),
        }

    def _evidence(self, check: ToolCheck | None) -> str:
        if check is None or check.node is None:
            return "none yet"
        details = "; ".join(claim["detail"] for claim in check.claims if claim["verdict"] == "refuted")
        return f"“{check.node.text}” refuted: {details}"
