"""Takes RTF apart into control words, groups and bytes of text (RTF Specification 1.9.1, "Control Word")."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

_TOKEN = re.compile(
    rb"\\([A-Za-z]{1,40})(-?\d{1,10})? ?|\\'([0-9A-Fa-f]{2})|\\(.)|([{}])|([^\\{}\r\n\0]+)|[\r\n\0]+|\\", re.DOTALL
)

TokenKind = Literal["word", "sign", "open", "close", "text"]


@dataclass(frozen=True, slots=True)
class Token:
    """A control word with its number, a control sign, the start or end of a group, or bytes of text."""

    kind: TokenKind
    word: str = ""
    number: int | None = None
    text: bytes = b""


_OPEN, _CLOSE = Token("open"), Token("close")


def tokens(data: bytes) -> Iterator[Token]:
    """The tokens of an RTF file in order; embedded binary data is passed over."""
    at = 0
    while match := _TOKEN.match(data, at):
        at = match.end()
        word, number, code, sign, brace, text = match.groups()
        if text is not None:
            yield Token("text", text=text)
        elif brace is not None:
            yield _OPEN if brace == b"{" else _CLOSE
        elif code is not None:
            yield Token("text", word="'", text=bytes.fromhex(code.decode("ascii")))
        elif sign is not None:
            yield Token("sign", sign.decode("latin-1"))
        elif word is not None:
            count = None if number is None else int(number)
            if word == b"bin":
                at += max(count or 0, 0)
            yield Token("word", word.decode("ascii"), count)
