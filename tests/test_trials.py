"""What the checks by foreign programs make of what those did."""

import json
from pathlib import Path

from scripts.check_clients import CANT, PYTHON, TYPESCRIPT, VERSIONS, Came
from scripts.trials import there


def test_a_client_that_fails_is_told_with_what_it_said() -> None:
    came = Came(TYPESCRIPT[0], "2025-06-18", ("connect",), "AssertionError: no such clause")
    assert not came.good()
    assert "FAILED\nAssertionError: no such clause" in came.line()


def test_an_exception_is_one_only_while_the_client_itself_speaks_another_version() -> None:
    listed = (PYTHON, "2024-11-05")
    assert listed in CANT
    assert Came(*listed, ("it speaks 2025-11-25",), "", other_version=True).good()
    assert not Came(*listed, ("connect", "tools")).good()
    assert not Came(*listed, (), "Connection refused").good()


def test_no_version_is_excepted_for_every_client() -> None:
    clients = (*TYPESCRIPT, PYTHON)
    assert all(any((client, version) not in CANT for client in clients) for version in VERSIONS)


def test_a_package_is_fetched_where_it_is_missing_or_of_another_version(tmp_path: Path) -> None:
    assert not there(tmp_path, "@firm/client@2.4.0")
    (tmp_path / "@firm" / "client").mkdir(parents=True)
    (tmp_path / "@firm" / "client" / "package.json").write_text(json.dumps({"version": "22.4.0"}))
    assert there(tmp_path, "@firm/client@22")
    assert there(tmp_path, "@firm/client@22.4.0")
    assert not there(tmp_path, "@firm/client@2")
    assert not there(tmp_path, "@firm/client@22.4.1")
