"""The reading of a ``primary`` that is not there, for scim2-models, which has none.

RFC 7643 §2.4: "If not specified, the value of primary SHALL be assumed to be false." So to be false is
not to be true, and written like that scim2-models says the same as we do.
"""

import re

_INSIDE = re.compile(r"(?<![\w.$:\]-])primary (eq|ne) false", re.IGNORECASE)
_OUTSIDE = re.compile(r"([\w:.$-]+)\.primary (eq|ne) false", re.IGNORECASE)


def spelled_out(text: str) -> str:
    """A filter or path of which each ``primary eq false`` says ``not (primary eq true)``."""
    return _OUTSIDE.sub(_any_element, _INSIDE.sub(_one_element, text))


def _one_element(found: re.Match[str]) -> str:
    return "not (primary eq true)" if found[1].lower() == "eq" else "primary eq true"


def _any_element(found: re.Match[str]) -> str:
    element = f"{found[1]}[not (primary eq true)]"
    return element if found[2].lower() == "eq" else f"not ({element})"
