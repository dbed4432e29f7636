"""The definitions that an excerpt leans on: which of its words the contract defines, and where."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from index.records import Clause, Excerpt, Span
from index.spans import pages_of
from index.store import View

# "Net Sales" means; "Affiliate", with respect to any Person, shall mean; the term "Field" is defined as
_DEFINES = re.compile(
    r"[\"“](?P<term>[A-Z][\w&/’' -]{1,58}?)[\"”](?:\s\(?or\s[\"“][^\"”]{1,60}[\"”]\)?)?,?\s(?:[^.;\"“”]{0,80}?,\s)?"
    r"(?:(?:shall|will)\s)?(?:means?|ha(?:s|ve)\sthe\s(?:same\s)?meanings?|(?:is|are|be)\sdefined)\b"
)
_MOST_DEFINITIONS, _MOST_SHOWN = 2_000, 5


@dataclass(frozen=True, slots=True)
class Definition:
    """A term that a contract defines, where its definition begins, under which number or heading, and on which page."""

    term: str
    span: Span
    heading: str | None
    page: int | None

    def __str__(self) -> str:
        place = self.heading or (f"p. {self.page}" if self.page else f"the text at {self.span.start}")
        return f"{self.term!r} is defined in {place}"


def definitions_of(view: View, excerpt: Excerpt) -> tuple[Definition, ...]:
    """The terms in an excerpt that its contract defines elsewhere, in the order in which the excerpt has them; a few at most."""
    key = excerpt.document.key
    said = " ".join(excerpt.text.split())
    found: dict[str, tuple[int, Span]] = {}
    for term, span in _defined(view.text(key)):
        # Most terms stand nowhere in it: no expression is made for those.
        if term in found or term not in said or span.overlaps(excerpt.span):
            continue
        if met := re.search(rf"(?<![\w’'-]){re.escape(term)}(?![\w-])", said):
            found[term] = met.start(), span
    # "Sales" inside "Net Sales" is not what is leant on.
    longest = {term: place for term, place in found.items() if not any(term != other and term in other for other in found)}
    chosen = sorted(longest.items(), key=lambda pair: pair[1][0])[:_MOST_SHOWN]
    if not chosen:
        return ()
    clauses, pages = view.clauses(key), view.pages(key)
    return tuple(
        Definition(term, span, _place(clauses, span, term), next(iter(pages_of(pages, span) or ()), None))
        for term, (_, span) in chosen
    )


def _defined(text: str) -> Iterator[tuple[str, Span]]:
    for count, match in enumerate(_DEFINES.finditer(text)):
        if count == _MOST_DEFINITIONS:
            return
        yield " ".join(match["term"].split()).rstrip(","), Span(match.start(), match.end())


def _place(clauses: Sequence[Clause], span: Span, term: str) -> str | None:
    """The number of the clause that defines; else the nearest heading above that is not the term itself."""
    clause = next((clause for clause in clauses if clause.span.start <= span.start < clause.span.end), None)
    if clause is None:
        return None
    above = (heading for heading in reversed(clause.path) if term.casefold() not in heading.casefold())
    return clause.number or next(above, "")[:60] or None
