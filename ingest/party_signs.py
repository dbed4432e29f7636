"""What speaks for and against a name's being a party's, by the words around it."""

import math
import re

from index.names import name_key
from ingest.anatomy import Anatomy
from ingest.naming import Name

_ENTITY = re.compile(
    r"^[,\s]*(?:(?:d/?b/?a|f/?k/?a|a/?k/?a|formerly(?: known as)?|doing business as|trading as)\s[^,;()]{2,60},\s)?"
    r"(?:\([^()]{0,80}\)[,\s]*)?(?:which is |being |is )?(?:an?|the|eine?)\s[^();]{0,90}?\b(?:corporation|company"
    r"|partnership|association|individual|institution"
    r"|organi[sz]ation|trust|bank|society|university|person|resident|entity|foundation|gesellschaft|corp)\b"
    r"|^,?\s(?:individually\b|in (?:his|her|their) (?:own|individual|personal) )",
    re.IGNORECASE,
)
_INCORPORATED = re.compile(
    r"^.{0,60}?\b(?:organi[sz]ed|incorporated|established|existing|registered|formed|constituted|eingetragen"
    r"|chartered)\b.{0,30}?\b(?:under|in|and|pursuant|im|within)\b",
    re.IGNORECASE,
)
_ADDRESS = re.compile(
    r"^.{0,160}?\b(?:(?:principal|registered|business|head|its|an|whose|having|mailing) (?:\w+ )?(?:office|address"
    r"|place of business|offices|seat)|offices? (?:located )?at|located at|with (?:its |an )?(?:\w+ )?(?:address|office"
    r"|place)|whose address|residing|mit (?:Sitz|Geschäftssitz)|having (?:its|a)|of \d)",
    re.IGNORECASE,
)
_AGAINST = re.compile(
    r"\b(?:(?:stock|shares|securities|units|notes|holders?|beneficial ownership) (?:of|in|issued by)"
    r"|standing with|registered with|filed with|regulated by|rules of|listed on"
    r"|subsidiar(?:y|ies)|division|affiliates?|parent|c/o|attention|attn\.?|owned by|owner of|operator of"
    r"|laws? of(?: the)?|state of|dated|member of|services of|behalf of its|"
    r"source|between .{0,60} dated|business (?:as|in)|formerly|known as|d/?b/?a|f/?k/?a"
    r"|successor(?:s)? (?:in interest )?(?:to|of|by)|represented by|assign(?:ee|or) of|called|that certain|under the"
    r"|license[d]? (?:by|from)|acting through)\W*(?:of |by |to |the |as |in )*$",
    re.IGNORECASE,
)
_ROLES = re.compile(
    r"(?:company|licen[sc]or|licen[sc]ee|distributor|supplier|customer|client|consultant|contractor|seller|buyer"
    r"|purchaser|vendor|manufacturer|franchisor|franchisee"
    r"|lessor|lessee|landlord|tenant|borrower|lender|agent|owner|developer|sponsor|affiliate|provider|reseller"
    r"|service provider|publisher|corporation|bank|employee"
    r"|employer|executive|party|investor|guarantor|parent|subsidiary|talent|athlete|shipper|transporter|operator"
    r"|contractor|marketer|recipient|talent|user|fund|trust|adviser|advisor|sender|carrier|assign(?:or|ee)|grant(?:or|ee)"
    r"|transfer(?:or|ee)|pledg(?:or|ee)|issuer|underwriter|subcontractor|debtor|creditor)\b",
    re.IGNORECASE,
)
_ROLE = re.compile(
    rf"(?:the )?(?:\w+ )?{_ROLES.pattern.removeprefix(chr(92) + 'b').removesuffix(chr(92) + 'b')}s?", re.IGNORECASE
)
_LABELLED = re.compile(rf"(?:^|[\s.;)]){_ROLES.pattern}\s?:?\s?$", re.IGNORECASE)
_SLOT = re.compile(
    r"(?:between|among|amongst|zwischen|parties|follows|\band|\bund|&|\bwith|;|,|:|\)|\b\d\."
    r"|[a-z]\.)\W{0,8}(?:the following\W*|\w\)\W*)?$",
    re.IGNORECASE,
)
# A deed or guaranty: "is made as of May 8, 2014 by Ann Lee in favor of Acme Inc.".
_ONE_SIDED = re.compile(
    r"(?:\b(?:made|given|granted|executed|issued|delivered|entered)\b[^.;]{0,50}\bby|\bin favou?r of|\bfor the benefit of)$",
    re.IGNORECASE,
)
_ANOTHER = re.compile(
    r"\b(?:that certain|amendment (?:no\. ?\d+ )?to|pursuant to|reference is|relating to|terms of|in connection with"
    r"|agreement,? (?:dated|between|by and|made))\b",
    re.IGNORECASE,
)
_BY = re.compile(
    r"^[\s,:;.\"')]{0,4}(?:\(?\"?[A-Z][\w ]{2,24}\"?\)?[\s:]{0,2})?(?:,? ?(?:its|a|an) [^:]{0,60})?\s?(?:By|BY|Per|Name"
    r"|NAME|/s/|/S/|Signature|SIGNATURE|Sign|Signed|_{3,}|Its|\[SIG)",
    re.DOTALL,
)
# A hand that signed, soon under a name: no form that is to be signed one day.
_SIGNED = re.compile(r"[^:]{0,80}(?:By|BY|Per)?\s?:?\s?[/\\][sS][/\\]")
_ITS = re.compile(
    r"^\W{0,3}(?:,?\s?(?:as )?its (?:sole |managing |general |investment |duly )*(?:general partner|member|manager"
    r"|adviser|advisor|partner|trustee|agent|attorney|authorized))",
    re.IGNORECASE,
)

_OFFICE_NEAR = re.compile(
    r"\b(?:title|name|its|officer|president|director|secretary|treasurer|manager|member|partner|counsel|chairman|signatory"
    r"|attorney|ceo|cfo|on behalf|authori[sz]ed)\b",
    re.IGNORECASE,
)


def head_signs(paper: Anatomy, name: Name, where: str, order: int, stood: int) -> dict[str, float]:
    """The signs of a name on the cover or in the preamble; `order` is how many names stand before it there.

    `stood` is where what introduces it ends: before the name, or before somebody who speaks for it.
    """
    text = paper.text
    before = text[max(0, stood - 60) : stood]
    after = text[name.end : name.end + 240]
    opening = re.sub(r"(?:[\s\"'(]|\bthe$|\bthe (?=[\s\"'(]*$))+$", "", before)
    between = paper.between
    distance = (name.start - between) if between is not None else 9_999
    first = _first_alias(after)
    described = bool(_ENTITY.match(after) or _ADDRESS.match(after) or _INCORPORATED.match(after.split(";")[0][:120]))
    return {
        where: 1.0,
        f"{where}_between": float(
            bool(re.search(r"(?:between|among|amongst|zwischen|parties)\W{0,6}$", opening + " ", re.IGNORECASE))
            or (paper.between is None and bool(_ONE_SIDED.search(opening)))
        ),
        f"{where}_and": float(
            bool(re.search(r"(?:\band|\bund|&|;|\bwith|\bAND)\W{0,8}(?:the following\W*)?$", opening + " ", re.IGNORECASE))
        ),
        f"{where}_comma": float(bool(re.search(r"(?:^|\s)[A-Z0-9(][^\s,]*,$", opening))),
        f"{where}_item": float(bool(re.search(r"\(\w{1,3}\)$|\b\d\.$|:$", opening))),
        "near_between": math.exp(-distance / 400) if 0 <= distance < 5_000 else 0.0,
        "after_between": float(0 <= distance < 2_500),
        "alias": float(first is not None),
        "role_alias": float(bool(first and _ROLES.search(first))),
        "alias_of_name": float(bool(first and _from_name(first, name.text))),
        "entity": float(bool(_ENTITY.match(after))),
        "incorporated": float(bool(_INCORPORATED.match(after.split(";")[0][:120]))),
        "address": float(bool(_ADDRESS.match(after))),
        "against": float(bool(_AGAINST.search(before.rstrip(" \"'(") + " "))),
        "parens": float(before.rstrip().endswith("(") or before.rstrip().endswith('("') or before.rstrip().endswith('"')),
        "slot": float(_in_slot(paper, name, opening, where) and (name.form or first is not None or described)),
        "slot_bare": float(
            _in_slot(paper, name, opening, where)
            and not name.form
            and (first is not None or (not opening.endswith(",") and (described or _beside_another(after))))
        ),
        "slot_part": float(where == "preamble" and not name.form and opening.endswith(",") and first is None),
        "slot_role": float(not name.form and bool(first and _ROLES.search(first)) and _in_slot(paper, name, opening, where)),
        "nested": float(_nested(paper, name, where)),
        "labelled": float(bool(_LABELLED.search(text, max(0, name.start - 40), name.start)) and _apart(paper, name)),
        "own_role": float(bool(first and _ROLE.fullmatch(first))),
        "late": min(order, 12) / 12 if where == "preamble" else 0.0,
    }


def _apart(paper: Anatomy, name: Name) -> bool:
    """Whether a label stands apart from a name: before a colon, or in a column of its own."""
    return paper.text[max(0, name.start - 3) : name.start].rstrip().endswith(":") or name.start == paper.view.cell_start(
        name.start
    )


def _beside_another(after: str) -> bool:
    """Whether a second name shares what follows: "John Smith and Mary Smith of 12 Elm Road (together the "Tenant")"."""
    match = re.match(r"\s(?:and|und|&)\s(?:[A-Z][\w.'-]*\s?){2,5}", after)
    rest = after[match.end() :] if match else ""
    return bool(match) and bool(_first_alias(rest) or _ENTITY.match(rest) or _ADDRESS.match(rest) or re.match(r"of \d", rest))


def _in_slot(paper: Anatomy, name: Name, opening: str, where: str) -> bool:
    """Whether a name stands where a party does: after "between", "and", a semicolon or a number, before the terms begin."""
    if where != "preamble" or _AGAINST.search(opening + " ") or _nested(paper, name, where):
        return False
    begin = paper.between if paper.between is not None else paper.preamble[0]
    return 0 <= name.start - begin < 3_000 and bool(_SLOT.search(opening + " ") or _ONE_SIDED.search(opening))


def _nested(paper: Anatomy, name: Name, where: str) -> bool:
    """Whether another contract's parties are being told: "as an amendment to that certain Agreement by and among"."""
    if where != "preamble" or paper.between is None or name.start < paper.between:
        return False
    return bool(_ANOTHER.search(paper.text, paper.between, name.start))


def _first_alias(after: str) -> str | None:
    match = re.match(
        r"[^()]{0,12}?\(\s?(?:[^\"()]{0,60}?)\"\s?([^\"()]{1,60}?)\s?[,.]?\"|[^()\"]{0,4}\(\s?(?:the "
        r"|hereinafter )?([A-Z][\w&.' -]{1,30})\)|[^;()]{0,40}\bhereinafter (?:referred to as"
        r"|called)? ?(?:the )?\"?([A-Z][\w&.' -]{1,30})",
        after,
    )
    return next((value for value in match.groups() if value), None) if match else None


def _from_name(alias: str, name: str) -> bool:
    words = name_key(name).split()
    short = name_key(alias).replace(" ", "")
    return bool(short) and (
        short in "".join(words) or short == "".join(word[0] for word in words) or (bool(words) and words[0] in short)
    )


def closing_signs(paper: Anatomy, name: Name, where: str, at_line: bool) -> dict[str, float]:
    """The signs of a name in a signature block; `at_line` is whether a line begins with it."""
    before = paper.text[max(0, name.start - 50) : name.start]
    after = paper.text[name.end : name.end + 140]
    title = bool(re.search(r"(?:By|BY|Name|NAME|Title|TITLE|Its|ITS|/s/|/S/|Per|Sign|Print\w*)\W{0,6}$", before))
    return {
        f"{where}_form": float(name.form and not title),
        f"{where}_line": float(at_line and not title),
        f"{where}_by": float(bool(_BY.match(after)) and not title),
        f"{where}_behalf": float(
            bool(
                re.search(
                    r"(?:on behalf of|for|SIGNED BY|[Ss]igned by|undersigned)\W{0,4}(?:the \w+\W{0,3})?$", before, re.IGNORECASE
                )
            )
        ),
        f"{where}_heads": float(at_line and not title and bool(_BY.match(after))),
        f"{where}_signed": float(name.form and at_line and not title and bool(_SIGNED.match(after))),
        f"{where}_its": float(bool(_ITS.match(after))),
        f"{where}_through": float(bool(re.search(r"\b(?:By|BY)\s?:\s?$", before)) and name.form),
        f"{where}_self": float(not name.form and _signs_for_self(paper, name, before)),
        f"{where}_person": float(title),
        f"{where}_header": float(name.form and at_line and not title and not _ITS.match(after)),
    }


def _signs_for_self(paper: Anatomy, name: Name, before: str) -> bool:
    """Whether somebody signs in their own name: no "By:" before the signature, no office or company around it."""
    mark = re.search(r"(?P<by>\b(?:by|per)\s?:?\s?)?[/\\]s[/\\]\s?$", before, re.IGNORECASE)
    if mark is None or mark["by"]:
        return False
    after = paper.text[name.end : name.end + 90].replace(name.text, "")
    return len(name.text.split()) in (2, 3, 4) and not _OFFICE_NEAR.search(after.split("/s/")[0])
