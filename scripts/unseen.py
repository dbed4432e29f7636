"""What clause scorers find in contracts that they never saw, nor another of the same company."""

import json
from pathlib import Path
from typing import Any

from index.records import Finding, Span
from index.store import Selection, View


class Unseen:
    """A view whose findings are those of scorers that had not seen the contract; all else is the view's own.

    Figures on contracts that a scorer was trained on say nothing of contracts that it never saw. The file is written by
    `python -m scripts.train_clauses --unseen FILE`.
    """

    def __init__(self, view: View, file: Path) -> None:
        self._view = view
        self._known = json.loads(file.read_text("utf-8"))
        self._names: dict[int, str] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._view, name)

    def findings(self, clause_type: str, within: Selection, limit: int) -> list[tuple[int, Finding]]:
        """See `View.findings`."""
        keys = [key for key in within.keys.tolist() if key not in self._names]
        self._names |= {summary.key: summary.file_name for summary in self._view.summaries(keys)}
        found = [(key, finding) for key in within.keys.tolist() for finding in self._of(self._names[key], clause_type)]
        return sorted(found, key=lambda pair: (-pair[1].probability, pair[0]))[:limit]

    def _of(self, file: str, clause_type: str) -> list[Finding]:
        rows = self._known.get(file, {}).get(clause_type, ())
        return [Finding(clause_type, Span(start, end), heading, chance) for start, end, heading, chance in rows]
