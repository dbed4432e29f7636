"""Calls to authorization servers: short, small, over TLS, and nowhere but where the settings or the issuer itself point."""

import asyncio
import ipaddress
import json
import ssl
from collections.abc import Mapping
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import httpx2

_SECONDS = 5.0
_LONGEST = 1 << 18
_HEADERS = {"Accept": "application/json", "Accept-Encoding": "identity"}


class IssuerUnreachable(Exception):
    """An authorization server gave no answer that can be used; the text says which address and why."""


async def fetch_json(
    url: str, form: Mapping[str, str] | None = None, login: tuple[str, str] | None = None
) -> Mapping[str, Any] | None:
    """The JSON object at an address, or None where there is none (404); with a form it is posted. Raises IssuerUnreachable.

    Redirects are not followed, and neither proxies nor passwords are taken from the environment.
    """
    if not is_safe(url):
        raise IssuerUnreachable(f"{url} is not https")
    try:
        async with asyncio.timeout(_SECONDS), httpx2.AsyncClient(verify=_trusted(), trust_env=False, timeout=_SECONDS) as http:
            request = http.build_request("POST" if form else "GET", url, data=form, headers=_HEADERS)
            answer = await http.send(request, auth=login, stream=True)
            try:
                return await _object(url, answer)
            finally:
                await answer.aclose()
    except (httpx2.HTTPError, httpx2.InvalidURL, OSError, TimeoutError) as error:
        raise IssuerUnreachable(f"{url} does not answer ({type(error).__name__})") from None


def is_safe(url: str) -> bool:
    """Whether nobody on the way can change what an address answers: https, or this very machine."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and _is_here(host)))


async def _object(url: str, answer: httpx2.Response) -> Mapping[str, Any] | None:
    if answer.status_code == 404:
        return None
    if answer.status_code != 200:
        raise IssuerUnreachable(f"{url} answers {answer.status_code}")
    body = bytearray()
    # As they come: what is small on the way could be made to unfold without end.
    async for part in answer.aiter_raw():
        body += part
        if len(body) > _LONGEST:
            raise IssuerUnreachable(f"{url} answers with more than {_LONGEST >> 10} KB")
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        raise IssuerUnreachable(f"{url} answers with no JSON") from None
    if not isinstance(found, dict):
        raise IssuerUnreachable(f"{url} answers with no JSON object")
    return found


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@cache
def _trusted() -> ssl.SSLContext:
    # The system's own authorities: a firm's issuer may have a certificate of the firm's.
    return ssl.create_default_context()
