"""Writes the clause scorer's model card: where it comes from, what it does on contracts it never saw, and its limits."""

from collections.abc import Sequence

from scripts.bench_clauses import Row, best_threshold, reliability, table
from scripts.train_written import load_written

_ABOUT = """# The clause scorer's weights

`python -m scripts.train_clauses --data ../shared/cuad` makes them and this card. They say which sentences of a contract are
clauses of the types in `index/taxonomy.toml`, and how probable it is that a contract has such a clause.

- **What it is.** Two small networks over n-gram embeddings score every sentence with what stands around it (`net.npz`,
  `net.json`); trees judge the likeliest sentences of each type again, by their scores beside those of their neighbours and of
  the rest of the contract, by the words and headings that the taxonomy gives for the type, and by where they stand
  (`forest.npz`); a rule puts neighbouring sentences together as long as that pays (`cut.json`). numpy runs all of it. The files
  are arrays and JSON; nothing in them is executed.
- **Data.** The Contract Understanding Atticus Dataset (CUAD) v1 by The Atticus Project, licensed CC BY 4.0
  (<https://creativecommons.org/licenses/by/4.0/>): public EDGAR filings in English with experts' labels. N-gram embeddings start
  from all-MiniLM-L6-v2 (Apache-2.0). Beside them {written} clauses of `scripts/written_clauses.jsonl`, which a language model
  wrote for this purpose in the words of nobody's contract, from what experts look for and nothing else: of every type, rare ones
  in as many ways as may be, with what only looks like one. Networks are trained with some of them among a contract's own; figures
  are of real contracts alone. No contract's text is kept in the weights beyond words and pairs of words that several
  companies use.
- **Licence.** That of Muniment (Apache-2.0), with CUAD's attribution.
"""
_LIMITS = """## Limits

- Contracts in English, of the kinds that companies file with the SEC; other languages are not recognised.
- Types that CUAD does not label (confidentiality, indemnification, force majeure and the like) are learned from headings and
  from written clauses, and there are no experts' figures for them. Their probabilities are those of the same trees, calibrated
  on the labelled types.
- The taxonomy's cues were written by people who could read these contracts, and a handful of constants (how trees grow, how
  long stretches may be, how many written clauses a contract gets, from where on "found" is said) and the types that most clauses
  were written for were chosen by these very figures; they may flatter a little.
- Types with few contracts in the table below are little more than guesses about their own figures: one contract more or less
  moves them by many points.
- Experts mark what they were asked for; clauses that they overlooked count as wrong.
"""


def card(rows: Sequence[Row]) -> str:
    """The card in Markdown, from how each question to each held-out contract was answered."""
    threshold = best_threshold(rows)
    return f"""{_ABOUT.format(written=f"{len(load_written()):,}")}
## On contracts it never saw

Cross-validated on {_contracts(rows)} questions that have an answer and {len(rows) - _contracts(rows)} that have none, in five
folds: no contract is scored by anything that saw it, or another contract of the same company, in any step. By the definitions
of `scripts/bench_clauses.py`, which are those of a lawyer's reading: is what experts marked in the first excerpt (`hit1`), in
the first five (`hit5`), how much of all they marked is in the first 2,000 characters (`coverage_2000`), how much of the first
excerpt is what they marked (`precision_1`), how long is it (`chars_1`), and is it rightly said that a contract has such a clause
or has none (from a probability of {threshold} on). The server's answers use these findings beside words and vectors.

{table(rows, threshold)}

Reliability: what was said of how probable it is that a contract has such a clause, against how often it has.

{reliability(rows)}

{_LIMITS}"""


def _contracts(rows: Sequence[Row]) -> int:
    return sum(row.present for row in rows)
