"""The stairs of the house: who may import whom, and who owns which foreign library."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[1]
ROOMS = ("index", "ingest", "models", "server", "scripts")
MAY_IMPORT = {
    "index": {"index"},
    "ingest": {"ingest", "index"},
    "models": {"models", "index"},
    "server": {"server", "index"},
    "scripts": set(ROOMS),
}
OWNERS = {
    "index": {"faiss", "tantivy", "sqlite_utils", "sqlite3", "rapidfuzz"},
    "models": {"torch", "sentence_transformers", "transformers", "tokenizers", "onnxruntime", "sklearn", "rapidocr"},
    "ingest": {
        "googleapiclient",
        "google",
        "google_auth_httplib2",
        "httplib2",
        "tenacity",
        "pypdf",
        "pypdfium2",
        "docx",
        "lxml",
        "charset_normalizer",
        "dateutil",
    },
    "server": {"mcp", "fastapi", "starlette", "uvicorn", "jwt", "httpx2", "limits", "prometheus_client", "sse_starlette"},
    "scripts": {"typer", "rich", "pydantic_settings"},
}
# The doors train, measure, check and make samples with whatever that takes.
WORKSHOP = ("train_", "bench", "make_", "sample_", "fit_", "check_")
MODULES = [path for room in ROOMS for path in sorted((HOUSE / room).rglob("*.py"))]


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.split(".")[0]


def names(path: Path) -> str:
    return path.relative_to(HOUSE).as_posix()


@pytest.mark.parametrize("path", MODULES, ids=names)
def test_a_room_imports_only_the_rooms_below_it(path: Path) -> None:
    room = path.relative_to(HOUSE).parts[0]
    assert {name for name in imported(path) if name in ROOMS} <= MAY_IMPORT[room]


@pytest.mark.parametrize("path", MODULES, ids=names)
def test_a_foreign_library_is_imported_only_by_the_room_that_owns_it(path: Path) -> None:
    room = path.relative_to(HOUSE).parts[0]
    foreign = set().union(*(owned for owner, owned in OWNERS.items() if owner != room))
    if room == "scripts" and path.name.startswith(WORKSHOP):
        foreign = set()
    assert not set(imported(path)) & foreign


@pytest.mark.parametrize("path", MODULES, ids=names)
def test_a_module_says_its_job_in_its_first_line_and_stays_under_300_lines(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert (ast.get_docstring(ast.parse(text)) or "").strip()
    assert len(text.splitlines()) <= 300


@pytest.mark.parametrize("path", MODULES, ids=names)
def test_only_the_doors_read_the_environment(path: Path) -> None:
    if path.relative_to(HOUSE).parts[0] != "scripts":
        text = path.read_text(encoding="utf-8")
        assert "os.environ" not in text
        assert "getenv" not in text


@pytest.mark.parametrize("path", MODULES, ids=names)
def test_nothing_pickled_is_ever_loaded(path: Path) -> None:
    assert not set(imported(path)) & {"pickle", "joblib", "dill", "shelve", "marshal", "cloudpickle"}
    assert "allow_pickle=True" not in path.read_text(encoding="utf-8")


def test_every_room_is_there() -> None:
    assert all((HOUSE / room / "__init__.py").is_file() for room in ROOMS)
    assert MODULES, sys.path
