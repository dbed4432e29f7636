"""Signs of the symbol fonts that word processors use, as Unicode has them."""

# The Symbol font from 0x20 on (Adobe's Symbol encoding); a space stands where it has no sign or one that is part of a larger one.
_SYMBOL_LOW = " !∀#∃%&∋()∗+,−./0123456789:;<=>?≅ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ[∴]⊥_ αβχδεφγηιϕκλμνοπθρστυϖωξψζ{|}∼"
_SYMBOL_HIGH = "€ϒ′≤⁄∞ƒ♣♦♥♠↔←↑→↓°±″≥×∝∂•÷≠≡≈…  ↵ℵℑℜ℘⊗⊕∅∩∪⊃⊇⊄⊂⊆∈∉∠∇®©™∏√⋅¬∧∨⇔⇐⇑⇒⇓◊⟨®©™∑"
_SYMBOL = {0x20 + place: sign for place, sign in enumerate(_SYMBOL_LOW)} | {
    0xA0 + place: sign for place, sign in enumerate(_SYMBOL_HIGH)
}
_WINGDINGS = {
    0x28: "☎", 0x2A: "✉", 0x46: "☞", 0x6C: "●", 0x6D: "❍", 0x6E: "■", 0x6F: "☐", 0x70: "☐", 0x71: "❑", 0x72: "❒", 0x74: "⧫",
    0x75: "◆", 0x76: "❖", 0x78: "☒", 0x7D: "”", 0x7B: "“", 0x8C: "①", 0x9E: "·", 0x9F: "•", 0xA1: "○", 0xA4: "◉", 0xA7: "▪",
    0xA8: "☐", 0xD8: "➢", 0xDF: "←", 0xE0: "→", 0xE8: "➔", 0xF0: "⇨", 0xFB: "✗", 0xFC: "✓", 0xFD: "☒", 0xFE: "☑",
}  # fmt: skip
_WINGDINGS_2 = {0x4F: "✗", 0x50: "✓", 0x51: "☒", 0x52: "☑", 0x53: "☒", 0x54: "☒", 0x97: "•", 0xA3: "☐"}
_FONTS = {"symbol": _SYMBOL, "wingdings": _WINGDINGS, "wingdings 2": _WINGDINGS_2}
_PRIVATE = range(0xE000, 0xF900)


def symbol(code: int, font: str) -> str:
    """The sign at a code (with or without the 0xF000 that Word adds) of a font; signs nobody knows are a bullet."""
    low = code & 0xFF if code in _PRIVATE else code
    known = _FONTS.get(font.lower())
    if known is not None:
        return known.get(low, "•")
    return "•" if code in _PRIVATE else chr(code) if 0x20 <= code < 0xD800 else ""


def unprivate(text: str, font: str) -> str:
    """The same words with the signs that a symbol font keeps outside Unicode put into it."""
    return "".join(symbol(ord(sign), font) if ord(sign) in _PRIVATE else sign for sign in text)
