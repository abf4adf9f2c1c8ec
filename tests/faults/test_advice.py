"""Whatever goes wrong before the studio is open gets a sentence that tells what to do, and no half-done work."""

from __future__ import annotations

import hashlib
import socket
import sys
import tarfile
from pathlib import Path

import pytest
from django.test import Client, override_settings

from rationale_studio import env
from rationale_studio.home import CHECKOUT
from rationale_studio.services.trouble import Trouble
from rationale_studio.supervisor.claim import AlreadyRunning, check_port, claimed

sys.path.insert(0, str(CHECKOUT / "scripts"))

import fetch
import plain


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("socket.gaierror: Temporary failure in name resolution", "Check the network"),
        ("OSError: [Errno 28] No space left on device", "Free some space"),
        ("ERROR: No matching distribution found for torch", "Use Python 3.11"),
        ("error: command 'gcc' failed: No such file or directory", "apt-get install build-essential"),
        ("npm error code ENOTFOUND", "Check the network"),
        ("something nobody has seen", "last lines"),
    ],
)
def test_a_failed_step_of_set_up_says_what_to_do(said: str, told: str) -> None:
    with pytest.raises(plain.Failure, match=told):
        plain.run("A step", [sys.executable, "-c", f"print({said!r}); raise SystemExit(1)"])


def test_a_file_with_another_sum_is_not_installed(tmp_path: Path) -> None:
    changed = tmp_path / "katex-0.16.22.tgz"
    changed.write_bytes(b"something else")

    with pytest.raises(plain.Failure, match="not the file that the studio was tested with"):
        fetch.check_sum(changed, hashlib.sha256(b"the file").hexdigest())


def test_the_style_sheet_names_only_the_fonts_that_are_there(tmp_path: Path) -> None:
    fonts = tmp_path / "package" / "dist" / "fonts"
    fonts.mkdir(parents=True)
    for name in ("A.woff2", "A.woff", "A.ttf"):
        (fonts / name).write_text("glyphs")
    (tmp_path / "package" / "LICENSE").write_text("MIT")
    (fonts.parent / "katex.min.js").write_text("katex")
    (fonts.parent / "katex.min.css").write_text(
        '@font-face{src:url(fonts/A.woff2) format("woff2"),url(fonts/A.woff) format("woff"),'
        'url(fonts/A.ttf) format("truetype")}'
    )

    fetch.lay_out(tmp_path / "package", tmp_path / "katex")

    style = (tmp_path / "katex" / "katex.min.css").read_text()
    assert style == '@font-face{src:url(fonts/A.woff2) format("woff2")}'
    assert [path.name for path in (tmp_path / "katex" / "fonts").iterdir()] == ["A.woff2"]


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("mysql://ada:hunter2@db/studio", "keeps its data in PostgreSQL"),
        ("postgresql://ada:hunter2@db:port/studio", "no address"),
        ("postgresql://ada:hunter2@db/", "write postgresql://"),
    ],
)
def test_a_wrong_database_address_is_explained_without_its_password(
    value: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", value)

    with pytest.raises(env.BadEnvironment, match=told) as stopped:
        env.postgres("DATABASE_URL")

    assert "hunter2" not in str(stopped.value)


def test_a_database_address_becomes_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://ada:a%40b@db.example:6432/studio?sslmode=require")

    assert env.postgres("DATABASE_URL") == {
        "NAME": "studio",
        "USER": "ada",
        "PASSWORD": "a@b",
        "HOST": "db.example",
        "PORT": "6432",
        "OPTIONS": {"sslmode": "require"},
    }


def test_a_busy_port_is_said_with_the_next_one() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(Trouble, match=f"PORT={port + 1} make studio"):
            check_port("127.0.0.1", port)


def test_a_second_studio_says_where_the_first_is_open(tmp_path: Path) -> None:
    with claimed(tmp_path, "http://127.0.0.1:8000"), pytest.raises(AlreadyRunning, match="http://127.0.0.1:8000"):
        claimed(tmp_path, "http://127.0.0.1:8001").__enter__()


@override_settings(UPLOAD_LIMIT_BYTES=1024 * 1024, DATA_UPLOAD_MAX_MEMORY_SIZE=1024)
def test_an_upload_over_the_limit_is_refused_before_it_is_read(client: Client) -> None:
    sent = client.post("/login/", b"x" * 2048, content_type="application/json")

    assert sent.status_code == 413
    assert "STUDIO_UPLOAD_LIMIT_MIB" in sent.content.decode()
    assert "script-src 'self'" in sent.headers["Content-Security-Policy"]


def test_an_archive_cannot_write_outside_its_folder(tmp_path: Path) -> None:
    inside = tmp_path / "escape.txt"
    inside.write_text("out")
    with tarfile.open(tmp_path / "bad.tar", "w") as packed:
        packed.add(inside, "../escape.txt")

    from rationale_studio import backup

    with pytest.raises(Trouble, match="not a backup"):
        backup.unpack(tmp_path / "bad.tar", make(tmp_path / "target"))


def make(folder: Path) -> Path:
    folder.mkdir()
    return folder
