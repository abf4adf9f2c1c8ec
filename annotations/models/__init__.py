"""The rows. Text a machine wrote never changes; search statistics do; what people say is appended (docs/schema.md)."""

from __future__ import annotations

from annotations.models.datasets import DatasetSnapshot
from annotations.models.desk import (
    Comment,
    ItemDecision,
    LabelItem,
    LabelQueue,
    LabelSession,
    QueueMember,
    SessionEvent,
)
from annotations.models.evidence import Score, StepChange, ToolCheck
from annotations.models.labels import LabelEvent, LabelScheme
from annotations.models.problems import Problem
from annotations.models.rates import PassRate
from annotations.models.registry import Engine, EngineGrant, ModelArtefact
from annotations.models.review import LabelSlice, ReviewCell, ReviewDue, ReviewScore, ReviewStep
from annotations.models.runs import DeviceLease, Run, RunShard, Worker
from annotations.models.sessions import Session
from annotations.models.teams import AuditEvent, Membership, Project, User
from annotations.models.trees import Completion, Node, NodeLink, Rationale, Tree

__all__ = [
    "AuditEvent",
    "Comment",
    "Completion",
    "DatasetSnapshot",
    "DeviceLease",
    "Engine",
    "EngineGrant",
    "ItemDecision",
    "LabelEvent",
    "LabelItem",
    "LabelQueue",
    "LabelScheme",
    "LabelSession",
    "LabelSlice",
    "Membership",
    "ModelArtefact",
    "Node",
    "NodeLink",
    "PassRate",
    "Problem",
    "Project",
    "QueueMember",
    "Rationale",
    "ReviewCell",
    "ReviewDue",
    "ReviewScore",
    "ReviewStep",
    "Run",
    "RunShard",
    "Score",
    "Session",
    "SessionEvent",
    "StepChange",
    "ToolCheck",
    "Tree",
    "User",
    "Worker",
]
