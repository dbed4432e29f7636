"""Where a model's weights lie on this machine, and that they are what they should be.

ModelError
├── WeightsMissing    no weights where they were named
├── WeightsChanged    weights that came with a package are not the published ones
└── WeightsUnsafe     a folder holds weights or code that could run a program when they are loaded
"""

import json
import tomllib
from dataclasses import dataclass
from functools import cache
from hashlib import file_digest, sha256
from importlib.util import find_spec
from pathlib import Path

DEFAULT = "all-MiniLM-L6-v2"
_KNOWN = Path(__file__).with_name("weights.toml")
# Formats that are, or may hold, Python pickles.
_PICKLES = ("*.bin", "*.pt", "*.pth", "*.pkl", "*.ckpt", "*.joblib")


class ModelError(Exception):
    """The root of this room's errors."""


class WeightsMissing(ModelError):
    """There are no weights where they were named."""

    def __init__(self, where: str, remedy: str) -> None:
        super().__init__(f"no model at {where}: {remedy}")


class WeightsChanged(ModelError):
    """Weights that came with a package are not the published ones."""

    def __init__(self, name: str, file: Path, expected: str, got: str) -> None:
        super().__init__(
            f"{name}: {file.name} has sha256 {got[:12]}… and should have {expected[:12]}…: reinstall its package, "
            "or name the folder itself as the encoder if the change is yours"
        )


class WeightsUnsafe(ModelError):
    """A model folder that could run a program when it is loaded."""

    def __init__(self, folder: Path, what: str) -> None:
        super().__init__(f"{folder} is not loaded because of {what}: save the model as safetensors, with no code of its own")


@dataclass(frozen=True, slots=True)
class Weights:
    """A sentence-transformers model folder, checked: "all-MiniLM-L6-v2@53aa5117" is its name and its weights' hash."""

    folder: Path
    name: str
    sha256: str


@cache
def find_weights(model: str = DEFAULT) -> Weights:
    """Find and check a model, by a name in weights.toml or by its folder; hashes some 90 MB, once a process.

    Raises WeightsMissing, WeightsChanged or WeightsUnsafe. Nothing is downloaded and nothing of the model is run.
    """
    known = tomllib.loads(_KNOWN.read_text(encoding="utf-8")).get(model)
    folder = _packaged(model, known["package"]) / known["folder"] if known else Path(model).expanduser().resolve()
    if not (folder / "modules.json").is_file():
        raise WeightsMissing(
            str(folder), "name the folder of a sentence-transformers model (it holds modules.json), or leave the default"
        )
    _refuse_programs(folder)
    digest = _digest(folder)
    if known and digest != known["sha256"]:
        raise WeightsChanged(model, folder / "model.safetensors", known["sha256"], digest)
    return Weights(folder, f"{model if known else folder.name}@{digest[:8]}", digest)


def _packaged(model: str, package: str) -> Path:
    # find_spec looks without importing: the package need not run for its files to be found.
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise WeightsMissing(model, f"install its package ({package.replace('_', '-')}), or name a model folder on disk")
    return Path(spec.submodule_search_locations[0])


def _refuse_programs(folder: Path) -> None:
    for module in json.loads((folder / "modules.json").read_text(encoding="utf-8")):
        if not str(module["type"]).startswith("sentence_transformers."):
            raise WeightsUnsafe(folder, f"its module type {module['type']!r}")
    for pattern in _PICKLES:
        for file in folder.rglob(pattern):
            if not (file.parent / "model.safetensors").is_file():
                raise WeightsUnsafe(folder, f"{file.relative_to(folder)}, which is or may be a pickle")


def _digest(folder: Path) -> str:
    """sha256 of the weights: of the file itself where there is one, of all names and hashes where there are more."""
    files = sorted(folder.rglob("*.safetensors"))
    if not files:
        raise WeightsMissing(str(folder), "it holds no *.safetensors file")
    hashes = [_sha256(file) for file in files]
    if len(files) == 1:
        return hashes[0]
    return sha256(
        "".join(f"{file.relative_to(folder)}\0{digest}\n" for file, digest in zip(files, hashes, strict=True)).encode()
    ).hexdigest()


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return file_digest(stream, "sha256").hexdigest()
