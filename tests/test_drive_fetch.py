"""A document's bytes arrive whole and checked through every fault, or with the reason why not."""

import base64
import hashlib
import itertools
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from drive_days import source_of
from drive_emulator import DOCX, GOOGLE_SHEET, PDF, Drive, Fault

from index.records import File
from ingest.drive import DriveSource, UnknownFile
from ingest.google_faults import Barred, Interrupted, Refused, of_answer
from ingest.google_pace import Pace, pause
from ingest.source import FetchFailed, NotNow, Skipped

BYTES = base64.b64encode(hashlib.sha256(b"seed").digest() * 1000)


@pytest.fixture
def drive() -> Any:
    with Drive() as drive:
        yield drive


@pytest.fixture
def source(drive: Drive, tmp_path: Path) -> Any:
    with source_of(drive, tmp_path / "a.db") as source:
        yield source


def only(source: DriveSource) -> File:
    source.refresh()
    (file,) = source.files()
    return file


@pytest.mark.parametrize(
    "fault",
    [
        Fault("reset", times=2),
        Fault("truncate", times=2),
        Fault("short", times=2),
        Fault("corrupt", times=2),
        Fault("expired", times=2),
        Fault("html", 502, times=2),
        Fault("html", 200, times=1),
        Fault("html", 403, times=2),
        Fault("status", 403, "userRateLimitExceeded", times=3),
        Fault("status", 429, "rateLimitExceeded", retry_after="7", times=3),
        Fault("status", 500, "internalError", times=3),
    ],
    ids=lambda fault: f"{fault.kind}-{fault.status}-{fault.reason}",
)
def test_the_bytes_are_the_files_own_through_faults_that_pass(drive: Drive, source: DriveSource, fault: Fault) -> None:
    drive.file("NDA.pdf", BYTES)
    file = only(source)
    fault.on = "media"
    drive.faults.add(fault)
    assert source.fetch(file) == BYTES
    assert fault.hits == fault.times


def test_large_files_come_in_pieces_and_go_on_where_they_broke_off(
    drive: Drive, source: DriveSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest.drive_download._PIECE", 10_000)
    drive.file("NDA.pdf", BYTES)
    file = only(source)
    drive.faults.add(Fault("reset", on="media", after=2, times=1))
    assert source.fetch(file) == BYTES
    pieces = -(-len(BYTES) // 10_000)
    assert drive.count("media") == pieces + 1
    assert source.usage.bytes == len(BYTES)


def test_a_body_that_only_drips_is_given_up_and_asked_for_again(
    drive: Drive, source: DriveSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    drive.file("NDA.pdf", BYTES)
    file = only(source)
    seconds = itertools.count(step=200)
    monkeypatch.setattr("ingest.google_http.monotonic", lambda: next(seconds))
    drive.faults.add(Fault("slow", on="media", pause=0.02))
    with pytest.raises(FetchFailed, match="too slowly"):
        source.fetch(file)
    monkeypatch.undo()
    assert source.fetch(file) == BYTES


def test_what_always_arrives_damaged_is_a_failure_and_not_a_document(drive: Drive, source: DriveSource) -> None:
    drive.file("NDA.pdf", BYTES)
    file = only(source)
    drive.faults.add(Fault("corrupt", on="media"))
    with pytest.raises(FetchFailed, match="checksum"):
        source.fetch(file)


def test_an_empty_file_is_empty(drive: Drive, source: DriveSource) -> None:
    drive.file("empty.pdf", b"")
    assert source.fetch(only(source)) == b""


def test_a_google_doc_comes_as_docx_then_by_its_link_then_as_pdf(drive: Drive, source: DriveSource) -> None:
    doc = drive.google_doc("Lease", {DOCX: b"as docx" * 100, PDF: b"as pdf"})
    file = only(source)
    assert source.fetch(file) == b"as docx" * 100
    drive.set(doc, most_exported=50)
    assert source.fetch(file) == b"as docx" * 100
    assert drive.count("export_link") == 1
    drive.faults.add(Fault("status", 403, "exportSizeLimitExceeded", on="export_link"))
    assert source.fetch(file) == b"as pdf"
    drive.set(doc, most_exported=1)
    with pytest.raises(Skipped, match="larger than Drive exports"):
        source.fetch(file)


def test_an_export_link_that_can_not_be_reached_leaves_the_pdf(drive: Drive, source: DriveSource) -> None:
    drive.set(drive.google_doc("Lease", {DOCX: b"as docx" * 100, PDF: b"as pdf"}), most_exported=50)
    file = only(source)
    drive.faults.add(Fault("reset", on="export_link"))
    assert source.fetch(file) == b"as pdf"
    drive.faults.add(Fault("status", 403, "exportSizeLimitExceeded", on="export"))
    with pytest.raises(FetchFailed, match="could not be asked"):
        source.fetch(file)


def test_an_export_that_is_too_large_is_not_asked_for_again_even_where_drive_calls_it_its_own_fault(
    drive: Drive, source: DriveSource
) -> None:
    drive.google_doc("Lease", {DOCX: b"as docx", PDF: b"as pdf"})
    file = only(source)
    drive.faults.add(Fault("status", 500, "exportSizeLimitExceeded", on="export"))
    assert source.fetch(file) == b"as docx"
    assert drive.count("export") == 1


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda drive: drive.google_doc("Prices", {}, mime=GOOGLE_SHEET), "is a Google Sheet and is not read"),
        (lambda drive: drive.file("talk.mp4", b"film", mime="video/mp4"), "is video/mp4, which MUNIMENT_DRIVE__MIME_TYPES"),
        (lambda drive: drive.file("NDA.pdf", b"words", can_download=False), "may not be downloaded"),
        (lambda drive: drive.shortcut("to nowhere", "1nothing"), "is a shortcut to a file that is gone"),
    ],
)
def test_what_is_not_read_is_listed_with_its_reason_and_never_asked_for(
    drive: Drive, source: DriveSource, make: Any, reason: str
) -> None:
    made = make(drive)
    file = only(source)
    with pytest.raises(Skipped, match=reason):
        source.fetch(file)
    (accounted,) = source.account()
    assert (accounted.file_id, accounted.state) == (made, "skipped")
    assert reason in (accounted.reason or "")
    assert drive.count("media", "export") == 0


def test_a_file_that_may_be_downloaded_again_is_another_version(drive: Drive, source: DriveSource) -> None:
    paper = drive.file("NDA.pdf", b"words", can_download=False)
    refused = only(source)
    drive.set(paper, can_download=True)
    allowed = only(source)
    assert refused.version != allowed.version
    assert source.fetch(allowed) == b"words"


def test_a_shortcut_inside_leads_to_a_file_outside_once_and_lends_it_no_readers(drive: Drive, tmp_path: Path) -> None:
    inside, outside = drive.folder("Inside"), drive.folder("Outside")
    paper = drive.file("NDA.pdf", b"words", outside)
    drive.share(inside, "user:anna@firm.example")
    drive.share(outside, "user:carl@firm.example")
    for name in ("one", "two"):
        drive.shortcut(name, paper, inside)
    with source_of(drive, tmp_path / "a.db", folder_ids=(inside,)) as source:
        file = only(source)
        assert (file.id, file.folder, source.fetch(file)) == (paper, "Inside", b"words")
        assert "user:carl@firm.example" in file.readers
        assert "user:anna@firm.example" not in file.readers
        assert sorted(each.state for each in source.account()) == ["shortcut", "shortcut", "wanted"]
        drive.edit(paper, b"other words")
        again = only(source)
        assert again.version != file.version
        drive.delete(paper)
        source.refresh()
        assert [each.state for each in source.account()] == ["skipped", "skipped"]


def test_many_shortcuts_lead_out_at_once(drive: Drive, tmp_path: Path) -> None:
    inside, legal = drive.folder("Inside"), drive.shared_drive("Legal", {"user:anna@firm.example": "reader"})
    papers = {drive.shortcut(f"to {number}", drive.file("NDA.pdf", b"words", legal), inside) for number in range(30)}
    with source_of(drive, tmp_path / "a.db", folder_ids=(inside,)) as source:
        files = list(source.files())
        assert len(files) == len(papers)
        assert all("user:anna@firm.example" in file.readers for file in files)
        drive.unshare(legal, "user:anna@firm.example")
        source.refresh()
        assert not any("user:anna@firm.example" in file.readers for file in source.files())


def test_failures_are_tried_at_the_next_run_and_then_after_times_that_double(drive: Drive, source: DriveSource) -> None:
    drive.file("NDA.pdf", b"words")
    file = only(source)
    drive.faults.add(Fault("status", 403, "insufficientFilePermissions", on="media"))
    waits = []
    for _ in range(5):
        with pytest.raises(FetchFailed, match="tried again"):
            source.fetch(file)
        begun, asked = drive.now, drive.count("media")
        while True:
            drive.now += timedelta(minutes=5)
            try:
                source.fetch(file)
            except NotNow:
                assert drive.count("media") == asked
                continue
            except FetchFailed:
                break
        waits.append(drive.now - begun)
    assert waits == sorted(waits)
    assert waits[-1] >= timedelta(hours=2)
    with pytest.raises(NotNow):
        source.fetch(file)
    drive.faults.clear()
    source.refresh(full=True)
    assert source.fetch(file) == b"words"


def test_a_run_ends_when_drive_is_silent_and_goes_on_when_only_files_are(drive: Drive, source: DriveSource) -> None:
    for number in range(12):
        drive.file(f"{number}.pdf", b"words")
    source.refresh()
    files = list(source.files())
    drive.faults.add(Fault("status", 500, "internalError", on="media"))
    for file in files:
        with pytest.raises(FetchFailed):
            source.fetch(file)
    drive.faults.add(Fault("reset", on="about.get"))
    drive.now += timedelta(days=2)
    for file in files[:2]:
        with pytest.raises(FetchFailed):
            source.fetch(file)

    def fetch_all() -> None:
        for file in files[2:]:
            with suppress(FetchFailed):
                source.fetch(file)

    with pytest.raises(Interrupted, match="could not be asked"):
        fetch_all()


def test_a_file_is_explained_by_id_path_or_name(drive: Drive, source: DriveSource) -> None:
    legal = drive.shared_drive("Legal", {"user:anna@firm.example": "reader"})
    paper = drive.file("NDA.pdf", b"words", drive.folder("Acme", legal))
    drive.file("NDA.pdf", b"words", legal)
    source.refresh()
    told = source.explain(frozenset({"user:anna@firm.example"}), "Legal/Acme/NDA.pdf")
    assert told == source.explain(frozenset({"user:anna@firm.example"}), paper)
    assert told.may
    assert [ground.where for ground in told.grounds] == ["members of shared drive 'Legal'"]
    assert not source.explain(frozenset({"user:carl@firm.example"}), paper).may
    with pytest.raises(UnknownFile, match="2 files are called"):
        source.explain(frozenset(), "NDA.pdf")
    with pytest.raises(UnknownFile, match="give its id"):
        source.explain(frozenset(), "nothing.pdf")


def test_the_check_names_what_is_seen_and_what_is_wrong(drive: Drive, source: DriveSource) -> None:
    drive.shared_drive("Legal", {"user:anna@firm.example": "reader"})
    drive.file("NDA.pdf", b"words", robot="reader")
    told = {finding.subject: finding for finding in source.check()}
    assert told["acts for"].words == "muniment@project.iam.gserviceaccount.com"
    assert "drive.readonly" in told["scope"].words
    assert told["sees"].words == "shared drives: Legal"
    assert told["mirror"].grade == "note"
    source.refresh()
    assert {finding.subject: finding for finding in source.check()}["readers"].grade == "wrong"
    drive.faults.add(Fault("status", 403, "accessNotConfigured", on="about.get"))
    assert [finding.grade for finding in source.check()][-1] == "wrong"


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("7", 7), ("99999", 120), ("-1", 0), ("soon", 0), ("", 0), ("Sun, 22 Nov 2026 12:00:30 GMT", 30)],
)
def test_the_time_that_drive_names_is_waited_for_and_bounded(header: str, seconds: float) -> None:
    now = datetime.fromisoformat("2026-11-22T12:00:00+00:00")
    assert of_answer(503, {"retry-after": header}, b"", now).wait == seconds
    assert pause(1, seconds, lambda: 0.0) >= seconds


@pytest.mark.parametrize("reason", ["rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded", "RESOURCE_EXHAUSTED"])
def test_a_403_for_being_asked_too_often_is_told_from_one_that_is_a_no(reason: str) -> None:
    listed = f'"errors": [{{"reason": "{reason}"}}]' if reason[0].islower() else f'"status": "{reason}"'
    fault = of_answer(403, {}, f'{{"error": {{{listed}, "message": "slowly"}}}}'.encode(), datetime.now(UTC))
    assert fault.words == f"403 {reason}"


@pytest.mark.parametrize("reason", ["cannotDownloadFile", "insufficientFilePermissions", "notFound", ""])
def test_a_permanent_answer_is_not_asked_for_again(reason: str) -> None:
    body = f'{{"error": {{"errors": [{{"reason": "{reason}"}}], "status": "FORBIDDEN", "message": "no"}}}}'.encode()
    with pytest.raises(Refused, match="no"):
        of_answer(403, {}, body, datetime.fromisoformat("2026-11-22T12:00:00+00:00"))


def test_a_used_up_quota_of_the_day_ends_the_run_with_what_to_do() -> None:
    body = b'{"error": {"errors": [{"reason": "dailyLimitExceeded"}], "message": "no"}}'
    with pytest.raises(Barred, match="run again tomorrow"):
        of_answer(403, {}, body, datetime.fromisoformat("2026-11-22T12:00:00+00:00"))


def test_questions_are_spread_so_that_no_minute_has_more_than_its_number() -> None:
    now, asked = [0.0], []

    def sleep(seconds: float) -> None:
        now[0] += seconds

    pace = Pace(60, lambda: now[0], sleep)
    for _ in range(200):
        pace.wait()
        asked.append(now[0])
    assert max(sum(start <= each < start + 60 for each in asked) for start in asked) <= 60 + 6


def test_pauses_grow_and_stay_within_bounds() -> None:
    longest = [pause(attempt, 0, lambda: 1.0) for attempt in range(1, 30)]
    assert longest == sorted(longest)
    assert longest[-1] <= 64
    assert all(pause(attempt, 0, lambda: 0.0) > 0 for attempt in range(1, 30))
