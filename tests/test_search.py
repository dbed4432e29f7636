"""Questions to contracts: the right words come back, verbatim and whole, of documents the caller may read alone."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from bookcase import ANNA, ANYONE, ENCODER, EVERYONE, TODAY, bundle_of, facts, shelve

from index.records import Filter, Span
from index.search import Answer, extract
from index.store import View

LIABILITY = (
    "In no event shall the aggregate liability of either party under this Agreement exceed the fees paid in the twelve months "
    "before the claim arose."
)
CONVENIENCE = "Either party may terminate this Agreement for convenience at any time upon sixty (60) days' prior written notice."
ASSIGNMENT = "Neither party may assign this Agreement without the prior written consent of the other party."
SERVICES = f"""MASTER SERVICES AGREEMENT

This Master Services Agreement is made by and between Acme Robotics, Inc. ("Acme") and Muniment LLP ("Client").

1. Services

1.1 Acme shall perform the services described in each statement of work with reasonable care and skill.

1.2 The parties shall meet once a month to review the progress of the work.

2. Fees

2.1 Client shall pay each invoice within thirty (30) days of receipt.

3. Term and Termination

3.1 This Agreement shall continue in effect for three (3) years from the Effective Date.

3.2 {CONVENIENCE}

(a) Acme shall return all materials.

(b) Client shall pay for the services performed until then.

4. Limitation of Liability

{LIABILITY} Nothing in this Section limits liability for fraud.

5. General

5.1 {ASSIGNMENT}

5.2 This Agreement shall be governed by and construed in accordance with the laws of the State of New York.
"""
SUPPLY = """SUPPLY AGREEMENT

This Supply Agreement is made by and between Northwind Paper GmbH ("Supplier") and Muniment LLP ("Buyer").

1. Supply. Supplier shall deliver paper of the agreed quality to the warehouse of Buyer every second week.

2. Cap on Liability. The total liability of Supplier shall not exceed one million dollars.

3. Governing Law. This Agreement is governed by the laws of Germany.
"""
SECRET = SUPPLY.replace("Northwind Paper GmbH", "Orion Holdings plc").replace("one million", "nine hundred")
QUESTIONS = (
    "What is the cap on liability?",
    "can we walk away without a reason?",
    "Can the contract be assigned without consent?",
    "which law governs",
    "how often do the parties meet",
    "paper of the agreed quality",
    "x",
)


@pytest.fixture(scope="module")
def view(tmp_path_factory: pytest.TempPathFactory) -> Iterator[View]:
    bundles = [
        bundle_of("services", SERVICES, facts("Master Services Agreement", "msa", "Acme Robotics, Inc.", "Muniment LLP")),
        bundle_of("supply", SUPPLY, facts("Supply Agreement", "supply", "Northwind Paper GmbH", "Muniment LLP")),
        bundle_of("secret", SECRET, facts("Supply Agreement", "supply", "Orion Holdings plc"), frozenset({ANNA})),
    ]
    index = shelve(tmp_path_factory.mktemp("search"), bundles)
    yield index.view()
    index.close()


def ask(view: View, question: str, document_id: str | None = None, limit: int = 5, wanted: Filter = ANYONE) -> Answer:
    return extract(view, ENCODER, question, replace(wanted, document_id=document_id), TODAY, limit)


@pytest.mark.parametrize("document_id", [None, "services", "supply"])
@pytest.mark.parametrize("question", QUESTIONS)
def test_every_excerpt_is_the_documents_own_text_whole_and_on_its_page(
    view: View, question: str, document_id: str | None
) -> None:
    for excerpt in ask(view, question, document_id).excerpts:
        text = view.text(excerpt.document.key)
        start, end = excerpt.span.start, excerpt.span.end
        assert excerpt.text == text[start:end] == excerpt.text.strip()
        assert not (text[start - 1 : start] + text[start]).isalnum() or start == 0
        assert not (text[end - 1] + text[end : end + 1]).isalnum() or end == len(text)
        touched = [page.number for page in view.pages(excerpt.document.key) if page.span.overlaps(excerpt.span)]
        assert (excerpt.page_start, excerpt.page_end) == (touched[0], touched[-1])
        assert 0 <= excerpt.score <= 1


@pytest.mark.parametrize("question", QUESTIONS)
def test_excerpts_of_one_contract_come_best_first_and_do_not_overlap(view: View, question: str) -> None:
    excerpts = ask(view, question, "services", limit=20).excerpts
    assert [one.score for one in excerpts] == sorted((one.score for one in excerpts), reverse=True)
    assert not any(one.overlaps(other) for one, other in pairwise(sorted(it.span for it in excerpts)))


@pytest.mark.parametrize(
    ("question", "clause_type", "answer"),
    [
        ("What is the cap on liability?", "Cap On Liability", LIABILITY),
        ("the most we could have to pay", "Cap On Liability", LIABILITY),
        ("can we walk away without a reason?", "Termination For Convenience", CONVENIENCE),
        ("do we need consent to assign the contract?", "Anti-Assignment", ASSIGNMENT),
    ],
)
def test_a_clause_is_found_by_what_is_meant_in_whatever_words(view: View, question: str, clause_type: str, answer: str) -> None:
    best = ask(view, question, "services")
    assert (best.clause_type, best.found, best.note) == (clause_type, True, None)
    assert answer in best.excerpts[0].text
    assert len(best.excerpts[0].text) < 2 * len(answer)


def test_a_question_about_no_clause_type_is_answered_by_its_words(view: View) -> None:
    answer = ask(view, "how often do the parties meet to review progress", "services")
    assert answer.clause_type is None
    assert "meet once a month" in answer.excerpts[0].text


def test_what_is_not_there_is_said_not_to_be_found(view: View) -> None:
    answer = ask(view, "Is source code put in escrow?", "supply")
    assert (answer.clause_type, answer.found) == ("Source Code Escrow", False)
    assert answer.note
    assert "nothing was found" in answer.note


def test_among_contracts_the_best_excerpt_of_each_comes_first(view: View) -> None:
    answer = ask(view, "What is the cap on liability?", limit=2)
    assert answer.documents_searched == 2
    assert {one.document.document_id for one in answer.excerpts} == {"services", "supply"}
    assert all("liability" in one.text.lower() for one in answer.excerpts)


def test_more_excerpts_begin_with_the_same_ones(view: View) -> None:
    some, more = (ask(view, "What is the cap on liability?", limit=limit).excerpts for limit in (3, 9))
    assert len(more) > len(some)
    assert more[: len(some)] == some


def test_what_the_caller_may_not_read_is_neither_searched_nor_counted(view: View) -> None:
    theirs = ask(view, "nine hundred dollars", limit=20)
    assert theirs.documents_searched == 2
    assert all("nine hundred" not in one.text for one in theirs.excerpts)
    hers = ask(view, "cap on liability", limit=20, wanted=Filter(frozenset({EVERYONE, ANNA})))
    assert any("nine hundred" in one.text for one in hers.excerpts)


def test_where_the_filters_leave_nothing_the_answer_says_so(view: View) -> None:
    answer = ask(view, "cap on liability", wanted=replace(ANYONE, contract_type="lease"))
    assert (answer.found, answer.excerpts, answer.documents_searched) == (False, (), 0)
    assert answer.note == "no contract is left to be searched: leave out or widen some of the arguments"


@pytest.mark.parametrize(
    ("question", "first", "last"),
    [
        ("section 3.2", "3.2 Either party", "performed until then."),
        ("what does clause 3.2(b) say?", "(b) Client shall", "performed until then."),
        ("Article IV", "4. Limitation", "liability for fraud."),
        ("5.1", "5.1 Neither", "other party."),
    ],
)
def test_a_section_is_found_by_its_number_with_all_below_it(view: View, question: str, first: str, last: str) -> None:
    answer = ask(view, question, "services")
    assert answer.found
    assert answer.excerpts[0].text.startswith(first)
    assert answer.excerpts[0].text.endswith(last)


def test_a_section_that_is_not_there_is_missed_aloud(view: View) -> None:
    answer = ask(view, "section 17.4", "services")
    assert not answer.found
    assert answer.note
    assert "no section 17.4 was recognised" in answer.note


@pytest.mark.parametrize(
    "question",
    [
        "cap on liability in the Northwind supply agreement",
        "section 2 of the Northwind contract",
        "What does the supply agreement with Northwind say of the cap on liability?",
        "what does our contract with northwind say of the cap on liability",
        "What is Northwind's cap on liability?",
        "Does Northwind have a cap on liability?",
    ],
)
def test_a_party_named_in_the_question_leaves_its_contracts_alone(view: View, question: str) -> None:
    answer = ask(view, question)
    assert answer.documents_searched == 1
    assert answer.note
    assert "searched only the contracts with 'northwind'" in answer.note
    assert "one million dollars" in answer.excerpts[0].text


def test_what_follows_a_name_is_still_asked(tmp_path: Path) -> None:
    bundles = [
        bundle_of("supply", SUPPLY, facts("Supply Agreement", "supply", "Northwind Paper Company")),
        bundle_of("services", SERVICES, facts("Services Agreement", "services", "Acme Robotics, Inc.")),
    ]
    with shelve(tmp_path, bundles) as index:
        answer = ask(index.view(), "When does the vendor agreement with Northwind Paper expire?")
    assert (answer.documents_searched, answer.clause_type) == (1, "Expiration Date")


def test_definitions_that_the_best_excerpt_leans_on_are_pointed_to(tmp_path: Path) -> None:
    text = (
        '1. Definitions\n\n1.1 "Affiliate" means any company under common control.\n\n'
        '1.2 "Net Sales" means the amounts invoiced, less taxes.\n\n1.3 "Sales" means all amounts invoiced.\n\n'
        "2. Royalties\n\nLicensee shall pay to Licensor a royalty of five percent (5%) of Net Sales, and share its profits.\n\n"
        "3. Notices\n\nNotices go to the addresses above.\n"
    )
    with shelve(tmp_path, [bundle_of("licence", text)]) as index:
        answer = ask(index.view(), "royalty of five percent", "licence")
    assert answer.found
    assert answer.note == "'Net Sales' is defined in 1.2"


def test_words_of_the_clause_itself_name_no_party(tmp_path: Path) -> None:
    bundles = [
        bundle_of("controls", SUPPLY, facts("Supply Agreement", "supply", "Control Systems Inc.")),
        bundle_of("services", SERVICES, facts("Services Agreement", "services", "Acme Robotics, Inc.")),
    ]
    with shelve(tmp_path, bundles) as index:
        assert ask(index.view(), "change of control under the agreements").documents_searched == 2
        assert ask(index.view(), "compliance with control duties").documents_searched == 2


def test_what_the_scorer_found_is_quoted_as_it_found_it(tmp_path: Path) -> None:
    words = "the parties shall meet once a month"
    found = {"Cap On Liability": ("shall deliver paper of the agreed quality", 0.97)}
    with shelve(tmp_path, [bundle_of("supply", SUPPLY, found=found), bundle_of("other", words)]) as index:
        best = ask(index.view(), "What is the cap on liability?", "supply").excerpts[0]
        among = ask(index.view(), "What is the cap on liability?").excerpts[0]
    assert best.text == among.text == "shall deliver paper of the agreed quality"


def test_a_page_footer_inside_a_sentence_does_not_cut_the_excerpt(tmp_path: Path) -> None:
    footer = "\n\nConfidential - Page 3 of 9\n\n"
    broken = LIABILITY.replace("under this Agreement ", f"under this{footer}Agreement ")
    text = SERVICES.replace(LIABILITY, broken)
    at = text.index("Confidential - Page")
    bundle = bundle_of("services", text, furniture=(Span(at, at + len(footer.strip())),))
    with shelve(tmp_path, [bundle]) as index:
        best = ask(index.view(), "What is the cap on liability?").excerpts[0]
    assert broken in best.text


def test_excerpts_that_do_not_stand_whole_are_dropped_and_logged_without_their_words(
    view: View, caplog: pytest.LogCaptureFixture
) -> None:
    from index.excerpts import Stretch, cited

    [summary] = view.summaries(view.select(replace(ANYONE, document_id="supply"), TODAY).keys.tolist())
    assert cited(view, summary, Stretch(summary.key, Span(2, 12), None, 0.9)) is None
    assert cited(view, summary, Stretch(summary.key, Span(len(SUPPLY) - 5, len(SUPPLY) + 5), None, 0.9)) is None
    assert "PPLY" not in caplog.text
    assert caplog.text.count("does not stand there as a whole") == 2
