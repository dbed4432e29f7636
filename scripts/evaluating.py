"""`muniment evaluate`: how good the answers of an index are, by experts' labels for the contracts in it."""

import json
import tomllib
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import BaseModel, TypeAdapter, ValidationError

from index.store import Encoder, View
from index.taxonomy import clause_type
from scripts import expert_across
from scripts.expert_answers import Verdict
from scripts.expert_spans import document_ids, facts, lists, per_category, questions, reliability, summary
from scripts.logs import log_to_stderr
from scripts.options import AsJson, Data
from scripts.settings import SettingsError, load_settings
from scripts.wiring import open_encoder, reading

# Questions in other words than the taxonomy's, some to tune on and some that only measure; see the file.
_QUESTIONS = Path(__file__).parents[1] / "tests" / "questions.toml"
_MOST_BYTES = 200_000_000


class Labels(BaseModel):
    """What experts said of one contract, in the form of CUAD: answers by field, and marked stretches by clause type."""

    file: str
    answers: dict[str, str]
    spans: dict[str, list[list[str]]]


def evaluate(
    labels: Annotated[Path, typer.Option(metavar="FILE", help="The experts' labels, in the form of CUAD's labels.json.")],
    data: Data = None,
    first: Annotated[int | None, typer.Option(metavar="N", min=1, help="Only the first N contracts.")] = None,
    categories: Annotated[
        bool, typer.Option("--per-category", help="A line for each clause type and step of certainty.")
    ] = False,
    wrong: Annotated[int, typer.Option(metavar="N", min=0, help="Show up to N wrong answers for each fact.")] = 0,
    wording: Annotated[
        str, typer.Option(help="How to put questions: standard, tune 1-3, held_out 1-3, blind 1-6, or all.")
    ] = "standard",
    unseen: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Findings of scorers that never saw it (train_clauses --unseen)."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Measure answers, facts and lists against experts' labels for the contracts of an index.

    Contracts that the clause scorer was trained on flatter it: --unseen takes cross-validated findings in their place.
    """
    settings = load_settings(data_dir=data)
    log_to_stderr("ERROR" if settings.log_level == "INFO" else settings.log_level)
    known = read_labels(labels)[:first]
    ways = {name: way for name, way in wordings().items() if wording in (name, "all")}
    if not ways:
        raise SettingsError(f"--wording: got {wording!r}; give one of {', '.join(wordings())}, or all")
    with reading(settings) as index:
        view, encoder = index.view(), open_encoder(settings, settings.server.threads)
        if not document_ids(view).keys() & {record["file"] for record in known}:
            raise SettingsError(
                f"none of the contracts in {labels} is in the index: run `muniment ingest --folder` on theirs first"
            )
        figures = measured(_unseen(view, unseen) if unseen else view, encoder, known, ways, categories, wrong)
    if as_json:
        print(json.dumps(figures, ensure_ascii=False))
    else:
        _show(figures)


def read_labels(file: Path) -> list[dict[str, Any]]:
    """The labels of a file; an answer that is not given is empty. Raises SettingsError where it can't be used."""
    try:
        if file.stat().st_size > _MOST_BYTES:
            raise SettingsError(f"{file} has over {_MOST_BYTES} bytes, which no labels have")
        read = TypeAdapter(list[Labels]).validate_json(file.read_bytes())
    except OSError as error:
        raise SettingsError(f"{file} can't be read: {error.strerror}") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise SettingsError(f"{file} is not in the form of CUAD's labels.json: {place or 'the whole'}: {first['msg']}") from error
    return [{"file": it.file, "answers": defaultdict(str, it.answers), "spans": it.spans} for it in read]


def measured(
    view: View,
    encoder: Encoder,
    labels: Sequence[Mapping[str, Any]],
    ways: Mapping[str, Callable[[str], str]],
    categories: bool = False,
    wrong: int = 0,
) -> dict[str, Any]:
    """All figures: answers by wording from one contract and from all, facts by field, and lists by what was typed."""
    known = document_ids(view)
    figures: dict[str, Any] = {
        "contracts": sum(record["file"] in known for record in labels),
        "missing": [record["file"] for record in labels if record["file"] not in known],
        "search": lists(view, encoder, labels),
        "metadata": fields(list(facts(view, labels)), wrong),
        "clauses": {},
        "across": {},
    }
    for name, way in ways.items():
        rows = list(questions(view, encoder, labels, way))
        figures["clauses"][name] = summary(rows)
        figures["across"][name] = expert_across.summary(list(expert_across.across(view, encoder, labels, way)))
        if categories:
            figures["clauses"][name] |= {"per_category": per_category(rows), "reliability": reliability(rows)}
    return figures


def fields(rows: Sequence[tuple[str, Verdict]], wrong: int = 0) -> dict[str, Any]:
    """By field: how often we say what the experts say, of how many; with up to so many of the others."""
    by_field: dict[str, list[tuple[str, Verdict]]] = defaultdict(list)
    for file, verdict in rows:
        by_field[verdict.field].append((file, verdict))
    figures: dict[str, Any] = {}
    for name, found in sorted(by_field.items()):
        others = [(file, it.gold, it.got, it.confidence) for file, it in found if not it.right]
        figures[name] = {"right": 1 - len(others) / len(found), "asked": len(found), "wrong": others[:wrong]}
    return figures


def wordings() -> dict[str, Callable[[str], str]]:
    """Ways to put every question: the taxonomy's first, and those of tests/questions.toml where it is."""
    ways: dict[str, Callable[[str], str]] = {"standard": _first_question}
    if _QUESTIONS.is_file():
        told = tomllib.loads(_QUESTIONS.read_text("utf-8"))
        for part, count in (("tune", 3), ("held_out", 3), ("blind", 6)):
            for at in range(count):
                ways[f"{part} {at + 1}"] = partial(_in_other_words, told[part], at)
    return ways


def _in_other_words(questions: Mapping[str, Sequence[str]], at: int, name: str) -> str:
    return questions[name][at]


def _first_question(name: str) -> str:
    known = clause_type(name)
    return known.questions[0] if known else name


def _unseen(view: View, file: Path) -> View:
    from scripts.unseen import Unseen

    return Unseen(view, file)


def _show(figures: Mapping[str, Any]) -> None:
    print(f"{figures['contracts']} contracts; {len(figures['missing'])} with labels are not in the index")
    for file in figures["missing"][:20]:
        print(f"  missing: {file}")
    for name, of in figures["search"].items():
        print(f"search by {name}: " + _line(of) if name != "time" else f"search, milliseconds: {_line(of)}")
    for name, of in figures["metadata"].items():
        print(f"{name}: {of['right']:.3f} of {of['asked']}")
        for file, gold, got, confidence in of["wrong"]:
            print(f"  {file}: experts say {gold!r}, the index {got!r} ({confidence})")
    for name, of in figures["clauses"].items():
        print(f"clauses, {name} questions: " + _line({key: value for key, value in of.items() if not isinstance(value, str)}))
        print(*(f"\n{value}" for value in of.values() if isinstance(value, str)), sep="\n")
    for name, of in figures["across"].items():
        print(f"all contracts, {name} questions: {_line(of)}")


def _line(figures: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {value:.3f}" if isinstance(value, float) else f"{name} {value}" for name, value in figures.items())
