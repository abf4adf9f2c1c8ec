"""Pass rates on the pages: asking for them, seeing them come, finding problems by them, growing within a band."""

from __future__ import annotations

import pytest
from rest_framework.test import APIClient

from annotations.models import PassRate, Problem, Run
from tests.annotations.test_passrates import measure
from tests.factories import Cast, cast, engine, pass_rate, problem
from tests.pages.asking import PART, sign_in, three_ways

pytestmark = pytest.mark.django_db
LIST, NEW, MEASURE = "/p/words/", "/p/words/runs/new/", "/p/words/runs/measure/"


@pytest.fixture
def team() -> Cast:
    made = cast()
    engine(project=made.project)
    for number in range(4):
        problem(made.project, f"Lena has {number} pens and buys {number + 1}. How many?", str(2 * number + 1))
    return made


def rated(*solved: int) -> list[Problem]:
    rows = list(Problem.objects.order_by("id"))
    for row, count in zip(rows, solved, strict=False):
        pass_rate(row, count, 16)
    return rows


def asked(**fields: str) -> dict[str, str]:
    return {"engine": str(engine().pk), "scope": "all", **fields}


def listed(page: str) -> list[int]:
    """Return the numbers of Lena's pens in the order of the list."""
    return [int(part.split(" ")[0]) for part in page.split("Lena has ")[1:]]


def test_a_reviewer_measures_pass_rates_and_sees_how_they_spread(team: Cast) -> None:
    bo = sign_in(team.bo)
    assert "Those without a pass rate" in three_ways(bo, MEASURE)

    answer = bo.post(MEASURE, asked(scope="unrated", **{"p-samples": "8"}))

    run = Run.objects.get()
    address = f"/p/words/runs/{run.pk}/"
    assert answer.headers["Location"] == address
    assert "Measuring pass rates: waiting for a worker" in bo.get(address).text
    measure(run)
    page = three_ways(bo, address)
    assert "Measured pass rates in" in page
    assert '4<span class="of"> of 4</span>' in page
    assert "Always solved" in page
    assert PassRate.objects.count() == 4
    assert 'Those without a pass rate <span class="faint">0</span>' in bo.get(MEASURE).text


@pytest.mark.parametrize("headers", [{}, PART])
def test_what_does_not_fit_is_refused_beside_it(team: Cast, headers: dict[str, str]) -> None:
    page = sign_in(team.bo).post(MEASURE, asked(limit="few", **{"p-samples": "0"}), headers=headers)
    assert page.status_code == 400
    assert "Expected at least 1, got 0." in page.text
    assert "Expected a whole number from 1 to 1000000" in page.text
    assert ("<html" in page.text) == (headers == {})
    rated(4, 4, 4, 4)
    nothing = sign_in(team.bo).post(MEASURE, asked(scope="unrated"), headers=headers)
    assert "No problem with a reference answer fits this choice." in nothing.text
    assert not Run.objects.exists()


def test_the_list_shows_sorts_and_filters_by_pass_rate(team: Cast) -> None:
    ada = sign_in(team.ada)
    assert "Pass rate" not in ada.get(LIST).text
    rated(8, 0, 16)

    page = ada.get(LIST).text
    assert 'title="0.50 (0.10 to 0.50) with scripted">8<span class="faint">/16</span>' in page
    assert listed(ada.get(f"{LIST}?sort=rate").text) == [1, 0, 2, 3]
    assert listed(ada.get(f"{LIST}?sort=-rate").text) == [2, 0, 1, 3]
    assert listed(ada.get(f"{LIST}?rate=0.2-0.8").text) == [0]
    assert listed(ada.get(f"{LIST}?rate=0-0").text) == [1]
    assert listed(ada.get(f"{LIST}?rate=no").text) == [3]
    assert len(listed(ada.get(f"{LIST}?rate=9-x").text)) == 4
    assert "8 of 16 samples solved it" in ada.get(f"{LIST}problems/{Problem.objects.earliest('id').pk}/").text


def test_growing_takes_the_band_by_default_once_there_are_rates(team: Cast) -> None:
    bo = sign_in(team.bo)
    assert 'name="band"' not in bo.get(NEW).text
    rated(8, 0, 16)
    assert 'name="band" checked' in bo.get(NEW).text

    bo.post(NEW, asked(band="on"))

    run = Run.objects.get()
    assert run.input == {"problems": 1, "band": [0.2, 0.8]}
    assert "<dt>Pass rate</dt><dd>0.2 to 0.8</dd>" in bo.get(f"/p/words/runs/{run.pk}/").text
    again = bo.get(f"{NEW}?like={run.pk}").text
    assert 'value="same" checked' in again and 'name="band" checked' not in again


@pytest.mark.parametrize("headers", [{}, PART])
def test_an_empty_band_is_refused_with_the_reason_beside_it(team: Cast, headers: dict[str, str]) -> None:
    rated(0, 1, 16)
    assert Problem.objects.filter(pass_rate=1).update(level=4)
    bo = sign_in(team.bo)

    page = bo.post(NEW, asked(band="on"), headers=headers)

    assert page.status_code == 400
    assert "Of the 4 chosen problems 3 have a pass rate with scripted, from 0 to 1, and none lies between" in page.text
    assert "Expected two numbers from 0 to 1, got “half” and “0.8”." in bo.post(NEW, asked(band="on", low="half")).text
    assert "lower number first, got 0.9 to 0.8" in bo.post(NEW, asked(band="on", low="0.9")).text
    assert not Run.objects.exists()
    bo.post(NEW, asked(low="0.9"))
    assert Run.objects.get().input == {"problems": 4}
    bo.post(NEW, asked(band="on", low="0.9", high="1", limit="1"))
    assert Run.objects.latest("id").input == {"problems": 1, "band": [0.9, 1.0]}


def test_the_api_measures_filters_and_takes_a_band(team: Cast) -> None:
    api = APIClient()
    api.force_authenticate(team.bo)
    root = "/api/v1/projects/words/"
    rows = rated(8, 0)
    found = api.get(f"{root}problems/?rate=0.2-1").json()["results"]
    assert [(row["id"], row["pass_rate"]) for row in found] == [(rows[0].pk, 0.5)]

    measured = api.post(f"{root}runs/", {"kind": "passrate", "engine": engine().pk, "params": {"samples": 4}}, "json")
    assert (measured.status_code, measured.json()["kind"]) == (202, "passrate")
    grown = api.post(f"{root}runs/", {"engine": engine().pk, "band": [0.2, 0.8]}, "json")
    assert grown.json()["progress"]["trees_total"] == 1
    for body, field in (
        ({"engine": engine().pk, "band": [0.9, 1]}, "band"),
        ({"engine": engine().pk, "band": [0.9]}, "band"),
        ({"kind": "passrate", "engine": engine().pk, "band": [0, 1]}, "band"),
        ({"kind": "passrate", "engine": engine().pk, "params": {"samples": 0}}, "samples"),
    ):
        answer = api.post(f"{root}runs/", body, "json")
        assert (answer.status_code, answer.json()["field"]) == (400, field)
