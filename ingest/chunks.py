"""From clauses to the chunks that a model reads: each fits the encoder, under its heading, and none is a heading alone."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from index.records import Chunk, Clause, Span
from ingest.chunk_atoms import Atom, Seam, atoms_of, halves

Count = Callable[[Sequence[str]], list[int]]
Path = tuple[str, ...]

_SMALL = 40  # tokens: a clause below this is joined with its neighbours under the same heading
_JOINED = 128  # tokens that such neighbours make together at the most
_HEADING_SHARE = 3  # headings take at most a third of a chunk
_SEAM_COST = {Seam.ITEM: 0.0, Seam.PARAGRAPH: 0.1, Seam.SENTENCE: 0.35, Seam.WORD: 1.0}
_GLUED_COST = 9.0


@dataclass(frozen=True, slots=True)
class Unit:
    """What is chunked together: a clause with the bare headings before it, or a few small neighbours.

    `lead` are the headings above its first words, which begin with their own; `path` those that it stands under as a
    whole; `parent` tells which neighbours it may be joined with; the first `glued` atoms are headings, which stay with
    what follows them.
    """

    atoms: tuple[Atom, ...]
    lead: Path
    path: Path
    parent: Path | None
    glued: int = 0

    @property
    def tokens(self) -> int:
        """How long it is without its headings."""
        return sum(atom.tokens for atom in self.atoms)


@dataclass(frozen=True, slots=True)
class Draft:
    """A chunk to be: its pieces, the heading a model reads above it with its length, and the path it is cited under."""

    atoms: tuple[Atom, ...]
    read: str
    read_tokens: int
    path: Path

    @property
    def most_tokens(self) -> int:
        """How long it can be without special tokens: where its pieces meet, a tokenizer may see one token more."""
        return self.read_tokens + sum(atom.tokens + 1 for atom in self.atoms)


def make_chunks(
    text: str, clauses: Sequence[Clause], furniture: Sequence[Span], count_tokens: Count, max_tokens: int = 256
) -> tuple[Chunk, ...]:
    """The chunks of a document in order, without overlaps; every character that is neither blank nor furniture is in one.

    `count_tokens` answers lengths with the special tokens; the `words` of a chunk, its heading included, are at most
    `max_tokens` long. It is called a few times a document, on many pieces at once.
    """
    holes = tuple(furniture)
    special = count_tokens([""])[0]
    most = max(1, max_tokens - special)
    units = _counted(text, _units(text, clauses, holes), holes, count_tokens, special, most - most // _HEADING_SHARE)
    units = _joined(units, min(_JOINED, most // 2))
    headings = _headings(units, count_tokens, special, most // _HEADING_SHARE)
    drafts = [draft for unit in units for draft in _packed(unit, headings, most)]
    return tuple(_chunk(draft) for draft in _fitted(text, drafts, holes, count_tokens, special, max_tokens))


def _units(text: str, clauses: Sequence[Clause], furniture: tuple[Span, ...]) -> list[Unit]:
    """A unit for each clause that says something, with the bare headings before it."""
    units: list[Unit] = []
    waiting: list[Atom] = []
    lead: Path = ()
    for clause in clauses:
        atoms = tuple(atoms_of(text, clause, furniture))
        lead = lead if waiting else clause.path[:-1]
        if _is_heading(atoms, clause):
            waiting.extend(atoms)
        elif atoms:
            parent = clause.path[:-1] if clause.kind in {"clause", "definition"} else None
            units.append(Unit((*waiting, *atoms), lead, clause.path, parent, len(waiting)))
            waiting = []
    if waiting and units:
        units[-1] = replace(units[-1], atoms=(*units[-1].atoms, *waiting))
    elif waiting:
        units.append(Unit(tuple(waiting), lead, lead, None))
    return units


def _is_heading(atoms: Sequence[Atom], clause: Clause) -> bool:
    """Whether a clause's words are its heading and no more."""
    return bool(clause.path) and sum(len(atom.words) + 1 for atom in atoms) <= len(clause.path[-1]) + 4


def _counted(text: str, units: Sequence[Unit], furniture: tuple[Span, ...], count: Count, special: int, most: int) -> list[Unit]:
    """The units with their atoms' lengths known, those halved that are too long to stand under a heading."""
    whole: dict[Span, Atom] = {}
    parts: dict[Span, tuple[Atom, ...]] = {}
    todo = [atom for unit in units for atom in unit.atoms]
    while todo:
        lengths = count([atom.words for atom in todo])
        measured = [replace(atom, tokens=length - special) for atom, length in zip(todo, lengths, strict=True)]
        long = {atom.span for atom in measured if atom.tokens > most and len(atom.span) > 1}
        whole.update((atom.span, atom) for atom in measured if atom.span not in long)
        parts.update((atom.span, halves(text, atom, furniture)) for atom in measured if atom.span in long)
        todo = [part for span in long for part in parts[span]]
    return [replace(unit, atoms=tuple(_leaves(unit.atoms, whole, parts))) for unit in units]


def _leaves(atoms: Iterable[Atom], whole: Mapping[Span, Atom], parts: Mapping[Span, tuple[Atom, ...]]) -> Iterator[Atom]:
    for atom in atoms:
        if atom.span in parts:
            yield from _leaves(parts[atom.span], whole, parts)
        else:
            yield whole[atom.span]


def _joined(units: Iterable[Unit], most: int) -> list[Unit]:
    """The units, small neighbours under one heading made into one of at most so many tokens."""
    done: list[Unit] = []
    for unit in units:
        last = done[-1] if done else None
        small = last is not None and min(last.tokens, unit.tokens) < _SMALL and last.tokens + unit.tokens <= most
        if last and small and last.parent is not None and last.parent == unit.parent:
            done[-1] = Unit(last.atoms + unit.atoms, last.lead, last.parent, last.parent, last.glued)
        else:
            done.append(unit)
    return done


def _headings(units: Iterable[Unit], count: Count, special: int, most: int) -> dict[Path, tuple[str, int]]:
    """For each path the line that a model reads above a chunk, and its length; outer headings go where it is too long."""
    paths = list(dict.fromkeys(path for unit in units for path in (unit.lead, unit.path)))
    tails = [path[at:] for path in paths for at in range(len(path))]
    lines = {tail: " > ".join(tail).rstrip(". ") + ". " for tail in tails}
    lengths = dict(zip(lines, count(list(lines.values())), strict=True)) if lines else {}
    fitting = {}
    for path in paths:
        tail = next((path[at:] for at in range(len(path)) if lengths[path[at:]] - special <= most), ())
        fitting[path] = (lines[tail], lengths[tail] - special) if tail else ("", 0)
    return fitting


def _packed(unit: Unit, headings: Mapping[Path, tuple[str, int]], most: int) -> Iterator[Draft]:
    """The chunks of a unit: the first under the headings above it, the others under its own as well."""
    (lead, lead_tokens), (path, path_tokens) = headings[unit.lead], headings[unit.path]
    edges = [0, *_cuts(unit, most - max(lead_tokens, path_tokens)), len(unit.atoms)]
    for first, last in pairwise(edges):
        read, tokens = (path, path_tokens) if first else (lead, lead_tokens)
        yield Draft(unit.atoms[first:last], read, tokens, unit.path)


def _cuts(unit: Unit, most: int) -> list[int]:
    """Where to cut a unit into chunks of at most so many tokens: at good seams, into few and even parts (least cost)."""
    atoms, total = unit.atoms, unit.tokens
    if total <= most:
        return []
    goal = total / -(-total // most)
    costs = [0.0]
    before = [0]
    for end in range(1, len(atoms) + 1):
        best, source, tokens = float("inf"), end - 1, 0
        for start in range(end - 1, -1, -1):
            tokens += atoms[start].tokens
            if tokens > most and start < end - 1:
                break
            cost = costs[start] + 1.0 + max(0.0, 1 - tokens / goal) ** 2 + _cut_cost(unit, start)
            if cost < best:
                best, source = cost, start
        costs.append(best)
        before.append(source)
    cuts = []
    at = before[-1]
    while at:
        cuts.append(at)
        at = before[at]
    return cuts[::-1]


def _cut_cost(unit: Unit, at: int) -> float:
    """What it costs to cut before an atom; between a heading and its text, more than anything else."""
    if at == 0:
        return 0.0
    return _GLUED_COST if at <= unit.glued else _SEAM_COST[unit.atoms[at].seam]


def _fitted(
    text: str, drafts: Sequence[Draft], furniture: tuple[Span, ...], count: Count, special: int, max_tokens: int
) -> Iterator[Draft]:
    """The drafts, those cut in two (and again) that are too long after all, where tokens do not simply add up."""
    parts: dict[Span, list[Draft]] = {}
    todo = [draft for draft in drafts if draft.most_tokens + special > max_tokens]
    while todo:
        lengths = count([_chunk(draft).words for draft in todo])
        over = [draft for draft, length in zip(todo, lengths, strict=True) if length > max_tokens and len(_span(draft)) > 1]
        parts.update((_span(draft), list(_in_two(text, draft, furniture))) for draft in over)
        todo = [part for draft in over for part in parts[_span(draft)]]
    stack = list(reversed(drafts))
    while stack:
        draft = stack.pop()
        if _span(draft) in parts:
            stack.extend(reversed(parts[_span(draft)]))
        else:
            yield draft


def _in_two(text: str, draft: Draft, furniture: tuple[Span, ...]) -> Iterator[Draft]:
    atoms = draft.atoms if len(draft.atoms) > 1 else halves(text, draft.atoms[0], furniture)
    middle = len(atoms) // 2
    for part in (atoms[:middle], atoms[middle:]):
        if part:
            bare = len(draft.atoms) == 1
            yield replace(draft, atoms=part, read="" if bare else draft.read, read_tokens=0 if bare else draft.read_tokens)


def _span(draft: Draft) -> Span:
    return Span(draft.atoms[0].span.start, draft.atoms[-1].span.end)


def _chunk(draft: Draft) -> Chunk:
    return Chunk(_span(draft), " > ".join(draft.path) or None, draft.read + "".join(_spaced(draft.atoms)))


def _spaced(atoms: Sequence[Atom]) -> Iterator[str]:
    """The words of pieces, with a space between them but where one word had to be cut."""
    for before, atom in zip((None, *atoms), atoms, strict=False):
        yield f" {atom.words}" if before and before.span.end < atom.span.start else atom.words
