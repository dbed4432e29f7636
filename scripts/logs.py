"""Logs on standard error: one line an event, with ids, counts and milliseconds, and never contract text above DEBUG."""

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Literal

# They speak of every request, some of them with its content.
_TALKATIVE = ("httpx", "httpx2", "mcp", "sentence_transformers", "transformers", "googleapiclient", "pypdf", "faiss", "RapidOCR")
_TEXT = "%(asctime)s %(levelname)s %(name)s %(message)s"


def log_to_stderr(level: str, form: Literal["text", "json"] = "text") -> None:
    """Send this program's log to standard error; other libraries' only from WARNING on, unless `level` is DEBUG."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Json() if form == "json" else logging.Formatter(_TEXT, "%Y-%m-%dT%H:%M:%S%z"))
    logging.basicConfig(level=level, handlers=[handler])
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.NOTSET if level == "DEBUG" else logging.WARNING)


class _Json(logging.Formatter):
    """One event as one JSON object."""

    def format(self, record: logging.LogRecord) -> str:
        from server.visits import visit_number

        told: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "process": record.process,
        }
        if number := visit_number():
            told["request"] = number
        if record.exc_info:
            told["trace"] = self.formatException(record.exc_info)
        return json.dumps(told, ensure_ascii=False)
