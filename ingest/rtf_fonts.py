"""Decodes the bytes of an RTF file, each in the character set of its font."""

import codecs
from dataclasses import dataclass, field

from ingest.docx_symbols import symbol, unprivate
from ingest.rtf_words import CHARSETS, SYMBOLS


@dataclass(slots=True)
class Font:
    """A font of the file's table: its character set, and its name, which tells symbol fonts apart."""

    charset: int = 0
    codec: str | None = None
    name: str = ""


@dataclass(slots=True)
class Fonts:
    """The file's fonts by number, and the code page that holds where a font names none."""

    codec: str = "cp1252"
    by_number: dict[int, Font] = field(default_factory=dict)

    def define(self, number: int) -> Font:
        """A font to fill in."""
        return self.by_number.setdefault(number, Font())

    def set_charset(self, number: int, charset: int) -> None:
        """Take the character set that the table gives a font."""
        font = self.define(number)
        font.charset, font.codec = charset, CHARSETS.get(charset)

    def words(self, data: bytes, number: int) -> str:
        """Bytes as text in a font's character set; those of symbol fonts as the signs they draw."""
        font = self.by_number.get(number)
        if font and font.charset == SYMBOLS:
            return "".join(symbol(0xF000 + byte, font.name) if byte > 0x20 else " " for byte in data)
        return data.decode((font and font.codec) or self.codec, "replace")

    def character(self, code: int, number: int) -> str:
        """A UTF-16 code as a character; signs that a symbol font keeps outside Unicode are put into it."""
        font = self.by_number.get(number)
        return unprivate(chr(code & 0xFFFF), font.name if font else "")


def codec_of(code_page: int) -> str | None:
    """Python's name for a code page, or `None` where it knows none."""
    name = {65001: "utf-8", 10000: "mac_roman"}.get(code_page, f"cp{code_page}")
    try:
        return codecs.lookup(name).name
    except LookupError:
        return None
