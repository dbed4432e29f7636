"""A writer that is killed: run with a folder and the steps at which to die, it leaves one index a step to be looked at.

Every statement that SQLite runs and every fsync is a step. What the writer knows to be done it notes in a file beside.
"""

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

from papers import MANIFEST, bundle_of, failure_of, file_of

from index.local import LocalWriter, open_for_writing

# Documents, each with a word of its own in two lines and its version in both.
IDS = ("alpha", "bravo", "charlie", "delta")


def text_of(document_id: str, version: int) -> str:
    return f"{document_id} in version{version} says this.\n{document_id} in version{version} says that.\n"


def work(index: LocalWriter) -> Iterator[str]:
    """A run of every kind of change, telling what is done."""
    for version in (1, 2):
        for name in IDS:
            index.put(bundle_of(name, text_of(name, version), stamp=str(version)))
            yield f"{name} {version}"
        yield f"published {index.publish()}"
    index.drop("delta")
    yield "delta gone"
    index.describe(file_of("bravo", name="renamed.pdf"))
    index.put_failure(failure_of("charlie"))
    yield "charlie failed"
    yield f"published {index.publish()}"


def run(place: Path, last_step: int) -> int:
    """Do the work and die at a step; without one, answer how many there are."""
    done = place.with_suffix(".done").open("w", buffering=1)
    steps = 0
    sync = os.fsync

    def step(*_: object) -> None:
        nonlocal steps
        steps += 1
        if steps == last_step:
            os.kill(os.getpid(), signal.SIGKILL)

    def stepping_sync(descriptor: int) -> None:
        step()
        sync(descriptor)

    os.fsync = stepping_sync  # type: ignore[assignment]  # the store syncs descriptors only
    try:
        with open_for_writing(place, MANIFEST) as index:
            index._connection.set_trace_callback(step)  # there is no other way to be at every step
            for note in work(index):
                done.write(note + "\n")
    finally:
        os.fsync = sync
    return steps


if __name__ == "__main__":
    root, count = Path(sys.argv[1]), int(sys.argv[2])
    total = run(root / "whole", 0)
    for number in range(1, count + 1):
        child = os.fork()
        if child == 0:
            run(root / f"killed-{number:03}", number * total // (count + 1))
            os._exit(1)
        assert os.waitpid(child, 0)[1] == signal.SIGKILL
