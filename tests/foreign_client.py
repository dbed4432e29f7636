"""Drives a running server with the first generation of the Python client: python foreign_client.py URL KEY VERSION.

Prints a line for each step that passed; leaves with 3 where the client itself speaks another version than the one it was told to.
It runs in an environment of its own, where this project is not installed.
"""

import asyncio
import json
import sys
from typing import Any

from mcp import ClientSession
from mcp.client.streamable_http import streamablehttp_client


async def tools(session: ClientSession) -> None:
    names = {tool.name for tool in (await session.list_tools()).tools}
    assert names == {"extract_clause", "read_contract", "search_documents_by_metadata"}


async def search(session: ClientSession) -> None:
    told: list[str | None] = []

    async def tell(_: float, __: float | None, message: str | None) -> None:
        told.append(message)

    answer = await session.call_tool("search_documents_by_metadata", {"party": "acme"}, progress_callback=tell)
    assert "nda-acme" in text(answer)
    assert told[0] == "at work"


async def clause(session: ClientSession) -> None:
    answer = await session.call_tool("extract_clause", {"clause": "governing law", "document_id": "nda-acme"})
    assert "laws of the State of New York" in text(answer)


async def argument_error(session: ClientSession) -> None:
    answer = await session.call_tool("search_documents_by_metadata", {"limit": 900})
    assert answer.isError
    assert "limit: got 900; give a whole number from 1 to 50" in text(answer)


async def resource(session: ClientSession) -> None:
    card: Any = "contract://nda-acme"
    assert card in {str(it.uri) for it in (await session.list_resources()).resources}
    contents: Any = (await session.read_resource(card)).contents
    assert json.loads(contents[0].text)["document_id"] == "nda-acme"


async def prompt(session: ClientSession) -> None:
    assert "nda_check" in {it.name for it in (await session.list_prompts()).prompts}
    messages: Any = (await session.get_prompt("nda_check", {"client": "Acme Robotics"})).messages
    assert "Acme Robotics" in messages[0].content.text


def text(answer: Any) -> str:
    return str(answer.content[0].text)


async def main(url: str, key: str, version: str) -> int:
    async with streamablehttp_client(url, headers={"X-API-Key": key}) as (read, write, _), ClientSession(read, write) as session:
        agreed = (await session.initialize()).protocolVersion
        if agreed != version:
            say(f"it speaks {agreed}")
            return 3
        say("connect")
        for step in (tools, search, clause, argument_error, resource, prompt):
            await step(session)
            say(step.__name__.replace("_", " "))
    return 0


def say(words: str) -> None:
    sys.stdout.write(f"{words}\n")


if __name__ == "__main__":
    sys.exit(asyncio.run(main(*sys.argv[1:])))
