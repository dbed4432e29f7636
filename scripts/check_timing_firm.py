"""Firms that differ in what is hidden and in nothing else, and the servers that answer for them, to measure what time tells."""

import random
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import numpy as np

from index.local import open_for_writing, open_index
from index.records import Chunk, Clause, Contract, Extracted, File, Finding, Page, Party, Span, Transcript
from index.store import Bundle, Manifest, Vectors
from scripts.bench_contracts import Contracts
from server.options import ServerOptions
from server.serving import run_http

ASKER, PARTNERS = "group:associates", "group:partners"
# Two hide something, each what the other one never had; two never had either.
FIRMS = ("first", "second", "neither", "neither again")
_CONTRACTS_EACH = 3
_CONSONANTS, _VOWELS = "bdfgklmnprstvz", "aeiou"


@dataclass(frozen=True, slots=True)
class Matter:
    """A client with contracts: all that somebody might ask by."""

    number: int
    name: str
    ids: tuple[str, ...]
    readers: frozenset[str]

    @property
    def party(self) -> str:
        """The client as the contracts name it."""
        return f"{self.name} Holdings Inc."

    @property
    def title(self) -> str:
        """What the contracts are called."""
        return f"{self.name} Supply Agreement"

    @property
    def folder(self) -> str:
        """Where they lie."""
        return f"Clients/{self.name}"

    @property
    def law(self) -> str:
        """Which law governs them; nobody else's."""
        return f"{self.name.split()[0]}ia"


@dataclass(frozen=True, slots=True)
class Matters:
    """Those that the asker sees in every firm, and those that one of two firms hides and the other never had."""

    seen: tuple[Matter, ...]
    first: tuple[Matter, ...]
    second: tuple[Matter, ...]


def made_up(seen: int, hidden: int) -> Matters:
    """Matters with names drawn from one hat, the same ones each time."""
    chance = random.Random(1)  # noqa: S311  # names need not be secret
    names: dict[str, None] = {}
    while len(names) < 2 * (seen + 2 * hidden):
        names["".join(chance.choice(_CONSONANTS) + chance.choice(_VOWELS) for _ in range(3)).capitalize() + "x"] = None
    words = list(names)
    both = [f"{one} {other}" for one, other in zip(words[::2], words[1::2], strict=True)]
    made = [
        Matter(
            number,
            name,
            tuple(f"{chance.getrandbits(96):024x}" for _ in range(_CONTRACTS_EACH)),
            frozenset({PARTNERS} if number >= seen else {PARTNERS, ASKER}),
        )
        for number, name in enumerate(both)
    ]
    return Matters(tuple(made[:seen]), tuple(made[seen : seen + hidden]), tuple(made[seen + hidden :]))


class HashedWords:
    """A stand-in for the encoder: each word is a place in 384 numbers, whoever asked for it before."""

    name, dimensions, max_tokens = "hashed-words@check", 384, 256

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """See `Encoder.count_tokens`."""
        return [len(text.split()) + 2 for text in texts]

    def encode(self, texts: Sequence[str]) -> Vectors:
        """See `Encoder.encode`."""
        return np.stack([self.encode_question(text) for text in texts])

    def encode_question(self, text: str) -> Vectors:
        """See `Encoder.encode_question`."""
        vector = np.full(self.dimensions, 1e-3, np.float32)
        for word in text.casefold().split():
            digest = sha256(word.strip(".,?:;()").encode()).digest()
            for at in range(0, 8, 2):
                vector[int.from_bytes(digest[at : at + 2]) % self.dimensions] += 1
        normal: Vectors = vector / np.linalg.norm(vector)
        return normal


def build(place: Path, matters: Sequence[Matter], sections: int) -> None:
    """Write the matters' contracts into an index at a place, each of so many sections."""
    words, encoder = Contracts(1, 2), HashedWords()
    with open_for_writing(place, Manifest(encoder.name, encoder.dimensions, "check")) as index:
        for matter in matters:
            for at, document_id in enumerate(matter.ids):
                index.put(_bundle(matter, at, document_id, sections, words, encoder))
        index.publish()


def _bundle(matter: Matter, at: int, document_id: str, sections: int, words: Contracts, encoder: HashedWords) -> Bundle:
    chance = np.random.default_rng((matter.number, at))
    head = f"{matter.title}\n\nThis Agreement is made between Muniment LLP and {matter.party} (the Client).\n\n"
    parts = [
        head,
        *(f"{number}. Section. {matter.name} shall {words.words(chance, 60)}.\n\n" for number in range(1, sections)),
        f"{sections}. Governing Law. The laws of {matter.law} govern this Agreement.\n",
    ]
    text = "".join(parts)
    ends = np.cumsum([len(part) for part in parts]).tolist()
    spans = [Span(start, end) for start, end in zip([0, *ends], ends, strict=False)]
    day = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(days=matter.number, hours=at)
    return Bundle(
        file=File(document_id, "1", f"{matter.name} {at}.pdf", matter.folder, None, len(text), day, None, matter.readers),
        stamp="1",
        transcript=Transcript(text, tuple(Page(number, span) for number, span in enumerate(spans, 1))),
        clauses=tuple(Clause(span, "clause", 1, None, ("Section",)) for span in spans),
        chunks=tuple(Chunk(span, "Section", part) for span, part in zip(spans, parts, strict=True)),
        contract=_contract(matter, text),
        findings=(Finding("Governing Law", spans[-1], "Section", 0.95),),
        vectors=encoder.encode(parts),
    )


def _contract(matter: Matter, text: str) -> Contract:
    def read(words: str) -> Span:
        start = text.index(words)
        return Span(start, start + len(words))

    return Contract(
        title=Extracted(matter.title, read(matter.title), matter.title, 0.99),
        contract_type=Extracted("supply", None, "", 0.9),
        parties=(Extracted(Party(matter.party, "Client"), read(matter.party), matter.party, 0.95),),
        effective_date=Extracted(date(2025, 1, 15), None, "", 0.6),
        expiration_date=Extracted(date(2027, 1, 15), None, "", 0.6),
        expires=Extracted("fixed", None, "", 0.9),
        governing_law=Extracted(matter.law, read(matter.law), matter.law, 0.9),
    )


@dataclass(frozen=True, slots=True)
class Server:
    """Where a firm's server listens, and the number of its process."""

    port: int
    process: int

    def worked(self) -> float:
        """How many seconds its threads have had a processor, once they all rest."""
        before, now = -1, self._nanoseconds()
        while now != before:
            before, now = now, self._nanoseconds()
        return now / 1e9

    def _nanoseconds(self) -> int:
        return sum(int(path.read_text().split()[0]) for path in Path(f"/proc/{self.process}/task").glob("*/schedstat"))


@contextmanager
def serving(folder: Path, matters: Matters, sections: int, audit: bool) -> Iterator[dict[str, Server]]:
    """A server of its own process for each firm. With `audit`, each keeps a trail."""
    for firm, hidden in (("first", matters.first), ("second", matters.second), ("neither", ())):
        build(folder / firm, (*matters.seen, *hidden), sections)
    with ExitStack() as stack:
        servers = {}
        for firm in FIRMS:
            words = [str(folder / firm.partition(" ")[0]), *([str(folder / f"{firm} audit")] if audit else [])]
            command = [sys.executable, "-m", "scripts.check_timing", "--serve", *words]
            started = stack.enter_context(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))  # noqa: S603  # our own
            stack.callback(started.terminate)
            url = started.stdout.readline() if started.stdout else ""
            servers[firm] = Server(int(url.strip().removesuffix("/mcp").rpartition(":")[2]), started.pid)
        yield servers


def serve(place: Path, audit: Path | None) -> None:
    """Answer for one firm until the process is ended; the address is printed."""

    def announce(url: str) -> None:
        print(url, flush=True)

    options = ServerOptions(port=0, principals=frozenset({ASKER}), audit=audit, stop_seconds=1)
    run_http(lambda: open_index(place), HashedWords(), options, lambda: datetime(2026, 11, 22, 12, tzinfo=UTC), announce)
