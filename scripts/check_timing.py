"""Whether time tells of contracts that may not be seen: the same questions where they are hidden and where they never were.

    python -m scripts.check_timing --pairs 3000

Two firms hide some clients' contracts, each those that the other never had; both are asked for all of them, in an order drawn by
chance, over HTTP, by one caller who may see neither. So every name is hidden in one place and made up in the other, and neither
what is peculiar to a name nor to a server counts. What a larger index costs shows against two servers of a firm that never had
any of them. Intervals are by a bootstrap over the names (95 %).

Each table is given by the clock of the one who asks, and by the seconds that the server's process had a processor, which others
on the machine disturb less: about what the clock would say on a machine that does nothing else.
"""

import argparse
import json
import random
import socket
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from scripts.check_timing_figures import Took, told_apart, told_of_size
from scripts.check_timing_firm import FIRMS, Matter, Matters, Server, made_up, serve, serving

_VERSION = "2026-07-28"
_META = {"io.modelcontextprotocol/protocolVersion": _VERSION, "io.modelcontextprotocol/clientCapabilities": {}}
_HEADERS = {
    "MCP-Protocol-Version": _VERSION,
    "Accept": "application/json, text/event-stream",
    "Content-Type": "application/json",
}
_WARM_UP = 20

# A method, and its parameters.
Question = tuple[str, dict[str, Any]]


def _tool(name: str, **arguments: Any) -> Question:
    return "tools/call", {"name": name, "arguments": arguments}


def _completed(argument: str, typed: str) -> Question:
    reference = (
        {"type": "ref/resource", "uri": "contract://{document_id}"}
        if argument == "document_id"
        else {"type": "ref/prompt", "name": "nda_check"}
    )
    return "completion/complete", {"ref": reference, "argument": {"name": argument, "value": typed}}


QUESTIONS: Mapping[str, Callable[[Matter], Question]] = {
    "read_contract, its id": lambda it: _tool("read_contract", document_id=it.ids[0]),
    "extract_clause, its id": lambda it: _tool("extract_clause", document_id=it.ids[1], clause="governing law"),
    "resource, its id": lambda it: ("resources/read", {"uri": f"contract://{it.ids[2]}/text"}),
    "search, party": lambda it: _tool("search_documents_by_metadata", party=it.name),
    "search, query": lambda it: _tool("search_documents_by_metadata", query=f"supply agreement with {it.name}"),
    "search, folder": lambda it: _tool("search_documents_by_metadata", folder=it.folder),
    "search, governing law": lambda it: _tool("search_documents_by_metadata", governing_law=it.law),
    "extract_clause, party": lambda it: _tool("extract_clause", clause=f"the law of the agreement with {it.name}"),
    "extract_clause, subject": lambda it: _tool("extract_clause", clause=f"what shall {it.name.lower()} do"),
    "completion, title": lambda it: _completed("document_id", it.title[: len(it.name) - 2]),
    "completion, client": lambda it: _completed("client", it.name[: len(it.name) - 2]),
}
# What anybody asks, whether or not it is of theirs.
OF_SIZE: Mapping[str, Callable[[Matter], Question]] = {
    "list of all": lambda _: _tool("search_documents_by_metadata"),
    **{name: QUESTIONS[name] for name in ("read_contract, its id", "search, party", "search, query", "extract_clause, subject")},
}


class Caller:
    """One connection to one server, kept open."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._line = HTTPConnection("127.0.0.1", server.port, timeout=60)
        self._line.connect()
        self._line.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, question: Question) -> tuple[float, float, bytes]:
        """How many seconds an answer took by the clock, and of the processor, and the answer."""
        method, params = question
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": {**params, "_meta": _META}})
        headers = {**_HEADERS, "Mcp-Method": method, "Mcp-Name": str(params.get("name", params.get("uri", "x")))}
        worked, started = self._server.worked(), time.perf_counter()
        self._line.request("POST", "/mcp", body, headers)
        answer = self._line.getresponse().read()
        took = time.perf_counter() - started
        return took, self._server.worked() - worked, answer


def main() -> None:
    """Build, serve, ask, reckon. Exit code 1 where words differ that must not."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=3000, help="of each question")
    parser.add_argument("--seen", type=int, default=100, help="clients with three contracts each that the caller may see")
    parser.add_argument("--hidden", type=int, default=50, help="clients with three contracts each that one firm hides")
    parser.add_argument("--sections", type=int, default=40, help="of a contract")
    parser.add_argument("--audit", action="store_true", help="with an audit trail, whose lines take most of the time")
    parser.add_argument("--only", default="", help="questions whose name has this in it")
    parser.add_argument("--serve", type=Path, nargs="+", help="be one of the servers (the check starts them itself)")
    asked = parser.parse_args()
    if asked.serve:
        serve(asked.serve[0], asked.serve[1] if len(asked.serve) > 1 else None)
        return
    matters = made_up(asked.seen, asked.hidden)
    with (
        tempfile.TemporaryDirectory(prefix="check-timing-") as folder,
        serving(Path(folder), matters, asked.sections, asked.audit) as servers,
    ):
        alike = _of_the_hidden(servers, matters, asked)
        alike = _of_the_size(servers, matters, asked) and alike
    sys.exit(0 if alike else 1)


def _of_the_hidden(servers: Mapping[str, Server], matters: Matters, asked: argparse.Namespace) -> bool:
    """Ask the two firms for what one of them hides; whether the words were always the same."""
    columns = "question | by | hidden | made up | difference | likelier slower where hidden | calls to tell"
    chosen = _chosen(QUESTIONS, asked.only, columns)
    hidden_in = {it.number: "first" for it in matters.first} | {it.number: "second" for it in matters.second}
    alike = True
    for name, question in chosen.items():
        clock, processor, same = _asked(servers, FIRMS[:2], (*matters.first, *matters.second), question, asked.pairs)
        alike = alike and same
        print(f"| {name} | clock | {told_apart(clock, hidden_in)} |{_remark(same)}", flush=True)
        print(f"| | processor | {told_apart(processor, hidden_in)} |", flush=True)
    return alike


def _of_the_size(servers: Mapping[str, Server], matters: Matters, asked: argparse.Namespace) -> bool:
    """Ask all four servers for what the caller may see; whether the words were always the same."""
    columns = "question | by | others are hidden | there are none | difference | two alike differ by"
    alike = True
    for name, question in _chosen(OF_SIZE, asked.only, columns).items():
        clock, processor, same = _asked(servers, FIRMS, matters.seen, question, asked.pairs // 2)
        alike = alike and same
        print(f"| {name} | clock | {told_of_size(clock)} |{_remark(same)}", flush=True)
        print(f"| | processor | {told_of_size(processor)} |", flush=True)
    return alike


def _chosen(
    questions: Mapping[str, Callable[[Matter], Question]], part: str, columns: str
) -> dict[str, Callable[[Matter], Question]]:
    """Those with a part in their name, once a table for them is begun."""
    chosen = {name: question for name, question in questions.items() if part in name}
    if chosen:
        print(f"\n| {columns} |\n" + "| --- " * (columns.count("|") + 1) + "|")
    return chosen


def _remark(same: bool) -> str:
    return "" if same else " THE WORDS DIFFER"


def _asked(
    servers: Mapping[str, Server],
    firms: Sequence[str],
    matters: Sequence[Matter],
    question: Callable[[Matter], Question],
    rounds: int,
) -> tuple[Took, Took, bool]:
    """Ask each firm as often as there are rounds; seconds by firm and matter, and whether all said the same each time."""
    chance = random.Random(2)  # noqa: S311  # an order need not be secret
    clock: Took = defaultdict(list)
    processor: Took = defaultdict(list)
    same = True
    # The server hangs up on who is long silent, so each question has connections of its own.
    callers = {firm: Caller(servers[firm]) for firm in firms}
    order: list[Matter] = []
    for number in range(-_WARM_UP, rounds):
        if number % len(matters) == 0 or not order:
            order = chance.sample(matters, len(matters))
        matter = order[number % len(matters)]
        said = set()
        for firm in chance.sample(firms, len(firms)):
            took, worked, answer = callers[firm].ask(question(matter))
            said.add(answer)
            if number >= 0:
                clock[firm, matter.number].append(took)
                processor[firm, matter.number].append(worked)
        same = same and len(said) == 1
    return clock, processor, same


if __name__ == "__main__":
    main()
