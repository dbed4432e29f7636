"""The emulated Drive answers Google's own client as Google documents it."""

import hashlib
import io
import json
from collections.abc import Iterator
from http.client import HTTPException
from typing import Any

import google_auth_httplib2
import httplib2
import pytest
from drive_emulator import DOCX, GOOGLE_DOC, OWNER, PDF, ROBOT, Drive, Fault, random_faults
from google.auth.exceptions import RefreshError
from google.oauth2 import service_account
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError
from googleapiclient.http import MediaIoBaseDownload

READONLY = "https://www.googleapis.com/auth/drive.readonly"
ANNA = "user:anna@firm.example"


@pytest.fixture
def drive() -> Iterator[Drive]:
    with Drive() as drive:
        yield drive


class Client:
    """Google's client at the emulator, and what of it must be closed."""

    def __init__(self) -> None:
        self.opened: list[Any] = []

    def __call__(self, drive: Drive, subject: str | None = None, scope: str = READONLY) -> Any:
        account: Any = service_account.Credentials
        credentials = account.from_service_account_file(str(drive.account), scopes=[scope], subject=subject)
        http = google_auth_httplib2.AuthorizedHttp(credentials, http=httplib2.Http(timeout=10))
        options = {"api_endpoint": f"{drive.url}/drive/v3/"}
        service = build("drive", "v3", http=http, client_options=options, static_discovery=True, cache_discovery=False)
        self.opened.append(service)
        return service


@pytest.fixture
def client() -> Iterator[Client]:
    made = Client()
    yield made
    for service in made.opened:
        service.close()


def refused(call: Any) -> tuple[int, str]:
    with pytest.raises(HttpError) as caught:
        call.execute()
    return caught.value.resp.status, json.loads(caught.value.content)["error"]["errors"][0]["reason"]


def everything(service: Any, **query: Any) -> list[dict[str, Any]]:
    files, token = [], None
    while True:
        page = service.files().list(pageToken=token, **query).execute()
        files += page["files"]
        if not (token := page.get("nextPageToken")):
            return files


def changes(service: Any, token: str, **query: Any) -> tuple[list[dict[str, Any]], str]:
    told: list[dict[str, Any]] = []
    while True:
        page = service.changes().list(pageToken=token, **query).execute()
        told += page["changes"]
        if "newStartPageToken" in page:
            return told, page["newStartPageToken"]
        token = page["nextPageToken"]


def feed_of(shared: str) -> dict[str, Any]:
    return {"driveId": shared, "supportsAllDrives": True, "includeItemsFromAllDrives": True}


def test_we_are_the_service_account_or_the_user_that_it_may_stand_for(drive: Drive, client: Client) -> None:
    assert client(drive).about().get(fields="user").execute()["user"]["emailAddress"] == ROBOT
    with pytest.raises(RefreshError, match="unauthorized_client"):
        client(drive, OWNER).about().get(fields="user").execute()
    drive.tokens.delegated.add(OWNER)
    assert client(drive, OWNER).about().get(fields="user").execute()["user"]["emailAddress"] == OWNER
    with pytest.raises(RefreshError, match="unauthorized_client"):
        client(drive, scope="https://www.googleapis.com/auth/drive").about().get(fields="user").execute()


def test_an_expired_token_is_renewed_by_the_client(drive: Drive, client: Client) -> None:
    service = client(drive)
    service.about().get(fields="user").execute()
    drive.tokens.expire()
    service.about().get(fields="user").execute()
    assert [request.status for request in drive.requests if request.route == "about.get"] == [200, 401, 200]
    assert drive.count("token") == 2


def test_only_the_fields_of_the_mask_come_and_unknown_ones_are_refused(drive: Drive, client: Client) -> None:
    drive.file("a.pdf", b"a")
    service = client(drive)
    page = service.files().list(fields="files(id,capabilities/canDownload),nextPageToken").execute()
    assert [set(file) for file in page["files"]] == [{"id", "capabilities"}]
    assert page["files"][0]["capabilities"] == {"canDownload": True}
    assert set(service.files().list().execute()["files"][0]) == {"kind", "id", "name", "mimeType"}
    assert refused(service.files().list(fields="files(id,md5)")) == (400, "invalidParameter")
    assert refused(service.about().get()) == (400, "required")


def test_a_listing_comes_page_by_page_and_holds_each_file_once(drive: Drive, client: Client) -> None:
    folder = drive.folder("Many")
    made = {drive.file(f"{number}.pdf", b"x", folder) for number in range(25)}
    drive.api.empty_every = 3
    listed = [file["id"] for file in everything(client(drive), q="mimeType = 'application/pdf'", pageSize=7)]
    assert sorted(listed) == sorted(made)


def test_queries_are_understood(drive: Drive, client: Client) -> None:
    folder = drive.folder("Clients")
    nda, binned = drive.file("Acme's NDA.pdf", b"x", folder), drive.file("old.pdf", b"x", folder)
    drive.trash(binned)
    service = client(drive)

    def ids(query: str) -> set[str]:
        return {file["id"] for file in everything(service, q=query)}

    assert ids(f"'{folder}' in parents and trashed = false") == {nda}
    assert ids(f"'{folder}' in parents") == {nda, binned}
    assert ids("name = 'Acme\\'s NDA.pdf' or name contains 'old'") == {nda, binned}
    assert ids("not mimeType = 'application/vnd.google-apps.folder' and (trashed=true)") == {binned}
    assert ids("modifiedTime > '2030-01-01T00:00:00'") == set()
    assert refused(service.files().list(q="colour = 'red'")) == (400, "invalid")


def test_items_of_shared_drives_must_be_asked_for(drive: Drive, client: Client) -> None:
    legal = drive.shared_drive("Legal", {ANNA: "reader"})
    item = drive.file("a.pdf", b"a", legal)
    service = client(drive)
    assert everything(service) == []
    assert refused(service.files().get(fileId=item)) == (404, "notFound")
    assert refused(service.files().list(corpora="drive", driveId=legal)) == (403, "teamDrivesParameterRequired")
    assert refused(service.files().list(driveId=legal))[1] == "teamDriveIdRequiresTeamDriveCorpora"
    query = {"corpora": "drive", "fields": "files(id,driveId,permissions,permissionIds)", **feed_of(legal)}
    listed = everything(service, **query)
    assert [(file["id"], file["driveId"], "permissions" in file, len(file["permissionIds"])) for file in listed] == [
        (item, legal, False, 3)
    ]
    grants = service.permissions().list(fileId=item, supportsAllDrives=True, fields="permissions(emailAddress,permissionDetails)")
    details = {each["emailAddress"]: each["permissionDetails"] for each in grants.execute()["permissions"]}
    assert details["anna@firm.example"] == [
        {"permissionType": "member", "role": "reader", "inherited": True, "inheritedFrom": legal}
    ]
    assert [each["name"] for each in service.drives().list().execute()["drives"]] == ["Legal"]


def test_grants_in_my_drive_come_with_the_file_for_those_who_can_share_it(drive: Drive, client: Client) -> None:
    folder = drive.folder("Clients")
    drive.share(folder, "group:team@firm.example")
    mine, read_only = drive.file("a.pdf", b"a", folder), drive.file("b.pdf", b"b", robot="reader")
    service = client(drive)
    told = service.files().get(fileId=mine, fields="permissions(type,emailAddress,role),parents").execute()
    assert {"type": "group", "emailAddress": "team@firm.example", "role": "reader"} in told["permissions"]
    assert told["parents"] == [folder]
    assert service.files().get(fileId=read_only, fields="id,permissions,parents").execute() == {"id": read_only}
    assert refused(service.permissions().list(fileId=read_only)) == (403, "insufficientFilePermissions")


def test_limited_access_keeps_out_what_is_granted_above_but_for_organizers(drive: Drive, client: Client) -> None:
    legal = drive.shared_drive("Legal", {ANNA: "writer"})
    closed = drive.folder("Partners", legal)
    inside = drive.file("a.pdf", b"a", closed)
    drive.limit(closed)
    drive.share(closed, "user:bert@firm.example")
    query = {"supportsAllDrives": True, "fields": "permissions(emailAddress,view)"}
    grants = client(drive).permissions().list(fileId=inside, **query).execute()["permissions"]
    assert {each["emailAddress"] for each in grants} == {OWNER, ROBOT, "bert@firm.example"}
    of_folder = client(drive).permissions().list(fileId=closed, **query).execute()["permissions"]
    assert {each["emailAddress"]: each.get("view") for each in of_folder}["anna@firm.example"] == "metadata"


def test_the_feed_tells_of_a_folder_and_not_of_what_lies_below(drive: Drive, client: Client) -> None:
    one, two = drive.folder("One"), drive.folder("Two")
    deep = drive.folder("Deep", one)
    drive.file("a.pdf", b"a", deep)
    service = client(drive)
    token = service.changes().getStartPageToken().execute()["startPageToken"]
    everything(service)
    drive.move(deep, two)
    drive.share(two, ANNA)
    told, token = changes(service, token, fields="*")
    assert [(each["fileId"], each["removed"], each["file"]["id"]) for each in told] == [(deep, False, deep), (two, False, two)]
    drive.trash(one)
    drive.delete(deep)
    told, token = changes(service, token, fields="*", pageSize=1)
    assert [(each["fileId"], each["removed"], "file" in each) for each in told] == [(one, False, True), (deep, True, False)]
    drive.unshare(two, f"user:{ROBOT}")
    assert [each["removed"] for each in changes(service, token)[0]] == [True]


def test_a_file_moved_out_of_a_shared_drive_is_removed_there_and_told_where_it_went(drive: Drive, client: Client) -> None:
    legal, sales = drive.shared_drive("Legal"), drive.shared_drive("Sales")
    item = drive.file("a.pdf", b"a", legal)
    service = client(drive)
    tokens = [
        service.changes().getStartPageToken(driveId=each, supportsAllDrives=True).execute()["startPageToken"]
        for each in (legal, sales)
    ]
    drive.share(sales, ANNA)
    drive.move(item, sales)
    left, _ = changes(service, tokens[0], **feed_of(legal))
    came, _ = changes(service, tokens[1], **feed_of(sales))
    assert [(each["fileId"], each["removed"]) for each in left] == [(item, True)]
    assert [(each["fileId"], each["removed"]) for each in came] == [(item, False)]
    assert refused(service.changes().list(pageToken=tokens[0], **feed_of(sales))) == (400, "invalid")
    drive.api.expire_tokens(410)
    assert refused(service.changes().list(pageToken=tokens[0], **feed_of(legal))) == (410, "invalid")
    drive.delete_drive(legal)
    assert refused(service.changes().getStartPageToken(driveId=legal, supportsAllDrives=True)) == (404, "notFound")


def test_bytes_come_in_ranges_with_checksums(drive: Drive, client: Client) -> None:
    data = bytes(range(256)) * 40
    item, empty = drive.file("a.pdf", data), drive.file("empty.pdf", b"")
    service = client(drive)
    read = MediaIoBaseDownload(stream := io.BytesIO(), service.files().get_media(fileId=item), chunksize=4000)
    while not read.next_chunk()[1]:
        pass
    assert stream.getvalue() == data
    assert [request.status for request in drive.requests if request.route == "media"] == [206, 206, 206]
    told = service.files().get(fileId=item, fields="md5Checksum,sha256Checksum,size").execute()
    assert told == {
        "md5Checksum": hashlib.md5(data, usedforsecurity=False).hexdigest(),
        "sha256Checksum": hashlib.sha256(data).hexdigest(),
        "size": str(len(data)),
    }
    assert MediaIoBaseDownload(io.BytesIO(), service.files().get_media(fileId=empty)).next_chunk()[1]
    drive.set(item, can_download=False)
    assert refused(service.files().get_media(fileId=item)) == (403, "cannotDownloadFile")


def test_google_documents_are_exported_and_refuse_what_is_too_large(drive: Drive, client: Client) -> None:
    item = drive.google_doc("Lease", {DOCX: b"docx bytes", PDF: b"pdf"})
    service = client(drive)
    assert service.files().export(fileId=item, mimeType=DOCX).execute() == b"docx bytes"
    assert refused(service.files().get_media(fileId=item)) == (403, "fileNotDownloadable")
    assert refused(service.files().export(fileId=item, mimeType="text/html")) == (400, "badRequest")
    drive.set(item, most_exported=5)
    assert refused(service.files().export(fileId=item, mimeType=DOCX)) == (403, "exportSizeLimitExceeded")
    told = service.files().get(fileId=item, fields="exportLinks,mimeType,md5Checksum").execute()
    assert told["mimeType"] == GOOGLE_DOC
    assert "md5Checksum" not in told
    assert service._http.request(told["exportLinks"][DOCX])[1] == b"docx bytes"


def test_shortcuts_name_their_target_and_keys_open_what_only_the_link_opens(drive: Drive, client: Client) -> None:
    target = drive.file("a.pdf", b"a", owner="carl@firm.example", robot=None, resource_key="0-key")
    drive.share(target, "anyone")
    item = drive.shortcut("to a", target)
    service = client(drive)
    told = service.files().get(fileId=item, fields="shortcutDetails").execute()["shortcutDetails"]
    assert told == {"targetId": target, "targetMimeType": PDF, "targetResourceKey": "0-key"}
    request = service.files().get(fileId=target, fields="id")
    assert refused(request) == (404, "notFound")
    request.headers["X-Goog-Drive-Resource-Keys"] = f"{target}/0-key"
    assert request.execute() == {"id": target}


def test_faults_strike_as_often_as_told(drive: Drive, client: Client) -> None:
    item = drive.file("a.pdf", bytes(5000))
    service = client(drive)
    service.about().get(fields="user").execute()
    drive.faults.add(Fault("status", 403, "userRateLimitExceeded", retry_after="1", on="files.list", times=1))
    assert refused(service.files().list()) == (403, "userRateLimitExceeded")
    assert everything(service)
    drive.faults.add(Fault("html", 502, on="files.list", times=1))
    with pytest.raises(HttpError, match="502"):
        service.files().list().execute()
    for kind in ("reset", "truncate"):
        drive.faults.add(Fault(kind, on="media", times=1))
        with pytest.raises((OSError, HTTPException)):
            client(drive).files().get_media(fileId=item).execute()
    drive.faults.add(Fault("short", on="media", times=1))
    assert len(service.files().get_media(fileId=item).execute()) == 2500
    drive.faults.add(Fault("incomplete", on="files.list", times=1))
    assert service.files().list(fields="incompleteSearch").execute()["incompleteSearch"] is True


def test_random_faults_strike_about_their_share(drive: Drive) -> None:
    drive.faults.add(*random_faults(0.05, seed=3))
    struck = [drive.faults.struck("files.list", "/") for _ in range(2000)]
    assert 60 < sum(fault is not None for fault in struck) < 140
    assert len({(fault.kind, fault.status) for fault in struck if fault}) == 8
