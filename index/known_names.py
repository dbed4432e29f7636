"""The names of all parties, kept ready to be searched while documents come and go."""

import sqlite3
from dataclasses import dataclass
from threading import Lock

from index.name_books import NameBook, name_book
from index.names import match_names
from index.near_names import each_like

# Names that came since make a book of their own until they are a quarter of all.
_FEW_NEW = 2_000
_MOST_KEPT = 10_000


@dataclass(frozen=True, slots=True)
class Book:
    """Names with their numbers, ready to be searched."""

    numbers: tuple[int, ...]
    names: NameBook

    @classmethod
    def of(cls, rows: list[tuple[int, str]]) -> "Book":
        """Make a book of numbers and normal forms, sorted by number."""
        return cls(tuple(number for number, _ in rows), name_book([normal for _, normal in rows]))

    @property
    def upto(self) -> int:
        """The last number."""
        return self.numbers[-1] if self.numbers else 0

    def like(self, typed: str) -> list[int]:
        """Numbers of names that match what somebody typed, best first."""
        return [self.numbers[at] for at, _ in match_names(typed, self.names, limit=len(self.numbers))] if self.numbers else []


class KnownNames:
    """Which names somebody may mean, by number. Names that are gone may be among them: no document has them any more."""

    def __init__(self) -> None:
        self._old = self._new = Book.of([])
        self._lock = Lock()
        self._each: dict[str, tuple[int, tuple[int, ...]]] = {}

    def like(self, connection: sqlite3.Connection, typed: str) -> list[int]:
        """Numbers of names that match what somebody typed."""
        return [number for book in self._books(connection) for number in book.like(typed)]

    def each_like(self, connection: sqlite3.Connection, typed: str) -> list[int]:
        """The same, each name looked at as if there were no other; asked again, only the names that came since are looked at."""
        upto, found = self._each.get(typed, (0, ()))
        books = (Book.of(_rows(connection, upto)),) if upto else self._books(connection)
        found += tuple(book.numbers[at] for book in books for at in each_like(typed, book.names))
        if len(self._each) >= _MOST_KEPT:
            self._each.clear()
        self._each[typed] = (max(upto, *(book.upto for book in books)), found)
        return list(found)

    def _books(self, connection: sqlite3.Connection) -> tuple[Book, Book]:
        with self._lock:
            if _rows(connection, max(self._old.upto, self._new.upto)):
                self._new = Book.of(_rows(connection, self._old.upto))
            if len(self._new.numbers) > max(_FEW_NEW, len(self._old.numbers) // 4):
                self._old, self._new = Book.of(_rows(connection, 0)), Book.of([])
            return self._old, self._new


def _rows(connection: sqlite3.Connection, above: int) -> list[tuple[int, str]]:
    return connection.execute("SELECT number, normal FROM names WHERE number > ? ORDER BY number", (above,)).fetchall()
