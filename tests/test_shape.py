"""The house keeps its shape: small files and functions, a web process without models, a library without Django."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from rationale_studio.home import CHECKOUT

CODE = ("annotations", "benchmarks", "inference", "rationale_studio", "scripts", "tests")
FILE_LINES, TEST_FILE_LINES, FUNCTION_LINES, VIEW_LINES, TEMPLATE_LINES = 300, 400, 40, 30, 120
HEAVY = ("torch", "transformers", "vllm", "trl", "peft")


def test_files_stay_within_their_budget() -> None:
    too_long = [
        f"{shown(path)}: {lines(path)} lines of {budget}"
        for path in python_files()
        if lines(path) > (budget := TEST_FILE_LINES if shown(path).startswith("tests/") else FILE_LINES)
    ]
    assert not too_long, told(too_long)


def test_functions_stay_within_their_budget() -> None:
    too_long = [
        f"{shown(path)}:{function.lineno} {function.name}: {length(function)} lines of {budget}"
        for path in python_files()
        for function in functions(path)
        if length(function) > (budget := VIEW_LINES if is_view(path, function) else FUNCTION_LINES)
    ]
    assert not too_long, told(too_long)


def test_templates_stay_within_their_budget() -> None:
    too_long = [
        f"{shown(path)}: {lines(path)} lines of {TEMPLATE_LINES}"
        for path in sorted((CHECKOUT / "templates").rglob("*"))
        if path.is_file() and lines(path) > TEMPLATE_LINES
    ]
    assert not too_long, told(too_long)


def test_the_web_process_loads_no_model_code() -> None:
    loaded = modules_after(
        "from rationale_studio.wsgi import application\n"
        "from django.urls import get_resolver\n"
        "def visit(resolver):\n"
        "    for part in resolver.url_patterns:\n"
        "        visit(part) if hasattr(part, 'url_patterns') else part.callback\n"
        "visit(get_resolver())\n"
    )

    assert not loaded & {*HEAVY, "annotations.tasks"}


def test_importing_the_library_loads_neither_models_nor_the_site() -> None:
    loaded = modules_after(
        "import pkgutil, importlib, inference\n"
        "for found in pkgutil.walk_packages(inference.__path__, 'inference.'):\n"
        "    if not found.name.endswith('__main__'): importlib.import_module(found.name)\n"
    )

    assert not loaded & {*HEAVY, "django", "celery", "annotations", "rationale_studio"}


def modules_after(code: str) -> set[str]:
    """Return the names of all modules that a fresh interpreter holds once it has run the code."""
    script = f"{code}\nimport sys; print('\\n'.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", script], cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


def python_files() -> list[Path]:
    found = [path for folder in CODE for path in sorted((CHECKOUT / folder).rglob("*.py"))]
    return [CHECKOUT / "manage.py", *(path for path in found if "migrations" not in path.parts)]


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


def is_view(path: Path, function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    names = [argument.arg for argument in function.args.args[:1]]
    return shown(path).startswith("annotations/pages/") and names == ["request"]


def lines(path: Path) -> int:
    return len(path.read_text().splitlines())


def shown(path: Path) -> str:
    return str(path.relative_to(CHECKOUT))


def told(found: list[str]) -> str:
    return "\n".join(["over the budget:", *found])
