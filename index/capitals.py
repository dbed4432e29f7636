"""Capitals in addresses, which make no difference; nothing else that looks alike is taken for the same."""


def lowered(address: str) -> str:
    """The address in small letters.

    Letters that differ in more than that stay as they are. What Unicode calls folding makes groß.example, which may be a
    stranger's, into gross.example, and the sign for Kelvin into a k.
    """
    return address.lower() if address.isascii() else "".join(map(_lowered, address))


def _lowered(letter: str) -> str:
    small = letter.lower()
    return small if small.upper() == letter else letter
