"""The progress page: whose figures it shows to whom, the tables as files, what it says where little is known."""

from __future__ import annotations

import csv
import io

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from annotations.models import User
from annotations.pages import aidswords
from annotations.pages.csvfile import cell
from annotations.selectors.desktally import Aids, Sums, Tally, Whose, compared
from annotations.trust import Share
from tests import factories
from tests.factories import Cast
from tests.pages.asking import sign_in, three_ways
from tests.progresscast import labelled

pytestmark = pytest.mark.django_db
PAGE = "/p/words/desk/progress/"


@pytest.fixture
def team() -> Cast:
    cache.clear()
    return factories.cast()


def table(user: User, query: str) -> list[list[str]]:
    answer = sign_in(user).get(f"{PAGE}?csv={query}")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.reader(io.StringIO(answer.text)))


def test_a_reviewer_reads_how_far_it_is_and_who_did_what(team: Cast) -> None:
    labelled(team)
    page = three_ways(sign_in(team.bo), PAGE)

    assert "2 of 4 items are done." in page
    assert "there is no forecast" in page
    assert "of 2 items with two or more" in page
    assert page.index(">ada</a>") < page.index(">bo</a>")
    assert "7.7 s a rating, of 7 ratings: too few to say more (30 are needed)." in page
    assert "Ratings a day, 3 days from 2 Mar 2026 to 4 Mar 2026" in page
    assert "style=" not in page


def test_an_annotator_sees_himself_only(team: Cast) -> None:
    labelled(team)
    for query in ("", f"?person={team.bo.pk}"):
        page = three_ways(sign_in(team.ada), f"{PAGE}{query}")
        assert "Your progress" in page
        assert "2 of 4 items are done." in page
        assert ">bo<" not in page
        assert "same first error" not in page.lower()
        assert "3.8 s a rating" in page
    assert table(team.ada, "people")[1][:3] == ["ada", "2", "4"]
    assert len(table(team.ada, f"people&person={team.bo.pk}")) == 2
    assert {row[4] for row in table(team.ada, "aids")[1:]} == {"ada"}
    assert sign_in(team.vi).get(PAGE).status_code == 403
    assert sign_in(team.cy).get(PAGE).status_code == 404


def test_each_table_is_a_file_with_a_header_and_iso_days(team: Cast) -> None:
    labelled(team)

    assert table(team.bo, "labels-a-day") == [
        ["day (UTC)", "items", "ratings", "seconds a rating", "ratings elsewhere"],
        ["2026-03-02", "1", "2", "5", "0"],
        ["2026-03-03", "0", "0", "", "0"],
        ["2026-03-04", "3", "5", "8.8", "0"],
    ]
    assert table(team.bo, "skips") == [["reason", "skips"], ["'=1+1, no problem", "1"]]
    assert table(team.bo, "categories")[1:] == [["", "1"], ["Arithmetic", "1"], ["Wrong set-up", "1"]]
    assert table(team.bo, "finishes&to=2026-03-02")[1:] == [["found_error", "1"]]
    assert [row[0] for row in table(team.bo, "queues")] == ["queue", "First look"]
    assert len(table(team.bo, "anchoring")) == 1
    assert sign_in(team.bo).get(f"{PAGE}?csv=secrets").status_code == 404


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("=1+1", "'=1+1"),
        ("+49", "'+49"),
        ("-x", "'-x"),
        ("@home", "'@home"),
        (-0.5, "-0.5"),
        (None, ""),
        (7.25, "7.25"),
    ],
)
def test_a_cell_is_no_formula_and_a_number_stays_one(value: object, shown: str) -> None:
    assert cell(value) == shown


@pytest.mark.parametrize(
    ("query", "status", "says"),
    [
        ("queue=elsewhere", 200, "Ratings made outside the desk"),
        ("from=yesterday", 400, "from: expected a day such as 2026-01-31, got"),
        ("queue=one", 400, "queue: expected a number, got"),
        ("queue=999999", 404, "There is no such queue."),
        ("person=999999", 404, "nobody like that"),
        ("from=2031-01-01", 200, "2 of 4 items are done."),
    ],
)
def test_the_address_holds_the_filters(team: Cast, query: str, status: int, says: str) -> None:
    labelled(team)
    answer = sign_in(team.bo).get(f"{PAGE}?{query}")

    assert (answer.status_code, says in answer.text) == (status, True)


def test_an_empty_desk_says_so(team: Cast) -> None:
    page = three_ways(sign_in(team.bo), PAGE)

    assert "There is no labelling queue yet." in page
    assert "No item was submitted yet" in page


def test_the_page_asks_a_fixed_number_of_questions(team: Cast) -> None:
    labelled(team)
    client = sign_in(team.bo)
    client.get(PAGE)
    with CaptureQueriesContext(connection) as asked:
        client.get(PAGE)

    # Who asks in which project, the figures, the questions that wait (in the bar), the workers.
    assert len(asked) == 4


def arms(right: int, people: int = 6, parts: int = 8) -> Sums:
    """10 ratings a part: 7.2 s each with aids, 11 without; nine of ten known ones right without, `right` with."""
    found = {}
    for user in range(people):
        for aided in (True, False):
            tally = Tally(items=parts)
            for part in range(parts):
                tally.blocks[user, part] = [10 * (7.2 if aided else 11.0) + 4 * user - 10, 10.0]
                tally.known[user, part] = [float(right if aided else 9), 10.0]
            found[Whose(user, 1, Aids(aided=aided))] = tally
    return Sums(found)


def test_the_worth_of_aids_is_told_with_its_intervals() -> None:
    told = aidswords.worth(compared(arms(right=9)))
    assert told.startswith(
        "With aids 7.2 (7.0 to 7.4) s a rating against 11.0 (10.8 to 11.2) without: 3.8 (3.8 to 3.8) s"
    )
    assert "s less. Accuracy on gold 0.90 against 0.90: no lower (difference +0.00, 0.00 to 0.00)." in told

    assert "0.80 against 0.90: lower (difference −0.10, −0.10 to −0.10)." in aidswords.worth(compared(arms(right=8)))
    few = compared(arms(right=9, people=1, parts=1))
    assert aidswords.worth(few) == (
        "Too few to compare yet: 10 ratings with aids and 10 ratings without (30 are needed of each)."
    )


def test_anchoring_is_told_where_intervals_part() -> None:
    told = aidswords.anchored(
        [("prm", True, Share(90, 100)), ("prm", False, Share(60, 100)), ("tool", True, Share(9, 10))]
    )
    assert told == [
        "People agree with the PRM’s side 90 % of the time when they saw it, 60 % when not: 30 points more, a sign of "
        "anchoring.",
        "For the tool’s verdict too few ratings to tell: 10 after it was shown, 0 before (30 of each).",
    ]
