"""What stays loaded in a worker from slice to slice: one engine, one scorer, and the pool of checking children."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings

from annotations import devices
from annotations.devices import Share
from annotations.engines import OWN_LIMITS
from annotations.leases import Claim
from annotations.models import Engine as EngineRow
from inference import adapters
from inference.engines import EngineSpec, make_engine
from inference.engines.base import Engine
from inference.engines.cards import card_of
from inference.sandbox.choose import Sandboxes
from inference.search import SearchTree
from inference.types import Verdict
from inference.verifiers.figures import Figures
from inference.verifiers.service import Checking

if TYPE_CHECKING:
    from inference.scoring.guide import PrmGuide

CHECK_SECONDS = 2.0
SHARDS_KEPT = 4
"""Shards whose trees stay in memory between two slices, so that they need not be read again."""


class Resident:
    """Loads an engine when a slice needs another one, freeing the one before."""

    def __init__(self, owner: str) -> None:
        self.owner = owner
        self.device = ""
        self.engine_id: int | None = None
        self.engine_name = ""
        self._engine: Engine | None = None
        self._spec: EngineSpec | None = None
        self._checking: Checking | None = None
        self._sandboxes = Sandboxes(settings.SANDBOX)
        self._guide: tuple[int, PrmGuide] | None = None
        self._trees: OrderedDict[int, tuple[int, list[SearchTree]]] = OrderedDict()

    def keep_trees(self, claim: Claim, trees: list[SearchTree]) -> None:
        """Remember the trees of a shard as they were just stored."""
        self._trees[claim.shard.pk] = (claim.fence, trees)
        self._trees.move_to_end(claim.shard.pk)
        if len(self._trees) > SHARDS_KEPT:
            self._trees.popitem(last=False)

    def kept_trees(self, claim: Claim) -> list[SearchTree] | None:
        """Return the trees of a shard, once, unless somebody else has held it since they were stored."""
        fence, trees = self._trees.pop(claim.shard.pk, (-1, []))
        return trees if fence == claim.fence - 1 else None

    def engine(self, row: EngineRow, borrow: Callable[[Share], None] = lambda share: None) -> Engine:
        """Return the engine of a row as the row is now, loaded; EngineError says what is missing.

        `borrow` gets the share of an accelerator that it takes, and returns when it is granted.
        """
        if self._engine is None or not self.holds(row):
            self.free_engine()
            spec = spec_of(row)
            self.device = card_of(spec)
            borrow(Share(self.device, spec.memory, f"the engine {row.name}"))
            self._engine, self._spec = make_engine(spec), spec
            self.engine_id, self.engine_name = row.pk, row.name
        return self._engine

    def holds(self, row: EngineRow) -> bool:
        return self._engine is not None and self.engine_id == row.pk and self._spec == spec_of(row)

    def guide(self, model_id: int, make: Callable[[], PrmGuide]) -> PrmGuide:
        """Return the scorer of a search with this model, made when another one or none is loaded."""
        if self._guide is None or self._guide[0] != model_id:
            self.free_guide()
            self._guide = (model_id, make())
        return self._guide[1]

    def free_guide(self) -> None:
        if self._guide is not None:
            self._guide[1].close()
        self._guide = None

    def free_engine(self) -> None:
        """Give back the engine's memory, and that of what scores its texts."""
        self.free_guide()
        if self._engine is not None:
            self._engine.close()
        self._engine, self.engine_id, self.engine_name = None, None, ""
        if self.device:
            devices.give_back(self.owner)
            self.device = ""

    def check(self, jobs: Sequence[Any]) -> list[Verdict]:
        """Run checks in the pool of killable children and the sandbox, which are started once."""
        if self._checking is None:
            self._checking = Checking(sandbox=self._sandboxes)
        return self._checking.check_many(jobs, CHECK_SECONDS)

    def prove_sandbox(self) -> dict[str, object]:
        """Return what the worker says of its sandbox; the first call proves it, and keeps nothing running for that."""
        status = self._sandboxes.status().as_json()
        if self._checking is None:
            self._sandboxes.close()
        return status

    def tool_figures(self) -> Figures:
        """Return what each verifier has done in this process."""
        return {} if self._checking is None else self._checking.figures

    def close(self) -> None:
        self.free_engine()
        if self._checking is not None:
            self._checking.close()
            self._checking = None
        self._sandboxes.close()


def adapter_folder(name: str) -> Path:
    """Return the folder of an adapter: a path, a name in the site's model folder, or one that comes with the studio."""
    for place in (settings.MODELS_DIR, adapters.FOLDER):
        if (place / name).is_dir():
            return Path(place / name)
    return Path(name)


def spec_of(row: EngineRow) -> EngineSpec:
    """Return what the engine row says, with a bare model name looked up in the site's model folder."""
    local = settings.MODELS_DIR / row.model
    model = str(local) if row.model and local.is_dir() else row.model
    limits = {key: value for key, value in row.limits.items() if key not in OWN_LIMITS}
    if "adapter" in limits:
        limits["adapter"] = str(adapter_folder(str(limits["adapter"])))
    return EngineSpec.from_mapping(
        {
            "kind": row.kind,
            "model": model,
            "revision": row.revision,
            "dtype": row.dtype,
            "device": row.device,
            "secret_env": row.secret_env,
            **limits,
        }
    )
