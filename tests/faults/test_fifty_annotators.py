"""Many people take, leave and submit items of one queue at once: no place is given twice, none is lost."""

from __future__ import annotations

import http.client
import json
import random
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client

from annotations.desk.leasing import sweep
from annotations.desk.submitting import submit
from annotations.desk.taking import Nothing, give_back, skip, take
from annotations.models import LabelItem, LabelQueue, LabelSession, QueueMember, SessionEvent, User
from tests.annotations.takecast import add, annotator, queue_of
from tests.factories import Cast, cast
from tests.webs import Web, web

__all__ = ["web"]
pytestmark = pytest.mark.django_db(transaction=True)
DONE = ("All items", "You have labelled all that you can")


@pytest.fixture
def team() -> Cast:
    return cast()


def all_at_once(act: Callable[[User], None], users: Sequence[User]) -> None:
    """Let everybody act in a thread of his own, on a connection of his own; what one raises is raised."""

    def alone(user: User) -> None:
        try:
            act(user)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(users)) as threads:
        list(threads.map(alone, users))


def as_it_should_be(queue: LabelQueue, overlap: int) -> None:
    """Every item was labelled by as many different people as wanted, and the counts say so."""
    work = LabelSession.objects.filter(queue=queue, item__role="work")
    assert not work.filter(state__in=("leased", "surplus")).exists()
    by_item = Counter(work.filter(state="submitted").values_list("item_id", flat=True))
    items = LabelItem.objects.filter(queue=queue, role="work")
    assert by_item == dict.fromkeys(items.values_list("pk", flat=True), overlap)
    assert set(items.values_list("places", "takers")) == {(0, overlap)}
    for session in LabelSession.objects.filter(queue=queue).values_list("pk", "state"):
        assert told_in_turn(session[0], session[1])
    for user, taken in QueueMember.objects.filter(queue=queue).values_list("user", "taken"):
        assert LabelSession.objects.filter(queue=queue, user=user).count() == taken


def told_in_turn(session: int, state: str) -> bool:
    """Whether the events take and leave the item by turns, and end as the session stands."""
    kinds = list(SessionEvent.objects.filter(session=session).order_by("id").values_list("kind", flat=True))
    return set(kinds[::2]) == {"taken"} and "taken" not in kinds[1::2] and kinds[-1] == state


def test_eight_people_label_everything_twice_with_items_skipped_returned_and_left_lying(team: Cast) -> None:
    queue = queue_of(team.project, 60, overlap=2, settings={"gold_share": 0.1, "lease_minutes": 1})
    add(queue, 8, role="gold")
    users = [annotator(team, f"a{number}") for number in range(8)]
    accesses = {user: team.access(user) for user in users}

    def label(user: User) -> None:
        draw, access = random.Random(user.pk), accesses[user]  # noqa: S311 no secret
        while not isinstance(found := take(access=access, queue_id=queue.pk), Nothing) or not done(found):
            if isinstance(found, Nothing):
                continue
            way = draw.random()
            if way < 0.05:
                skip(access, found.session.pk, "Not now.")
            elif way < 0.1:
                give_back(access, [found.session.pk])
            elif way < 0.15:
                LabelSession.objects.filter(pk=found.session.pk).update(lease_until="2020-01-01T00:00Z")
                sweep()
            else:
                submit(access=access, session_id=found.session.pk, finish="give_up")

    all_at_once(label, users)

    as_it_should_be(queue, overlap=2)


def done(nothing: Nothing) -> bool:
    return nothing.reason.startswith(DONE) and "with others" not in nothing.reason


class Browser:
    """One kept connection of a signed-in person that speaks JSON."""

    def __init__(self, web: Web, user: User) -> None:
        client = Client()
        client.force_login(user)
        token = "t" * 32
        self.headers = {
            "Cookie": f"sessionid={client.cookies['sessionid'].value}; csrftoken={token}",
            "X-CSRFToken": token,
            "Content-Type": "application/json",
        }
        self.connection = http.client.HTTPConnection("127.0.0.1", web.port, timeout=60)

    def post(self, path: str, body: object) -> Any:
        """Post; a connection that the server closed meanwhile is opened again, as a browser does."""
        for last in (False, True):
            try:
                self.connection.request("POST", path, json.dumps(body), self.headers)
                answer = self.connection.getresponse()
                break
            except (http.client.RemoteDisconnected, ConnectionError):
                self.connection.close()
                assert not last, "the server closed a fresh connection"
        text = answer.read()
        assert answer.status == 200, text[:500]
        return json.loads(text)


@pytest.mark.long
def test_fifty_people_label_five_thousand_items_twice_over_http(team: Cast, web: Web) -> None:
    queue = queue_of(team.project, 5_000, overlap=2, settings={"gold_share": 0.02})
    add(queue, 50, role="gold")
    users = [annotator(team, f"a{number}") for number in range(50)]
    browsers = {user: Browser(web, user) for user in users}
    given: list[int] = []
    lock = Lock()

    def label(user: User) -> None:
        draw, browser, have = random.Random(user.pk), browsers[user], None  # noqa: S311 no secret
        while True:
            # The next item is loaded ahead while one is in hand.
            held = [] if have is None else [have]
            found = browser.post(f"/p/words/desk/{queue.pk}/next/", {"have": held})
            if have is not None:
                ends = {"kind": "return"} if draw.random() < 0.02 else {"kind": "submit", "finish": "give_up"}
                act = {**ends, "key": str(uuid4()), "session": have, "seconds": 1.0}
                (result,) = browser.post("/p/words/desk/acts/", {"acts": [act]})["results"]
                assert result["session_state"] == ("returned" if ends["kind"] == "return" else "submitted")
                have = None
            if "session" in found:
                have = found["session"]
                with lock:
                    given.append(have)
            elif not held and found["nothing"].startswith(DONE) and "with others" not in found["nothing"]:
                return

    all_at_once(label, users)

    as_it_should_be(queue, overlap=2)
    assert set(given) == set(LabelSession.objects.filter(queue=queue).values_list("pk", flat=True))
