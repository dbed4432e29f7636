"""Files of vectors: exact while small, nearly so when large, and never more than what the truth holds."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from index import vectors
from index.errors import IndexCorrupt
from index.store import Keys, Vectors
from index.vectors import Nearest, Part, bits_of, brought_up_to_date, mask_of

DIMENSIONS = 8


class Table:
    """Vectors in memory, numbered from 1; what is not alive is skipped."""

    dimensions = DIMENSIONS

    def __init__(self, count: int, gone: tuple[int, ...] = ()) -> None:
        # Words cluster: about fifty themes with something of their own each.
        chance = np.random.default_rng(7)
        rows = chance.normal(size=(50, DIMENSIONS))[chance.integers(0, 50, 20_000)] + 0.4 * chance.normal(
            size=(20_000, DIMENSIONS)
        )
        self.rows = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)[:count]
        self.upto = count
        self.gone = gone

    def alive(self) -> npt.NDArray[np.bool_]:
        mask = np.ones(self.upto + 1, np.bool_)
        mask[[0, *self.gone]] = False
        return mask

    def batches(self, above: int) -> Iterator[tuple[Keys, Vectors]]:
        for start in range(above, self.upto, 500):
            end = min(start + 500, self.upto)
            yield np.arange(start + 1, end + 1), self.rows[start:end]

    def sample(self, numbers: Keys) -> Vectors:
        return np.asarray(self.rows[numbers - 1])

    def nearest(self, vector: Vectors, limit: int, allowed: npt.NDArray[np.bool_] | None = None) -> list[int]:
        scores = self.rows @ vector
        mask = self.alive()[1:] & (allowed[1:] if allowed is not None else True)
        return [int(at) + 1 for at in np.argsort(-scores, kind="stable") if mask[at]][:limit]


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vectors, "MOST_IN_TAIL", 300)
    monkeypatch.setattr(vectors, "MOST_FLAT", 1_000)


def recall(nearest: Nearest, table: Table, questions: int = 40) -> float:
    found = [
        set(nearest.to(row, 50)[0].tolist()) & set(table.nearest(row, 50)) for row in table.rows[:questions] * np.float32(0.9)
    ]
    return sum(map(len, found)) / (50 * questions)


def test_few_vectors_are_compared_one_by_one(tmp_path: Path) -> None:
    table = Table(400, gone=(3, 4))
    parts = brought_up_to_date(tmp_path, (), table)
    nearest = Nearest(tmp_path, parts)
    assert (len(parts), len(nearest), nearest.exact) == (1, 398, True)
    numbers, scores = nearest.to(table.rows[9], 20)
    assert numbers.tolist() == table.nearest(table.rows[9], 20)
    assert (numbers[0], scores[0]) == (10, pytest.approx(1.0))


def test_only_what_is_allowed_is_found(tmp_path: Path) -> None:
    table = Table(400)
    nearest = Nearest(tmp_path, brought_up_to_date(tmp_path, (), table))
    allowed = mask_of(np.array([5, 90]), np.array([3, 30]), 400)
    assert np.flatnonzero(allowed).tolist() == [5, 6, 7, *range(90, 120)]
    numbers, _ = nearest.to(table.rows[0], 40, bits_of(allowed))
    assert numbers.tolist() == table.nearest(table.rows[0], 40, allowed)


def test_nothing_is_found_where_nothing_is(tmp_path: Path) -> None:
    nearest = Nearest(tmp_path, brought_up_to_date(tmp_path, (), Table(0)))
    assert [len(found) for found in nearest.to(Table(1).rows[0], 5)] == [0, 0]
    assert (len(nearest), nearest.exact) == (0, True)


@pytest.mark.usefixtures("small")
def test_a_full_tail_goes_into_the_base_and_every_vector_stays_findable(tmp_path: Path) -> None:
    parts: tuple[Part, ...] = ()
    for count in (100, 250, 500, 700, 900):
        parts = brought_up_to_date(tmp_path, parts, Table(count))
        nearest = Nearest(tmp_path, parts)
        assert (len(nearest), nearest.exact) == (count, True)
        numbers, _ = nearest.to(Table(count).rows[count - 1], 30)
        assert numbers.tolist() == Table(count).nearest(Table(count).rows[count - 1], 30)
    assert [part.upto for part in parts] == [900, 900] or [part.upto for part in parts] == [500, 900]


@pytest.mark.usefixtures("small")
def test_many_vectors_are_found_through_lists_with_few_missed(tmp_path: Path) -> None:
    table = Table(6_000)
    parts = brought_up_to_date(tmp_path, (), table)
    nearest = Nearest(tmp_path, parts)
    assert not nearest.exact
    assert recall(nearest, table) >= 0.95
    allowed = np.zeros(6_001, np.bool_)
    allowed[10::40] = True
    numbers, _ = nearest.to(table.rows[3], 20, bits_of(allowed), share=allowed.sum() / 6_000)
    assert allowed[numbers].all()
    assert len(set(numbers.tolist()) & set(table.nearest(table.rows[3], 20, allowed))) >= 18


@pytest.mark.usefixtures("small")
def test_lists_take_in_more_and_let_go_without_being_trained_anew_until_they_have_grown(tmp_path: Path) -> None:
    base = brought_up_to_date(tmp_path, (), Table(2_000))[0]
    gone = tuple(range(100, 200))
    grown = brought_up_to_date(tmp_path, (base, base), Table(4_000, gone))
    assert (grown[0].trained_on, grown[0].probes, sum(part.count for part in grown)) == (2_000, base.probes, 3_900)
    assert recall(Nearest(tmp_path, grown), Table(4_000, gone)) >= 0.95
    anew = brought_up_to_date(tmp_path, grown, Table(9_000, gone))
    assert (anew[0].trained_on, sum(part.count for part in anew)) == (8_900, 8_900)


@pytest.mark.usefixtures("small")
def test_a_base_of_which_much_is_gone_is_built_anew(tmp_path: Path) -> None:
    parts = brought_up_to_date(tmp_path, (), Table(900))
    fewer = brought_up_to_date(tmp_path, parts, Table(900, tuple(range(1, 700))))
    assert [part.count for part in fewer] == [201]


def test_a_file_that_was_cut_or_changed_says_so(tmp_path: Path) -> None:
    [part] = brought_up_to_date(tmp_path, (), Table(300))
    path = tmp_path / part.file
    whole = path.read_bytes()
    for damaged in (whole[:-100], whole[:50] + b"x" * 8 + whole[58:], b""):
        # Another file in its place, since the one that was there may be mapped into memory still.
        path.unlink()
        path.write_bytes(damaged)
        with pytest.raises(IndexCorrupt, match=path.name):
            Nearest(tmp_path, (part,))
