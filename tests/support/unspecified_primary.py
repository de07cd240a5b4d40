"""The reading of a ``primary`` that is not there, for scim2-models, which has none.

RFC 7643 §2.4: "If not specified, the value of primary SHALL be assumed to be false." So to be false is
not to be true, and written like that scim2-models says the same as we do.
"""

import re

_INSIDE = re.compile(r"(?<![\w.$:\]-])primary (eq|ne) false", re.IGNORECASE)
_SELECTED = re.compile(r'([\w:.$-]+)\[((?:[^\[\]"]|"(?:[^"\\]|\\.)*")*)\]\.primary (eq|ne) false', re.IGNORECASE)
_OUTSIDE = re.compile(r"([\w:.$-]+)\.primary (eq|ne) false", re.IGNORECASE)


def spelled_out(text: str) -> str:
    """A filter or path of which each ``primary eq false`` says ``not (primary eq true)``."""
    return _OUTSIDE.sub(_any_element, _SELECTED.sub(_selected_element, _INSIDE.sub(_one_element, text)))


def _one_element(found: re.Match[str]) -> str:
    return _unless_true(found[1])


def _unless_true(operator: str) -> str:
    return "not (primary eq true)" if operator.lower() == "eq" else "primary eq true"


def _selected_element(found: re.Match[str]) -> str:
    """Of what a filter selects one element has to be there, whatever is asked of it."""
    return f"{found[1]}[({found[2]}) and {_unless_true(found[3])}]"


def _any_element(found: re.Match[str]) -> str:
    element = f"{found[1]}[not (primary eq true)]"
    return element if found[2].lower() == "eq" else f"not ({element})"
