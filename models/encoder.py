"""The local text encoder: sentence-transformers behind a door that opens only when something is to be encoded."""

import json
import logging
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np

from index.store import Vectors
from models.weights import DEFAULT, ModelError, find_weights

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

log = logging.getLogger(__name__)


class EncoderMismatch(ModelError):
    """A model's own files disagree about the length of its vectors."""

    def __init__(self, name: str, stated: int, got: int) -> None:
        super().__init__(f"{name} states {stated} dimensions and gives {got}: its folder is incomplete or mixed, save it anew")


class Tokens:
    """Counts tokens as an encoder does, without loading it: light enough for every worker."""

    def __init__(self, folder: Path) -> None:
        from tokenizers import Tokenizer

        file = folder / "tokenizer.json"
        if not file.is_file():
            raise ModelError(f"{folder} has no tokenizer.json: save the model with a fast tokenizer")
        self._tokenizer = Tokenizer.from_file(str(file))
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()

    def count(self, texts: Sequence[str]) -> list[int]:
        """How many tokens each text is, the special ones included, however long it is."""
        # One at a time: encode_batch starts threads, which fight with their siblings in a pool of workers.
        return [len(self._tokenizer.encode(text)) for text in texts]


def open_tokens(model: str = DEFAULT) -> Tokens:
    """The token counter of a model named as for `LocalEncoder`."""
    return Tokens(find_weights(model).folder)


class LocalEncoder:
    """A sentence-transformers model on this machine's disk; satisfies `index.store.Encoder`.

    `model` is a name in weights.toml or a model folder. Name, dimensions and token counts are read from its files;
    torch is imported at the first text that is encoded, or by `load`. One text or batch is encoded at a time, so that
    concurrent questions do not fight for the processor. Never touches the network.
    """

    def __init__(self, model: str = DEFAULT, threads: int = 1, batch_size: int = 32, remembered: int = 512) -> None:
        self._weights = find_weights(model)
        self._threads = threads
        self._batch_size = batch_size
        self._remembered = remembered
        self._dimensions = _dimensions(self._weights.folder)
        self._max_tokens = _max_tokens(self._weights.folder)
        self._tokens: Tokens | None = None
        self._model: SentenceTransformer | None = None
        self._questions: OrderedDict[str, Vectors] = OrderedDict()
        self._lock = Lock()

    @property
    def name(self) -> str:
        """Which model, and which weights: "all-MiniLM-L6-v2@53aa5117"."""
        return self._weights.name

    @property
    def dimensions(self) -> int:
        """How long a vector is."""
        return self._dimensions

    @property
    def max_tokens(self) -> int:
        """How many tokens it reads of one text; the rest it ignores."""
        return self._max_tokens

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """How many tokens each text is, the special ones included, however long it is."""
        if self._tokens is None:
            self._tokens = Tokens(self._weights.folder)
        return self._tokens.count(texts)

    def load(self) -> None:
        """Load the model now (seconds), rather than at the first text."""
        with self._lock:
            self._loaded()

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Vectors of passages, shape (len(texts), dimensions), float32, each of length one."""
        if not texts:
            return np.zeros((0, self._dimensions), dtype=np.float32)
        with self._lock:
            # The library itself sorts by length before it cuts batches.
            vectors = self._loaded().encode_document(
                list(texts), batch_size=self._batch_size, normalize_embeddings=True, show_progress_bar=False
            )
        return np.asarray(vectors, dtype=np.float32)

    def encode_question(self, text: str) -> Vectors:
        """The vector of one question, shape (dimensions,), read-only; the last few hundred are remembered."""
        with self._lock:
            vector = self._questions.pop(text, None)
            if vector is None:
                found = self._loaded().encode_query(text, normalize_embeddings=True, show_progress_bar=False)
                vector = np.asarray(found, dtype=np.float32)
                vector.flags.writeable = False
            self._questions[text] = vector
            while len(self._questions) > self._remembered:
                self._questions.popitem(last=False)
            return vector

    def _loaded(self) -> "SentenceTransformer":
        if self._model is None:
            self._model = _load(self._weights.folder, self._threads)
            got = self._model.get_embedding_dimension()
            if got != self._dimensions:
                raise EncoderMismatch(self.name, self._dimensions, got or 0)
            log.info("encoder %s loaded, %d threads", self.name, self._threads)
        return self._model


def _load(folder: Path, threads: int) -> "SentenceTransformer":
    import torch
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging as transformers_logging

    torch.set_num_threads(threads)
    # A progress bar of a tenth of a second has no place in a log.
    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # the library leaves it untyped
    model = SentenceTransformer(
        str(folder),
        device="cpu",
        local_files_only=True,
        trust_remote_code=False,
        model_kwargs={"use_safetensors": True, "dtype": torch.float32},
    )
    return model.eval()


def _dimensions(folder: Path) -> int:
    """How long the vectors are, by the last module that changes it, without loading anything."""
    for module in reversed(json.loads((folder / "modules.json").read_text(encoding="utf-8"))):
        config = _json(folder / module["path"] / "config.json")
        if "out_features" in config:
            return int(config["out_features"])
        width = config.get("embedding_dimension") or config.get("word_embedding_dimension") or config.get("hidden_size")
        if width:
            modes = [mode for mode, on in config.items() if mode.startswith("pooling_mode_") and on is True]
            return int(width) * max(1, len(modes))
    raise ModelError(f"{folder} does not say how long its vectors are: it is no sentence-transformers text encoder")


def _max_tokens(folder: Path) -> int:
    stated = _json(folder / "sentence_bert_config.json").get("max_seq_length")
    limits = [
        _json(folder / "tokenizer_config.json").get("model_max_length"),
        _json(folder / "config.json").get("max_position_embeddings"),
    ]
    return int(stated or min(int(limit) for limit in (*limits, 512) if limit))


def _json(file: Path) -> dict[str, Any]:
    return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
