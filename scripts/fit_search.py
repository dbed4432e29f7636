"""Fit the weights of search to people's questions: prints what stands in index/question.py, and how well it does on others."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from index.phrasings import phrasings
from index.question import FEATURES, features
from models.encoder import LocalEncoder

QUESTIONS = Path(__file__).parents[1] / "tests" / "questions.toml"
_NOTHING = "none"
# A person's question tells more than a phrase of the taxonomy, and there are few that ask for nothing it knows.
_OF_A_PERSON, _FOR_NOTHING = 3.0, 8.0
_CALM = 1e-3

Table = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """Questions as their features see them, shape (questions, types, features), and the type each means: `types` is none."""

    tables: Table
    meant: npt.NDArray[np.int64]
    weights: Table

    def utilities(self, weights: Table) -> Table:
        """Of every type and, in the last column, of none."""
        return np.hstack([self.tables @ weights[:-1], np.full((len(self.tables), 1), weights[-1])])


def of_phrases(encoder: LocalEncoder) -> Sample:
    """The taxonomy's own phrases but its definitions, each as if it were not there."""
    known = phrasings(encoder)
    chosen = [at for at, phrase in enumerate(known.phrases) if phrase.role != "definition"]
    tables = [features(known.phrases[at].text, known.vectors @ known.vectors[at], known, but=at) for at in chosen]
    return Sample(np.stack(tables), known.of[chosen], np.ones(len(chosen)))


def of_people(part: str, encoder: LocalEncoder) -> Sample:
    """One part of the questions file."""
    known = phrasings(encoder)
    numbers = {it.name: at for at, it in enumerate(known.types)} | {_NOTHING: len(known.types)}
    asked = tomllib.loads(QUESTIONS.read_text("utf-8"))[part]
    rows = [(numbers[name], question) for name, questions in asked.items() for question in questions]
    tables = [features(question, known.vectors @ encoder.encode_question(question), known) for _, question in rows]
    meant = np.array([number for number, _ in rows])
    return Sample(np.stack(tables), meant, np.where(meant == len(known.types), _FOR_NOTHING, _OF_A_PERSON))


def fitted(samples: list[Sample]) -> Table:
    """The weights of the features and, last, the utility of none, by the penalised likelihood of a conditional logit."""

    def loss(weights: Table) -> float:
        total = _CALM * float(weights @ weights)
        for sample in samples:
            utilities = sample.utilities(weights)
            most = utilities.max(axis=1, keepdims=True)
            logs = utilities - most - np.log(np.exp(utilities - most).sum(axis=1, keepdims=True))
            total -= float(sample.weights @ logs[np.arange(len(logs)), sample.meant]) / sum(len(one.meant) for one in samples)
        return total

    return np.asarray(minimize(loss, np.ones(len(FEATURES) + 1), method="L-BFGS-B").x)


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
    phrases, tune, held_out = of_phrases(encoder), of_people("tune", encoder), of_people("held_out", encoder)
    weights = fitted([phrases, tune])
    print(dict(zip((*FEATURES, "none"), weights.round(2).tolist(), strict=True)))
    for name, sample in (("phrases", phrases), ("tune", tune), ("held out", held_out)):
        report(name, sample, weights)


if __name__ == "__main__":
    main()
