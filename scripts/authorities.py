"""Whose word counts for who somebody is and what they may see, as the settings say."""

from pathlib import Path
from typing import TYPE_CHECKING

from scripts.settings import Settings, SettingsError

if TYPE_CHECKING:
    from server.clearance import Clearance
    from server.groups import ListedGroups
    from server.oauth_options import Introspection, OAuthOptions


def groups_file(settings: Settings) -> Path:
    """Where memberships are listed. Raises SettingsError where a file is named that is not there."""
    return _named(settings.auth.groups_file, "GROUPS_FILE") or settings.data_dir / "groups.toml"


def directory_file(settings: Settings) -> Path:
    """Where what a directory told of groups is kept."""
    return settings.data_dir / "directory.json"


def told_groups(settings: Settings) -> Path:
    """The same for whoever decides by it. Raises SettingsError where the directory is to be asked and never was.

    Without what it tells, walls before its groups would stand before nobody.
    """
    place = directory_file(settings)
    if settings.directory.subject and not place.exists():
        raise SettingsError(f"MUNIMENT_DIRECTORY__SUBJECT is set, and there is no {place} yet: run `muniment groups sync` first")
    return place


def walls_file(settings: Settings) -> Path:
    """Where ethical walls are described. Raises SettingsError where a file is named that is not there."""
    return _named(settings.auth.walls_file, "WALLS_FILE") or settings.data_dir / "walls.toml"


def clearance_of(settings: Settings) -> "Clearance":
    """Who may see what, as the server would decide it. Raises SettingsError, RulesUnusable."""
    from server.clearance import Clearance
    from server.options import ServerOptions

    groups, told, walls = groups_file(settings), told_groups(settings), walls_file(settings)
    return Clearance(ServerOptions(groups=groups, directory=told, walls=walls))


def sources_of(settings: Settings) -> "dict[str, ListedGroups]":
    """What the files of groups say, each under its name, whether there are any or not. Raises SettingsError, RulesUnusable."""
    from server.clearance import Clearance
    from server.options import ServerOptions

    return Clearance(ServerOptions(groups=groups_file(settings), directory=directory_file(settings))).sources()


def oauth_of(settings: Settings) -> "OAuthOptions | None":
    """The authorization servers whose tokens are taken; None where there are none. Raises SettingsError."""
    from server.oauth_http import is_safe
    from server.oauth_options import ClaimNames, OAuthOptions

    auth = settings.auth
    if not auth.issuers:
        return None
    if not auth.audience:
        raise SettingsError("MUNIMENT_AUTH__AUDIENCE is missing: give this server's address as clients know it, https://…/mcp")
    resource = auth.resource or auth.audience
    for name, url in (*(("ISSUERS", issuer) for issuer in auth.issuers), ("RESOURCE", resource)):
        if not is_safe(url):
            raise SettingsError(f"MUNIMENT_AUTH__{name} = {url!r}: give an address that begins with https://")
    return OAuthOptions(
        resource=resource,
        audience=auth.audience,
        issuers=auth.issuers,
        algorithms=auth.algorithms,
        leeway_seconds=auth.leeway_seconds,
        claims=ClaimNames(auth.email_claim, auth.email_verified_claim or "", auth.groups_claim, auth.scope_claim),
        introspection=_introspection(settings),
    )


def _introspection(settings: Settings) -> "Introspection | None":
    from server.oauth_http import is_safe
    from server.oauth_options import Introspection

    auth = settings.auth
    given = (auth.introspection_url, auth.introspection_client, auth.introspection_secret)
    if not any(given):
        return None
    if not auth.introspection_url or not auth.introspection_client or not auth.introspection_secret:
        raise SettingsError("MUNIMENT_AUTH__INTROSPECTION_URL, _CLIENT and _SECRET belong together: give all three, or none")
    if not is_safe(auth.introspection_url):
        raise SettingsError(f"MUNIMENT_AUTH__INTROSPECTION_URL = {auth.introspection_url!r}: it must begin with https://")
    secret = auth.introspection_secret.get_secret_value()
    return Introspection(auth.introspection_url, auth.issuers[0], auth.introspection_client, secret)


def _named(place: Path | None, setting: str) -> Path | None:
    if place and not place.is_file():
        raise SettingsError(f"MUNIMENT_AUTH__{setting} names {place}, and there is no such file")
    return place
