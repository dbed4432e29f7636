"""API keys: made here, shown once, kept as salted hashes in one file that only its owner may touch."""

import fcntl
import hmac
import json
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from index.placing import put_whole
from server.callers import ASSISTANT, SCOPES
from server.errors import BadArgument, KeysUnusable
from server.key_uses import KeyUses

PREFIX = "mun_"
_MOST = 1_000
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")
_PRINCIPAL = re.compile(r"anyone|(user|group|domain):\S{1,254}")


@dataclass(frozen=True, slots=True)
class Key:
    """One key as it is kept: whose it is, what it opens, and a hash in place of the secret. Times are in UTC.

    `digest` is HMAC-SHA256 of the secret under `salt`, both in hex. The secret is 256 random bits, which nobody can guess at any
    speed, so a deliberately slow hash would protect nothing and cost every call.
    """

    name: str
    salt: str
    digest: str
    principals: tuple[str, ...]
    scopes: tuple[str, ...]
    created: datetime
    expires: datetime | None = None
    revoked: datetime | None = None

    def opens(self, now: datetime) -> bool:
        """Whether it is good at a moment."""
        return self.revoked is None and (self.expires is None or now < self.expires)

    def state(self, now: datetime) -> str:
        """What it is at a moment, in two words."""
        if self.opens(now):
            return "open key"
        return "revoked key" if self.revoked is not None else "expired key"


def add_key(
    place: Path,
    name: str,
    principals: frozenset[str],
    now: datetime,
    scopes: frozenset[str] = frozenset(ASSISTANT),
    expires: datetime | None = None,
) -> str:
    """Make a key and give back its secret, which is kept nowhere. Raises BadArgument where it can't be made so."""
    _check(name, principals, scopes, now, expires)
    secret = PREFIX + secrets.token_urlsafe(32)
    salt = secrets.token_hex(16)
    made = Key(name, salt, _digest(secret, salt), tuple(sorted(principals)), tuple(sorted(scopes)), now, expires)
    with _changing(place):
        keys = read_keys(place)
        if any(key.name == name and key.opens(now) for key in keys):
            raise BadArgument(f"there is a key named {name!r} already: revoke it first, or choose another name")
        if len(keys) >= _MOST:
            keys = tuple(key for key in keys if key.opens(now))
        if len(keys) >= _MOST:
            raise BadArgument(f"there are {_MOST} open keys already: revoke some first")
        _write(place, (*keys, made))
    return secret


def rotate_key(place: Path, name: str, now: datetime, overlap: timedelta = timedelta(0)) -> str:
    """Give a key another secret, and that back; the old one opens for `overlap` longer.

    All else stays, and if it was made to expire, it lives as long again. Raises BadArgument where no open key has this name.
    """
    secret, salt = PREFIX + secrets.token_urlsafe(32), secrets.token_hex(16)
    with _changing(place):
        keys = read_keys(place)
        old = next((key for key in reversed(keys) if key.name == name and key.opens(now)), None)
        if old is None:
            raise _unknown(name, keys, now)
        until = old.expires and now + (old.expires - old.created)
        new = replace(old, salt=salt, digest=_digest(secret, salt), created=now, expires=until)
        end = min(now + overlap, old.expires or now + overlap)
        left = tuple(replace(key, expires=end) if key.name == name and key.opens(end) else key for key in keys)
        _write(place, (*(key for key in left if len(left) < _MOST or key.opens(now)), new))
    return secret


def revoke_key(place: Path, name: str, now: datetime) -> None:
    """Close a key from the next call on, with the secrets it had before. Raises BadArgument where no open key has this name."""
    with _changing(place):
        keys = read_keys(place)
        if not any(key.name == name and key.revoked is None for key in keys):
            raise _unknown(name, keys, now)
        closed = (replace(key, revoked=now) if key.name == name and key.revoked is None else key for key in keys)
        _write(place, tuple(closed))


def _unknown(name: str, keys: tuple[Key, ...], now: datetime) -> BadArgument:
    names = ", ".join(dict.fromkeys(key.name for key in keys if key.opens(now))) or "none"
    return BadArgument(f"there is no open key named {name!r}; open keys: {names}")


def read_keys(place: Path) -> tuple[Key, ...]:
    """Every key ever made, in order; none where the file does not exist. Raises KeysUnusable."""
    try:
        if place.stat().st_mode & 0o022:
            raise KeysUnusable(f"others may write to {place}: run `chmod 600 {place}`, and revoke keys you did not make")
        return tuple(_key(entry) for entry in json.loads(place.read_text(encoding="utf-8"))["keys"])
    except FileNotFoundError:
        return ()
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise KeysUnusable(f"the keys in {place} can't be read ({type(error).__name__}): restore it from a backup") from error


class Keyring:
    """The keys in a file, read again whenever it changes, so that a revoked key opens nothing from the next call on."""

    def __init__(self, place: Path) -> None:
        self._place = place
        self._seen: tuple[int, int, int] | None = None
        self._keys: tuple[Key, ...] = ()
        self._uses = KeyUses(place)

    def exists(self) -> bool:
        """Whether a key was ever made; from then on nobody comes in without one."""
        try:
            return self._place.exists()
        except OSError:
            return True

    def match(self, secret: str, now: datetime) -> Key | None:
        """The open key of this secret, or None. Raises KeysUnusable."""
        found = self.find(secret)
        if found is None or not found.opens(now):
            return None
        self._uses.note(found.digest, now)
        return found

    def find(self, secret: str) -> Key | None:
        """The key of this secret, open or not. Takes the same time whichever key it is. Raises KeysUnusable."""
        found = None
        for key in self._current():
            if hmac.compare_digest(_digest(secret, key.salt), key.digest):
                found = key
        return found

    def any_open(self, now: datetime) -> bool:
        """Whether there is a key with which anybody could come in."""
        return any(key.opens(now) for key in self._current())

    def _current(self) -> tuple[Key, ...]:
        try:
            state = self._place.stat()
        except FileNotFoundError:
            self._seen, self._keys = None, ()
            return ()
        seen = (state.st_mtime_ns, state.st_ino, state.st_size)
        if seen != self._seen:
            self._keys = read_keys(self._place)
            self._seen = seen
        return self._keys


def _digest(secret: str, salt: str) -> str:
    return hmac.digest(bytes.fromhex(salt), secret.encode(errors="replace"), "sha256").hex()


def _check(name: str, principals: frozenset[str], scopes: frozenset[str], now: datetime, expires: datetime | None) -> None:
    if not _NAME.fullmatch(name):
        raise BadArgument(f"name: got {name!r}; give 1 to 64 letters, digits, dots, dashes, underscores or @")
    for principal in principals:
        if not _PRINCIPAL.fullmatch(principal):
            raise BadArgument(f"principals: got {principal!r}; give user:…, group:…, domain:… or anyone")
    if unknown := sorted(scopes - set(SCOPES)):
        raise BadArgument(f"scopes: got {unknown[0]!r}; give some of {', '.join(SCOPES)}")
    if not scopes:
        raise BadArgument(f"scopes: a key without any opens nothing; give some of {', '.join(SCOPES)}")
    if expires is not None and expires <= now:
        raise BadArgument(f"expires: {expires:%Y-%m-%d %H:%M} UTC has passed already")


def _key(entry: dict[str, object]) -> Key:
    times = {name: _time(entry.get(name)) for name in ("expires", "revoked")}
    created = _time(entry["created"])
    if created is None:
        raise ValueError("a key without a day of its making")
    return Key(
        name=_text(entry["name"]),
        salt=_hex(entry["salt"]),
        digest=_hex(entry["digest"]),
        principals=_texts(entry["principals"]),
        scopes=_texts(entry["scopes"]),
        created=created,
        **times,
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("not text")
    return value


def _hex(value: object) -> str:
    return bytes.fromhex(_text(value)).hex()


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise TypeError("not a list")
    return tuple(_text(each) for each in value)


def _time(value: object) -> datetime | None:
    if value is None:
        return None
    moment = datetime.fromisoformat(_text(value))
    if moment.tzinfo is None:
        raise ValueError("a time without its zone")
    return moment


@contextmanager
def _changing(place: Path) -> Iterator[None]:
    place.parent.mkdir(parents=True, exist_ok=True)
    lock = os.open(place.with_suffix(".lock"), os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _write(place: Path, keys: tuple[Key, ...]) -> None:
    text = json.dumps({"keys": [asdict(key) for key in keys]}, indent=2, default=datetime.isoformat)
    put_whole(place, text)
