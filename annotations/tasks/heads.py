"""A trained head as files and a row."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

from annotations import files
from annotations.models import ModelArtefact, Run
from inference.scoring.prm import PrmHead


def store_head(run: Run, head: PrmHead, report: dict[str, Any], *, kind: str, name: str) -> ModelArtefact:
    """Store the files of a head that a run made and return its row; the report becomes its metrics."""
    folder = files.folder(run.project_id, files.ARTEFACTS)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".head-") as fresh:
        files_hash = head.save(Path(fresh) / kind)
        final = folder / f"{kind}-{files_hash[:32]}"
        # A head is named by what it holds: one that is there already is this one.
        if not final.exists():
            os.replace(Path(fresh) / kind, final)
    return ModelArtefact.objects.create(
        project_id=run.project_id,
        name=name,
        base=head.spec.model,
        kind=kind,
        path=files.stored(final),
        files_hash=files_hash,
        config={"features": head.spec.as_dict(), **head.config},
        metrics=report,
        run=run,
    )
