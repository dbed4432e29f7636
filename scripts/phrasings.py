"""Keep the vectors of the taxonomy's phrases beside it: run this after a change of index/taxonomy.toml."""

from index.phrasings import KEPT, keep_vectors
from models.encoder import LocalEncoder


def main() -> None:
    """Encode every phrase with the default encoder and write index/phrasings.npz."""
    print(f"{keep_vectors(LocalEncoder())} phrases kept in {KEPT.name}")


if __name__ == "__main__":
    main()
