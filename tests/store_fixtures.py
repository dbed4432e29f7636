"""An index for a test: each engine in turn, open for writing and for reading."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from engines import ENGINES, Engine
from papers import MANIFEST

from index.store import Index, WritableIndex


@pytest.fixture(params=ENGINES, scope="module")
def engine(request: pytest.FixtureRequest) -> Engine:
    return ENGINES[request.param]


@pytest.fixture
def writer(engine: Engine, tmp_path: Path) -> Iterator[WritableIndex]:
    index = engine.open_for_writing(tmp_path, MANIFEST)
    yield index
    index.close()


@pytest.fixture
def reader(engine: Engine, writer: WritableIndex, tmp_path: Path) -> Iterator[Index]:
    index = engine.open_index(tmp_path)
    yield index
    index.close()
