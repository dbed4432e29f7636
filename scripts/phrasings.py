"""Keep what the default encoder makes of the taxonomy's phrases: run this after a change of taxonomy.toml or phrasings.toml."""

from index.phrasings import KEPT, keep, phrases
from models.encoder import LocalEncoder


def main() -> None:
    """Encode every phrase with the default encoder, learn from them, and write index/phrasings.npz."""
    keep(LocalEncoder(threads=2))
    print(f"what {len(phrases())} phrases teach is kept in {KEPT.name}")


if __name__ == "__main__":
    main()
