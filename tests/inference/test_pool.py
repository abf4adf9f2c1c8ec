"""The pool: a check that hangs, eats memory or dies costs only itself, and children are unprivileged and mortal."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import pytest

from inference.types import Ending, Problem, Verdict, VerdictKind
from inference.verifiers.params import PoolParams
from inference.verifiers.pool import CheckJob, Pool

ROOT = Path(__file__).resolve().parents[2]
CAST = Path(__file__).resolve().parent
OBEDIENT = {"obedient": "pool_cast:Obedient"}
SMALL = PoolParams(children=2, memory_mb=64)
on_linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs Linux's prctl")
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root drops privileges")


def told(*steps: str) -> list[CheckJob]:
    return [CheckJob("obedient", Problem("1", "Do it."), ("Before.",), step) for step in steps]


def ask(pool: Pool, *steps: str, deadline: float = 20.0) -> list[Verdict]:
    return pool.check_many(told(*steps), deadline)


def test_a_batch_comes_back_in_order_with_the_time_each_check_took() -> None:
    steps = [f"step {number}" for number in range(200)]
    with Pool(SMALL, verifiers=OBEDIENT) as pool:
        verdicts = ask(pool, *steps)
    assert [verdict.message for verdict in verdicts] == steps
    assert all(verdict.ending is Ending.OK and verdict.millis > 0 for verdict in verdicts)


def test_a_hanging_check_is_the_only_one_of_its_chunk_that_times_out() -> None:
    with Pool(PoolParams(children=1, memory_mb=64), verifiers=OBEDIENT) as pool:
        verdicts = ask(pool, "one", "two", "hang", "three", "hang", "four", deadline=1.0)
    assert [verdict.ending for verdict in verdicts] == [
        Ending.OK, Ending.OK, Ending.TIMEOUT, Ending.OK, Ending.TIMEOUT, Ending.OK,
    ]  # fmt: skip
    lost = verdicts[2]
    assert (lost.kind, lost.verifier, lost.version) == (VerdictKind.UNDECIDED, "obedient", "7")
    assert lost.message == "the check was stopped after 1 s"


def test_memory_crash_and_error_are_endings_while_the_others_get_their_verdicts() -> None:
    with Pool(SMALL, verifiers=OBEDIENT) as pool:
        verdicts = ask(pool, "one", "allocate", "two", "die", "three", "killed", "four", "raise", "five")
    assert [verdict.ending.value for verdict in verdicts] == [
        "ok", "memory", "ok", "crash", "ok", "memory", "ok", "crash", "ok",
    ]  # fmt: skip
    assert {verdict.kind for verdict in verdicts if verdict.ending is not Ending.OK} == {VerdictKind.UNDECIDED}


def test_the_pool_serves_on_after_an_idle_child_was_killed_and_after_it_was_closed() -> None:
    with Pool(SMALL, verifiers=OBEDIENT) as pool:
        child = int(ask(pool, "identity")[0].message.split()[0])
        os.kill(child, signal.SIGKILL)
        assert ask(pool, "again")[0].message == "again"
        pool.close()
        assert ask(pool, "and again")[0].message == "and again"


def test_threads_take_turns() -> None:
    found: dict[int, list[str]] = {}
    with Pool(SMALL, verifiers=OBEDIENT) as pool:

        def work(number: int) -> None:
            found[number] = [verdict.message for verdict in ask(pool, *[f"{number} {at}" for at in range(20)])]

        threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert found == {number: [f"{number} {at}" for at in range(20)] for number in range(4)}


def test_an_empty_batch_and_an_unknown_verifier() -> None:
    with Pool(SMALL, verifiers=OBEDIENT) as pool:
        assert ask(pool) == []
        with pytest.raises(ValueError, match="no verifier is called 'claims'; there are: obedient"):
            pool.check_many([CheckJob("claims", Problem("1", ""), (), "1 = 1")], 1.0)


def test_settings_out_of_range_name_themselves() -> None:
    with pytest.raises(ValueError, match="children must be a whole number from 1 to 64, not 0"):
        PoolParams(children=0)


@as_root
@on_linux
def test_as_root_a_child_is_nobody_without_groups_or_new_privileges() -> None:
    with Pool(SMALL, verifiers=OBEDIENT) as pool:
        _, user, group, groups, no_new_privs = ask(pool, "identity")[0].message.split()
    assert (user, group, groups, no_new_privs) == ("65534", "65534", "0", "1")


@as_root
def test_the_child_user_is_a_setting_and_root_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STUDIO_CHILD_UID", "54321")
    with Pool(SMALL, verifiers=OBEDIENT) as pool:
        assert ask(pool, "identity")[0].message.split()[1] == "54321"
    monkeypatch.setenv("STUDIO_CHILD_UID", "0")
    with (
        Pool(SMALL, verifiers=OBEDIENT) as pool,
        pytest.raises(RuntimeError, match="must be the id of an unprivileged user, not 0"),
    ):
        ask(pool, "identity")


def test_a_checkout_that_only_its_owner_reads_still_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    shutil.copy(CAST / "pool_cast.py", home / "private_cast.py")
    monkeypatch.syspath_prepend(str(home))
    with Pool(SMALL, verifiers={"obedient": "private_cast:Obedient"}) as pool:
        message = ask(pool, "own source")[0].message
    assert message.startswith("not readable" if os.geteuid() == 0 else "readable")


@on_linux
def test_children_die_with_a_killed_process_even_while_a_check_hangs() -> None:
    program = """
        import sys
        from inference.types import Problem
        from inference.verifiers.pool import CheckJob, Pool, PoolParams
        pool = Pool(PoolParams(children=1), verifiers={"obedient": "pool_cast:Obedient"})
        job = lambda step: CheckJob("obedient", Problem("1", ""), (), step)
        print(pool.check_many([job("identity")], 20)[0].message.split()[0], flush=True)
        pool.check_many([job("hang")], 600)
    """
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT), str(CAST)))}
    command = [sys.executable, "-c", textwrap.dedent(program)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as owner:  # noqa: S603
        assert owner.stdout is not None
        child = Path("/proc") / owner.stdout.readline().strip()
        assert child.name.isdecimal()
        assert child.exists()
        owner.kill()
    until = time.monotonic() + 30
    while child.exists() and time.monotonic() < until:
        time.sleep(0.02)
    assert not child.exists()
