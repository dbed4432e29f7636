"""Files that are there whole or not at all: written beside the old one, then put in its place."""

import os
import secrets
from pathlib import Path


def put_whole(place: Path, text: str) -> None:
    """Put a text in the place of what a file says; only its owner may read it. Whoever reads sees the old one or the new."""
    new = place.with_name(f"{place.name}.{secrets.token_hex(4)}.new")
    try:
        new.touch(mode=0o600, exist_ok=False)
        with new.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        new.replace(place)
    finally:
        new.unlink(missing_ok=True)
