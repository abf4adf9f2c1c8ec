"""The fixed cast and plain factories: Odo owns, Bo reviews, Ada labels, Vi only looks, Cy is a stranger."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from hashlib import sha256

from django.contrib.auth.hashers import make_password

from annotations.access import Access
from annotations.models import (
    Comment,
    Completion,
    DatasetSnapshot,
    Engine,
    EngineGrant,
    ItemDecision,
    LabelEvent,
    LabelItem,
    LabelQueue,
    LabelScheme,
    LabelSession,
    LabelSlice,
    Membership,
    ModelArtefact,
    Node,
    NodeLink,
    PassRate,
    Problem,
    Project,
    QueueMember,
    Rationale,
    ReviewCell,
    ReviewScore,
    ReviewStep,
    Run,
    RunShard,
    Score,
    SessionEvent,
    StepChange,
    ToolCheck,
    Tree,
    User,
)
from annotations.rules import DEFAULT_CATEGORIES
from inference.types import Role

PASSWORD = "correct horse battery"


def person(username: str, **fields: object) -> User:
    user = User.objects.filter(username=username).first()
    return user or User.objects.create(username=username, password=hashed(), **fields)


@cache
def hashed() -> str:
    """Hash the cast's password once: the hash is slow by design."""
    return make_password(PASSWORD)


@dataclass(frozen=True)
class Cast:
    project: Project
    odo: User
    bo: User
    ada: User
    vi: User
    cy: User

    def access(self, user: User) -> Access:
        membership = Membership.objects.get(project=self.project, user=user)
        return Access(user=user, project=self.project, role=Role(membership.role))


def cast(slug: str = "words") -> Cast:
    project = Project.objects.create(name=slug.capitalize(), slug=slug)
    LabelScheme.objects.create(project=project, version=1, categories=DEFAULT_CATEGORIES)
    people = {name: person(name) for name in ("odo", "bo", "ada", "vi", "cy")}
    roles = {"odo": Role.OWNER, "bo": Role.REVIEWER, "ada": Role.ANNOTATOR, "vi": Role.VIEWER}
    for name, role in roles.items():
        Membership.objects.create(project=project, user=people[name], role=role)
    return Cast(project=project, **people)


def problem(project: Project, text: str = "Lena has 5 pens and buys 4. How many?", answer: str = "9") -> Problem:
    key = sha256(f"maths\n{' '.join(text.split())}".encode()).hexdigest()
    return Problem.objects.create(project=project, text=text, answer=answer, level=1, content_hash=key)


def tree(project: Project, problem: Problem, steps: tuple[tuple[int, str], ...] = ()) -> Tree:
    """Make a finished tree of (parent seq, text) steps; leaves that start with "Answer" are terminal."""
    steps = steps or (
        (0, "Lena has 5 + 4 = 9 pens."),
        (1, "Answer: 9"),
        (0, "Lena has 5 - 4 = 2 pens."),
        (3, "Answer: 2"),
    )
    made = Tree.objects.create(project=project, problem=problem, state="done", node_count=len(steps), external_key="t")
    depths = {0: 0}
    for seq, (parent, text) in enumerate(steps, 1):
        depths[seq] = depths[parent] + 1
        final = text.removeprefix("Answer: ") if text.startswith("Answer: ") else ""
        Node.objects.create(
            project=project,
            tree=made,
            seq=seq,
            parent_seq=parent or None,
            depth=depths[seq],
            text=text,
            role="answer" if final else "step",
            terminal=bool(final),
            answer=final,
            outcome=(1 if final == problem.answer else -1) if final else None,
            visits=1,
        )
    return made


def engine(name: str = "scripted", project: Project | None = None) -> Engine:
    """Return the site's engine of that name, granted to `project`."""
    made, _ = Engine.objects.get_or_create(name=name, defaults={"kind": "scripted"})
    if project is not None:
        EngineGrant.objects.get_or_create(engine=made, project=project)
    return made


def run(project: Project, kind: str = "generate", state: str = "running", **fields: object) -> Run:
    """Make a run with one shard that nobody holds."""
    made = Run.objects.create(project=project, kind=kind, state=state, **fields)
    queue = "gpu" if kind in ("generate", "score", "train") else "light"
    RunShard.objects.create(project=project, run=made, number=1, queue=queue)
    return made


def check(node: Node, verdict: str = "refuted", **fields: object) -> ToolCheck:
    claims = [{"text": "5 + 4 = 8", "verdict": verdict, "detail": "5 + 4 = 9, not 8", "start": 0, "end": 9}]
    values = {"verifier": "claims", "version": "1", "claims": claims, **fields}
    return ToolCheck.objects.create(project_id=node.project_id, node=node, verdict=verdict, **values)


def score(node: Node, value: float = 0.5, **fields: object) -> Score:
    values = {"scorer": "prm", "version": "1", **fields}
    return Score.objects.create(project_id=node.project_id, node=node, value=value, **values)


def pass_rate(problem: Problem, solved: int = 4, samples: int = 16, **fields: object) -> PassRate:
    """Store how many of an engine's samples solved a problem."""
    values = {"engine": engine(), "low": 0.1, "high": 0.5, "answered": samples, "params_hash": "p", **fields}
    Problem.objects.filter(pk=problem.pk).update(pass_rate=solved / samples)
    return PassRate.objects.create(
        project_id=problem.project_id, problem=problem, solved=solved, samples=samples, **values
    )


def imported_rating(node: Node, rating: str | None, key: str) -> LabelEvent:
    """Make a rating as a corpus's importer does: its own voter, no author."""
    scheme = LabelScheme.objects.filter(project_id=node.project_id).latest("version")
    return LabelEvent.objects.create(
        project_id=node.project_id,
        node=node,
        scheme=scheme,
        voter=key,
        source="import",
        rating=rating,
        external_key=key,
    )


def label_queue(project: Project, name: str = "First look", **fields: object) -> LabelQueue:
    return LabelQueue.objects.create(project=project, name=name, **fields)


@dataclass(frozen=True)
class Filled:
    """One row (at least) of every table of a project."""

    project: Project
    problem: Problem
    tree: Tree
    node: Node
    run: Run
    snapshot: DatasetSnapshot
    artefact: ModelArtefact


def fill(project: Project, author: User) -> Filled:
    """Put a row into every table that belongs to a project."""
    grown_by = run(project, engine=engine(project=project), requested_by=author)
    asked = problem(project)
    Problem.objects.create(project=project, text="Variant", content_hash="v" * 64, parent_problem=asked)
    grown = tree(project, asked)
    Tree.objects.filter(pk=grown.pk).update(run=grown_by, shard=grown_by.shards.get())
    first, second = Node.objects.filter(tree=grown).order_by("seq")[:2]
    Completion.objects.create(project=project, tree=grown, number=1, text="Step 1: so")
    path = Rationale.objects.create(project=project, problem=asked, tree=grown, leaf=second, run=grown_by)
    Rationale.objects.create(project=project, problem=asked, text="Nine.", revision_of=path)
    NodeLink.objects.create(project=project, source=first, target=second, kind="premise", run=grown_by)
    artefact = ModelArtefact.objects.create(project=project, name="Head 1", kind="prm-head", run=grown_by)
    check(first, run=grown_by)
    StepChange.objects.create(project=project, node=first, run=grown_by, kind="verdict", after="refuted")
    score(first, model=artefact, run=grown_by)
    scheme = LabelScheme.objects.filter(project=project).latest("version")
    said = {"project": project, "node": first, "scheme": scheme, "author": author, "voter": f"u{author.pk}"}
    before = LabelEvent.objects.create(**said, rating="correct")
    LabelEvent.objects.create(**said, kind="retract", supersedes=before)
    ReviewCell.objects.create(project=project, key=1, n=1)
    ReviewStep.objects.create(project=project, node=second, cell=1)
    ReviewScore.objects.create(project=project, node=second, scorer="prm", cell=1, sure=0.5)
    LabelSlice.objects.create(project=project, name="First steps", nodes=[first.pk])
    queue = label_queue(project)
    QueueMember.objects.create(project=project, queue=queue, user=author)
    item = LabelItem.objects.create(project=project, queue=queue, tree=grown, leaf=second, number=1)
    session = LabelSession.objects.create(project=project, item=item, queue=queue, user=author, first_error=first)
    SessionEvent.objects.create(project=project, session=session, user=author, kind="taken")
    LabelEvent.objects.create(**said, rating="correct", session=session)
    Comment.objects.create(project=project, item=item, node=first, author=author, text="Is this meant?")
    ItemDecision.objects.create(project=project, item=item, author=author, session=session, first_error=first)
    pass_rate(asked, run=grown_by)
    snapshot = DatasetSnapshot.objects.create(project=project, recipe="full", recipe_version="1", run=grown_by)
    return Filled(project, asked, grown, first, grown_by, snapshot, artefact)
