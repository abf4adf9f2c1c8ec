"""The frozen model and its child, with a tiny model of random weights: tokens and states as in a plain reading."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from inference.datasets.tokens import build
from inference.scoring import surface
from inference.scoring.features import FeatureSource
from inference.scoring.paths import TextPath, step_keys
from inference.scoring.reader import ChildReader
from inference.scoring.spec import FeatureError, FeatureSpec, spec_of

pytestmark = pytest.mark.model
PATHS = [
    TextPath("How many legs have 3 cats?", ("A cat has 4 legs.", "So 3 * 4 = 12.", "Answer: 12")),
    TextPath("How many legs have 3 cats?", ("A cat has 4 legs.", "So 3 + 4 = 7.")),
    TextPath("How many legs have 3 hens?", ("3 * 2 = 6",)),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Llama of two layers and a byte-level tokenizer, saved as the real one is."""
    torch = pytest.importorskip("torch")
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import LlamaConfig, LlamaModel, PreTrainedTokenizerFast

    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer = Tokenizer(models.BPE(vocab={letter: at for at, letter in enumerate(alphabet)}, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(alphabet),
        hidden_size=32,
        intermediate_size=48,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
    )
    place = tmp_path_factory.mktemp("tiny")
    LlamaModel(config).save_pretrained(place)
    PreTrainedTokenizerFast(tokenizer_object=tokenizer).save_pretrained(place)
    return place


def float32(folder: Path) -> FeatureSpec:
    found = spec_of("hf", folder)
    return FeatureSpec(found.kind, found.model, found.files_hash, precision="float32")


def read_alone(folder: Path, path: TextPath) -> list[np.ndarray[tuple[int, ...], np.dtype[np.float32]]]:
    """The plain reading: one path, no packing, the token builder's ids and step ends."""
    import torch
    from transformers import AutoModel, AutoTokenizer

    tokens = build(AutoTokenizer.from_pretrained(folder), path.problem, path.steps)
    with torch.inference_mode():
        states = AutoModel.from_pretrained(folder)(input_ids=torch.tensor([tokens.ids])).last_hidden_state[0]
    return [states[end].float().numpy() for end in tokens.step_ends]


def test_packed_paths_in_a_child_give_the_states_of_the_builders_tokens(folder: Path, tmp_path: Path) -> None:
    with FeatureSource(float32(folder), folder, tmp_path, lambda: None) as source:
        features = source.read(PATHS)

    assert len(features) == 5
    for path in PATHS:
        for key, alone in zip(step_keys(path.problem, path.steps), read_alone(folder, path), strict=True):
            assert features[key] == pytest.approx(alone, abs=5e-3)


def test_a_step_is_read_as_its_surface_its_last_state_and_the_mean_of_its_states(folder: Path, tmp_path: Path) -> None:
    import torch
    from transformers import AutoModel, AutoTokenizer

    spec = replace(float32(folder), reading="step-1")
    with FeatureSource(spec, folder, tmp_path, lambda: None) as source:
        features = source.read(PATHS)

    path = PATHS[0]
    tokens = build(AutoTokenizer.from_pretrained(folder), path.problem, path.steps)
    with torch.inference_mode():
        states = AutoModel.from_pretrained(folder)(input_ids=torch.tensor([tokens.ids])).last_hidden_state[0]
    starts = [tokens.problem_end, *tokens.step_ends]
    for at, (key, end) in enumerate(zip(path.keys(), tokens.step_ends, strict=True)):
        seen, last, mean = np.split(features[key].astype(np.float64), [surface.SIZE, surface.SIZE + 32])
        assert seen == pytest.approx(surface.surface(path.problem, path.steps, at), rel=1e-3)
        assert last == pytest.approx(states[end].numpy(), abs=5e-3)
        assert mean == pytest.approx(states[starts[at] + 1 : end + 1].mean(0).numpy(), abs=5e-3)


def test_what_a_head_reads_is_seven_tenths_of_the_model_unless_told(folder: Path) -> None:
    assert (spec_of("hf", folder).layers, spec_of("hf", folder, 2).layers) == (1, 2)
    assert spec_of("hf", folder).reading == "step-1"


def test_what_paths_share_is_read_once(folder: Path, tmp_path: Path) -> None:
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder)
    alone = [build(tokenizer, path.problem, path.steps).ids for path in PATHS]

    with FeatureSource(float32(folder), folder, tmp_path, lambda: None) as source:
        source.read(PATHS)

    prefixes = {ids[: end + 1] for ids in alone for end in range(len(ids))}
    assert source.counts.tokens == len(prefixes) < sum(map(len, alone))


def test_fewer_layers_are_other_features_in_a_cache_of_their_own(folder: Path, tmp_path: Path) -> None:
    whole, part = float32(folder), replace(float32(folder), layers=1)

    with FeatureSource(whole, folder, tmp_path, lambda: None) as source:
        deep = source.read(PATHS[2:])
    with FeatureSource(part, folder, tmp_path, lambda: None) as source:
        shallow = source.read(PATHS[2:])

    assert source.counts.steps_cached == 0
    (key,) = deep
    assert not np.allclose(deep[key], shallow[key], atol=0.01)


def test_the_child_ends_when_its_reader_is_stopped(folder: Path) -> None:
    class Stop(Exception):
        pass

    def stop() -> None:
        raise Stop

    reader = ChildReader(float32(folder), folder)
    pid = reader.pid
    with pytest.raises(Stop), reader:
        list(reader.read(PATHS, stop))

    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_model_that_cannot_be_loaded_is_a_sentence(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text((folder / "config.json").read_text())

    with pytest.raises(FeatureError, match="cannot load"), ChildReader(float32(folder), tmp_path) as reader:
        list(reader.read(PATHS, lambda: None))
