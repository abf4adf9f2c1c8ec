"""What the benchmarks of the labelling desk share: people, a queue of paths, and a client that costs little."""

from __future__ import annotations

import json
import re
import socket
from dataclasses import dataclass
from typing import Any

from benchmarks.pages import PASSWORD, Browser

STEPS = 10
# One path of ten steps under each problem, made where they are kept: a benchmark starts with 100,000 of them.
FILL = """
WITH p AS (
    INSERT INTO annotations_problem (project_id, kind, text, answer, solution, split, licence, source, source_ref, data,
                                     relation, content_hash)
    SELECT %(project)s, 'maths', 'Problem ' || n || ': how many pens has Lena?', n::text, '', '', '', '', '', '{}', '',
           lpad(n::text, 64, '0')
    FROM generate_series(1, %(items)s) n RETURNING id),
t AS (
    INSERT INTO annotations_tree (project_id, problem_id, source, external_key, state, node_count)
    SELECT %(project)s, id, 'import', 'bench', 'done', %(steps)s FROM p RETURNING id)
INSERT INTO annotations_node (project_id, tree_id, seq, parent_seq, depth, text, terminal)
SELECT %(project)s, t.id, s, nullif(s - 1, 0), s, 'Lena has ' || s || ' + 4 = ' || s + 4 || ' pens.', s = %(steps)s
FROM t, generate_series(1, %(steps)s) s ORDER BY t.id, s
"""
ITEMS = """
INSERT INTO annotations_labelitem (project_id, queue_id, tree_id, leaf_id, number, wanted, places)
SELECT %(project)s, %(queue)s, n.tree_id, n.id, row_number() OVER (ORDER BY n.tree_id), %(wanted)s, %(wanted)s
FROM annotations_node n WHERE n.project_id = %(project)s AND n.seq = %(steps)s ORDER BY n.tree_id
"""


@dataclass(frozen=True)
class Bench:
    """A project whose queue holds paths of ten steps, and those who label them."""

    project: Any
    queue: Any
    people: list[Any]


def filled(items: int, people: int, wanted: int = 1) -> Bench:
    """Make a project with a queue of `items` paths, and annotators."""
    from django.contrib.auth.hashers import make_password
    from django.db import connection

    from annotations import teams
    from annotations.models import LabelQueue, Membership, User

    admin = User.objects.create_superuser("odo", password=PASSWORD)
    project = teams.create_project(actor=admin, name="Bench", slug="bench")
    word = make_password(PASSWORD)
    users = [User.objects.create(username=f"bench{number}", password=word) for number in range(people)]
    Membership.objects.bulk_create([Membership(project=project, user=user, role="annotator") for user in users])
    queue = LabelQueue.objects.create(project=project, name="Bench", overlap=wanted, settings={"rate": "all"})
    given = {"project": project.pk, "queue": queue.pk, "items": items, "steps": STEPS, "wanted": wanted}
    with connection.cursor() as cursor:
        cursor.execute(FILL, given)
        cursor.execute(ITEMS, given)
        cursor.execute("ANALYZE")
    return Bench(project, queue, users)


def signed_in(port: int, username: str) -> dict[str, str]:
    """Sign in and return the cookies."""
    browser = Browser(port)
    browser.ask("GET", "/login/")
    status, _ = browser.ask("POST", "/login/", {"username": username, "password": PASSWORD})
    assert status == 302, f"signing in answered {status}"
    return browser.cookies


class Wire:
    """One kept connection of a signed-in person that posts JSON; the request's bytes are made beforehand."""

    def __init__(self, port: int, username: str) -> None:
        self.cookies = signed_in(port, username)
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def request(self, path: str, body: object) -> bytes:
        raw = json.dumps(body, separators=(",", ":")).encode()
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        head = (
            f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\nContent-Type: application/json\r\n"
            f"X-CSRFToken: {self.cookies['csrftoken']}\r\nContent-Length: {len(raw)}\r\n\r\n"
        )
        return head.encode() + raw

    def send(self, request: bytes) -> bytes:
        """Send a request and return the body of its answer, which must be a 200."""
        self.socket.sendall(request)
        got = b""
        while b"\r\n\r\n" not in got:
            got += self._more()
        head, _, body = got.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200"), got[:400]
        length = re.search(rb"(?i)content-length: (\d+)", head)
        while length and len(body) < int(length[1]):
            body += self._more()
        return body

    def _more(self) -> bytes:
        got = self.socket.recv(65536)
        assert got, "the server closed the connection"
        return got
