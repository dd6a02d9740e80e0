"""How actions word their one-line results."""


def capital(text: str) -> str:
    """Begin with a capital and leave the rest as it is: names keep theirs."""
    return text[:1].upper() + text[1:]
