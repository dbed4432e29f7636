"""What can go wrong at the server's door, one root for the room; every message is fit for a caller's eyes.

ServerError
├── BadArgument     an argument is not what the tool takes
├── NotThere        no such document, page or list, or none that the caller may see
├── Forbidden       the caller's key does not reach that far
├── NotReady        the index or the encoder does not answer yet
├── TooBusy         more calls are waiting than the server takes
├── TooSlow         a call passed its deadline
├── Broken          a fault of ours, told by an id that is in the log
├── KeysUnusable    the file of keys can't be read, or must not be trusted
├── RulesUnusable   a file of groups, of a directory or of walls can't be read, or must not be trusted
├── NotRecorded     the audit trail can't be written, or read
├── CannotCount     the store of the calls' limits can't be opened
├── WorkersFail     the server's processes end as soon as they are started
├── CannotListen    the address is taken, or not this machine's
└── UnsafeDoor      the server was told to listen where strangers are, without asking who comes
"""

from traceback import format_tb


class ServerError(Exception):
    """The root of this room's errors; its text says what, which, and the remedy, and shows no path, SQL or stack.

    Where it means that the caller was refused, `refusal` says why in the audit trail.
    """

    refusal: str | None = None


class BadArgument(ServerError):
    """An argument is not what the tool takes."""


class NotThere(ServerError):
    """There is no such thing, or none that the caller may see; the two are one answer on purpose."""


class Forbidden(ServerError):
    """The caller is known but may not do this."""

    def __init__(self, scope: str) -> None:
        super().__init__(f"your key does not allow this: it lacks the scope {scope}; ask the administrator for a key that has it")
        self.refusal = f"lacks the scope {scope}"


class NotReady(ServerError):
    """The index or the encoder does not answer yet, or not any more."""


class TooBusy(ServerError):
    """More calls are waiting than the server takes."""

    refusal = "the server was full"

    def __init__(self) -> None:
        super().__init__("the server is answering as many calls as it can: ask again in a few seconds")


class TooSlow(ServerError):
    """A call passed its deadline."""

    def __init__(self, seconds: float) -> None:
        super().__init__(
            f"no answer within {seconds:g} seconds, so the call was given up: narrow it (a document_id, a party, a "
            "contract_type, a smaller limit), or ask again in a moment"
        )


class Broken(ServerError):
    """A fault of ours."""

    def __init__(self, call: str) -> None:
        super().__init__(f"something went wrong inside the server; the administrator finds it in the log under {call}")


def trail_of(error: BaseException) -> str:
    """Where a fault came from, for the log: its kind and the lines of code, without its message, which may hold a question."""
    return f"{type(error).__name__}\n{''.join(format_tb(error.__traceback__))}"


class NotRecorded(ServerError):
    """The audit trail can't be written, or read."""


class CannotCount(ServerError):
    """The store of the calls' limits can't be opened."""

    def __init__(self, store: str) -> None:
        kind = store.partition(":")[0]
        super().__init__(
            f"calls can't be counted with {kind!r}: leave MUNIMENT_SERVER__LIMIT_STORE empty for a file of this machine, or give "
            "redis://… (`pip install redis`) for several machines"
        )


class KeysUnusable(ServerError):
    """The file of keys can't be read, or must not be trusted."""


class RulesUnusable(ServerError):
    """A file of groups, of a directory or of walls can't be read, or must not be trusted."""


class WorkersFail(ServerError):
    """The server's processes end as soon as they are started."""

    def __init__(self, times: int) -> None:
        super().__init__(f"{times} workers ended without ever having been ready: what they said above is why")


class CannotListen(ServerError):
    """The address is taken, or not this machine's."""

    def __init__(self, host: str, port: int, why: str) -> None:
        super().__init__(f"can't listen on {host}:{port} ({why}): is another server running there? choose another host or port")


class UnsafeDoor(ServerError):
    """The server was told to listen where strangers are, without asking who comes."""
