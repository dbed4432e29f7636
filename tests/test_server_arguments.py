import re
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.arguments import Arguments, ClauseArguments, ReadArguments, SearchArguments
from server.errors import BadArgument
from server.wording import parameters_of, read_arguments

MODELS: list[type[Arguments]] = [SearchArguments, ClauseArguments, ReadArguments]
LEAST: dict[type[Arguments], dict[str, Any]] = {
    SearchArguments: {},
    ClauseArguments: {"clause": "cap on liability"},
    ReadArguments: {"document_id": "d1"},
}
OPTIONAL = [(model, name) for model in MODELS for name in model.model_fields if name not in LEAST[model]]


@pytest.mark.parametrize("blank", ["", "  ", "null", "None", "NULL", None, {}, []])
@pytest.mark.parametrize(("model", "name"), OPTIONAL, ids=lambda each: getattr(each, "__name__", each))
def test_a_blank_optional_argument_is_an_absent_one(model: type[Arguments], name: str, blank: Any) -> None:
    assert read_arguments(model, LEAST[model] | {name: blank}) == read_arguments(model, LEAST[model])


@pytest.mark.parametrize("blank", ["", " ", "null", None, {}])
def test_a_blank_required_argument_is_missing(blank: Any) -> None:
    with pytest.raises(BadArgument, match="clause is missing; give text of 2 to 300 characters"):
        read_arguments(ClauseArguments, {"clause": blank})


@pytest.mark.parametrize(
    ("given", "name", "understood"),
    [
        ({"limit": "10"}, "limit", 10),
        ({"limit": 10.0}, "limit", 10),
        ({"contract_type": "NDA"}, "contract_type", "nda"),
        ({"contract_type": " Joint Venture "}, "contract_type", "joint_venture"),
        ({"status": "not yet effective"}, "status", "not_yet_effective"),
        ({"sort": "expiration-date"}, "sort", "expiration_date"),
        ({"expires_after": "2026-11-22"}, "expires_after", date(2026, 11, 22)),
        ({"expires_after": "2026-11-22T09:30:00Z"}, "expires_after", date(2026, 11, 22)),
        ({"query": "  vendor \n agreement\x00 "}, "query", "vendor agreement"),
        ({"query": "half \ud800 a character"}, "query", "half a character"),
    ],
)
def test_what_is_plainly_meant_is_understood(given: dict[str, Any], name: str, understood: Any) -> None:
    assert getattr(read_arguments(SearchArguments, given), name) == understood


@pytest.mark.parametrize(
    ("model", "given", "says"),
    [
        (SearchArguments, {"limit": 51}, "limit: got 51; give a whole number from 1 to 50"),
        (SearchArguments, {"limit": "many"}, "limit: got 'many'; give a whole number from 1 to 50"),
        (SearchArguments, {"limit": True}, "limit: got True; give a whole number from 1 to 50"),
        (SearchArguments, {"limit": "10.5"}, "limit: got '10.5'; give a whole number"),
        (SearchArguments, {"party": "x"}, "party: got 'x'; give text of 2 to 200 characters"),
        (SearchArguments, {"query": ["a", "b"]}, "query: got ['a', 'b']; give text"),
        (SearchArguments, {"contract_type": "secrecy"}, "contract_type: got 'secrecy'; give one of nda, msa, sow"),
        (SearchArguments, {"expires_after": "22.11.2026"}, "expires_after: got '22.11.2026'; give a date like 2026-11-22"),
        (SearchArguments, {"expires_after": "2026-13-01"}, "expires_after: got '2026-13-01'; give a date like"),
        (SearchArguments, {"expires_after": 1795305600}, "expires_after: got 1795305600; give a date like"),
        (SearchArguments, {"client": "Acme"}, "'client' is not an argument; the arguments are query, sort, limit"),
        (SearchArguments, {"contrct_type": "nda"}, "'contrct_type' is not an argument (did you mean contract_type?)"),
        (ClauseArguments, {}, "clause is missing; give text of 2 to 300 characters"),
        (ReadArguments, {"document_id": "d", "pages": "two"}, "pages: got 'two'; give a page or a range of pages"),
        (ReadArguments, {"document_id": "d", "pages": "1", "offset": 5}, "give either pages or offset, not both"),
        (ReadArguments, {"document_id": "d\x00"}, "document_id: got 'd\\x00'; give text"),
        (
            SearchArguments,
            {"effective_after": "2026-01-02", "effective_before": "2026-01-01"},
            "effective_after (2026-01-02) is later than effective_before (2026-01-01); swap them",
        ),
    ],
)
def test_a_bad_argument_is_told_in_a_sentence(model: type[Arguments], given: dict[str, Any], says: str) -> None:
    with pytest.raises(BadArgument, match=re.escape(says)) as raised:
        read_arguments(model, given)
    assert "pydantic" not in str(raised.value)


def test_every_wrong_argument_is_told_at_once() -> None:
    with pytest.raises(BadArgument, match=r"party: .*limit: ") as raised:
        read_arguments(SearchArguments, {"party": "x", "limit": 0})
    assert str(raised.value).count(";") == 2


@pytest.mark.parametrize(
    ("given", "pages"), [("3", (3, 3)), (3, (3, 3)), ("2-4", (2, 4)), ("2 – 4", (2, 4)), ("4-2", (2, 4)), (None, None)]
)
def test_pages_are_a_number_or_a_range(given: Any, pages: tuple[int, int] | None) -> None:
    assert read_arguments(ReadArguments, {"document_id": "d", "pages": given}).page_range() == pages


@pytest.mark.parametrize("given", ["d1", " d1 ", "contract://d1", "contract://d1/text", "contract://d1/pages/3"])
def test_the_address_of_a_contract_stands_for_its_id(given: str) -> None:
    assert read_arguments(ReadArguments, {"document_id": given}).document_id == "d1"


@pytest.mark.parametrize("model", MODELS)
def test_the_schema_is_one_that_every_client_can_use(model: type[Arguments]) -> None:
    schema = parameters_of(model)
    assert schema["additionalProperties"] is False
    assert set(schema["required"]) == set(LEAST[model])
    for name, field in schema["properties"].items():
        assert field["type"] in {"string", "integer"}, name
        assert len(field["description"]) > 10, name
        assert not {"anyOf", "$ref", "title"} & set(field), name


SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30) | st.sampled_from(["2026-11-22", "10", "3-5"])
)
JSON = SCALARS | st.lists(SCALARS, max_size=2) | st.dictionaries(st.text(max_size=3), SCALARS, max_size=2)


@settings(max_examples=60)
@given(st.sampled_from(MODELS), st.data())
def test_whatever_is_given_is_understood_or_refused_in_a_short_sentence(model: type[Arguments], data: st.DataObject) -> None:
    names = st.sampled_from(list(model.model_fields)) | st.text(max_size=20)
    arguments = data.draw(st.dictionaries(names, JSON, max_size=4))
    told = ""
    try:
        read_arguments(model, arguments)
    except BadArgument as error:
        told = str(error)
    assert len(told) < 4_000
