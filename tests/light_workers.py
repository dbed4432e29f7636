"""Workers that only say their number to whoever connects, and the program that keeps two of them: quick to start and to kill."""

import logging
import os
import signal
import socket
import sys
import threading
from pathlib import Path

from server.workers import Line, Workers


def work(door: int, line: int, fault: Path) -> None:
    """Say this process's number to everybody, unless there is a fault."""
    told = Line(line)
    if fault.exists():
        sys.exit(3)
    told.ready()
    with socket.socket(fileno=door) as listening:
        while True:
            connection, _ = listening.accept()
            with connection:
                connection.sendall(str(os.getpid()).encode())


def catch() -> None:
    """Be a thread that gets SIGHUP in place of the first one, each time when SIGUSR1 comes."""
    while signal.sigwait({signal.SIGUSR1}):
        signal.pthread_kill(threading.get_ident(), signal.SIGHUP)


def keep(fault: Path) -> None:
    """Keep two of them at a free port, which is printed."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
    threading.Thread(target=catch, daemon=True).start()
    logging.basicConfig(stream=sys.stderr, level="INFO")
    with socket.create_server(("127.0.0.1", 0), backlog=100) as door:
        sys.stdout.write(f"{door.getsockname()[1]}\n")
        sys.stdout.flush()
        ended = logging.getLogger("ended").info

        def command(number: int, line: int, _: bool) -> list[str]:
            return [sys.executable, "-m", "light_workers", str(fault), str(number), str(line)]

        Workers(command, 2, door, 2, lambda number: ended("%d", number)).run()


if __name__ == "__main__":
    fault, *numbers = sys.argv[1:]
    if numbers:
        work(int(numbers[0]), int(numbers[1]), Path(fault))
    else:
        keep(Path(fault))
