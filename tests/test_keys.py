import json
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.callers import READ, SEARCH
from server.errors import BadArgument, KeysUnusable
from server.key_uses import KeyUses
from server.keys import Keyring, add_key, read_keys, revoke_key, rotate_key

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
ANNA = frozenset({"user:anna@firm.example"})


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "data" / "keys.json"


def test_a_secret_opens_and_is_kept_nowhere(place: Path) -> None:
    secret = add_key(place, "anna", ANNA, NOW)
    assert re.fullmatch(r"mun_[A-Za-z0-9_-]{43}", secret)
    assert secret not in place.read_text()
    assert secret.removeprefix("mun_") not in place.read_text()
    found = Keyring(place).match(secret, NOW)
    assert found is not None
    assert (found.name, found.principals, found.scopes) == ("anna", ("user:anna@firm.example",), (READ, SEARCH))


def test_only_the_owner_may_touch_the_file(place: Path) -> None:
    add_key(place, "anna", ANNA, NOW)
    assert place.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in place.parent.iterdir() if path.suffix == ".new"] == []


def test_equal_secrets_would_not_show_in_the_file(place: Path) -> None:
    add_key(place, "a", ANNA, NOW)
    add_key(place, "b", ANNA, NOW)
    one, two = read_keys(place)
    assert one.salt != two.salt
    assert one.digest != two.digest


def test_a_revoked_key_opens_nothing_from_the_next_call_on(place: Path) -> None:
    anna, bert = add_key(place, "anna", ANNA, NOW), add_key(place, "bert", ANNA, NOW)
    keyring = Keyring(place)
    assert keyring.match(anna, NOW)
    revoke_key(place, "anna", NOW)
    assert keyring.match(anna, NOW) is None
    assert keyring.match(bert, NOW) is not None


def test_a_key_opens_until_it_expires_and_not_at_that_moment(place: Path) -> None:
    end = NOW + timedelta(days=1)
    secret = add_key(place, "anna", ANNA, NOW, expires=end)
    keyring = Keyring(place)
    assert keyring.match(secret, end - timedelta(seconds=1))
    assert keyring.match(secret, end) is None
    assert keyring.any_open(NOW)
    assert not keyring.any_open(end)


def test_a_name_is_free_again_once_its_key_is_revoked(place: Path) -> None:
    old = add_key(place, "anna", ANNA, NOW)
    with pytest.raises(BadArgument, match="revoke it first"):
        add_key(place, "anna", ANNA, NOW)
    revoke_key(place, "anna", NOW)
    new = add_key(place, "anna", ANNA, NOW)
    assert Keyring(place).match(old, NOW) is None
    assert Keyring(place).match(new, NOW)


def test_revoking_an_unknown_name_says_which_names_there_are(place: Path) -> None:
    add_key(place, "anna", ANNA, NOW)
    with pytest.raises(BadArgument, match=r"'bert'.*anna"):
        revoke_key(place, "bert", NOW)


def test_without_a_file_no_key_was_ever_made(place: Path) -> None:
    assert not Keyring(place).exists()
    assert read_keys(place) == ()
    assert Keyring(place).match("mun_x", NOW) is None


def test_the_file_outlives_the_last_open_key(place: Path) -> None:
    add_key(place, "anna", ANNA, NOW)
    revoke_key(place, "anna", NOW)
    assert Keyring(place).exists()
    assert not Keyring(place).any_open(NOW)


@pytest.mark.parametrize(
    "broken",
    [
        "",
        "{",
        "[]",
        '{"keys": [{}]}',
        '{"keys": [{"name": 1, "salt": "", "digest": "", "principals": [], "scopes": [], "created": "2026-11-22"}]}',
        '{"keys": [{"name": "a", "salt": "zz", "digest": "", "principals": [], "scopes": [], "created": "2026-11-22T00:00Z"}]}',
    ],
)
def test_a_broken_file_lets_nobody_in(place: Path, broken: str) -> None:
    secret = add_key(place, "anna", ANNA, NOW)
    keyring = Keyring(place)
    assert keyring.match(secret, NOW)
    place.write_text(broken)
    with pytest.raises(KeysUnusable, match="restore it"):
        keyring.match(secret, NOW)


def test_a_file_that_others_may_write_to_is_not_trusted(place: Path) -> None:
    secret = add_key(place, "anna", ANNA, NOW)
    place.chmod(0o622)
    with pytest.raises(KeysUnusable, match="chmod 600"):
        Keyring(place).match(secret, NOW)


@pytest.mark.parametrize(
    ("name", "principals", "scopes", "expires", "says"),
    [
        ("", ANNA, {SEARCH}, None, "name"),
        ("a b", ANNA, {SEARCH}, None, "name"),
        ("a", {"anna@firm.example"}, {SEARCH}, None, "user:…"),
        ("a", ANNA, {"everything"}, None, "'everything'"),
        ("a", ANNA, set(), None, "opens nothing"),
        ("a", ANNA, {SEARCH}, NOW, "passed already"),
    ],
)
def test_a_key_that_could_not_work_is_not_made(
    place: Path, name: str, principals: set[str], scopes: set[str], expires: datetime | None, says: str
) -> None:
    with pytest.raises(BadArgument, match=says):
        add_key(place, name, frozenset(principals), NOW, frozenset(scopes), expires)
    assert not place.exists()


def test_keys_made_at_the_same_time_are_all_kept(place: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        secrets = list(pool.map(lambda number: add_key(place, f"job{number}", ANNA, NOW), range(24)))
    keyring = Keyring(place)
    assert {key.name for secret in secrets if (key := keyring.match(secret, NOW))} == {f"job{number}" for number in range(24)}


def test_closed_keys_make_room_where_there_are_very_many(place: Path) -> None:
    add_key(place, "first", ANNA, NOW)
    entry = json.loads(place.read_text())["keys"][0]
    closed = [entry | {"name": f"old{number}", "revoked": entry["created"]} for number in range(999)]
    place.write_text(json.dumps({"keys": [entry, *closed]}))
    add_key(place, "next", ANNA, NOW)
    assert [key.name for key in read_keys(place)] == ["first", "next"]


@given(st.text(max_size=80))
def test_no_other_words_open(tmp_path_factory: pytest.TempPathFactory, guess: str) -> None:
    place = tmp_path_factory.getbasetemp() / "guessed" / "keys.json"
    if not place.exists():
        add_key(place, "anna", ANNA, NOW)
    assert Keyring(place).match(guess, NOW) is None


def test_a_rotated_key_has_another_secret_and_all_else_as_before(place: Path) -> None:
    old = add_key(place, "anna", ANNA, NOW, frozenset({SEARCH}), NOW + timedelta(days=30))
    later = NOW + timedelta(days=10)
    new = rotate_key(place, "anna", later)
    keyring = Keyring(place)
    assert keyring.match(old, later) is None
    found = keyring.match(new, later)
    assert found is not None
    assert (found.name, found.principals, found.scopes) == ("anna", tuple(ANNA), (SEARCH,))
    assert (found.created, found.expires) == (later, later + timedelta(days=30))
    with pytest.raises(BadArgument, match="no open key named 'bert'; open keys: anna"):
        rotate_key(place, "bert", later)


def test_the_old_secret_opens_for_the_overlap_and_never_longer_than_it_would_have(place: Path) -> None:
    first = add_key(place, "anna", ANNA, NOW, expires=NOW + timedelta(hours=2))
    second = rotate_key(place, "anna", NOW, timedelta(hours=1))
    third = rotate_key(place, "anna", NOW, timedelta(hours=9))
    keyring = Keyring(place)
    opens = {
        hours: [bool(keyring.match(secret, NOW + timedelta(hours=hours - 0.1))) for secret in (first, second, third)]
        for hours in (1, 2, 3)
    }
    assert opens == {1: [True, True, True], 2: [False, True, True], 3: [False, False, False]}
    revoke_key(place, "anna", NOW)
    assert not any(keyring.match(secret, NOW) for secret in (first, second, third))


def test_the_last_use_is_noted_without_a_write_for_each(place: Path) -> None:
    secret = add_key(place, "anna", ANNA, NOW)
    [key] = read_keys(place)
    uses, keyring = KeyUses(place), Keyring(place)
    assert uses.last(key.digest) is None
    keyring.match("mun_wrong", NOW)
    assert uses.last(key.digest) is None
    for minutes, noted in ((0, 0), (4, 0), (5, 5), (9, 5), (60, 60)):
        keyring.match(secret, NOW + timedelta(minutes=minutes))
        assert uses.last(key.digest) == NOW + timedelta(minutes=noted)
    assert secret not in "".join(path.name for path in place.parent.rglob("*"))


def test_a_use_that_cannot_be_noted_keeps_nobody_out(place: Path) -> None:
    secret = add_key(place, "anna", ANNA, NOW)
    place.with_name("keys.used").write_text("no folder")
    assert Keyring(place).match(secret, NOW)
