"""Who may read a file: all who are granted it there or above, up to a boundary; what is not known gives nobody anything."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from index.ledger import Ledger
from ingest.drive_forms import grants_of, item_of, packed, unpacked
from ingest.drive_mirror import Mirror
from ingest.drive_readers import Readers
from ingest.drive_records import FOLDER, Grant, Item, SharedDrive

NOW = datetime(2026, 11, 22, tzinfo=UTC)
ANNA, BERT, CARL = (f"user:{name}@firm.example" for name in ("anna", "bert", "carl"))
PAPER = Item("paper", "NDA.pdf", "application/pdf", parent="acme", drive="legal", grants=())
ACME = Item("acme", "Acme", FOLDER, parent="clients", drive="legal", grants=())
CLIENTS = Item("clients", "Clients", FOLDER, parent="legal", drive="legal", grants=())


@pytest.fixture
def mirror(tmp_path: Path) -> Iterator[Mirror]:
    with Ledger(tmp_path / "a.db") as ledger:
        mirror = Mirror(ledger)
        mirror.put_drive(SharedDrive("legal", "Legal", (Grant(ANNA, "organizer"), Grant(BERT, "reader"))))
        for item in (CLIENTS, ACME, PAPER):
            mirror.put(item)
        yield mirror


def of(mirror: Mirror, item: str = "paper", *, link: bool = False) -> frozenset[str]:
    return Readers(mirror, NOW, link_readers=link).of(mirror.items[item])


def test_members_of_the_drive_folders_and_the_file_together_may_read(mirror: Mirror) -> None:
    mirror.put(replace(CLIENTS, grants=(Grant(CARL, "commenter"),)))
    mirror.put(replace(PAPER, grants=(Grant("group:team@firm.example", "reader"),)))
    assert of(mirror) == {ANNA, BERT, CARL, "group:team@firm.example"}


def test_limited_access_stops_all_but_organizers_and_those_granted_below(mirror: Mirror) -> None:
    mirror.put(replace(CLIENTS, grants=(Grant(CARL, "writer"),)))
    mirror.put(replace(ACME, limited=True, grants=(Grant("user:dora@firm.example", "reader"),)))
    assert of(mirror) == {ANNA, "user:dora@firm.example"}
    mirror.put(replace(PAPER, limited=True))
    assert of(mirror) == {ANNA}


def test_what_drive_does_not_tell_gives_nobody_anything(mirror: Mirror) -> None:
    mirror.put(replace(PAPER, grants=None))
    assert of(mirror) == frozenset()
    mirror.put(replace(PAPER, grants=(Grant(CARL, "reader"),)))
    mirror.put_drive(SharedDrive("legal", "Legal", None))
    assert of(mirror) == {CARL}


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({"type": "user", "emailAddress": "carl@firm.example", "role": "reader", "deleted": True}, "the account is deleted"),
        ({"type": "user", "emailAddress": "carl@firm.example", "role": "reader", "pendingOwner": True}, "has not accepted"),
        (
            {"type": "user", "emailAddress": "carl@firm.example", "role": "reader", "expirationTime": "2026-11-21T00:00:00Z"},
            "expired",
        ),
        ({"type": "user", "emailAddress": "carl@firm.example", "role": "reader", "expirationTime": "soon"}, "expired"),
        ({"type": "user", "emailAddress": "carl@firm.example", "role": "publishedReader"}, "does not read"),
        ({"type": "user", "emailAddress": "carl@firm.example", "role": "reader", "view": "metadata"}, "the name of the folder"),
        ({"type": "user", "role": "reader"}, "whose it is"),
        ({"type": "robot", "emailAddress": "x@y.example", "role": "reader"}, "whose it is"),
        ({"type": "anyone", "role": "reader"}, "the link"),
        ({"type": "anyone", "role": "reader", "allowFileDiscovery": False}, "the link"),
        ({"type": "domain", "domain": "firm.example", "role": "reader", "allowFileDiscovery": False}, "the link"),
    ],
)
def test_grants_that_do_not_count_say_why(mirror: Mirror, told: dict[str, object], why: str) -> None:
    grants, _ = grants_of([told])
    mirror.put(replace(PAPER, grants=grants))
    assert of(mirror) == {ANNA, BERT}
    grounds = list(Readers(mirror, NOW, link_readers=False).grounds(mirror.items["paper"]))
    assert [why in (ground.why_not or "") for ground in grounds if ground.where == "the file itself"] == [True]


def test_those_with_the_link_count_only_where_the_settings_say_so(mirror: Mirror) -> None:
    grants, _ = grants_of([{"type": "anyone", "role": "reader"}, {"type": "domain", "domain": "Firm.Example", "role": "reader"}])
    mirror.put(replace(PAPER, grants=grants))
    assert of(mirror, link=True) == {ANNA, BERT, "anyone", "domain:firm.example"}
    found, _ = grants_of([{"type": "anyone", "role": "reader", "allowFileDiscovery": True}])
    mirror.put(replace(PAPER, grants=found))
    assert of(mirror) == {ANNA, BERT, "anyone"}


def test_an_inherited_grant_counts_through_the_folder_it_comes_from_and_not_by_itself(mirror: Mirror) -> None:
    mirror.put(replace(PAPER, grants=(Grant(CARL, "reader", via="clients"),)))
    assert of(mirror) == {ANNA, BERT}
    mirror.put(replace(PAPER, parent="hidden", grants=(Grant(CARL, "reader", via="hidden"),)))
    assert of(mirror) == {CARL}


def test_a_folder_that_is_its_own_ancestor_ends_the_chain(mirror: Mirror) -> None:
    mirror.put(replace(CLIENTS, parent="acme", grants=(Grant(CARL, "reader"),)))
    assert of(mirror) == {CARL}


def test_every_ground_is_named_with_where_it_stands(mirror: Mirror) -> None:
    mirror.put(replace(CLIENTS, grants=(Grant(CARL, "writer"),)))
    mirror.put(replace(ACME, limited=True))
    grounds = {ground.principal: ground for ground in Readers(mirror, NOW, link_readers=False).grounds(mirror.items["paper"])}
    assert grounds[ANNA].where == "members of shared drive 'Legal'"
    assert grounds[ANNA].counts
    assert grounds[CARL].where == "folder 'Legal/Clients'"
    assert grounds[CARL].why_not == "folder 'Legal/Clients/Acme' has limited access"
    assert grounds[BERT].why_not == "folder 'Legal/Clients/Acme' has limited access"


def test_mail_addresses_are_compared_in_lower_case() -> None:
    grants, blended = grants_of([{"type": "user", "emailAddress": " Anna@Firm.Example ", "role": "reader"}])
    assert [grant.principal for grant in grants] == [ANNA]
    assert blended


@pytest.mark.parametrize(
    "told",
    [
        {"id": "a"},
        {"id": "a", "name": None, "parents": [], "permissions": None, "capabilities": None, "shortcutDetails": None, "size": "x"},
        {
            "id": "a",
            "size": "12",
            "driveId": "d",
            "hasAugmentedPermissions": False,
            "permissionIds": ["2", "1"],
            "new": {"field": 1},
        },
        {"id": "a", "permissions": [{"type": "user", "emailAddress": "a@b.example", "role": "owner", "permissionDetails": []}]},
    ],
)
def test_an_item_is_read_from_whatever_drive_says_and_comes_back_from_the_ledger(told: dict[str, object]) -> None:
    item = item_of(told)
    assert unpacked(packed(item)) == item
    assert item.name
