"""What an OAuth client is told of this server: whose tokens it takes (RFC 9728), and what was missing (RFC 6750)."""

from collections.abc import Iterable

from mcp.server.auth.routes import create_protected_resource_routes
from starlette.routing import Route

from server.callers import ASSISTANT
from server.oauth_options import OAuthOptions

_ROOT = "/.well-known/oauth-protected-resource"


def metadata_routes(options: OAuthOptions) -> list[Route]:
    """The metadata under the resource's own path and at the root, where older clients look."""
    [route] = create_protected_resource_routes(
        # As strings: made a URL, an issuer without a path gains a slash, and clients then find it to be another one.
        resource_url=options.resource,  # type: ignore[arg-type]  # pydantic reads it
        authorization_servers=list(options.issuers),  # type: ignore[arg-type]  # the same
        scopes_supported=list(ASSISTANT),
        resource_name="Muniment",
    )
    if route.path == _ROOT:
        return [route]
    return [route, Route(_ROOT, endpoint=route.endpoint, methods=["GET", "OPTIONS"])]


def metadata_url(options: OAuthOptions) -> str:
    """Where a client finds the metadata."""
    scheme, _, rest = options.resource.partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}://{host}{_ROOT}{slash if path else ''}{path}"


def challenge(options: OAuthOptions | None, scopes: Iterable[str], error: str | None = None, why: str | None = None) -> str:
    """The WWW-Authenticate header; without OAuth it names the realm alone, since only an administrator can help."""
    parts = ['realm="muniment"']
    if error:
        parts.append(f'error="{error}"')
    if options:
        parts += [f'error_description="{why}"'] if why else []
        parts += [f'resource_metadata="{metadata_url(options)}"', f'scope="{" ".join(scopes)}"']
    return f"Bearer {', '.join(parts)}"
