"""Where the studio keeps its data, its sockets and its secret key."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import stat
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
# A Unix socket's path ends at 107 bytes, so sockets live in a short folder and not in the data folder.
RUNTIME_PARENT = Path("/tmp")  # noqa: S108


def studio_home() -> Path:
    """Return the data folder: STUDIO_HOME, else .studio in the checkout, else (root, closed checkout) in /var/lib."""
    chosen = os.environ.get("STUDIO_HOME", "").strip()
    if chosen:
        return Path(chosen).expanduser().resolve()
    if is_root() and not open_to_others(CHECKOUT):
        return Path("/var/lib") / f"rationale-studio-{fingerprint(CHECKOUT)}"
    return CHECKOUT / ".studio"


def runtime_folder(home: Path) -> Path:
    """Return the folder of the sockets that belong to this data folder."""
    return RUNTIME_PARENT / f"rs-{os.getuid()}-{fingerprint(home)}"


def postgres_folder(home: Path) -> Path:
    """Return the folder that holds PostgreSQL's socket, which is what a client gives as its host."""
    return runtime_folder(home) / "pg"


def valkey_socket(home: Path) -> Path:
    return runtime_folder(home) / "vk" / "valkey.sock"


def models_folder(home: Path) -> Path:
    """Return where language models lie: STUDIO_MODELS, which several checkouts may share, else in the data folder."""
    chosen = os.environ.get("STUDIO_MODELS", "").strip()
    return Path(chosen).expanduser().resolve() if chosen else home / "models"


def files_folder(home: Path) -> Path:
    """Return where uploads, data sets and trained heads lie: STUDIO_FILES, which machines may share, or here."""
    chosen = os.environ.get("STUDIO_FILES", "").strip()
    return Path(chosen).expanduser().resolve() if chosen else home / "files"


def postgres_port(home: Path) -> str:
    """Return the port in the name of PostgreSQL's socket, "" for its usual one."""
    path = home / "listen.json"
    return str(json.loads(path.read_text())["postgres_port"]) if path.exists() else ""


def is_root() -> bool:
    return os.geteuid() == 0


def fingerprint(path: Path) -> str:
    return hashlib.sha256(str(path).encode()).hexdigest()[:10]


def open_to_others(path: Path) -> bool:
    """Say whether an ordinary user may pass through every folder of the path."""
    return all(part.stat().st_mode & stat.S_IXOTH for part in (path, *path.parents) if part.is_dir())


def make_home(home: Path) -> Path:
    """Make the data folder: closed to other people, except that root's servers, which are not root, pass through."""
    home.mkdir(parents=True, exist_ok=True)
    if home.stat().st_uid == os.geteuid():
        home.chmod(0o711 if is_root() else 0o700)
    return home


def secret_key(home: Path) -> str:
    """Return the key that signs sessions, made once and readable by its owner alone."""
    path = make_home(home) / "secret_key"
    fresh = path.with_name(f"secret_key.{os.getpid()}")
    if not path.exists():
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_urlsafe(50))
        try:
            os.link(fresh, path)  # the first of two starts wins
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path.read_text().strip()
