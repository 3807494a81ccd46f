"""Text as it is searched: without case and accents."""

import unicodedata


def folded(text: str) -> str:
    """The text as it is compared: `Entrée` is found by `entree`, `Straße` by `strasse`."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(each for each in plain if not unicodedata.combining(each))
