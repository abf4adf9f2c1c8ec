"""Keys of the desk: one key one act, nothing that ends an item on a bare key, and a person's choice is his own."""

from __future__ import annotations

import pytest

from annotations.desk.keys import ACTS, SUBMIT_KEY, keys_of, set_keys, sheet_of
from annotations.errors import BadInput, NotAllowed
from annotations.models import User
from tests.factories import cast

pytestmark = pytest.mark.django_db


def test_usual_keys_are_one_an_act_and_submitting_holds_ctrl() -> None:
    usual = keys_of(User())
    assert len(set(usual.values())) == len(ACTS)
    assert usual["submit"] == SUBMIT_KEY
    assert [row["act"] for row in sheet_of(User())] == list(ACTS)


def test_a_person_s_choice_holds_and_an_empty_one_brings_the_usual_keys_back() -> None:
    team = cast()
    ada = team.access(team.ada)
    chosen = set_keys(access=ada, keys={"correct": "4", "incorrect": " Space "})
    assert (chosen["correct"], chosen["incorrect"], chosen["neutral"]) == ("4", "Space", "2")
    assert User.objects.get(pk=team.ada.pk).desk_keys == {"correct": "4", "incorrect": "Space"}
    assert set_keys(access=ada, keys={"correct": "1"})["incorrect"] == "Space"
    assert set_keys(access=ada, keys={}) == keys_of(User())
    assert User.objects.get(pk=team.ada.pk).desk_keys == {}


def test_two_acts_may_exchange_their_keys() -> None:
    team = cast()
    chosen = set_keys(access=team.access(team.ada), keys={"correct": "3", "incorrect": "1"})
    assert (chosen["correct"], chosen["incorrect"]) == ("3", "1")


@pytest.mark.parametrize(
    ("act", "key", "sentence"),
    [
        ("neutral", "1", "already the key of"),
        ("neutral", "Tab", "needs one key"),
        ("neutral", "Ctrl+n", "needs one key"),
        ("neutral", "", "needs one key"),
        ("neutral", "\x07", "needs one key"),
        ("submit", "m", "stays on Ctrl"),
        ("dance", "m", "no act dance"),
    ],
)
def test_a_key_that_does_not_fit_is_refused_by_name(act: str, key: str, sentence: str) -> None:
    team = cast()
    with pytest.raises(BadInput, match=sentence) as refused:
        set_keys(access=team.access(team.ada), keys={act: key})
    assert refused.value.field == act
    assert User.objects.get(pk=team.ada.pk).desk_keys == {}


def test_who_may_not_label_has_no_keys_to_set() -> None:
    team = cast()
    with pytest.raises(NotAllowed):
        set_keys(access=team.access(team.vi), keys={"correct": "4"})
