"""Who asked to be told hears that the work goes on, and who goes away takes no place from the others."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
import pytest
from held_calls import (
    PLAIN,
    VERSIONS,
    Held,
    assert_one_who_goes_leaves_the_queue,
    assert_told_while_held,
    over_http,
    sent,
    through,
)
from mcp import Client, StdioServerParameters
from small_server import ERAS, calling, listening
from test_server_programs import PROGRAM, environment

from server import pulse
from server.options import ServerOptions


@pytest.mark.anyio
@pytest.mark.parametrize("era", ERAS)
async def test_a_caller_who_sent_a_token_is_told_again_and_again_that_the_work_goes_on(
    place: Path, era: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pulse, "_SECONDS", 0.01)
    encoder = Held()
    with listening(place, encoder=encoder) as url:
        async with calling(url, era) as client:
            await assert_told_while_held(through(client), encoder.let_go.set)


@pytest.mark.anyio
@pytest.mark.parametrize("era", ERAS)
async def test_over_standard_output_the_work_is_told_of_as_well(place: Path, tmp_path: Path, era: str) -> None:
    pipe = tmp_path / "pipe"
    async with holding_program(place, pipe, era) as client:
        await assert_told_while_held(through(client), lambda: pipe.write_bytes(b""))


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(("token", "notes"), [(None, 0), ("p-1", 1), (0, 1)])
def test_only_who_sent_a_token_is_told(place: Path, version: str, token: object, notes: int) -> None:
    with listening(place) as url:
        answer = httpx2.post(f"{url}/mcp", **sent(version, PLAIN, token))
    assert "nda-acme" in answer.text
    assert answer.text.count("notifications/progress") == notes


@pytest.mark.anyio
@pytest.mark.parametrize("version", VERSIONS)
async def test_who_hangs_up_while_waiting_leaves_the_queue(place: Path, version: str) -> None:
    encoder = Held()
    with listening(place, ServerOptions(workers=1, waiting=1), encoder) as url:
        await assert_one_who_goes_leaves_the_queue(over_http(url, version), encoder.let_go.set)


@pytest.mark.anyio
@pytest.mark.parametrize("era", ERAS)
async def test_over_standard_input_a_cancelled_call_leaves_the_queue(place: Path, tmp_path: Path, era: str) -> None:
    pipe = tmp_path / "pipe"
    async with holding_program(place, pipe, era, "--places", "1", "1") as client:
        await assert_one_who_goes_leaves_the_queue(through(client), lambda: pipe.write_bytes(b""))


@asynccontextmanager
async def holding_program(place: Path, pipe: Path, era: str, *words: str) -> AsyncIterator[Client]:
    os.mkfifo(pipe)
    arguments = [*PROGRAM[1:], str(place), "--stdio", "--hold", str(pipe), *words]
    async with Client(StdioServerParameters(command=PROGRAM[0], args=arguments, env=environment()), mode=era) as client:
        yield client
