"""What went wrong with a question to one of Google's APIs: whether to ask again and when, or what to tell whom."""

import http.client
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httplib2
from google.auth.exceptions import DefaultCredentialsError, GoogleAuthError, RefreshError, TransportError

from ingest.google_apis import DRIVE, Api
from ingest.source import IngestError, SourceFailed

_BUSY = {
    "rateLimitExceeded", "userRateLimitExceeded", "sharingRateLimitExceeded", "quotaExceeded", "RATE_LIMIT_EXCEEDED",
    "RESOURCE_EXHAUSTED", "UNAVAILABLE", "backendError", "internalError",
}  # fmt: skip
_BARRED = {
    "accessNotConfigured": "the {product} is not enabled in the account's project: enable it in the Google Cloud console",
    "SERVICE_DISABLED": "the {product} is not enabled in the account's project: enable it in the Google Cloud console",
    "dailyLimitExceeded": "the project's daily quota of the {product} is used up: run again tomorrow, or raise it",
    "domainPolicy": "the domain's administrators do not allow apps to ask {title}: ask them to allow this one",
}
# What no second question changes: the key, the account or the delegation is wrong.
_WRONG_KEY = {"invalid_grant", "invalid_client", "unauthorized_client", "access_denied", "invalid_scope", "deleted_client"}
_LONGEST_WAIT = 120.0
_MOST_WORDS = 300


class Refused(IngestError):
    """The answer to one question is no, and asking again would not change it."""

    def __init__(self, status: int, reason: str, words: str, api: Api = DRIVE) -> None:
        super().__init__(f"{api.title} says {status} {reason}: {words}" if reason else f"{api.title} says {status}: {words}")
        self.status = status
        self.reason = reason


class Interrupted(SourceFailed):
    """No answer could be had, however often it was tried."""


class Barred(SourceFailed):
    """The account may ask nothing; the message says what an administrator can do."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A reason to ask again: `wait` are the seconds that the answer named, `most` is how often it is worth trying."""

    words: str
    wait: float = 0.0
    most: int = 100


def of_answer(status: int, headers: Mapping[str, str], body: bytes, now: datetime, api: Api = DRIVE) -> Fault:
    """What an answer that is no success means: a fault that may pass; else raises Refused or Barred."""
    reason, words = _told(body)
    if reason in _BARRED:
        raise Barred(f"{_BARRED[reason].format(product=api.product, title=api.title)} ({words})")
    if reason == "exportSizeLimitExceeded":  # may come as 500, and never passes
        raise Refused(status, reason, words, api)
    told = f"{status} {reason or words}"
    if status in {408, 429} or status >= 500 or reason in _BUSY:
        return Fault(told, _wait(headers, now))
    if status == 401:  # the token was renewed twice by now
        return Fault(told, most=3)
    if status == 403 and not reason:  # no answer of Google's: a proxy's page
        return Fault(told, _wait(headers, now), most=4)
    raise Refused(status, reason, words, api)


def of_error(error: Exception, api: Api = DRIVE) -> Fault | None:
    """What an exception on the way means: a fault that may pass, or None where it is none of the way's. May raise Barred."""
    if isinstance(error, RefreshError):
        told = error.args[1] if len(error.args) > 1 else None
        if isinstance(told, Mapping) and str(told.get("error")) in _WRONG_KEY:
            raise Barred(
                f"the token endpoint refuses the account ({told.get('error')}: {told.get('error_description', '')}): "
                f"check the service account's key, and with {api.settings}SUBJECT its domain-wide delegation for {_names(api)}"
            ) from error
        return Fault(f"no token: {_short(error)}", most=4)
    if isinstance(error, TransportError):
        return Fault(_short(error))
    if isinstance(error, DefaultCredentialsError | GoogleAuthError):
        raise Barred(f"there are no usable credentials: {_short(error)}; set {api.settings}SERVICE_ACCOUNT_FILE") from error
    if isinstance(error, ssl.SSLCertVerificationError):
        raise Barred(f"the certificate of {api.title} can't be verified ({error.verify_message}): is a proxy between?") from error
    if isinstance(
        error, OSError | http.client.HTTPException | httplib2.HttpLib2Error | json.JSONDecodeError | UnicodeDecodeError
    ):
        return Fault(f"{type(error).__name__}: {_short(error)}")
    return None


def _told(body: bytes) -> tuple[str, str]:
    """The reason and the words of an error body; no reason where it is none of Google's."""
    try:
        error = json.loads(body)["error"]
        if isinstance(error, str):
            return error, error
        words = str(error.get("message") or "")[:_MOST_WORDS]
        listed = error.get("errors") or [{}]
        return str(listed[0].get("reason") or error.get("status") or ""), words
    except (ValueError, KeyError, TypeError, AttributeError, IndexError):
        return "", "an answer that is not Google's"


def _names(api: Api) -> str:
    return " and ".join(scope.rpartition("/")[2] for scope in api.scopes)


def _wait(headers: Mapping[str, str], now: datetime) -> float:
    """The seconds that Retry-After names, as a number or as a date; bounded."""
    value = headers.get("retry-after", "").strip()
    try:
        seconds = int(value) if value.isdecimal() else (_date(value) - now).total_seconds()
    except ValueError:
        return 0.0
    return min(max(seconds, 0.0), _LONGEST_WAIT)


def _date(value: str) -> datetime:
    found = parsedate_to_datetime(value)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _short(error: Exception) -> str:
    return (str(error) or type(error).__name__).splitlines()[0][:_MOST_WORDS]
