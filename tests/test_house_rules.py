"""House rules that no linter knows: sizes, names of modules, thin `__init__`, what texts say."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 60
DRAWERS = {"utils", "util", "helpers", "helper", "common", "misc", "base", "manager", "managers"}
WEB_SUFFIXES = {".ts", ".vue", ".css", ".js"}
# Folders of one machine and addresses of package mirrors have no place in a product's texts.
FOREIGN = re.compile(r"(?<![\w.@])/(root|work|workspace|home/\w+|Users/\w+)/|://[0-9.]+:\d+/simple")
TEXT_SUFFIXES = {".py", ".md", ".toml", ".yml", ".lock", ".json", ".ts", ".vue", ".sql", ""}


def tracked(*suffixes: str) -> list[Path]:
    """Return the files of the repository and those about to join it."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split("\0")
    paths = [ROOT / name for name in listed if name]
    return [path for path in paths if path.suffix in suffixes and path.is_file()]


def by_name(path: Path) -> str:
    return str(path.relative_to(ROOT))


PYTHON = tracked(".py")
PACKAGES = [path for path in PYTHON if path.relative_to(ROOT).parts[0] != "tests"]


@pytest.mark.parametrize("path", PYTHON + tracked(*WEB_SUFFIXES), ids=by_name)
def test_a_file_fits_on_a_few_screens(path):
    assert len(path.read_text().splitlines()) <= MAX_FILE_LINES


@pytest.mark.parametrize("path", PYTHON, ids=by_name)
def test_a_function_fits_on_one_screen(path):
    long = [
        f"{node.name}: {(node.end_lineno or 0) - node.lineno + 1} lines"
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno + 1 > MAX_FUNCTION_LINES
    ]
    assert long == []


@pytest.mark.parametrize("path", PACKAGES, ids=by_name)
def test_a_module_is_named_after_one_idea(path):
    for name in (path.stem, path.parent.name):
        assert name not in DRAWERS
    if path.name not in ("__init__.py", "__main__.py"):
        assert path.stem not in sys.stdlib_module_names


@pytest.mark.parametrize("path", [p for p in PYTHON if p.name == "__init__.py"], ids=by_name)
def test_an_init_holds_docstring_imports_and_all_only(path):
    for node in ast.parse(path.read_text()).body:
        is_all = isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
        is_docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        assert is_all or is_docstring or isinstance(node, ast.Import | ast.ImportFrom)


@pytest.mark.parametrize("path", PACKAGES, ids=by_name)
def test_an_error_is_caught_whole_only_by_a_supervisor(path):
    if "supervis" in path.name:
        return
    caught = [
        node.lineno
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or ast.unparse(node.type) in ("Exception", "BaseException"))
    ]
    assert caught == []


@pytest.mark.parametrize("path", PYTHON, ids=by_name)
def test_an_http_server_leaves_logging_as_it_is(path):
    # uvicorn's own configuration takes its loggers away from every handler set before it.
    takers = [
        node.lineno
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) in ("uvicorn.Config", "uvicorn.run")
        and "log_config" not in {named.arg for named in node.keywords}
    ]
    assert takers == []


def test_texts_name_no_machine_of_ours():
    # This file spells the names out, so it may.
    named = [
        f"{by_name(path)}:{number}"
        for path in tracked(*TEXT_SUFFIXES)
        if path != Path(__file__)
        for number, line in enumerate(path.read_text(errors="ignore").splitlines(), 1)
        if FOREIGN.search(line)
    ]
    assert named == []


def test_locks_carry_hashes_and_no_address():
    for name in ("requirements.lock", "requirements-test.lock", "requirements-fuzz.lock"):
        text = (ROOT / name).read_text()
        assert "--hash=sha256:" in text
        assert "://" not in text
    package_lock = ROOT / "server" / "web" / "package-lock.json"
    if package_lock.exists():
        assert '"resolved"' not in package_lock.read_text()
