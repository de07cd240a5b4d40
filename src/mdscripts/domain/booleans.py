"""True and false in every spelling that identity providers send."""

from mdscripts.domain.violations import RuleViolation
from mdscripts.domain.wording import echo_json, is_unset

_SPELLINGS = {"true": True, "false": False}


def parse_boolean(raw: object, attribute: str) -> bool | None:
    """A truth value, None when not set; text is read without case and blanks. Raises BO-04.

    Numbers are refused, because 1 equals true only in programming languages.
    """
    if raw is True or raw is False:
        return raw
    if is_unset(raw):
        return None
    if isinstance(raw, str) and raw.isascii():
        value = _SPELLINGS.get(raw.strip().lower())
        if value is not None:
            return value
    raise RuleViolation(attribute, f"{attribute} must be true or false, but Okta sent {echo_json(raw)}.", "BO-04")
