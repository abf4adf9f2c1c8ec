"""The machine-readable description of the API, with the domain's enums under their own names."""

from __future__ import annotations

from drf_spectacular.views import SpectacularJSONAPIView

from annotations.api.bodies import STARTABLE
from annotations.models.base import choices
from inference.types import LabelKind, RunKind, RunState, TreeState

SETTINGS = {
    "ENUM_NAME_OVERRIDES": {
        "LabelKind": choices(LabelKind),
        "RunKind": choices(RunKind),
        "RunState": choices(RunState),
        "TreeState": choices(TreeState),
        "StartableKind": [kind.value for kind in STARTABLE],
    },
}
view = SpectacularJSONAPIView.as_view(custom_settings=SETTINGS)
