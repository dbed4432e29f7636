"""Fit the weights of search to people's questions: prints what stands in index/question.py, and how well it does on others."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from sklearn.model_selection import KFold

from index import softmax
from index.phrasings import Phrasings, nothing, phrases, phrasings, telling_terms
from index.question import FEATURES, features
from index.store import Vectors
from models.encoder import LocalEncoder

QUESTIONS = Path(__file__).parents[1] / "tests" / "questions.toml"
_NOTHING = "none"
# A person's question tells more than a phrase of the taxonomy, and there are few that ask for nothing it knows.
_OF_A_PERSON, _FOR_NOTHING = 3.0, 25.0
_CALM = 1e-3

Table = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """Questions as their features see them, shape (questions, types, features), and the type each means: `types` is none.

    `none` is what the classifier says for none of them.
    """

    tables: Table
    none: npt.NDArray[np.floating]
    meant: npt.NDArray[np.int64]
    weights: Table

    def utilities(self, weights: Table) -> Table:
        """Of every type and, in the last column, of none; `weights` are those of FEATURES and then the two of none."""
        return np.hstack([self.tables @ weights[:-2], (weights[-2] + weights[-1] * self.none)[:, None]])


def of_phrases(encoder: LocalEncoder) -> Sample:
    """The taxonomy's own phrases but its definitions, each as if it were not there, and the questions about none of it."""
    known = phrases()
    of = np.array([phrase.of for phrase in known] + [len(phrasings(encoder).types)] * len(nothing()))
    said = _unseen(encoder.encode([*(phrase.text for phrase in known), *nothing()]), of)
    chosen = [at for at, phrase in enumerate(known) if phrase.role != "definition"]
    tables = [features(known[at].terms, said[at], but=known[at]) for at in chosen]
    chosen += range(len(known), len(of))
    tables += [features(telling_terms(text), said[len(known) + at]) for at, text in enumerate(nothing())]
    return Sample(np.stack(tables), said[chosen, -1], of[chosen], np.ones(len(chosen)))


def _unseen(vectors: Vectors, of: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
    """What classifiers say of phrases that they did not learn from."""
    said = np.zeros((len(of), of.max() + 1), np.float32)
    for learned, others in KFold(5, shuffle=True, random_state=1).split(vectors):
        said[others] = softmax.utilities(softmax.fitted(vectors[learned], of[learned], said.shape[1]), vectors[others])
    return said


def of_people(part: str, encoder: LocalEncoder) -> Sample:
    """One part of the questions file."""
    known: Phrasings = phrasings(encoder)
    numbers = {it.name: at for at, it in enumerate(known.types)} | {_NOTHING: len(known.types)}
    asked = tomllib.loads(QUESTIONS.read_text("utf-8"))[part]
    rows = [(numbers[name], question) for name, questions in asked.items() for question in questions]
    said = softmax.utilities(known.classifier, encoder.encode([question for _, question in rows]))
    tables = [features(telling_terms(question), each) for (_, question), each in zip(rows, said, strict=True)]
    meant = np.array([number for number, _ in rows])
    weights = np.where(meant == len(known.types), _FOR_NOTHING, _OF_A_PERSON)
    return Sample(np.stack(tables), said[:, -1], meant, weights)


def fitted(samples: list[Sample]) -> Table:
    """The weights of the features and, last, the two of none, by the penalised likelihood of a conditional logit."""

    def loss(weights: Table) -> float:
        total = _CALM * float(weights @ weights)
        for sample in samples:
            utilities = sample.utilities(weights)
            most = utilities.max(axis=1, keepdims=True)
            logs = utilities - most - np.log(np.exp(utilities - most).sum(axis=1, keepdims=True))
            total -= float(sample.weights @ logs[np.arange(len(logs)), sample.meant]) / sum(len(one.meant) for one in samples)
        return total

    return np.asarray(minimize(loss, np.ones(len(FEATURES) + 2), method="L-BFGS-B").x)


def report(name: str, sample: Sample, weights: Table) -> None:
    """How often the right type comes first, is among the first two, and nothing is known for what it is."""
    utilities = sample.utilities(weights)
    nothing = utilities.shape[1] - 1
    typed = sample.meant < nothing
    order = np.argsort(-utilities[typed, :nothing], axis=1)
    right = order == sample.meant[typed, None]
    said = utilities.argmax(axis=1)
    print(f"{name}: first {right[:, 0].mean():.3f}, first two {right[:, :2].any(axis=1).mean():.3f}", end="")
    print(f", said so {(said[typed] == sample.meant[typed]).mean():.3f}", end="")
    print(f", nothing for nothing {(said[~typed] == nothing).mean():.3f}" if (~typed).any() else "")


def main() -> None:
    """Fit, and print figures for what was fitted to and for what was held out."""
    encoder = LocalEncoder()
    told, tune = of_phrases(encoder), of_people("tune", encoder)
    weights = fitted([told, tune])
    print(dict(zip((*FEATURES, "none", "none by the classifier"), weights.round(2).tolist(), strict=True)))
    report("phrases", told, weights)
    report("tune", tune, weights)
    for part in ("held_out", "blind"):
        report(part, of_people(part, encoder), weights)


if __name__ == "__main__":
    main()
