"""`make backup` writes the database and the data folder to one file; `make restore FILE=…` puts both back."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from rationale_studio import env
from rationale_studio import home as places
from rationale_studio.services.embedded import Needs, borrowed, needs
from rationale_studio.services.postgres import DATABASE, USER, program_folder
from rationale_studio.services.trouble import Trouble
from rationale_studio.supervisor.claim import AlreadyRunning, claimed

FORMAT = 1
MANIFEST, DUMP, FILES = "manifest.json", "database.dump", "files"
# Servers' own files, and what set-up or the next start makes again.
LEFT_OUT = ("postgres", "valkey", "programs", "logs", "static", "models", "backups", "before-restore", "restore-")
EMPTY_DATABASE = (
    "DROP SCHEMA IF EXISTS public CASCADE",
    "CREATE SCHEMA public AUTHORIZATION pg_database_owner",
    "GRANT USAGE ON SCHEMA public TO PUBLIC",
)


def save(home: Path, target: Path | None = None) -> Path:
    """Write one dated file, also while the studio runs; return its path.

    The database is dumped first and the files are read after it, so that every file that a row names is there.
    """
    stamp = datetime.now(UTC).strftime("%Y-%m-%d-%H%M%S")
    target = target or home / "backups" / f"studio-{stamp}.tar"
    target.parent.mkdir(parents=True, exist_ok=True)
    with borrowed(home, database_alone()), tempfile.TemporaryDirectory(dir=target.parent) as name:
        dump = Path(name) / DUMP
        run_program(home, "pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={dump}")
        unfinished = Path(name) / target.name
        unfinished.touch(mode=0o600)
        with tarfile.open(unfinished, "w") as packed:
            packed.add(dump, DUMP)
            for entry in kept_entries(home):
                packed.add(entry, f"{FILES}/{entry.name}", filter=lambda each: each if is_plain(each) else None)
            # Last, so that a file that was cut short has none and is refused.
            add_text(packed, MANIFEST, json.dumps({"format": FORMAT, "made": stamp}))
        unfinished.replace(target)
    return target


def restore(home: Path, source: Path) -> Path:
    """Put a backup's database and files in the place of what is there; return the folder with the replaced files.

    1. Refuse while the studio runs. 2. Unpack beside the data folder's files and check. 3. Replace the database in one
    transaction. 4. Move the old files aside and the new ones in.
    """
    if not source.exists():
        raise Trouble(f"There is no file {source}. `ls {home / 'backups'}` shows the backups made here.")
    places.make_home(home)
    with claimed(home, ""), borrowed(home, database_alone()), tempfile.TemporaryDirectory(
        prefix="restore-", dir=home
    ) as name:  # fmt: skip
        folder = Path(name)
        unpack(source, folder)
        load(home, folder)
        return exchange(home, folder / FILES)


def database_alone() -> Needs:
    return Needs(postgres=needs().postgres, valkey=False)


def kept_entries(home: Path) -> list[Path]:
    return [path for path in sorted(home.iterdir()) if not path.name.startswith(LEFT_OUT) and path.suffix != ".lock"]


def add_text(packed: tarfile.TarFile, name: str, text: str) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = len(text.encode())
    packed.addfile(entry, io.BytesIO(text.encode()))


def unpack(source: Path, folder: Path) -> None:
    """Unpack a backup, or take a bare dump (the way from another version of PostgreSQL) as one without files."""
    (folder / FILES).mkdir()
    if source.read_bytes()[:5] == b"PGDMP":
        shutil.copy(source, folder / DUMP)
        return
    try:
        with tarfile.open(source) as packed:
            packed.extractall(folder, members=plain_members(packed))  # noqa: S202
        made = json.loads((folder / MANIFEST).read_text())
    except (tarfile.TarError, OSError, ValueError) as error:
        raise Trouble(f"{source} is not a backup of the studio, or it is damaged ({error}). Nothing changed.") from None
    if made.get("format") != FORMAT or not (folder / DUMP).exists():
        raise Trouble(f"{source} was written by a newer studio (format {made.get('format')}). Update this one first.")


def is_plain(member: tarfile.TarInfo) -> bool:
    return member.isfile() or member.isdir()


def plain_members(packed: tarfile.TarFile) -> list[tarfile.TarInfo]:
    """Return the members, all of which stay in their folder (Python 3.11.2 has no extraction filters)."""
    members = packed.getmembers()
    for member in members:
        parts = Path(member.name).parts
        if ".." in parts or parts[:1] == ("/",) or not is_plain(member):
            raise tarfile.TarError(f"{member.name!r} would lead out of the data folder")
    return members


def load(home: Path, folder: Path) -> None:
    """Replace the database in one transaction: it holds either the old rows or all of the backup's."""
    script = folder / "database.sql"
    run_program(home, "pg_restore", "--no-owner", "--no-privileges", f"--file={script}", str(folder / DUMP))
    commands = [part for sql in EMPTY_DATABASE for part in ("-c", sql)]
    run_program(
        home, "psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "--single-transaction", *commands, "-f", str(script)
    )  # fmt: skip


def exchange(home: Path, restored: Path) -> Path:
    aside = Path(tempfile.mkdtemp(prefix=f"before-restore-{datetime.now(UTC):%Y-%m-%d}-", dir=home))
    for entry in restored.iterdir():
        present = home / entry.name
        if present.exists():
            present.rename(aside / entry.name)
        entry.rename(present)
    return aside


def run_program(home: Path, program: str, *arguments: str) -> None:
    """Run one of PostgreSQL's programs against the studio's database; its own words go into the trouble."""
    command = [str(program_folder(home) / program), *arguments]
    done = subprocess.run(command, env=libpq_environment(home), capture_output=True, text=True, check=False)
    if done.returncode:
        raise Trouble(f"{program} did not succeed: {done.stderr.strip()}. The database is as it was.")


def libpq_environment(home: Path) -> dict[str, str]:
    """Give the address by environment, so that no password shows in the list of processes."""
    given = env.postgres("DATABASE_URL")
    plain = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    if given is None:
        return {**plain, "PGHOST": str(places.postgres_folder(home)), "PGUSER": USER, "PGDATABASE": DATABASE}
    names = {"HOST": "PGHOST", "PORT": "PGPORT", "USER": "PGUSER", "PASSWORD": "PGPASSWORD", "NAME": "PGDATABASE"}
    found = {variable: str(given[name]) for name, variable in names.items() if given[name]}
    return {**plain, **found, **{f"PG{name.upper()}": str(value) for name, value in given["OPTIONS"].items()}}


def main(arguments: list[str]) -> int:
    home = places.studio_home()
    try:
        if arguments[:1] == ["save"]:
            target = save(home, Path(arguments[1]).resolve() if arguments[1:] else None)
            print(f"  saved {target} ({target.stat().st_size / 1e6:.1f} MB); copy it to another machine")
        elif arguments[:1] == ["restore"] and len(arguments) == 2:
            aside = restore(home, Path(arguments[1]).resolve())
            print(f"  restored {arguments[1]}; the files that it replaced are in {aside}; `make studio` starts")
        else:
            print("usage: python -m rationale_studio.backup save [FILE] | restore FILE", file=sys.stderr)
            return 2
    except (Trouble, AlreadyRunning) as trouble:
        print(f"\n{trouble}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
