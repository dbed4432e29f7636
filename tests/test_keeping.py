"""A backup is whole and of one moment, and what is restored is what was kept."""

import json
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from small_firm import NOW, PAPERS, WordEncoder, build, fill, many, opened

from index.copying import check_database, copy_database
from index.errors import IndexCorrupt, StoreError
from index.ledger import Ledger
from index.local import open_for_writing
from index.memberships import Directory, Group, read_directory, write_directory
from index.schema import database_at
from index.store import Manifest
from scripts.keeping import backup, restore
from server.audit import Trail
from server.trails import verify

TOLD = Directory(NOW, (Group("associates@firm.example", ("user:anna@firm.example",)),))


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(tmp_path)
    made = tmp_path / "data"
    build(made / "index")
    (made / "keys.json").write_text('{"keys": []}')
    write_directory(made / "directory.json", TOLD)
    Trail(made / "audit")
    with closing(Ledger(made / "drive.db")):
        yield made


def test_what_was_kept_comes_back_where_nothing_was(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    backup(tmp_path / "kept", data)
    shutil.move(data, tmp_path / "lost")
    restore(tmp_path / "kept", data)
    with closing(opened(data / "index")) as index:
        assert index.inventory().documents == len(PAPERS)
        assert index.view().generation == 1
    assert (data / "keys.json").read_text() == '{"keys": []}'
    assert read_directory((data / "directory.json").read_text()) == TOLD
    assert (data / "directory.json").stat().st_mode & 0o777 == 0o600
    assert (data / "drive.db").is_file()
    assert verify(data / "audit").wrong == ()
    assert "5 contracts (generation 1) restored" in capsys.readouterr().out


def test_a_backup_of_an_index_that_is_being_written_is_of_one_moment(data: Path, tmp_path: Path) -> None:
    manifest = Manifest(WordEncoder.name, WordEncoder.dimensions, "test")
    enough = threading.Event()

    def write() -> None:
        with open_for_writing(data / "index", manifest) as index:
            for paper in many(2_000):
                if enough.is_set():
                    return
                fill(index, [paper])

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(3):
            backup(tmp_path / f"kept-{number}", data)
    finally:
        enough.set()
        writer.join(60)
    for number in range(3):
        listed = json.loads((tmp_path / f"kept-{number}" / "backup.json").read_text())["held"]
        restore(tmp_path / f"kept-{number}", tmp_path / f"data-{number}")
        with closing(opened(tmp_path / f"data-{number}" / "index")) as index:
            assert index.inventory().documents == listed["documents"]


def test_a_server_that_serves_meanwhile_moves_to_what_is_restored(data: Path, tmp_path: Path) -> None:
    backup(tmp_path / "kept", data)
    with open_for_writing(data / "index", Manifest(WordEncoder.name, WordEncoder.dimensions, "test")) as index:
        fill(index, many(3))
    with closing(opened(data / "index")) as reader:
        assert reader.inventory().documents == len(PAPERS) + 3
        assert reader.view().generation == 2
        restore(tmp_path / "kept", data, replace=True)
        assert reader.view().generation == 1
        assert reader.inventory().documents == len(PAPERS)


def test_keys_and_the_trail_that_are_there_stay(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    backup(tmp_path / "kept", data)
    (data / "keys.json").write_text('{"keys": ["revoked since"]}')
    restore(tmp_path / "kept", data, replace=True)
    assert "revoked since" in (data / "keys.json").read_text()
    assert "left as they were: directory.json, keys.json, the audit trail" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["index/catalogue.db", "keys.json", "audit/audit.key"])
def test_a_backup_that_is_not_what_was_written_is_refused_and_nothing_changes(data: Path, tmp_path: Path, name: str) -> None:
    backup(tmp_path / "kept", data)
    kept = (tmp_path / "kept" / name).read_bytes()
    (tmp_path / "kept" / name).write_bytes(kept[:-1] + bytes([kept[-1] ^ 1]))
    with pytest.raises(StoreError, match="take another backup"):
        restore(tmp_path / "kept", tmp_path / "new")
    assert not (tmp_path / "new" / "index").exists()


def test_an_index_that_is_there_is_not_replaced_unasked(data: Path, tmp_path: Path) -> None:
    backup(tmp_path / "kept", data)
    with pytest.raises(StoreError, match="--replace"):
        restore(tmp_path / "kept", data)
    with pytest.raises(StoreError, match="name a new folder"):
        backup(tmp_path / "kept", data)
    with pytest.raises(StoreError, match="no whole backup"):
        restore(tmp_path / "nowhere", tmp_path / "new")


def test_damage_in_a_database_is_found(data: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    copy_database(database_at(data / "index"), copy)
    check_database(copy)
    with closing(sqlite3.connect(copy)) as connection:
        page = int(connection.execute("PRAGMA page_size").fetchone()[0])
        connection.execute("DELETE FROM texts")
        connection.commit()
    with copy.open("r+b") as file:
        for number in range(3, 12):
            file.seek(number * page)
            file.write(b"\x00" * 200)
    with pytest.raises(IndexCorrupt):
        check_database(copy)
