"""What a web page's styles say of whether an element is shown, how its list is numbered, and where pages break."""

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from lxml import etree

Element = etree._Element

_LONGEST_SHEET = 500_000
_LONGEST_INLINE = 2_000
_MOST_RULES = 2_000
_COMMENT = re.compile(r"/\*(?:(?!\*/).)*+(?:\*/)?|<!--|-->", re.DOTALL)
# What holds for some media only, and font faces.
_AT_RULE = re.compile(r"@[^{};]{0,500}(?:;|\{(?:[^{}]|\{[^{}]*+\})*+\})")
_SELECTOR = re.compile(r"([a-z][a-z0-9]*)?((?:\.[\w-]+)*)(?:#([\w-]+))?", re.IGNORECASE)
_READ = {
    "display", "visibility", "list-style", "list-style-type", "text-decoration", "text-decoration-line", "page-break-before",
    "page-break-after", "break-before", "break-after",
}  # fmt: skip
_BREAKS = {"always", "page", "left", "right"}
_MARKERS = {
    "none", "disc", "circle", "square", "decimal", "lower-alpha", "lower-latin", "upper-alpha", "upper-latin", "lower-roman",
    "upper-roman",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Style:
    """What holds for one element: whether nothing of it is shown, whether its words are struck through, the form of its list's
    numbers where it names one, and whether a page ends before or after it.
    """

    hidden: bool = False
    struck: bool = False
    marker: str | None = None
    breaks_before: bool = False
    breaks_after: bool = False


_PLAIN = Style()


@dataclass(frozen=True, slots=True)
class _Rule:
    tag: str
    classes: frozenset[str]
    key: str
    declared: Mapping[str, str]
    weight: tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Sheet:
    """The rules of a page's style elements whose selectors name one element by tag, classes or id; others are passed over."""

    rules: Mapping[str, list[_Rule]] = field(default_factory=dict)
    counts: bool = False

    def of(self, element: Element) -> Style:
        """What holds for an element: its own style over rules that name it more closely over those that do so less."""
        own = element.get("style", "")[:_LONGEST_INLINE]
        if not self.rules:
            return _own_style(own) if own else _PLAIN
        tag, key, classes = str(element.tag), element.get("id", ""), set(element.get("class", "").split())
        candidates = (rule for name in (tag, f"#{key}", *classes) for rule in self.rules.get(name, ()))
        declared: dict[str, str] = {}
        for rule in sorted((rule for rule in candidates if _names(rule, tag, key, classes)), key=lambda rule: rule.weight):
            declared |= rule.declared
        return _style(declared | _declarations(own)) if declared or own else _PLAIN


def read_sheet(root: Element) -> Sheet:
    """The rules of all style elements of a page."""
    text = _COMMENT.sub("", "".join(element.text or "" for element in root.iter("style"))[:_LONGEST_SHEET])
    rules: defaultdict[str, list[_Rule]] = defaultdict(list)
    for place, rule_text in enumerate(_AT_RULE.sub("", text).split("}")[:_MOST_RULES]):
        selectors, _, body = rule_text.partition("{")
        declared = _declarations(body)
        for selector in selectors.split(",") if declared else ():
            if (parts := _SELECTOR.fullmatch(selector.strip())) and parts[0]:
                rule = _rule(parts, declared, place)
                rules[next(iter(rule.classes), f"#{rule.key}" if rule.key else rule.tag)].append(rule)
    return Sheet(rules, counts="counter(" in text)


def _rule(parts: re.Match[str], declared: Mapping[str, str], place: int) -> _Rule:
    classes = frozenset(parts[2].split(".")[1:])
    tag, key = (parts[1] or "").lower(), parts[3] or ""
    return _Rule(tag, classes, key, declared, (bool(key), 2 * len(classes) + bool(tag), place))


def _names(rule: _Rule, tag: str, key: str, classes: set[str]) -> bool:
    return rule.tag in {"", tag} and rule.key in {"", key} and rule.classes <= classes


@lru_cache(4096)
def _own_style(text: str) -> Style:
    return _style(_declarations(text))


def _style(declared: Mapping[str, str]) -> Style:
    words = f"{declared.get('list-style-type', '')} {declared.get('list-style', '')}".split()
    return Style(
        declared.get("display") == "none" or declared.get("visibility") in {"hidden", "collapse"},
        "line-through" in declared.get("text-decoration", "") + declared.get("text-decoration-line", ""),
        next((word for word in words if word in _MARKERS), None),
        not _BREAKS.isdisjoint((declared.get("page-break-before"), declared.get("break-before"))),
        not _BREAKS.isdisjoint((declared.get("page-break-after"), declared.get("break-after"))),
    )


def _declarations(text: str) -> dict[str, str]:
    pairs = (part.partition(":") for part in text.lower().split(";"))
    read = ((name.strip(), value.replace("!important", "").strip()) for name, _, value in pairs)
    return {name: value for name, value in read if name in _READ}
