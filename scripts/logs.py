"""Logs on standard error: one line an event, with ids, counts and milliseconds, and never contract text above DEBUG."""

import logging
import sys

# They speak of every request, some of them with its content.
_TALKATIVE = ("httpx", "httpx2", "mcp", "sentence_transformers", "transformers", "googleapiclient", "pypdf", "faiss", "RapidOCR")


def log_to_stderr(level: str) -> None:
    """Send this program's log to standard error; other libraries' only from WARNING on, unless `level` is DEBUG."""
    logging.basicConfig(
        level=level, stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s %(message)s", datefmt="%Y-%m-%dT%H:%M:%S%z"
    )
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.NOTSET if level == "DEBUG" else logging.WARNING)
