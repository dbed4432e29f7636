"""Sample contracts as web page, RTF and plain text."""

from collections.abc import Sequence
from html import escape

from scripts.sample_markup import Block, final

_TAGS = {"title": "h1", "heading": "h2", "paragraph": "p"}


def web_page(title: str, contents: Sequence[Block]) -> bytes:
    """An HTML page with a script, a style and a navigation that are no part of the contract."""
    parts = []
    for block in contents:
        text = escape(final(block.text)).replace("\n", "<br>\n")
        if block.kind == "row":
            cells = "".join(f"<td>{cell}</td>" for cell in text.split("\t"))
            parts.append(f"<table><tr>{cells}</tr></table>")
        else:
            parts.append(f"<{_TAGS[block.kind]}>{text}</{_TAGS[block.kind]}>")
    head = f'<meta charset="utf-8"><title>{escape(title)}</title><style>p {{ margin: 1em }}</style><script>var page = 1;</script>'
    body = "\n".join(parts)
    return f"<!DOCTYPE html>\n<html><head>{head}</head>\n<body>\n{body}\n</body></html>\n".encode()


def rich_text(title: str, contents: Sequence[Block]) -> bytes:
    """An RTF file."""
    parts = [r"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0 Times New Roman;}}", rf"{{\info{{\title {_rtf(title)}}}}}"]
    for block in contents:
        text = r"\line ".join(_rtf(line) for line in final(block.text).replace("\t", " | ").splitlines())
        parts.append(rf"\pard {{\b {text}}}\par\par" if block.kind in {"title", "heading"} else rf"\pard {text}\par\par")
    return ("\n".join(parts) + "\n}").encode("ascii")


def plain_text(contents: Sequence[Block]) -> bytes:
    """A text file in UTF-8."""
    return ("\n\n".join(final(block.text).replace("\t", " | ") for block in contents) + "\n").encode()


def _rtf(text: str) -> str:
    escaped = text.replace("\\", r"\\").replace("{", r"\{").replace("}", r"\}")
    return "".join(letter if ord(letter) < 128 else rf"\u{ord(letter)}?" for letter in escaped)
