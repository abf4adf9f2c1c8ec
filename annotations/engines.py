"""Writing about engines: only a site admin makes them and grants them to projects. Every act leaves an AuditEvent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from annotations.errors import BadInput, NotAllowed
from annotations.models import Engine, EngineGrant, Project, User
from annotations.teams import record
from inference.engines.fields import SettingError
from inference.engines.params import EngineSpec

# What the studio itself reads of an engine's limits; the rest belongs to the engine (inference.engines.params).
OWN_LIMITS = ("shard", "open")


def check_spec(values: Mapping[str, Any]) -> None:
    """Raise BadInput, naming the field, unless an engine could be made from these values."""
    limits = values["limits"]
    if not isinstance(limits, dict):
        raise BadInput('limits: expected an object such as {"max_batch": 64}', "limits")
    shard = limits.get("shard", 1)
    if not isinstance(shard, int) or isinstance(shard, bool) or not 1 <= shard <= 4096:
        raise BadInput("limits: shard is the number of trees in one batch, 1 to 4096", "limits")
    own = {key: limits[key] for key in limits if key not in OWN_LIMITS}
    spec = {key: values[key] for key in ("kind", "model", "revision", "dtype", "device", "secret_env")}
    try:
        EngineSpec.from_mapping({**own, **spec})
    except SettingError as error:
        raise BadInput(str(error), error.field if error.field in spec else "limits") from None


@transaction.atomic
def save_engine(*, actor: User, engine: Engine) -> Engine:
    """Make or change an engine; one that is open (limits) is granted to every project."""
    check_site_admin(actor)
    check_spec(vars(engine))
    fresh = engine.pk is None
    engine.save()
    if fresh and engine.limits.get("open"):
        EngineGrant.objects.bulk_create(
            [EngineGrant(project=project, engine=engine) for project in Project.objects.all()]
        )
    record(actor=actor, action="engine made" if fresh else "engine changed", engine=engine.name)
    return engine


@transaction.atomic
def use_adapter(*, actor: User, engine: Engine, adapter: str) -> Engine:
    """Let an engine draw with an adapter (a name in the models folder) from its next slice on."""
    check_site_admin(actor)
    engine = Engine.objects.select_for_update().get(pk=engine.pk)
    before = engine.limits.get("adapter", "")
    engine.limits = {**engine.limits, "adapter": adapter}
    check_spec(vars(engine))
    engine.save(update_fields=["limits"])
    record(actor=actor, action="engine changed", engine=engine.name, adapter=adapter, adapter_before=before)
    return engine


@transaction.atomic
def grant_engine(*, actor: User, project: Project, engine: Engine) -> EngineGrant:
    check_site_admin(actor)
    grant, _ = EngineGrant.objects.get_or_create(project=project, engine=engine)
    record(actor=actor, action="engine granted", project=project, engine=engine.name)
    return grant


@transaction.atomic
def revoke_engine(*, actor: User, grant: EngineGrant) -> None:
    """Take an engine from a project; runs that were asked for go on."""
    check_site_admin(actor)
    record(actor=actor, action="engine revoked", project=grant.project, engine=grant.engine.name)
    grant.delete()


def check_site_admin(actor: User) -> None:
    """Raise NotAllowed unless the person is a site admin."""
    if not (actor.is_active and actor.is_superuser):
        raise NotAllowed("Only a site admin makes and grants engines.")
