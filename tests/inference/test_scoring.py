"""Features and heads without a language model: packing, naming of steps, cache, reductions, files of a head."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest

from inference.scoring import prm
from inference.scoring.cache import FeatureCache
from inference.scoring.features import FeatureSource
from inference.scoring.pack import packs
from inference.scoring.paths import TextPath, paths_to, step_keys
from inference.scoring.reduce import reduce
from inference.scoring.spec import FeatureError, FeatureSpec, spec_of

WORDS = FeatureSpec("words", "words", "")
TREE = {1: (0, "a"), 2: (1, "b"), 3: (1, "c"), 4: (0, "d")}


def test_a_pack_reads_shared_tokens_once_and_each_token_sees_its_own_path() -> None:
    (pack,) = packs([(1, 2, 3), (1, 2, 4, 5)], [(1, 2), (1, 3)], budget=16)

    assert pack.ids == [1, 2, 3, 4, 5]
    assert pack.positions == [0, 1, 2, 2, 3]
    assert pack.places == {(0, 0): 1, (0, 1): 2, (1, 0): 1, (1, 1): 4}
    assert [np.flatnonzero(row).tolist() for row in pack.mask()] == [
        [0],
        [0, 1],
        [0, 1, 2],
        [0, 1, 3],
        [0, 1, 3, 4],
    ]


def test_packs_keep_paths_whole_and_within_the_budget() -> None:
    paths = [(7, at, at, at) for at in range(5)]

    found = list(packs(paths, [(3,)] * 5, budget=8))

    assert [len(pack.ids) for pack in found] == [7, 7, 4]
    assert {place for pack in found for place in pack.places} == {(at, 0) for at in range(5)}
    assert len(next(packs([(1,) * 9], [(8,)], budget=4)).ids) == 9


def test_paths_cover_the_wanted_steps_and_no_more() -> None:
    everything = paths_to("p", TREE)
    only = paths_to("p", TREE, {1, 3})

    assert [path.steps for path in everything] == [("a", "b"), ("a", "c"), ("d",)]
    assert [(path.steps, path.seqs) for path in only] == [(("a", "c"), (1, 3))]


def test_a_step_is_named_by_all_that_stands_before_it() -> None:
    assert step_keys("p", ["a", "b"])[0] == step_keys("p", ["a", "c"])[0]
    assert len({step_keys("p", ["a"])[0], step_keys("q", ["a"])[0], step_keys("p", ["b"])[0]}) == 3


def test_the_second_reading_comes_from_the_cache(tmp_path: Path) -> None:
    with FeatureSource(WORDS, tmp_path, tmp_path, lambda: None) as source:
        first = source.read(paths_to("p", TREE))
    with FeatureSource(WORDS, tmp_path, tmp_path, lambda: None) as source:
        again = source.read([*paths_to("p", TREE), TextPath("p", ("new",))])

    assert len(first) == 4
    assert source.counts.steps_cached == 4
    assert source.counts.steps_read == 1
    assert all(np.array_equal(again[key], first[key]) for key in first)


def test_the_cache_stays_within_its_size_and_outlives_damage(tmp_path: Path) -> None:
    def some(first: int) -> dict[str, np.ndarray[tuple[int, ...], np.dtype[np.float16]]]:
        return {f"{at:064x}": np.full(100, at, np.float16) for at in range(first, first + 10)}

    cache = FeatureCache(tmp_path, limit=8000)
    for first in range(0, 100, 10):
        cache.put(some(first))
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= 8000
    assert len(cache.get(some(90))) == 10
    assert not cache.get(some(0))

    for path in tmp_path.glob("*.values.npy"):
        path.write_bytes(b"\x80\x04broken")
    assert not FeatureCache(tmp_path).get(some(90))


def test_two_writers_of_one_cache_lose_nothing(tmp_path: Path) -> None:
    def write(first: int) -> None:
        for at in range(first, first + 20):
            FeatureCache(tmp_path).put({f"{at:064x}": np.full(4, at, np.float16)})

    threads = [threading.Thread(target=write, args=(first,)) for first in (0, 10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    found = FeatureCache(tmp_path).get(f"{at:064x}" for at in range(30))
    assert {int(key, 16): int(value[0]) for key, value in found.items()} == {at: at for at in range(30)}
    assert not list(tmp_path.glob("*.part"))


def test_reductions_of_a_path() -> None:
    assert reduce([0.9, 0.5, 0.8], "min") == 0.5
    assert reduce([0.9, 0.5, 0.8], "product") == pytest.approx(0.36)
    assert reduce([0.9, 0.5, 0.8], "last") == 0.8
    for scores, how, said in (([], "min", "without scores"), ([1.2], "min", "score 0"), ([0.5], "mean", "'mean'")):
        with pytest.raises(ValueError, match=said):
            reduce(scores, how)


def test_a_head_scores_alike_after_it_was_saved_and_notices_changed_files(tmp_path: Path) -> None:
    pytest.importorskip("safetensors")
    head = prm.PrmHead(np.array([1.0, -2.0]), 0.5, np.zeros(2), np.ones(2), WORDS, {"neutral": "drop"})
    rows = np.array([[1, 2], [0, 0], [1000, -1000]], dtype=np.float32)

    files_hash = head.save(tmp_path)
    loaded = prm.load(tmp_path, files_hash)

    assert loaded.score(rows) == pytest.approx([1 / (1 + np.exp(2.5)), 1 / (1 + np.exp(-0.5)), 1.0])
    assert (loaded.spec, loaded.config) == (WORDS, {"neutral": "drop"})
    with pytest.raises(ValueError, match=r"shape \(n, 2\)"):
        head.score(rows[:, :1])
    (tmp_path / prm.CONFIG).write_text("{}")
    with pytest.raises(FeatureError, match="train a new one"):
        prm.load(tmp_path, files_hash)


def test_a_folder_without_weights_is_refused_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(FeatureError, match="no safetensors weights: run make setup"):
        spec_of("hf", tmp_path)
