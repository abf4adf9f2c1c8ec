"""Training a head from labels and scoring trees with it, without a language model (features of words)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from annotations.errors import BadInput, DomainError
from annotations.labelling import Judgement, save_label
from annotations.models import LabelEvent, LabelScheme, ModelArtefact, Node, Run, Score, Tree
from annotations.tasks.score import run_score
from annotations.tasks.train import run_train
from inference.scoring import spec
from tests import factories
from tests.factories import Cast

pytestmark = pytest.mark.django_db
WORDS = {"features": "words"}


@pytest.fixture(autouse=True)
def home_of_its_own(settings: object, tmp_path: Path) -> None:
    settings.STUDIO_HOME = tmp_path  # type: ignore[attr-defined]
    settings.MEDIA_ROOT = tmp_path / "files"  # type: ignore[attr-defined]


@pytest.fixture
def cast() -> Cast:
    return factories.cast()


def labelled_trees(cast: Cast, problems: int = 30) -> list[Tree]:
    """Trees whose wrong steps say "sadly", labelled by a corpus."""
    steps = ((0, "Gladly 2 + 2 = 4."), (1, "Sadly 4 + 4 = 9."), (1, "Gladly 4 + 4 = 8."), (0, "Sadly 2 + 2 = 5."))
    ratings = {1: "correct", 2: "incorrect", 3: "correct", 4: "incorrect"}
    scheme = LabelScheme.objects.get(project=cast.project)
    trees = [
        factories.tree(cast.project, factories.problem(cast.project, f"Problem {at}?"), steps) for at in range(problems)
    ]
    LabelEvent.objects.bulk_create(
        LabelEvent(
            project=cast.project,
            node=node,
            scheme=scheme,
            voter=f"c{node.pk}",
            source="import",
            rating=ratings[node.seq],
            external_key=f"c{node.pk}",
        )
        for node in Node.objects.filter(tree__in=trees)
    )
    return trees


def a_run(cast: Cast, kind: str = "train", **fields: object) -> Run:
    return Run.objects.create(
        project=cast.project, kind=kind, requested_by=cast.bo, **{"params": WORDS if kind == "train" else {}, **fields}
    )


def quietly(said: dict[str, object]) -> None:
    """Take progress and say nothing."""


def test_a_training_makes_a_head_measures_it_and_scores_every_step(cast: Cast) -> None:
    trees = labelled_trees(cast)
    said: list[dict[str, object]] = []

    report = run_train(run=a_run(cast), progress=lambda at: said.append(dict(at)))

    head = ModelArtefact.objects.get(project=cast.project, kind="prm-head")
    assert report["auroc_new"] == 1.0
    assert report["sentence"].startswith("first head: AUROC 1.000")
    assert report["n_train_steps"] + report["n_test_steps"] == report["n_labels"] == 4 * len(trees)
    assert report["n_train_steps"] % 4 == report["n_test_steps"] % 4 == 0, "a problem is on one side"
    assert head.config["params"]["neutral"] == "positive"
    assert {entry["stage"] for entry in said} == {"reading", "fitting", "measuring", "scoring"}
    scores = dict(Score.objects.filter(model=head, version=head.files_hash).values_list("node", "value"))
    assert len(scores) == Node.objects.count()
    assert all((scores[node.pk] > 0.5) == node.text.startswith("Gladly") for node in Node.objects.all())


def test_a_second_training_is_compared_on_problems_that_neither_trained_on(cast: Cast) -> None:
    labelled_trees(cast)
    first = run_train(run=a_run(cast), progress=quietly)

    second = run_train(run=a_run(cast, params={**WORDS, "held_out": 0.4}), progress=quietly)

    assert second["old_model_id"] == first["model_id"]
    assert second["n_compared_steps"] == first["n_test_steps"] < second["n_test_steps"]
    assert (second["difference"], second["detectable"]) == (0.0, False)
    assert second["sentence"] == "no detectable change (interval +0.000 to +0.000)"


def test_a_training_that_was_interrupted_while_scoring_goes_on_with_its_head(cast: Cast) -> None:
    labelled_trees(cast)
    run = a_run(cast)

    class Killed(Exception):
        pass

    def kill(said: dict[str, object]) -> None:
        if said.get("stage") == "scoring":
            raise Killed

    with pytest.raises(Killed):
        run_train(run=run, progress=kill)
    assert not Score.objects.exists()
    report = run_train(run=run, progress=quietly)

    assert ModelArtefact.objects.count() == 1
    assert report["auroc_new"] == 1.0
    assert report["scored"]["steps"] == Score.objects.count() == Node.objects.count()


def test_what_people_say_counts_before_what_was_imported(cast: Cast) -> None:
    (tree, *_) = labelled_trees(cast)
    for node in tree.nodes.all():
        save_label(
            access=cast.access(cast.ada), node_id=node.pk, judgement=Judgement("neutral"), seen_version=None, key=None
        )

    dropped = run_train(run=a_run(cast, params={**WORDS, "neutral": "drop"}), progress=quietly)

    assert dropped["n_labels"] == 4 * 29


def test_too_few_labels_are_a_sentence_and_no_head(cast: Cast) -> None:
    labelled_trees(cast, problems=2)

    report = run_train(run=a_run(cast), progress=quietly)

    assert report["sentence"].startswith("not enough labels: ")
    assert "at least 8 of each class are needed" in report["sentence"]
    assert (report["model_id"], report["auroc_new"]) == (None, None)
    assert not ModelArtefact.objects.exists()


def test_scoring_again_writes_nothing_twice_and_reads_only_what_is_new(cast: Cast) -> None:
    (tree, *_) = labelled_trees(cast)
    run_train(run=a_run(cast), progress=quietly)
    before = Score.objects.count()
    Node.objects.create(project=cast.project, tree=tree, seq=5, parent_seq=2, depth=3, text="Gladly done.")

    report = run_score(run=a_run(cast, "score"), progress=quietly)

    assert Score.objects.count() == before + 1
    assert (report["trees"], report["steps_cached"]) == (1, 4)


def test_scoring_takes_the_trees_and_the_head_that_the_run_names(cast: Cast) -> None:
    trees = labelled_trees(cast)
    old = run_train(run=a_run(cast), progress=quietly)["model_id"]
    run_train(run=a_run(cast, params={**WORDS, "neutral": "drop", "l2": "1"}), progress=quietly)
    new_tree = factories.tree(cast.project, factories.problem(cast.project, "New?"))
    run = a_run(cast, "score", params={"model_id": old}, input={"tree_ids": [new_tree.pk, trees[0].pk]})

    report = run_score(run=run, progress=quietly)

    assert report["steps"] == 4
    assert set(Score.objects.filter(run=run).values_list("model", "node__tree")) == {(old, new_tree.pk)}


def test_scoring_without_a_head_or_with_changed_files_is_refused(cast: Cast, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="train one first"):
        run_score(run=a_run(cast, "score"), progress=quietly)
    labelled_trees(cast)
    run_train(run=a_run(cast), progress=quietly)
    for file in (tmp_path / "files").rglob("head.json"):
        file.write_text("{}")

    with pytest.raises(DomainError, match="are not those that were trained"):
        run_score(run=a_run(cast, "score"), progress=quietly)


def test_another_projects_head_is_not_to_be_had(cast: Cast) -> None:
    labelled_trees(cast)
    theirs = run_train(run=a_run(cast), progress=quietly)["model_id"]
    other = factories.cast("others")

    with pytest.raises(BadInput, match="train one first"):
        run_score(run=a_run(other, "score", params={"model_id": theirs}), progress=quietly)


@pytest.fixture
def no_torch(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    found = spec.importlib.util.find_spec
    monkeypatch.setattr(spec.importlib.util, "find_spec", lambda name: None if name == "torch" else found(name))
    yield


def test_without_torch_training_is_refused_with_what_to_install(cast: Cast, no_torch: None) -> None:
    labelled_trees(cast)

    with pytest.raises(DomainError, match="need the extra “model”, and torch is not installed"):
        run_train(run=a_run(cast), progress=quietly)


def test_a_setting_that_does_not_fit_is_named(cast: Cast) -> None:
    with pytest.raises(BadInput, match="held_out: expected at most 0.5"):
        run_train(run=a_run(cast, params={"held_out": 0.9}), progress=quietly)
