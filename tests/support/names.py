"""Names that no other test has used."""

import secrets

_CONSONANTS = "bcdfghjklmnpqrstvwxz"


def fresh_word(letters: int = 10) -> str:
    """A random word. It has no digits: ten of them in a row are masked like an NPI where they are shown."""
    return "".join(secrets.choice(_CONSONANTS) for _ in range(letters))
