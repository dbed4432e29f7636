"""What the control words and character sets of RTF mean."""

from typing import Literal

SIGNS = {
    "emdash": "—", "endash": "–", "bullet": "•", "lquote": "‘", "rquote": "’", "ldblquote": "“", "rdblquote": "”",
    "emspace": " ", "enspace": " ", "qmspace": " ", "tab": "\t", "line": "\n", "softline": "\n", "zwj": "", "zwnj": "",
    "~": " ", "_": "-", "-": "", "|": "", ":": "", "{": "{", "}": "}", "\\": "\\", "\t": "\t",
}  # fmt: skip
PARAGRAPH_ENDS = {"par", "sect", "page", "column", "\n", "\r"}

# Groups that hold no words of the document. A group whose first word is marked with \\* is left out too, unless it is in STARRED.
SILENT = {
    "fonttbl", "colortbl", "stylesheet", "info", "pict", "fldinst", "nonesttables", "xe", "tc", "tcn", "rxe", "shprslt", "sp",
    "ftnsep", "ftnsepc", "ftncn", "aftnsep", "aftnsepc", "aftncn", "pntxtb", "pntxta", "private", "filetbl", "nextfile",
}  # fmt: skip
STARRED = {"shpinst", "shptxt", "do", "ud", "footnote", "pntext", "listtext"}
BOXES = {"shptxt", "dptxbxtext"}
LABELS = {"listtext", "pntext"}
FURNITURE: dict[str, Literal["headers", "footers"]] = {
    "header": "headers", "headerl": "headers", "headerr": "headers", "headerf": "headers",
    "footer": "footers", "footerl": "footers", "footerr": "footers", "footerf": "footers",
}  # fmt: skip
INFO = {
    "title": "title", "subject": "subject", "author": "author", "operator": "last_modified_by", "keywords": "keywords",
    "company": "company",
}  # fmt: skip

# \fcharset (RTF Specification 1.9.1, "Font Table") to Python's codecs; 0 and 1 are the file's own code page, 2 is symbols.
CHARSETS = {
    77: "mac_roman", 78: "shift_jis", 79: "euc_kr", 80: "gb2312", 81: "big5", 83: "mac_greek", 89: "mac_cyrillic", 128: "cp932",
    129: "cp949", 130: "johab", 134: "cp936", 136: "cp950", 161: "cp1253", 162: "cp1254", 163: "cp1258", 177: "cp1255",
    178: "cp1256", 186: "cp1257", 204: "cp1251", 222: "cp874", 238: "cp1250", 254: "cp437", 255: "cp850",
}  # fmt: skip
SYMBOLS = 2
BY_WORD = {"mac": "mac_roman", "pc": "cp437", "pca": "cp850", "ansi": "cp1252"}
