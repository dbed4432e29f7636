"""Whether a contract was signed: by the marks that signing leaves, and the blanks that it does not."""

import re
from collections.abc import Mapping

from index.records import Extracted, Signed
from ingest.anatomy import Anatomy

_CONFORMED = re.compile(
    r"[/\\]\s?[sS]\s?[/\\]\s?[\w.'\"-]|\[\s?(?:SIG(?:NATURE|NED)?|signed|signature)\s?\]|\b(?:s/|\(s\))\s?[A-Z][a-z]"
)
_ELECTRONIC = re.compile(
    r"\b(?:digitally signed|electronically signed|e-signed|esigned|docusigned|signed (?:electronically|by docusign)"
    r"|docusign envelope|adobe (?:acrobat )?sign|hellosign|signature certificate|certificate of completion"
    r"|elektronisch signiert|signiert (?:von|durch)|signed with)\b",
    re.IGNORECASE,
)
_BLANK = re.compile(r"\b(?:By|Per|Signature|Signed|Name|Sign|Unterschrift|X)\s?:?\s?(?:_{4,}|\.{6,}|-{6,})|_{8,}")
# Unlike a line for a date or a witness, this one is for who enters into the contract.
_BLANK_BY = re.compile(r"\b(?:By|BY)\s?:?\s?_{4,}+(?!\s?[/\\][sS][/\\])(?!\s?\[)")
# "By: Name: Title:" with nothing behind any of them; a typed name may stand for a signature that was left out.
_EMPTY = re.compile(
    r"\b(?:By|BY|Signature|Sign|Signed)\s?:?\s(?:By\s?:?\s|Name\s?:?\s|NAME\s?:?\s|Title\s?:?\s|TITLE\s?:?\s|Its\s?:?\s"
    r"|Date\s?:?\s){2,}"
)
_DRAFT = re.compile(
    r"\b(?:draft (?:of|dated|\d)|form of\b|specimen|unsigned|entwurf|not yet executed|execution version\b.*\bdraft)",
    re.IGNORECASE,
)
# "May be electronically signed" is a term of the contract, not a stamp.
_NO_STAMP = re.compile(
    r"\b(?:may|can|if|when|or|be|been|being|deemed|an?|any|is|are|were|by|using|through|including|such as|via|and|of)\s\W?$"
)
_NO_STAMP_AFTER = re.compile(
    r"[\s,]{0,2}(?:signatures?|cop(?:y|ies)|counterparts?|documents?|records?|version|or|and|agreement|by (?:any|a|the))\b"
)
_ELECTRONIC_WORDS = (
    "signed",
    "docusign",
    "adobe sign",
    "acrobat sign",
    "hellosign",
    "signiert",
    "signature cert",
    "certificate of completion",
)


def read_signed(paper: Anatomy, properties: Mapping[str, str]) -> Extracted[Signed]:
    """Signed, unsigned or not to be told, with the mark that says so; who signed stands in the note."""
    return _by_fields(properties) or _by_marks(paper) or _by_blanks(paper) or _untold(paper)


def _by_fields(properties: Mapping[str, str]) -> Extracted[Signed] | None:
    fields = properties.get("signature_fields", "")
    if not fields:
        return None
    note = f"from the file's signature fields: {fields[:200]}"
    if re.search(r"\bsigned\b", fields, re.IGNORECASE) and "unsigned" not in fields.casefold():
        return Extracted("signed", None, "", 0.95, note)
    return Extracted("unsigned", None, "", 0.8, note)


def _by_marks(paper: Anatomy) -> Extracted[Signed] | None:
    start = min(paper.closing[0] if paper.closing else len(paper.text), len(paper.text) * 2 // 3)
    if marks := list(_CONFORMED.finditer(paper.text, start)):
        who = _who(paper.text, marks)
        if blank := _one_side_blank(paper, marks):
            note = f"{who or 'signed by somebody'}, while another place for a signature is empty"
            return _from(paper, "unknown", blank, 0.6, note)
        return _from(paper, "signed", marks[0], 0.95, who)
    for begin, end in paper.stretches(_ELECTRONIC_WORDS, 20, 60):
        for electronic in _ELECTRONIC.finditer(paper.text, begin, end):
            if _is_stamp(paper.text, electronic):
                return _from(paper, "signed", electronic, 0.9, None)
    return None


def _one_side_blank(paper: Anatomy, marks: list[re.Match[str]]) -> re.Match[str] | None:
    """An empty place for a signature in the block in which one other is filled."""
    if paper.closing is None or sum(paper.closing[0] <= mark.start() < paper.closing[1] for mark in marks) != 1:
        return None
    return _BLANK_BY.search(paper.text, *paper.closing)


def _is_stamp(text: str, mark: re.Match[str]) -> bool:
    """Whether words of electronic signing were stamped by it, rather than written as a term."""
    before = text[max(0, mark.start() - 14) : mark.start()].casefold()
    return not _NO_STAMP.search(before) and not _NO_STAMP_AFTER.match(text[mark.end() : mark.end() + 20].casefold())


def _by_blanks(paper: Anatomy) -> Extracted[Signed] | None:
    if paper.closing is None:
        return None
    if blank := _BLANK.search(paper.text, *paper.closing) or _EMPTY.search(paper.text, *paper.closing):
        return _from(paper, "unsigned", blank, 0.75, "the places for signatures are empty")
    if draft := _DRAFT.search(paper.text, 0, min(len(paper.text), 600)):
        return _from(paper, "unsigned", draft, 0.6, "it calls itself a draft or a form")
    return None


def _untold(paper: Anatomy) -> Extracted[Signed]:
    if paper.closing is None:
        return Extracted("unknown", None, "", 0.6, "no place for signatures was found")
    span = paper.view.span(*paper.closing)
    return Extracted("unknown", span, span.of(paper.source), 0.5, "names stand below it, but no mark of a signature")


def _from(paper: Anatomy, signed: Signed, mark: re.Match[str], confidence: float, note: str | None) -> Extracted[Signed]:
    span = paper.view.span(mark.start(), mark.end())
    return Extracted(signed, span, span.of(paper.source), confidence, note)


def _who(text: str, marks: list[re.Match[str]]) -> str | None:
    """The names behind conformed signatures."""
    names = []
    for mark in marks[:8]:
        found = re.match(r"[\s:]*((?:[A-Z][\w.'-]*,?\s?){1,5})", text[mark.end() - 1 : mark.end() + 60])
        if found and (name := re.split(r"\b(?:By|BY|Name|NAME|Title|TITLE|Its|ITS|Date|DATE)\b", found[1])[0].strip(" ,")):
            names.append(name)
    return f"signed by {', '.join(dict.fromkeys(names))}" if names else None
