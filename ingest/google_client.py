"""Speaks to one of Google's APIs through Google's own client: each question is retried through every fault that may pass."""

import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import SystemRandom
from typing import Any, TypeVar
from urllib.parse import urlsplit

import tenacity
from google_auth_httplib2 import AuthorizedHttp
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError
from googleapiclient.http import HttpRequest

from ingest.drive_records import Usage
from ingest.google_apis import DRIVE, Api
from ingest.google_credentials import credentials_of
from ingest.google_faults import Barred, Fault, Interrupted, of_answer, of_error
from ingest.google_http import PatientHttp
from ingest.google_pace import Pace, pause

_log = logging.getLogger(__name__)

_AT_ONCE = 8
_MOST_PAGES = 100_000
T = TypeVar("T")
U = TypeVar("U")


@dataclass(frozen=True, slots=True)
class Access:
    """How Google is reached: whose account, at which address, how fast, and how patiently.

    Without an `account_file`, Application Default Credentials are used. `subject` is whom a delegated account acts for.
    """

    account_file: Path | None = None
    subject: str | None = None
    endpoint: str | None = None
    per_minute: float = 3000.0
    timeout: float = 60.0
    attempts: int = 7


@dataclass(frozen=True, slots=True)
class Clock:
    """Time, sleep and chance, so that tests have their own."""

    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    random: Callable[[], float] = field(default_factory=lambda: SystemRandom().random)


class _Failing(Exception):
    """A fault that may pass, on its way to the next attempt."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.words)
        self.fault = fault


@dataclass(frozen=True, slots=True)
class Body:
    """An answer that is no JSON: bytes with their status and headers."""

    status: int
    headers: Mapping[str, str]
    content: bytes


class GoogleClient:
    """The one way to an API. Nothing is read or asked before the first question; thread-safe, a connection a thread."""

    def __init__(self, access: Access, clock: Clock, api: Api = DRIVE) -> None:
        self._access = access
        self._api = api
        self._clock = clock
        self._pace = Pace(access.per_minute, clock.monotonic, clock.sleep)
        self._lock = threading.Lock()
        self._own = threading.local()
        self._service: Any = None
        self._credentials: Any = None
        self._opened: list[AuthorizedHttp] = []
        self._pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix=api.name)
        self._closing = False
        self._requests = 0
        self._bytes = 0

    def close(self) -> None:
        """Let go of threads and connections."""
        self._closing = True
        self._pool.shutdown(cancel_futures=True)
        with self._lock:
            for http in self._opened:
                http.close()
            self._opened.clear()

    @property
    def endpoint(self) -> str | None:
        """The address that is asked, where it is not Google's own."""
        return self._api.root(self._access.endpoint)

    @property
    def per_minute(self) -> float:
        """How often it is asked at most."""
        return self._access.per_minute

    @property
    def usage(self) -> Usage:
        """What was asked so far, every attempt counted."""
        return Usage(self._requests, self._bytes)

    @property
    def account(self) -> str | None:
        """The account's own name, where its key says it."""
        self._open()
        return getattr(self._credentials, "service_account_email", None)

    def ask(self, question: Callable[[Any], HttpRequest], key: str | None = None) -> dict[str, Any]:
        """The answer to a question, which is built from the service. `key` is "id/resource key" of the file that it is about.

        Raises Refused, Interrupted after the last attempt, Barred.
        """

        def once() -> dict[str, Any]:
            request = question(self._open())
            if key:
                request.headers["X-Goog-Drive-Resource-Keys"] = key
            answer = request.execute(http=self._http())
            if not isinstance(answer, dict):
                raise _Failing(Fault("an answer that is not Google's"))
            return answer

        return self._patiently(once)

    def body(self, question: Callable[[Any], HttpRequest | str], headers: Mapping[str, str] = {}) -> Body:
        """The bytes behind a question or an address. A range that can't be had (416) is an answer too."""

        def once() -> Body:
            asked = question(self._open())
            uri = asked if isinstance(asked, str) else asked.uri
            # What is compressed on the way has neither the length nor the ranges that Google speaks of.
            sent = {"accept-encoding": "identity", **headers}
            response, content = self._http().request(uri, "GET", headers=sent)
            if response.status not in {200, 206, 416}:
                raise HttpError(response, content, uri=uri)
            with self._lock:
                self._bytes += len(content)
            return Body(response.status, response, content)

        return self._patiently(once)

    def side_by_side(self, work: Callable[[T], U], over: Iterable[T]) -> Iterator[U]:
        """Work on several things at once, in their order."""
        return self._pool.map(work, over)

    def is_ours(self, address: str) -> bool:
        """Whether an address that Google gave may see our token: Google's own, or at the endpoint that is set."""
        parts = urlsplit(address)
        if self._access.endpoint and parts.netloc == urlsplit(self._access.endpoint).netloc:
            return True
        host = parts.hostname or ""
        return parts.scheme == "https" and host.endswith((".google.com", ".googleapis.com", ".googleusercontent.com"))

    def _patiently(self, once: Callable[[], T]) -> T:
        def attempt() -> T:
            self._pace.wait()
            with self._lock:
                self._requests += 1
            try:
                return once()
            except HttpError as error:
                told = of_answer(error.resp.status, error.resp, error.content, self._clock.now(), self._api)
                raise _Failing(told) from error
            except _Failing:
                raise
            except Exception as error:  # told apart below; what is no fault of the way goes on
                fault = of_error(error, self._api)
                if fault is None:
                    raise
                self._hang_up()  # the connection may be anywhere in an old answer
                raise _Failing(fault) from error

        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(_Failing),
            wait=self._wait,
            stop=self._enough,
            sleep=self._clock.sleep,
            before_sleep=self._tell,
            reraise=True,
        )
        try:
            return retrying(attempt)
        except _Failing as error:
            if error.fault.words.startswith("401"):
                raise Barred(
                    f"{self._api.title} does not accept the account's token ({error}): check key, clock and delegation"
                ) from error
            raise Interrupted(f"{self._api.title} could not be asked: {error}; the next run tries again") from error

    def _tell(self, state: tenacity.RetryCallState) -> None:
        seconds = state.next_action.sleep if state.next_action else 0.0
        again = state.attempt_number + 1
        _log.info("%s is asked again in %.1f s, attempt %d: %s", self._api.title, seconds, again, _fault(state).words)

    def _wait(self, state: tenacity.RetryCallState) -> float:
        return pause(state.attempt_number, _fault(state).wait, self._clock.random)

    def _enough(self, state: tenacity.RetryCallState) -> bool:
        return self._closing or state.attempt_number >= min(self._access.attempts, _fault(state).most)

    def _http(self) -> AuthorizedHttp:
        self._open()
        if not hasattr(self._own, "http"):
            self._own.http = AuthorizedHttp(self._credentials, http=PatientHttp(timeout=self._access.timeout))
            with self._lock:
                self._opened.append(self._own.http)
        return self._own.http

    def _hang_up(self) -> None:
        http = self._own.__dict__.pop("http", None)
        if http is not None:
            http.close()
            with self._lock:
                self._opened.remove(http)

    def _open(self) -> Any:
        with self._lock:
            if self._service is None:
                self._credentials = credentials_of(self._access.account_file, self._access.subject, self._api)
                self._service = build(
                    self._api.name,
                    self._api.version,
                    http=AuthorizedHttp(self._credentials, http=PatientHttp(timeout=self._access.timeout)),
                    static_discovery=True,  # the document inside the package, never the network's
                    client_options={"api_endpoint": self.endpoint} if self.endpoint else None,
                )
            return self._service


def pages(ask: Callable[[str | None], dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The pages of a listing: `ask` is given the token of each, None for the first. Raises what it raises, and Interrupted."""
    token = None
    for _ in range(_MOST_PAGES):
        page = ask(token)
        yield page
        token = page.get("nextPageToken")
        if not token:
            return
    raise Interrupted(f"a listing did not end after {_MOST_PAGES} pages; the next run tries again")


def _fault(state: tenacity.RetryCallState) -> Fault:
    error = state.outcome.exception() if state.outcome else None
    return error.fault if isinstance(error, _Failing) else Fault("")
