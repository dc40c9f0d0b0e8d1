"""Text that others wrote (keys, refs, reasons), as a terminal may be given it."""

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def plain(text: str) -> str:
    """The text without what a terminal would obey: escape sequences, backspaces, turned directions.

    Lines stay lines; a tab is a space.
    """
    return "".join(letter if letter == "\n" or letter.isprintable() else _stand_in(letter) for letter in text)


def _stand_in(letter: str) -> str:
    return " " if letter.isspace() else REPLACEMENT
