"""What is in bubblewrap's jail and what is not: its command line. Knows nothing of programs."""

from __future__ import annotations

import os
import shutil
import sys
import sysconfig
from importlib.util import find_spec
from pathlib import Path

from inference.confine import child_uid
from inference.sandbox.process import SandboxDown

PYTHON = Path("/python")
PACKAGES = Path("/packages")
# Our own code in the jail, each file by itself: the checkout stays outside.
OWN = (
    "__init__.py", "confine.py", "reaping.py", "sandbox/__init__.py", "sandbox/base.py", "sandbox/jailed.py",
    "sandbox/seccomp.py", "sandbox/values.py", "sandbox/warm.py",
)  # fmt: skip


def command() -> list[str]:
    """Return the command that starts the warm process in its jail; SandboxDown says what is missing."""
    bwrap = shutil.which("bwrap")
    if bwrap is None:
        raise SandboxDown("bubblewrap is not installed (on Debian and Ubuntu: apt install bubblewrap)")
    interpreter = [str(PYTHON / "bin/python3"), "-S", "-s", "-P", "-B"]
    uid = child_uid() if os.geteuid() == 0 else os.geteuid()
    return [
        bwrap, *_namespaces(), *_rights(), *_python(), *_packages(), *_libraries(), "--remount-ro", "/",
        "--chdir", "/", *_environment(), "--", *interpreter, "-m", "inference.sandbox.warm", str(uid),
    ]  # fmt: skip


def _namespaces() -> list[str]:
    """Everything new. As root no new user namespace: the child's user must be another one than the warm process's."""
    own = [] if os.geteuid() == 0 else ["--unshare-user"]
    return [
        *own, "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try",
        "--hostname", "jail", "--new-session", "--die-with-parent",
    ]  # fmt: skip


def _rights() -> list[str]:
    """As root the warm process may change the child's user and end the child; the child may nothing."""
    kept = ("CAP_SETUID", "CAP_SETGID", "CAP_KILL") if os.geteuid() == 0 else ()
    return ["--cap-drop", "ALL", *(word for name in kept for word in ("--cap-add", name))]


def _environment() -> list[str]:
    settings = {
        "PYTHONPATH": str(PACKAGES), "PYTHONHASHSEED": "0", "LD_LIBRARY_PATH": str(PYTHON / "lib"), "LANG": "C.UTF-8",
    }  # fmt: skip
    return ["--clearenv", *(word for name, value in settings.items() for word in ("--setenv", name, value))]


def _bind(source: Path, place: Path) -> list[str]:
    return ["--ro-bind", str(source), str(place)]


def _python() -> list[str]:
    """The interpreter that this environment is made of, and its library without what is installed into it."""
    binary = Path(os.path.realpath(getattr(sys, "_base_executable", sys.executable)))
    library = Path(sysconfig.get_path("stdlib"))
    place = PYTHON / "lib" / library.name
    binds = [*_bind(binary, PYTHON / "bin/python3"), *_bind(library, place)]
    for folder in ("site-packages", "dist-packages"):
        if (library / folder).is_dir():
            binds += ["--tmpfs", str(place / folder), "--remount-ro", str(place / folder)]
    for shared in Path(sys.base_prefix, "lib").glob("libpython3*.so*"):
        binds += _bind(shared.resolve(), PYTHON / "lib" / shared.name)
    return binds


def _packages() -> list[str]:
    binds = []
    for name in ("sympy", "mpmath"):
        spec = find_spec(name)
        if spec is None or spec.origin is None:
            raise SandboxDown(f"the package {name} is not installed")
        binds += _bind(Path(spec.origin).parent, PACKAGES / name)
    ours = Path(__file__).resolve().parents[1]
    for file in OWN:
        binds += _bind(ours / file, PACKAGES / "inference" / file)
    return binds


def _libraries() -> list[str]:
    """The system's shared libraries: of /usr/lib only this machine's own folder, where there is one."""
    own = sysconfig.get_config_var("MULTIARCH") or ""
    binds = []
    for name in ("/usr/lib", "/usr/lib64", "/lib", "/lib64"):
        place = Path(name)
        if place.is_symlink():
            binds += ["--symlink", os.readlink(place), name]
        elif own and (place / own).is_dir():
            binds += _bind(place / own, place / own)
        elif place.is_dir():
            binds += _bind(place, place)
    return binds
