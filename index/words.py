"""Words: a tantivy index of numbered texts, asked in plain words and ranked by BM25."""

import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import numpy.typing as npt
import tantivy

from index.errors import IndexCorrupt

# Number → its group and the texts of its fields.
Entry = tuple[int, int, Mapping[str, str]]
Ranked = list[tuple[int, float]]

_ANALYZER = "muniment"
_HEAP_BYTES = 64_000_000
_GROUPS_AT_ONCE = 1_000
_MOST_TERMS = 64
_LONGEST_TERM = 64
_MOST_LETTERS = 10_000


class Words:
    """One state of an index of words, open for questions, whatever is written to it later.

    `fields` are its fields of text with what a match in each counts.
    """

    def __init__(self, folder: Path, fields: Mapping[str, float]) -> None:
        try:
            with _lockable(folder) as place:
                index = _opened(place)
                self._searcher = index.searcher()
        except (ValueError, OSError) as error:
            raise IndexCorrupt(f"words in {folder.name}: {error}") from error
        self._schema = index.schema
        self._fields = fields

    def __len__(self) -> int:
        return int(self._searcher.num_docs)

    def matching(self, words: str, limit: int, groups: Sequence[int] | None = None) -> Ranked:
        """Numbers that match at least one word, best first, with their scores; of the groups alone, where some are given."""
        terms = terms_of(words)
        if not terms or limit < 1 or not len(self) or (groups is not None and not len(groups)):
            return []
        query = self._query(terms)
        if groups is not None:
            of_groups = tantivy.Query.const_score_query(self._of(groups), 0.0)
            query = _both(of_groups, query)
        hits = self._searcher.search(query, min(limit, len(self)), count=False).hits
        numbers = self._searcher.fast_field_values("number", [address for _, address in hits])
        # Ties fall to the lower number, so that one question always answers in one order.
        return sorted(((int(number or 0), float(hit[0])) for number, hit in zip(numbers, hits, strict=True)), key=_best_first)

    def tally(self, groups: Sequence[int]) -> tuple[int, int]:
        """How many texts the groups have, and how many terms those have in all."""
        if not len(groups):
            return 0, 0
        figures = {"texts": {"value_count": {"field": "length"}}, "terms": {"sum": {"field": "length"}}}
        found = self._searcher.aggregate(self._of(groups), figures)
        return int(found["texts"]["value"]), int(found["terms"]["value"])

    def having(self, term: str, groups: Sequence[int]) -> int:
        """How many texts of the groups have a term, as `terms_of` gives it, in the first field."""
        with_term = tantivy.Query.term_query(self._schema, next(iter(self._fields)), term, "freq")
        of_groups, with_term = (tantivy.Query.const_score_query(it, 0.0) for it in (self._of(groups), with_term))
        query = _both(of_groups, with_term)
        return int(self._searcher.search(query, 1, count=True).count)  # type: ignore[attr-defined]  # missing in its stubs

    def _of(self, groups: Sequence[int]) -> tantivy.Query:
        return tantivy.Query.term_set_query(self._schema, "group", [int(group) for group in groups])

    def _query(self, terms: Iterable[str]) -> tantivy.Query:
        parts = []
        for field, weight in self._fields.items():
            for term in terms:
                query = tantivy.Query.term_query(self._schema, field, term, "freq")
                # Only bare terms let tantivy skip the blocks of texts that can't be among the best (block-max WAND).
                weighed = query if weight == 1.0 else tantivy.Query.boost_query(query, weight)
                parts.append((tantivy.Occur.Should, weighed))
        return tantivy.Query.boolean_query(parts)


def _both(of_groups: tantivy.Query, query: tantivy.Query) -> tantivy.Query:
    """What a query finds in some groups.

    The groups stand first: else tantivy does not so much as look them up where no text at all has any of the words, and the time
    that this spares tells such words from those that only other groups have.
    """
    return tantivy.Query.boolean_query([(tantivy.Occur.Must, of_groups), (tantivy.Occur.Must, query)])


@contextmanager
def _lockable(folder: Path) -> Iterator[Path]:
    """A place where tantivy can take the lock that it needs even for reading: where the folder can't be written, links to it."""
    if os.access(folder, os.W_OK) or not folder.is_dir():
        yield folder
        return
    with TemporaryDirectory(prefix="muniment-") as place:
        shutil.copyfile(folder / "meta.json", Path(place, "meta.json"))
        for path in folder.iterdir():
            if not path.name.startswith((".", "meta.json")):
                Path(place, path.name).symlink_to(path.absolute())
        yield Path(place)


def _best_first(hit: tuple[int, float]) -> tuple[float, int]:
    return (-hit[1], hit[0])


def terms_of(words: str) -> list[str]:
    """The terms of a question: lower case, without accents, stemmed as English, each once, at most 64."""
    return list(dict.fromkeys(terms_in(words[:_MOST_LETTERS])))[:_MOST_TERMS]


def terms_in(text: str) -> list[str]:
    """All terms of a text, in its order."""
    return list(_analyzer().analyze(text))


def create(folder: Path, fields: Iterable[str]) -> None:
    """An empty index in a new folder."""
    folder.mkdir(parents=True)
    builder = tantivy.SchemaBuilder()
    for field in fields:
        builder.add_text_field(field, tokenizer_name=_ANALYZER, index_option="freq")
    builder.add_unsigned_field("number", indexed=True, fast=True)
    builder.add_unsigned_field("group", indexed=True, fast=True)
    builder.add_unsigned_field("length", fast=True)
    tantivy.Index(builder.build(), str(folder))
    _share(folder)


def update(folder: Path, above: int, entries: Iterable[Entry], gone: Sequence[int]) -> None:
    """Forget all numbers above one, add entries, and forget groups; all of it or nothing, and durable when it returns."""
    try:
        index = _opened(folder)
        writer = index.writer(_HEAP_BYTES, 1)
        # A run that was stopped may have added them already.
        writer.delete_documents_by_query(
            tantivy.Query.range_query(index.schema, "number", tantivy.FieldType.Unsigned, above, include_lower=False)
        )
        for number, group, texts in entries:
            writer.add_document(_document(number, group, texts))
        # Not by term: that takes a number for a signed one, matches nothing in an unsigned field, and says nothing.
        for start in range(0, len(gone), _GROUPS_AT_ONCE):
            some = [int(group) for group in gone[start : start + _GROUPS_AT_ONCE]]
            writer.delete_documents_by_query(tantivy.Query.term_set_query(index.schema, "group", some))
        writer.commit()
        writer.wait_merging_threads()
        _share(folder)
    except (ValueError, OSError) as error:
        raise IndexCorrupt(f"words in {folder.name}: {error}") from error


def _opened(folder: Path) -> tantivy.Index:
    index = tantivy.Index.open(str(folder))
    index.register_tokenizer(_ANALYZER, _analyzer())
    # Else a thread of its own goes on loading whatever is written.
    index.config_reader("manual")
    return index


def _share(folder: Path) -> None:
    # tantivy keeps these two to its own user; the server may be another one.
    for name in ("meta.json", ".managed.json"):
        (folder / name).chmod(folder.stat().st_mode & 0o666)


def _document(number: int, group: int, texts: Mapping[str, str]) -> tantivy.Document:
    document = tantivy.Document()
    for field, text in texts.items():
        document.add_text(field, text)
    document.add_unsigned("number", number)
    document.add_unsigned("group", group)
    document.add_unsigned("length", sum(count_terms(text) for text in texts.values()))
    return document


def count_terms(text: str) -> int:
    """How many terms a text has, in a tenth of the time that it takes to find them; but for scripts with vowel signs."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    inside = np.zeros(len(codes) + 2, np.bool_)
    inside[1:-1] = _letters()[codes]
    edges = np.flatnonzero(inside[1:] != inside[:-1])
    return int(np.count_nonzero(edges[1::2] - edges[::2] < _LONGEST_TERM))


@cache
def _letters() -> npt.NDArray[np.bool_]:
    return np.fromiter((chr(code).isalnum() for code in range(0x110000)), np.bool_, 0x110000)


def _analyzer() -> tantivy.TextAnalyzer:
    filters = tantivy.Filter
    builder = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
    for step in (filters.remove_long(_LONGEST_TERM), filters.lowercase(), filters.ascii_fold(), filters.stemmer("english")):
        builder = builder.filter(step)
    return builder.build()
