"""`muniment key`: API keys for assistants and jobs."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from scripts.options import Data
from scripts.settings import SettingsError, load_settings
from scripts.wiring import keys_file

keys = typer.Typer(help="Add, list, rotate and revoke API keys.", no_args_is_help=True)


@keys.command(epilog="Example: muniment key add associates --principals group:associates --expires 2027-12-31")
def add(
    name: Annotated[str, typer.Argument(help="What the key is for.")],
    principals: Annotated[
        list[str] | None, typer.Option(help="Whom its bearer counts as (user:…, group:…, domain:…); may be repeated.")
    ] = None,
    scopes: Annotated[
        list[str] | None,
        typer.Option(help="What it may do; may be repeated. Default: search and read contracts."),
    ] = None,
    expires: Annotated[str | None, typer.Option(metavar="DATE", help="The day from which it opens nothing (2027-12-31).")] = None,
    data: Data = None,
) -> None:
    """Make a key and print its secret, which is shown this once and kept nowhere."""
    from server.callers import ASSISTANT
    from server.keys import add_key

    place = keys_file(load_settings(data_dir=data))
    until = _day(expires) if expires else None
    secret = add_key(place, name, frozenset(principals or ()), _now(), frozenset(scopes or ASSISTANT), until)
    print(secret)
    typer.echo("Keep it now: it is not shown again. Every HTTP caller needs a key from here on.", err=True)


@keys.command("list", epilog="Example: muniment key list")
def list_keys(data: Data = None) -> None:
    """List the keys: for whom, for what, until when, and when they were last used."""
    from server.key_uses import KeyUses
    from server.keys import read_keys

    place = keys_file(load_settings(data_dir=data))
    uses = KeyUses(place)
    for key in read_keys(place):
        state = "revoked" if key.revoked else "open" if key.opens(_now()) else "expired"
        until = f", until {key.expires:%Y-%m-%d}" if key.expires else ""
        used = f", last used {last:%Y-%m-%d %H:%M} UTC" if (last := uses.last(key.digest)) else ", never used"
        print(f"{key.name:20} {state:8} {' '.join(key.principals) or 'anyone'}; {' '.join(key.scopes)}{until}{used}")


@keys.command(epilog="Example: muniment key rotate associates --overlap-hours 24")
def rotate(
    name: Annotated[str, typer.Argument(help="The key's name.")],
    overlap_hours: Annotated[float, typer.Option(min=0, max=24 * 90, help="How long the old secret still opens.")] = 0,
    data: Data = None,
) -> None:
    """Give a key a new secret and print it, which is shown this once and kept nowhere."""
    from server.keys import rotate_key

    print(rotate_key(keys_file(load_settings(data_dir=data)), name, _now(), timedelta(hours=overlap_hours)))
    typer.echo("Keep it now: it is not shown again.", err=True)


@keys.command(epilog="Example: muniment key revoke associates")
def revoke(name: Annotated[str, typer.Argument(help="The key's name.")], data: Data = None) -> None:
    """Close a key from the next call on."""
    from server.keys import revoke_key

    revoke_key(keys_file(load_settings(data_dir=data)), name, _now())
    print(f"{name} opens nothing any more")


def _day(words: str) -> datetime:
    try:
        return datetime.strptime(words, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise SettingsError(f"--expires {words}: give a day as 2027-12-31") from None


def _now() -> datetime:
    return datetime.now(UTC)
