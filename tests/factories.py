"""The fixed cast and plain factories: Odo owns, Bo reviews, Ada labels, Vi only looks, Cy is a stranger."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from annotations.access import Access
from annotations.models import LabelScheme, Membership, Node, Problem, Project, Tree, User
from annotations.rules import DEFAULT_CATEGORIES
from inference.types import Role

PASSWORD = "correct horse battery"


def person(username: str, **fields: object) -> User:
    user = User.objects.filter(username=username).first()
    return user or User.objects.create_user(username, password=PASSWORD, **fields)


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
