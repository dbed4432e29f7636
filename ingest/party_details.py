"""What a contract says of a party beside its name: role, kind, where it was incorporated, address, former names."""

import re

from index.records import Party
from ingest.anatomy import Anatomy
from ingest.jurisdictions import place_at
from ingest.party_groups import Group

_KIND = re.compile(
    r"\b(?:(?:public|private|limited|general|business|non-?profit|not-for-profit|professional|national|state|banking"
    r"|insurance|joint|stock|exempted|statutory|registered|closed-end|charitable|benefit|foreign|domestic|municipal"
    r"|federal)\W){0,4}"
    r"(?:(?:limited )?liability (?:company|partnership|corporation)|limited partnership|general partnership|partnership"
    r"|corporation|company|association|trust|individual|natural person|sole proprietor(?:ship)?|university|foundation"
    r"|institution|society|bank|cooperative|Gesellschaft mit beschränkter Haftung|Aktiengesellschaft"
    r"|Kommanditgesellschaft)\b",
    re.IGNORECASE,
)
_BEFORE_KIND = re.compile(r"\b(?:an?|the|eine?)\s(?P<where>(?:[A-Z][\w.'-]*\s){1,4})?$")
_UNDER_LAWS = re.compile(
    r"\b(?:organi[sz]ed|incorporated|existing|established|registered|formed|constituted|chartered|duly|gegründet"
    r"|eingetragen)\b[^;()]{0,60}?\b(?:laws? of|in|under)\s(?:the\s)?(?:laws? of\s(?:the\s)?)?(?:(?:State|Commonwealth"
    r"|Province|Republic|Kingdom|Federal Republic)\sof\s)?(?=[A-Z])",
    re.IGNORECASE,
)
_ADDRESS = re.compile(
    r"\b(?:(?:principal|registered|main|head|executive|chief|business|its|an|whose|mailing)\s){0,3}(?:offices?"
    r"|place of business|address|seat|headquarters|Geschäftssitz|Sitz)(?:\s(?:of business|and place of business"
    r"|and principal place of business))?"
    r"(?:\s(?:is|are|located|situated|being))*\s?(?:at|in|:|of)\s(?:the\s)?(?P<address>[^;(\"]{8,180})|\b(?:located"
    r"|residing|resident) (?:at|in)\s(?P<where>[^;(\"]{8,160})|^,?\sof\s(?P<of>\d[^;(\"]{8,140})",
    re.IGNORECASE,
)
_ADDRESS_ENDS = re.compile(
    r"\s(?:and|hereinafter|hereafter|herein|represented|acting|which|who|by its|duly|\(|as well as|-\s?hereinafter)\s.*$"
    r"|[,.;]?\s?(?:and|AND)$|\.\s[A-Z].*$"
)
_FORMER = re.compile(
    r"\b(?:formerly(?: known as| named)?|f/?k/?a|previously known as|successor (?:in interest )?(?:by merger )?to"
    r"|d/?b/?a|doing business as|trading as|t/a|vormals|ehemals)\s(?:the\s)?\"?(?P<name>[A-Z][^;()\"]{1,80}?)(?=[);\"]"
    r"|,\s(?:an?|with|having|and|hereinafter|whose|located|incorporated|organi[sz]ed)\b|\s(?:and|with|having|hereinafter"
    r"|whose|located)\s|\s\(|$)"
)
_ALIAS = re.compile(r"\"\s?(?:the |an? )?(?P<alias>[^\"()]{1,50}?)\s?[,.]?\"")
_BARE_ALIAS = re.compile(
    r"\(\s?(?:hereinafter |the |referred to as )*(?P<alias>[A-Z][\w&.' -]{1,30})\)|\bhereinafter (?:referred to |called "
    r"|known )?(?:as )?(?:the )?\"?(?P<after>[A-Z][\w&.' -]{1,30}?)(?=\"|[,;.)]| and | or )"
)
_COLLECTIVE = re.compile(r"\b(?:collectively|together|jointly|individually|each|parties|party)\b", re.IGNORECASE)
_ROLE = re.compile(
    r"^(?:company|licen[sc]or|licen[sc]ee|distributor|supplier|customer|client|consultant|contractor|seller|buyer"
    r"|purchaser|vendor|manufacturer|(?:master )?franchis(?:or|ee)|lessor|lessee|landlord|tenant|borrower|lender|agent"
    r"|owner|developer|sponsor|affiliate"
    r"|(?:service )?provider|reseller|publisher|bank|employee|employer|executive|investor|guarantor|parent|talent"
    r"|athlete|shipper|transporter|operator|recipient|disclosing party|receiving party|auftraggeber|auftragnehmer"
    r"|lieferant|käufer|verkäufer|mieter|vermieter|lizenzgeber|lizenznehmer)s?$",
    re.IGNORECASE,
)


def party_of(paper: Anatomy, group: Group, stop: int, name: str) -> Party:
    """The party behind a group of mentions; `stop` is where the next party's description begins."""
    best = group.best
    text = paper.text
    end = min(best.name.end + 520, max(stop, best.name.end))
    tail = text[best.name.end : end] if best.where in ("preamble", "cover") else ""
    kind, where = _kind(tail)
    return Party(name, _role(tail) or _label(text, best.name.start), kind, where, _address(tail), _former(tail))


def _role(tail: str) -> str | None:
    """What the contract calls the party from then on: its role where it gives both a role and a short name."""
    aliases = []
    for bracket in re.finditer(
        r"\([^()]{1,200}\)|\bhereinafter\b[^;()]{1,80}|(?:nachfolgend|nachstehend|im Folgenden)\b[^;()]{1,80}", tail
    ):
        found = [match["alias"] for match in _ALIAS.finditer(bracket.group())]
        if not found and (bare := _BARE_ALIAS.search(bracket.group())):
            found = [bare["alias"] or bare["after"]]
        own = [alias.strip(" ,") for alias in found if not _COLLECTIVE.search(alias)]
        if found and not own:
            continue
        aliases += own[:2]
        # What follows "and together with" is the name of a group.
        if aliases:
            break
    return next((alias for alias in aliases if _ROLE.match(alias)), aliases[0] if aliases else None)


def _label(text: str, start: int) -> str | None:
    """The role that stands before a name as its label: "Customer: Acme Ltd"."""
    match = re.search(r"(?:^|[\s,;.])((?:[A-Z][\w-]+ )?[A-Z][\w-]+)\s?:\s?$", text[max(0, start - 40) : start])
    return match[1] if match and _ROLE.match(match[1]) else None


def _kind(tail: str) -> tuple[str | None, str | None]:
    head = tail[:260]
    under = _UNDER_LAWS.search(head)
    place = place_at(head, under.end()) if under else None
    match = _KIND.search(head)
    if match is None:
        return None, place[0] if place else None
    before = _BEFORE_KIND.search(head[: match.start()])
    if before and before["where"] and place is None:
        place = place_at(before["where"], 0)
    kind = match.group().lower() if before or under else None
    return kind, place[0] if place else None


def _address(tail: str) -> str | None:
    match = _ADDRESS.search(tail)
    if match is None:
        return None
    found = match["address"] or match["where"] or match["of"]
    address = _ADDRESS_ENDS.sub("", found).strip(" ,.-")
    return address if any(c.isdigit() for c in address) or "," in address else None


def _former(tail: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(match["name"].strip(" ,") for match in _FORMER.finditer(tail[:300])))
