"""A catalogue that an earlier Muniment wrote is read as it is, and brought up to date by the next writer."""

from contextlib import closing
from pathlib import Path

import pytest
from papers import CAP, EVERYONE, MANIFEST, TODAY, bundle_of, chunks_of

from index import schema
from index.connections import connect
from index.local import open_for_writing, open_index
from index.records import Filter
from index.schema import MIGRATIONS, database_at
from index.store import View


def version(place: Path) -> int:
    with closing(connect(database_at(place), writing=False)) as connection:
        return schema.version_of(connection)


def told(view: View) -> object:
    within = view.select(Filter(EVERYONE), TODAY)
    [key] = within.keys.tolist()
    return view.passages(chunks_of(view, key)), view.findings(CAP, within, 10), view.text(key)


@pytest.mark.parametrize("steps", range(1, len(MIGRATIONS)))
def test_a_catalogue_of_each_earlier_step_answers_the_same_before_and_after_the_others(
    steps: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as earlier:
        earlier.setattr(schema, "MIGRATIONS", MIGRATIONS[:steps])
        with open_for_writing(tmp_path, MANIFEST) as writer:
            writer.put(bundle_of("lease", "The tenant pays.\nThe roof leaks.\nEach party may end it.\n"))
            writer.publish()
    assert version(tmp_path) == steps
    with open_index(tmp_path) as reader:
        before = told(reader.view())
        with open_for_writing(tmp_path, MANIFEST):
            assert version(tmp_path) == len(MIGRATIONS)
        assert told(reader.view()) == before
    with open_index(tmp_path) as reader:
        assert told(reader.view()) == before
