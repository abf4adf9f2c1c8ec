"""Training a policy as a run: what it learns from, what it leaves behind, who may ask for it and use it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from annotations.engines import use_adapter
from annotations.errors import BadInput, NotAllowed
from annotations.labelling import Judgement, save_label
from annotations.models import AuditEvent, Engine, ModelArtefact, Node, Problem, Run, Tree
from annotations.policies import request_policy
from annotations.selectors.verified import VerifiedPath, verified_count, verified_paths
from annotations.tasks.loop import WorkLoop
from annotations.tasks.policy import MOST_POINTS, Course, run_policy
from annotations.tasks.resident import spec_of
from inference.engines.base import EngineError
from inference.trainers.policy.recipe import Recipe, Say
from inference.types import Queue
from tests import factories
from tests.factories import Cast
from tests.pages.asking import PART, sign_in, three_ways

pytestmark = pytest.mark.django_db
SHARES = {
    "base": {"policy": "base", "solved": 4, "asked": 100, "low": 0.0157, "high": 0.0984, "parsed": 0.8},
    "adapter": {"policy": "adapter", "solved": 23, "asked": 100, "low": 0.1584, "high": 0.3215, "parsed": 1.0},
}


class Trainer:
    """Says three steps and writes an adapter of a few bytes; remembers what it was to train."""

    def __init__(self) -> None:
        self.recipes: list[Recipe] = []

    def __call__(self, recipe: Recipe, say: Say, tick: Callable[[], None]) -> dict[str, Any]:
        self.recipes.append(recipe)
        tick()
        for step, loss in enumerate((2.0, 1.0, 0.5), 1):
            say({"step": step, "steps": 3, "loss": loss})
        recipe.out.mkdir()
        (recipe.out / "adapter_model.safetensors").write_bytes(b"weights")
        measured = list(SHARES.values()) if recipe.measured else []
        return {"loss": 1.1667, "steps": 3, "texts": 12, "tokens": 1024, "examples": 10, "policies": measured}


@pytest.fixture(autouse=True)
def models(settings: Any, tmp_path: Path) -> Path:
    settings.MODELS_DIR = tmp_path / "models"
    settings.MEDIA_ROOT = tmp_path / "files"
    return tmp_path / "models"


@pytest.fixture
def team() -> Cast:
    return factories.cast()


def an_engine(team: Cast, **limits: object) -> Engine:
    engine = factories.engine("small", team.project)
    Engine.objects.filter(pk=engine.pk).update(kind="hf", model="SmolLM2", limits=limits)
    engine.refresh_from_db()
    return engine


def a_run(team: Cast, engine: Engine, **params: object) -> Run:
    return request_policy(access=team.access(team.bo), engine_id=engine.pk, params={"examples": 10, **params})


def quietly(said: dict[str, object]) -> None:
    """Take progress and say nothing."""


def test_a_training_leaves_an_adapter_under_a_name_of_its_own_and_a_report(team: Cast, models: Path) -> None:
    engine, trainer, said = an_engine(team), Trainer(), list[dict[str, Any]]()
    run = a_run(team, engine, rank=8)
    (models / f"words-policy-{run.pk}").mkdir(parents=True)
    (models / f".words-policy-{run.pk}-left").mkdir()

    report = run_policy(run=run, progress=lambda at: said.append(dict(at)), trainer=trainer)

    name = f"words-policy-{run.pk}-2"
    adapter = ModelArtefact.objects.get(run=run, kind="adapter")
    assert (report["adapter"], report["model_id"], adapter.base) == (name, adapter.pk, "SmolLM2")
    assert (models / name / "adapter_model.safetensors").read_bytes() == b"weights"
    assert sorted(path.name for path in models.iterdir()) == [f"words-policy-{run.pk}", name]
    assert report["losses"] == [[1, 2.0], [2, 1.0], [3, 0.5]]
    assert said[0] == {"stage": "loading the model"}
    assert said[-1] == {"steps_done": 3, "steps_total": 3, "losses": report["losses"]}
    assert (trainer.recipes[0].params.rank, trainer.recipes[0].measured, trainer.recipes[0].engine.adapter) == (
        (8, 100, "")
    )
    assert run_policy(run=run, progress=quietly, trainer=trainer) == report
    assert len(trainer.recipes) == 1


def test_training_goes_on_from_the_adapter_that_the_engine_has(team: Cast, models: Path) -> None:
    (models / "first").mkdir(parents=True)
    trainer = Trainer()
    run_policy(run=a_run(team, an_engine(team, adapter="first")), progress=quietly, trainer=trainer)
    assert trainer.recipes[0].engine.adapter == str(models / "first")


def test_a_cancelled_training_leaves_nothing_behind(team: Cast, models: Path) -> None:
    run = a_run(team, an_engine(team))

    def stop(said: dict[str, object]) -> None:
        if said.get("steps_done") == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_policy(run=run, progress=stop, trainer=Trainer())
    assert list(models.iterdir()) == []
    assert not ModelArtefact.objects.exists()


def test_a_trainer_that_is_not_installed_fails_the_run_with_its_sentence(
    team: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(**_: object) -> dict[str, Any]:
        raise EngineError("training a policy needs the [train] extra, which `make setup` installs")

    monkeypatch.setattr("annotations.tasks.policy.run_policy", missing)
    run = a_run(team, an_engine(team))
    assert WorkLoop(Queue.GPU).run_once()
    run.refresh_from_db()
    assert (run.state, "needs the [train] extra" in run.error) == ("failed", True)


def test_many_losses_are_told_as_a_few_means() -> None:
    course = Course(quietly)
    for step in range(1, 1001):
        course.say({"step": step, "steps": 1000, "loss": 2.0 if step % 2 else 1.0})
    assert len(course.points) <= MOST_POINTS
    assert course.points[-1][0] == 1000
    assert 1.4 < course.points[0][1] < 1.6


def grown(team: Cast, text: str, *ways: tuple[str, ...], **fields: object) -> list[list[Node]]:
    """Grow a tree with these ways to the right answer; return the steps of each."""
    problem = factories.problem(team.project, text)
    Problem.objects.filter(pk=problem.pk).update(**fields)
    steps: list[tuple[int, str]] = []
    for way in ways:
        for place, step in enumerate((*way, "Answer: 9")):
            steps.append((0 if place == 0 else len(steps), step))
    tree = factories.tree(team.project, problem, tuple(steps))
    nodes = list(Node.objects.filter(tree=tree).order_by("seq"))
    return [[nodes.pop(0) for _ in (*way, "answer")] for way in ways]


def test_paths_are_right_unrefuted_unblamed_different_and_of_no_test_problem(team: Cast) -> None:
    bo = team.access(team.bo)
    grown(team, "First?", ("a", "b"), ("a", "b"), ("c",), ("d",))
    ((refuted, _), (blamed, _), (praised, _)) = grown(team, "Second?", ("x",), ("y",), ("z",))
    factories.check(refuted)
    for node, rating in ((blamed, "incorrect"), (praised, "correct")):
        save_label(access=bo, node_id=node.pk, judgement=Judgement(rating), seen_version=None, key=None)
    grown(team, "Held out?", ("t",), split="test")
    grown(team, "Planted?", ("p",))
    Tree.objects.filter(problem__text="Planted?").update(source="planted")
    tree = factories.tree(team.project, factories.problem(team.project, "Wrong?", "8"), ((0, "w"), (1, "Answer: 9")))
    assert Node.objects.filter(tree=tree, outcome=-1).exists()
    elsewhere = factories.cast("elsewhere")
    grown(elsewhere, "Another project?", ("e",))

    found = verified_paths(bo, 10)

    assert set(found) == {
        VerifiedPath("First?", "9", ("a", "b")),
        VerifiedPath("First?", "9", ("c",)),
        VerifiedPath("Second?", "9", ("z",)),
    }
    assert {path.problem for path in verified_paths(bo, 2)} == {"First?", "Second?"}
    assert verified_count(bo) == 3
    trainer = Trainer()
    run_policy(run=a_run(team, an_engine(team), paths=2), progress=quietly, trainer=trainer)
    assert {(path.problem.text, path.problem.answer) for path in trainer.recipes[0].paths} == {
        ("First?", "9"),
        ("Second?", "9"),
    }


def test_what_cannot_be_trained_is_refused(team: Cast) -> None:
    engine, access = an_engine(team), team.access(team.bo)
    chatty, scripted = factories.engine("chatty", team.project), factories.engine("scripted", team.project)
    Engine.objects.filter(pk=chatty.pk).update(kind="hf", model="x", limits={"chat": True})
    for chosen, params, sentence in (
        (scripted, {}, "runs no model in transformers"),
        (chatty, {}, "wraps its prompt in a chat template"),
        (engine, {"paths": 5}, "has a verified path yet"),
        (engine, {"rank": 0}, "rank: expected at least 1"),
    ):
        with pytest.raises(BadInput, match=sentence):
            request_policy(access=access, engine_id=chosen.pk, params=params)
    with pytest.raises(NotAllowed):
        request_policy(access=team.access(team.ada), engine_id=engine.pk, params={})
    answer = sign_in(team.bo).post(
        "/api/v1/projects/words/runs/", {"kind": "policy", "engine": engine.pk}, content_type="application/json"
    )
    assert (answer.status_code, Run.objects.get().params["measured"]) == (202, 100)


def test_a_reviewer_asks_on_the_page_which_says_what_it_costs(team: Cast) -> None:
    bo, here = sign_in(team.bo), "/p/words/models/policy/"
    assert "No engine with weights" in bo.get(here).text
    engine = an_engine(team, adapter="first")
    grown(team, "First?", ("a", "b"))
    assert f'href="{here}"' in bo.get("/p/words/models/").text
    page = three_ways(bo, here)
    for words in ("small, goes on from first", "101,000 tokens", "17 minutes", "Verified paths here", ">1</p>"):
        assert words in page
    part = bo.get(here, {"p-examples": "2000"}, headers=PART).text
    assert "202,000 tokens" in part and "<form" not in part
    refused = bo.post(here, {"engine": engine.pk, "p-rank": "0"}, headers=PART)
    assert (refused.status_code, "Expected at least 1" in refused.text) == (400, True)
    answer = bo.post(here, {"engine": engine.pk, "p-examples": "20"})
    run = Run.objects.get(kind="policy")
    assert (answer.headers["Location"], run.params["examples"]) == (f"/p/words/runs/{run.pk}/", 20)


def test_the_run_shows_its_losses_live_and_then_what_it_solves(team: Cast) -> None:
    run = a_run(team, an_engine(team))
    url = f"/p/words/runs/{run.pk}/"
    progress = {"steps_done": 2, "steps_total": 3, "losses": [[1, 2.0], [2, 1.0]]}
    Run.objects.filter(pk=run.pk).update(state="running", report={"progress": progress})
    live = sign_in(team.vi).get(url, headers=PART).text
    assert "Training a policy: 2 of 3 steps" in live and "<polyline" in live and "What it solves" not in live
    report = run_policy(run=run, progress=quietly, trainer=Trainer())
    Run.objects.filter(pk=run.pk).update(state="done", report=report)
    page = three_ways(sign_in(team.vi), url)
    for words in ("Solves 23 of 100 held-out problems, 4 before.", "16 to 32 %", "1,024", report["adapter"]):
        assert words in page
    assert "Use with" not in page


def test_a_site_admin_gives_the_adapter_to_the_engine_and_the_audit_says_so(team: Cast) -> None:
    engine = an_engine(team, shard=4)
    run = a_run(team, engine)
    report = run_policy(run=run, progress=quietly, trainer=Trainer())
    Run.objects.filter(pk=run.pk).update(state="done", report=report)
    url = f"/p/words/runs/{run.pk}/"
    with pytest.raises(NotAllowed):
        use_adapter(actor=team.odo, engine=engine, adapter=report["adapter"])
    root = sign_in(factories.person("root", is_staff=True, is_superuser=True))
    assert "Use with small" in root.get(url).text
    assert root.post(f"{url}use/", follow=True).text.count("draws with") == 2
    engine.refresh_from_db()
    assert engine.limits == {"shard": 4, "adapter": report["adapter"]}
    assert spec_of(engine).adapter.endswith(f"models/{report['adapter']}")
    assert AuditEvent.objects.get(action="engine changed").data["adapter"] == report["adapter"]


@pytest.mark.long
@pytest.mark.model
@pytest.mark.django_db(transaction=True)
def test_a_worker_trains_a_tiny_model(team: Cast, models: Path) -> None:
    pytest.importorskip("trl")
    from tests.inference.tiny_model import tiny_folder

    engine = an_engine(team)
    Engine.objects.filter(pk=engine.pk).update(model=str(tiny_folder()), device="cpu", dtype="float32")
    run = a_run(team, engine, length=512, batch=2, layers=1, rank=2, threads=1, measured=1)
    assert WorkLoop(Queue.GPU).run_once()
    run.refresh_from_db()
    assert (run.state, run.error) == ("done", "")
    assert [one["policy"] for one in run.report["policies"]] == ["base", "adapter"]
    assert (models / run.report["adapter"] / "adapter_model.safetensors").is_file()
