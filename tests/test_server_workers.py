"""Several workers behind one address: none of them is missed when it goes, and no call is lost when all are renewed."""

import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from programs import Program, running, under_load

from server.trails import verify


def test_all_are_renewed_under_load_without_a_lost_call_and_stopped_in_order(place: Path, tmp_path: Path) -> None:
    audit = tmp_path / "audit"
    with running("small_server", str(place), "--workers", "2", "--state", str(audit)) as program:
        program.until("Application startup complete", 2)
        with under_load(program.where) as outcomes:
            program.process.send_signal(signal.SIGHUP)
            program.until("Finished server process", 2)
        assert set(outcomes) == {"answered"}
        assert program.end() == 0
    assert not any("Traceback" in line for line in program.said)
    verdict = verify(audit)
    assert (verdict.wrong, verdict.lines) == ((), outcomes["answered"])


@pytest.fixture
def light(tmp_path: Path) -> Iterator[Program]:
    with running("light_workers", str(tmp_path / "fault")) as program:
        assert met(program, 2)
        yield program


def met(program: Program, count: int) -> set[int]:
    """The numbers of the workers, once so many have answered."""
    numbers: set[int] = set()
    while len(numbers) < count:
        with socket.create_connection(("127.0.0.1", int(program.where)), timeout=20) as line:
            numbers.add(int(line.recv(100)))
    return numbers


def test_fresh_ones_take_over_when_all_are_ready(light: Program) -> None:
    old = light.workers()
    light.process.send_signal(signal.SIGHUP)
    light.until("INFO:ended", 2)
    assert not met(light, 2) & old
    assert len(light.workers()) == 2


def test_a_signal_that_another_thread_is_given_counts_as_well(light: Program) -> None:
    old = light.workers()
    light.process.send_signal(signal.SIGUSR1)
    light.until("INFO:ended", 2)
    assert not met(light, 2) & old


def test_one_that_dies_is_replaced(light: Program) -> None:
    dead = light.workers().pop()
    os.kill(dead, signal.SIGKILL)
    light.until(f"worker {dead} ended with -9")
    assert dead not in met(light, 2)


def test_where_fresh_ones_can_not_start_the_old_ones_stay(light: Program, tmp_path: Path) -> None:
    old = light.workers()
    (tmp_path / "fault").touch()
    light.process.send_signal(signal.SIGHUP)
    light.until("the old ones go on")
    assert met(light, 2) == old


def test_workers_that_never_get_ready_are_given_up(tmp_path: Path) -> None:
    (tmp_path / "fault").touch()
    with running("light_workers", str(tmp_path / "fault")) as program:
        program.until("5 workers ended without ever having been ready")
        assert program.process.wait(30) == 1


def test_no_worker_outlives_the_one_who_started_it(light: Program) -> None:
    workers = [psutil.Process(number) for number in light.workers()]
    light.process.kill()
    assert psutil.wait_procs(workers, timeout=30)[1] == []
