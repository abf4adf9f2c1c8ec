"""Asking for the training of a policy: a LoRA adapter of an engine's model, from worked solutions and own paths."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from annotations import jobs, rules
from annotations.access import Access
from annotations.errors import BadInput
from annotations.models import Engine, Run
from annotations.params import read
from annotations.rules import Act
from annotations.selectors.verified import verified_paths
from inference.trainers.policy.params import PolicyRunParams
from inference.types import RunKind

TRAINABLE = ("hf",)


@transaction.atomic
def request_policy(*, access: Access, engine_id: int, params: Mapping[str, Any]) -> Run:
    """Ask for an adapter of an engine's model; training goes on from the adapter that the engine has, if any.

    BadInput names what does not fit: a setting, an engine that holds no weights, paths where there are none.
    """
    rules.check(access, Act.RUN)
    engine, policy = jobs.granted(access, engine_id), read(PolicyRunParams, params)
    check_trainable(engine)
    if policy.paths and not verified_paths(access, 1):
        raise BadInput(
            "No tree grown here has a verified path yet: grow trees first, or learn from generated solutions alone.",
            "paths",
        )
    return jobs.run_of_one(
        access,
        RunKind.POLICY,
        name=f"Train a policy of {engine.name}"[:120],
        plugin="lora",
        params=policy.as_dict(),
        engine=engine,
        seed=policy.seed,
    )


def check_trainable(engine: Engine) -> None:
    """Refuse an engine whose weights cannot be trained here."""
    if not trainable(engine):
        raise BadInput(f"{engine.name} runs no model in transformers (kind hf): choose one that does.", "engine")
    if engine.limits.get("chat"):
        raise BadInput(
            f"{engine.name} wraps its prompt in a chat template, and a policy learns the plain form: choose another.",
            "engine",
        )


def trainable(engine: Engine) -> bool:
    return engine.kind in TRAINABLE
