"""Gathers the places where one name stands, and weighs whether it is a party: signs, learned weights, a probability."""

import json
import math
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from index.names import name_core, name_key
from index.near_names import spelled_alike
from ingest.anatomy import Anatomy
from ingest.party_mentions import Mention, closing_mentions, head_mentions
from ingest.party_words import obligations, small_words, usual

_WEIGHTS: Mapping[str, float] = json.loads(Path(__file__).with_name("party_weights.json").read_text("utf-8"))["weights"]

# A sure sign of few contracts counts more, so that learning, which pulls towards zero, leaves it what it is worth.
_RARE = 3.0
_BRACKET = re.compile(r"\([^()]{1,200}\)|\bherein\w* [^()]{1,80}")
_QUOTED = re.compile(r"\"(?:the )?([^\"]{1,60})\"")


@dataclass(frozen=True, slots=True)
class Group:
    """All mentions of one name in the order of the text; `signs` speak for and against its being a party."""

    mentions: tuple[Mention, ...]
    signs: Mapping[str, float]
    probability: float

    @property
    def best(self) -> Mention:
        """The mention to quote: in the preamble where there is one, with a legal form, described."""
        return max(self.mentions, key=_telling)


def with_weights(groups: Iterable[Group], weights: Mapping[str, float]) -> list[Group]:
    """The same names weighed anew, as learning does."""
    return [replace(group, probability=_probability(group.signs, weights)) for group in groups]


def _probability(signs: Mapping[str, float], weights: Mapping[str, float] = _WEIGHTS) -> float:
    """How likely a name is a party's, by logistic regression over its signs (scripts/train_parties.py)."""
    score = weights["bias"] + sum(weights.get(sign, 0.0) * value for sign, value in signs.items())
    return 1 / (1 + math.exp(-score))


def _telling(mention: Mention) -> tuple[bool, bool, float, int]:
    described = mention.signs.get("entity", 0.0) + mention.signs.get("alias", 0.0) + mention.signs.get("address", 0.0)
    return mention.where in ("preamble", "signature"), mention.name.form, described, -mention.name.start


def party_groups(paper: Anatomy) -> list[Group]:
    """The names that may be parties, in the order in which the contract names them."""
    gathered: dict[str, list[Mention]] = defaultdict(list)
    small = small_words(paper)
    for mention in (*head_mentions(paper, small), *closing_mentions(paper, small)):
        gathered[name_core(mention.name.text).replace(" ", "")].append(mention)
    merged = _merged(gathered, paper.folded)
    aliases = {name_key(mention.alias) for mentions in merged for mention in mentions if mention.alias}
    aliases |= {name_key(found) for found in _given(paper)}
    found = [(mentions, _signs(paper, mentions, aliases)) for mentions in merged]
    signed = [(mentions, signs | _written(paper, mentions, small, signs)) for mentions, signs in found]
    slots = sum(signs["slot"] * signs["form"] + signs["slot_bare"] > 0 for _, signs in signed)
    whole = [(mentions, dict(signs) | _beside(signs, slots)) for mentions, signs in signed]
    return [Group(tuple(mentions), signs, _probability(signs)) for mentions, signs in whole]


def _given(paper: Anatomy) -> list[str]:
    """Every alias given in the preamble, whoever's it is: ("Acme", "the Company")."""
    return [match[1] for bracket in _BRACKET.finditer(paper.text, *paper.preamble) for match in _QUOTED.finditer(bracket.group())]


def _merged(gathered: Mapping[str, list[Mention]], folded: str) -> list[list[Mention]]:
    """A name with a stray word before it, or cut short by a line's end, joins the whole one."""
    groups = list(gathered.values())
    longest = [max((mention.name for mention in group), key=lambda name: len(name.text)) for group in groups]
    into = list(range(len(groups)))
    for short, name in enumerate(longest):
        small = name.text.casefold()
        for long, other in enumerate(longest):
            large = other.text.casefold()
            if short == long or len(large) <= len(small) or into[long] != long or into[short] != short:
                continue
            if large.endswith(" " + small):
                # "Reseller Acme Inc." is Acme where Acme also stands alone; "USA, Inc." never does.
                alone = folded.count(small) > folded.count(large)
                into[long if alone else short] = short if alone else long
            elif not name.form and large.startswith(small + " ") and _goes_on(small, large, other.form, folded):
                into[short] = long
            elif name.form and f" {small} " in large:
                # Two columns of a signature page read as one line: the name within is the one that stands elsewhere, too.
                into[long] = short
    merged: dict[int, list[Mention]] = defaultdict(list)
    for at, group in enumerate(groups):
        target = into[at]
        merged[into[target]].extend(group)
    return [sorted(group, key=lambda mention: mention.name.start) for _, group in sorted(_joined(merged).items())]


def _joined(groups: Mapping[int, list[Mention]]) -> dict[int, list[Mention]]:
    """A short name stands for the party that it was given to, and a slip of the pen in a signature block makes no new one."""
    owners = [at for at, group in groups.items() if any(_named_here(mention) for mention in group)]
    aliases = {
        name_key(mention.alias): at
        for at in reversed(owners)
        for mention in groups[at]
        if mention.alias and mention.where == "preamble" and mention.signs.get("slot")
    }
    joined: dict[int, list[Mention]] = defaultdict(list)
    for at, group in groups.items():
        joined[_owner(at, group, groups, owners, aliases)].extend(group)
    return joined


def _named_here(mention: Mention) -> bool:
    """Whether a mention names a party in full, where parties are introduced."""
    return mention.where == "preamble" and (mention.name.form or bool(mention.signs.get("slot_bare")))


def _owner(
    at: int, group: Sequence[Mention], groups: Mapping[int, list[Mention]], owners: Sequence[int], aliases: Mapping[str, int]
) -> int:
    elsewhere = all(mention.where != "preamble" for mention in group)
    if elsewhere or not any(mention.name.form for mention in group):
        at = aliases.get(group[0].key, at)
    if elsewhere and at not in owners:
        return next((owner for owner in owners if spelled_alike(group[0].key, groups[owner][0].key)), at)
    return at


def _goes_on(small: str, large: str, form: bool, folded: str) -> bool:
    """Whether a short name is but the beginning of a longer one, which has a legal form or goes on with "and"."""
    whole = form or large.startswith(small + " and ")
    return whole and folded.count(small) <= folded.count(large) + 1


def _signs(paper: Anatomy, mentions: Sequence[Mention], aliases: set[str]) -> dict[str, float]:
    signs: dict[str, float] = defaultdict(float)
    for mention in mentions:
        for sign, value in mention.signs.items():
            signs[sign] = max(signs[sign], value)
    name = max((mention.name.text for mention in mentions), key=len)
    words = len(name.split())
    form = float(any(mention.name.form for mention in mentions))
    in_closing = max(signs["signature_form"], signs["signature_line"], signs["signature_person"])
    signs |= {
        "form": form,
        "places": min(len(mentions), 4) / 4,
        "count": math.log1p(min(paper.folded.count(name.casefold()), 20)) / 3,
        "one_word": float(words == 1),
        "few_words": float(words in (2, 3)),
        "many_words": float(words >= 7),
        "is_alias": float(bool(aliases & {mention.key for mention in mentions}) and not form),
        "no_between": float(paper.between is None),
        "described": max(signs["entity"], signs["address"], signs["incorporated"]),
        "slot_signed": signs["slot"] * in_closing,
        "slot_without_form": signs["slot"] * (1 - form),
        "alias_without_form": signs["alias"] * (1 - form),
        "signed_without_form": float(signs["preamble"] > 0)
        * (1 - form)
        * max(signs["signature_person"], signs["signature_line"]),
        "preamble_signed": signs["preamble"] * in_closing,
        "only_cover": float(not signs["preamble"] and not signs["signature"] and signs["cover"]),
        "only_closing": float(not signs["preamble"] and not signs["cover"]),
        "slot_form": form * max(signs["preamble_between"], signs["preamble_and"]),
        "person": float(bool(re.match(r"(?:Mr|Ms|Mrs|Dr)\.? ", name))),
    }
    # "The undersigned agree": they are those who sign, and whom the words above name is somebody else.
    undersigned = float(paper.between is None and "undersigned" in paper.folded[: paper.preamble[1] + 400])
    alone = max(signs["signature_heads"], signs["signature_self"])
    signs["undersigned"] = _RARE * undersigned * alone
    signs["undersigned_names"] = _RARE * undersigned * max(signs["preamble"], signs["cover"]) * (1 - in_closing)
    signs["closing_after_between"] = signs["only_closing"] * (1 - signs["no_between"])
    signs["closing_form_alone"] = signs["no_between"] * signs["signature_form"]
    signs["closing_line_alone"] = signs["no_between"] * signs["signature_line"] * (1 - signs["signature_person"]) * form
    return signs


def _written(paper: Anatomy, mentions: Sequence[Mention], small: frozenset[str], signs: Mapping[str, float]) -> dict[str, float]:
    """What the contract's words tell of a name, wherever they stand."""
    name = max((mention.name.text for mention in mentions), key=len)
    bare = 1 - signs["form"]
    share = usual(name, small)
    owes = obligations(paper, [name, *(mention.alias for mention in mentions if mention.alias)])
    return {
        "usual_bare": share * bare,
        "unusual_bare": float(share == 0 and len(name.split()) > 1) * bare,
        "owes": owes,
        "owes_bare": owes * bare,
    }


def _beside(signs: Mapping[str, float], slots: int) -> dict[str, float]:
    """What the other names say of this one: where two stand where parties stand, a third elsewhere is hardly one."""
    outside = float(slots >= 2 and not signs.get("slot"))
    few = float(slots < 2)
    return {
        "outside_slots": outside,
        "outside_slots_form": outside * signs["form"],
        "few_slots": few,
        "few_slots_header": few * max(signs.get("signature_header", 0.0), signs.get("later_signature_header", 0.0)),
        "few_slots_signed": few * max(signs.get("signature_by", 0.0), signs.get("signature_form", 0.0)),
    }
