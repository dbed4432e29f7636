"""Writes the README's two tables that the code knows best, its settings and its files: `python -m scripts.readme`."""

import ast
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

from scripts.settings import documented

HOUSE = Path(__file__).parents[1]
_ROOMS = ("scripts", "ingest", "server", "models", "index")


def main() -> None:
    """Bring README.md up to date."""
    readme = HOUSE / "README.md"
    readme.write_text(brought_up_to_date(readme.read_text(encoding="utf-8")), encoding="utf-8")


def brought_up_to_date(readme: str) -> str:
    """The README with its tables made anew; they stand between `<!-- name -->` and `<!-- end -->`."""
    for name, lines in (("settings", _settings()), ("files", _files())):
        before, start, rest = readme.partition(f"<!-- {name} -->\n")
        _, end, after = rest.partition("<!-- end -->")
        readme = "".join((before, start, "\n".join(lines), "\n", end, after))
    return readme


def _settings() -> Iterator[str]:
    yield "| variable | what it is for | default |"
    yield "| --- | --- | --- |"
    for name, description, default in documented():
        yield f"| `{name}` | {description} | {_default(default)} |"


def _default(value: object) -> str:
    if value is None or value == ():
        return ""
    if isinstance(value, tuple):
        return f"`{json.dumps(value)}`"
    return f"`{value}`"


def _files() -> Iterator[str]:
    yield "```text"
    for room in _ROOMS:
        modules = [path for path in _tracked(room) if path.suffix == ".py"]
        yield f"{room + '/':24}{_phrase(HOUSE / room / '__init__.py')}"
        for path in modules:
            if path.name != "__init__.py":
                yield f"  {path.name:22}{_phrase(path)}"
    yield "tests/                  One file a subject; the names of the tests are the sentences they prove."
    yield "```"


def _tracked(room: str) -> list[Path]:
    listed = subprocess.run(  # noqa: S603 - our own command
        ["git", "ls-files", "-co", "--exclude-standard", room],  # noqa: S607 - git is found where its user has it
        cwd=HOUSE,
        check=True,
        capture_output=True,
        text=True,
    )
    return sorted(HOUSE / line for line in listed.stdout.splitlines())


def _phrase(path: Path) -> str:
    told = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return " ".join(told.split("\n\n")[0].split())


if __name__ == "__main__":
    main()
